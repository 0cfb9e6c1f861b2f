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
 * @param groups what becomes of groups
 */
record LiveIds(Redirects redirects, PendingQueue queue, Set<UUID> failed, GroupFates groups) implements LocalIds {
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
    return maker != null && maker.applied && maker.decision.kind().isCommitted();
  }

  @Override
  public boolean hasFailed(UUID transaction) {
    PendingTransaction predecessor = queue.byId(transaction);
    return predecessor == null ? failed.contains(transaction)
        : predecessor.applied && !predecessor.decision.kind().isCommitted();
  }

  @Override
  public boolean isGroupFailing(UUID group) {
    return groups.isFailing(group);
  }
}
