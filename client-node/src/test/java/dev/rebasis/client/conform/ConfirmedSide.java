package dev.rebasis.client.conform;

import dev.rebasis.client.Database;
import dev.rebasis.client.internal.mirror.Mirror;
import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.Transaction;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A client's index that is fed from Datomic's log: everything is confirmed, ids are Datomic's. Or only the first
 * transactions are, and the others lie over it as pending ones do, whose own ids are local.
 */
final class ConfirmedSide extends Ours {
  private final Mirror mirror = new Mirror();
  private final int confirmed;
  private int committed;

  /**
   * Makes an empty pair.
   *
   * @param confirmed how many transactions are confirmed
   */
  ConfirmedSide(int confirmed) {
    this.confirmed = confirmed;
  }

  /** Datomic's side of it. */
  Theirs theirs() {
    return new Theirs(mirror.connection());
  }

  @Override
  Database db() {
    return mirror.ours(engine());
  }

  @Override
  Database seen(int transaction) {
    throw new CaseException("This client has made no transactions.");
  }

  @Override
  Iterable<Transaction> txRange(Object start, Object end) {
    return mirror.txRange(start, end);
  }

  @Override
  boolean hasTheirIds() {
    return confirmed == Case.ALL;
  }

  @Override
  boolean givesIds() {
    return false;
  }

  @Override
  Outcome commit(List<?> forms, Outcome tried, Outcome theirs) {
    if (committed++ == confirmed) {
      mirror.holdBack();
    }
    mirror.follow();
    List<Datom> datoms = theirs.datoms().stream().map(mirror::translated).toList();
    Map<String, Long> tempids = new HashMap<>();
    theirs.tempids().forEach((name, id) -> tempids.put(name, (Long) mirror.translated(id)));
    note(datoms.get(0).tx(), tempids, datoms);
    return new Outcome(null, null, datoms, tempids);
  }

  @Override
  long timeOf(long tx) {
    return tx < 0 ? tx : EntityIds.tOf(tx);
  }

  @Override
  public void close() {
    mirror.close();
  }
}
