package dev.rebasis.client.internal.rebase;

import dev.rebasis.client.internal.db.DatabaseValue;
import dev.rebasis.client.internal.db.IndexSnapshot;
import dev.rebasis.client.internal.db.Queries;
import dev.rebasis.client.internal.db.SnapshotAt;
import dev.rebasis.client.internal.log.MadeIds;
import dev.rebasis.conflict.Reason;
import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Intent;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * What the user of a client saw when a transaction was made: the confirmed datoms and the schema at its basis T, and on
 * them the client's own earlier transactions that were pending then, decided anew in their order by the same
 * {@link OptimisticState} that decided them then, with what others had confirmed between their basis and this one. Pure.
 *
 * <p>Nothing is kept for this but the intents, which the log keeps anyway. The answer is exact as long as deciding is the
 * same: it depends on the functions and policies that are registered.
 */
public final class AsSeen {
  private AsSeen() {}

  /**
   * The database as seen.
   *
   * @param present the client as it is now; before that basis only while it loads anew, or after the server was restored to an earlier T
   * @param basisT the transaction's basis T
   * @param before the client's transactions that were pending when it was made, in order
   * @param failedBefore those on which they stand and which were known not to be committed
   * @param endedHere whether some of this client ended without the server before it: what stood on these may have been out
   *     of the view
   * @throws RebasisException {@code :rebasis.error/not-as-seen} if one that was accepted on this basis is refused now,
   *     {@code history-incomplete} if this store does not reach back so far, {@code loading} if it is about to load what was there, or the
   *     server was restored to an earlier T and has not passed this one again; when it has, the answer is of what stands there since
   */
  public static DatabaseValue of(
      Present present, long basisT, List<Intent> before, Collection<UUID> failedBefore, boolean endedHere) {
    if (basisT > present.snapshot().basisT()) {
      throw notLoaded(basisT, present.snapshot().basisT());
    }
    Set<Long> localThen = new HashSet<>();
    before.forEach(intent -> localThen.addAll(intent.tempids().values()));
    OptimisticState then = new OptimisticState(
        SnapshotAt.of(present.snapshot(), basisT), present.made().without(localThen), present.client(),
        present.decide(), present.queries());
    then.restore(before, failedBefore);
    for (PendingTransaction pending : then.pending()) {
      // One from an earlier basis may have met what others confirmed, and then it was not in the view.
      if (!endedHere && pending.intent().basisT() >= basisT && !pending.decision().kind().isCommitted()) {
        throw refused(pending);
      }
    }
    return then.optimistic();
  }

  private static RebasisException notLoaded(long basisT, long t) {
    return new RebasisException(Keyword.of(":rebasis.error/loading"), ErrorCategory.RETRY_LATER,
        "The transaction was made at T " + basisT + ", and this client is at T " + t + ": it loads its data anew, and can be asked again"
            + " when it is loaded, or the server was restored to an earlier T, and what was seen is gone.", Map.of(), null);
  }

  private static RebasisException refused(PendingTransaction pending) {
    Reason reason = pending.decision().reason();
    return new RebasisException(Keyword.of(":rebasis.error/not-as-seen"), ErrorCategory.FIX_REQUEST,
        "The transaction " + pending.intent().id() + " was accepted then and is refused now (" + reason.message()
            + "), so what was seen is not known. Open the client with the functions and policies that it had then.",
        Map.of(Keyword.of(":id"), pending.intent().id(), Keyword.of(":code"), reason.code()), null);
  }

  /**
   * A client at one moment.
   *
   * @param snapshot its confirmed datoms
   * @param made the server's ids of its confirmed entities
   * @param client its number, 0 if it has none
   * @param decide decides intents
   * @param queries answers queries of the result
   */
  public record Present(IndexSnapshot snapshot, MadeIds made, long client, Decide decide, Queries queries) {}
}
