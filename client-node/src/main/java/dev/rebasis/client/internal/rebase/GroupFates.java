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

  GroupFates(OptimisticState state) {
    this.state = state;
  }

  boolean isFailing(UUID group) {
    return failing.contains(group);
  }

  /**
   * Runs a pass: groups that were failing get a new chance, and one with a failing transaction is decided once more as
   * one that fails.
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
    for (Set<UUID> newly = newlyFailing(queue); !newly.isEmpty(); newly = newlyFailing(queue)) {
      failing.addAll(newly);
      RebasePass again = new RebasePass(state);
      newly.forEach(group -> queue.group(group).forEach(again::due));
      anew += again.run();
    }
    return anew;
  }

  private Set<UUID> newlyFailing(PendingQueue queue) {
    Set<UUID> newly = new HashSet<>();
    for (UUID group : queue.groups()) {
      boolean fails = queue.group(group).stream().anyMatch(one -> !one.decision.kind().isCommitted());
      if (fails && !failing.contains(group)) {
        newly.add(group);
      }
    }
    return newly;
  }
}
