package dev.rebasis.client.internal.db;

import dev.rebasis.client.Database;
import dev.rebasis.conflict.Decider;
import dev.rebasis.conflict.Decision;
import dev.rebasis.conflict.LocalIds;
import dev.rebasis.conflict.RemoteChanges;
import dev.rebasis.data.Datom;
import dev.rebasis.data.SystemIds;
import dev.rebasis.protocol.Intent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the user of a client saw when a transaction was made: the confirmed datoms as of its basis, and the client's own
 * earlier transactions that were pending then, decided anew on that basis in their order. Pure.
 *
 * <p>Nothing is kept for this but the intents, which the log keeps anyway. The answer is exact as long as deciding is:
 * the same intents on the same basis gave the same datoms then, since no remote change had met them.
 */
public final class AsSeen {
  private final DatabaseValue confirmed;
  private final long basisT;
  private final Set<Long> localThen = new HashSet<>();
  private final Map<Long, Long> meanings = new HashMap<>();
  private Overlay overlay = Overlay.EMPTY;

  private AsSeen(DatabaseValue confirmed, long basisT) {
    this.confirmed = confirmed;
    this.basisT = basisT;
  }

  /**
   * The database as seen.
   *
   * @param confirmed a newer confirmed value of the same client
   * @param basisT the transaction's basis T
   * @param before the client's transactions that were pending when it was made, in order
   */
  public static Database of(DatabaseValue confirmed, long basisT, List<Intent> before) {
    AsSeen seen = new AsSeen(confirmed, basisT);
    for (Intent intent : before) {
      intent.tempids().values().forEach(number -> seen.localThen.add(-number));
    }
    before.forEach(seen::add);
    return seen.view();
  }

  private DatabaseView view() {
    Map<Long, Long> then = Map.copyOf(meanings);
    LocalIds ids = localId -> localThen.contains(localId)
        ? then.getOrDefault(localId, localId) : confirmed.localIds().resolve(localId);
    DatabaseValue base = DatabaseValue.of(confirmed.snapshot(), overlay, ids, basisT, confirmed.queries());
    return DatabaseView.ofPendingOn(base, basisT);
  }

  private void add(Intent intent) {
    DatabaseView view = view();
    Decision decision = Decider.decide(
        intent, view, RemoteChanges.NONE, new Speculator.PresentIds(view, view.localIds()),
        confirmed.queries().rules());
    if (!decision.kind().isCommitted()) {
      return; // it was accepted then, so this is one by a function or policy that is not registered any more
    }
    long tx = intent.txLocalId();
    List<Datom> datoms = new ArrayList<>(decision.datoms().size() + 1);
    datoms.add(new Datom(tx, SystemIds.DB_TX_INSTANT, intent.madeAt(), tx, true));
    datoms.addAll(decision.datoms());
    overlay = overlay.apply(datoms, view.schema());
    decision.tempids().forEach((tempid, meaning) -> {
      Long number = intent.tempids().get(tempid);
      if (number != null && meaning != -number) {
        meanings.put(-number, meaning);
      }
    });
  }
}
