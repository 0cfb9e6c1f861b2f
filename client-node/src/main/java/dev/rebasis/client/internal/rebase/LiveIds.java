package dev.rebasis.client.internal.rebase;

import dev.rebasis.conflict.LocalIds;
import java.util.Set;
import java.util.UUID;

/**
 * Local ids as one decision needs them: with those that pending predecessors make, and with which of these are predicted
 * to fail. Confined to the decision.
 *
 * @param redirects what local ids mean now
 * @param queue the pending transactions
 * @param failed those that are pending no more and were not committed
 * @param seq the place in the queue of the transaction that is decided
 */
record LiveIds(Redirects redirects, PendingQueue queue, Set<UUID> failed, long seq) implements LocalIds {
  @Override
  public long resolve(long localId) {
    return redirects.resolve(localId);
  }

  @Override
  public boolean isMade(long localId) {
    if (redirects.resolve(localId) >= 0) {
      return true;
    }
    PendingTransaction maker = queue.makerOf(localId);
    // What was refused may be pending again, behind those that waited for it.
    return maker != null && maker.seq() < seq && maker.applied && maker.decision.kind().isCommitted();
  }

  @Override
  public boolean hasFailed(UUID transaction) {
    PendingTransaction predecessor = queue.byId(transaction);
    return predecessor == null ? failed.contains(transaction)
        : predecessor.applied && !predecessor.decision.kind().isCommitted();
  }
}
