package dev.rebasis.client.internal.rebase;

import java.util.HashSet;
import java.util.Set;
import java.util.UUID;

/**
 * Groups of pending transactions, of which all are committed or none: which of them are predicted to fail, and passes with
 * that in mind. Confined to {@link OptimisticState}.
 */
final class GroupFates {
  private final OptimisticState state;
  /** Groups with a transaction that is predicted to fail. */
  private final Set<UUID> failing = new HashSet<>();
  private long looks;

  GroupFates(OptimisticState state) {
    this.state = state;
  }

  boolean isFailing(UUID group) {
    return failing.contains(group);
  }

  /**
   * Runs a pass: groups that were failing get a new chance, and one with a failing transaction is decided once more as
   * one that fails. Groups of which nothing was decided are not looked at, however many are pending; those that fail
   * cost their members each time, for what made them fail may have been another group that comes through now.
   *
   * @return how many transactions were decided anew
   */
  int run(RebasePass pass) {
    PendingQueue queue = state.queue();
    if (failing.isEmpty() && !queue.hasGroups()) {
      return pass.run();
    }
    for (UUID group : failing) {
      queue.group(group).forEach(pass::due);
    }
    failing.clear();
    int anew = pass.run();
    for (Set<UUID> newly = newlyFailing(pass); !newly.isEmpty();) {
      failing.addAll(newly);
      RebasePass again = new RebasePass(state);
      newly.forEach(group -> queue.group(group).forEach(again::due));
      anew += again.run();
      newly = newlyFailing(again);
    }
    return anew;
  }

  /** How many groups were looked at since the state was made; for tests of the cost. */
  long looks() {
    return looks;
  }

  private Set<UUID> newlyFailing(RebasePass pass) {
    Set<UUID> newly = new HashSet<>();
    for (UUID group : pass.groups()) {
      looks++;
      boolean fails = state.queue().group(group).stream().anyMatch(one -> !one.decision.kind().isCommitted());
      if (fails && !failing.contains(group)) {
        newly.add(group);
      }
    }
    return newly;
  }
}
