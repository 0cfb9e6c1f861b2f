package dev.rebasis.client.internal.rebase;

import dev.rebasis.conflict.Decision;
import dev.rebasis.conflict.Footprint;
import dev.rebasis.conflict.GroupFate;
import dev.rebasis.protocol.Terms;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Groups of pending transactions that are predicted to fail, or that the server has refused of which a part is still
 * pending here. Of a group all are committed or none: the server tries them in order, and so does {@link RebasePass}. Confined
 * to {@link OptimisticState}.
 */
final class GroupFates {
  /**
   * Why a group fails.
   *
   * @param fate what becomes of its members
   * @param looked what each of them looked at while the group was tried: if that changes, it is tried again
   * @param settled whether the server has said so, so that nothing is left to be tried
   */
  private record Failing(GroupFate fate, Map<UUID, Footprint> looked, boolean settled) {}

  private final Map<UUID, Failing> failing = new HashMap<>();

  /** The group of a transaction, or null. */
  static UUID of(PendingTransaction pending) {
    Terms.Group group = pending.intent().terms().group();
    return group == null ? null : group.id();
  }

  boolean isFailing(UUID group) {
    return failing.containsKey(group);
  }

  /** Whether the server has said that it fails, which is no prediction any more. */
  boolean isSettled(UUID group) {
    return isFailing(group) && failing.get(group).settled;
  }

  /** Has the group tried again. */
  void forget(UUID group) {
    failing.remove(group);
  }

  /**
   * Notes that a group fails.
   *
   * @param tried its members, decided in order up to the first that cannot be committed
   */
  void fails(UUID group, List<PendingTransaction> tried) {
    PendingTransaction first = tried.get(tried.size() - 1);
    Map<UUID, Footprint> looked = new HashMap<>();
    tried.forEach(one -> looked.put(one.intent().id(), one.decision.footprint()));
    Decision decision = first.decision;
    failing.put(group,
        new Failing(new GroupFate(first.intent().id(), decision.reason(), decision.conflicts()), looked, false));
  }

  /**
   * Notes that the server has refused a member: what is left of the group is refused as well, and for the reason that was predicted
   * if it was; else that one is named, which may have failed because of another.
   */
  void refused(UUID group, GroupFate told) {
    Failing predicted = failing.get(group);
    failing.put(group, new Failing(predicted == null ? told : predicted.fate, Map.of(), true));
  }

  /** What becomes of a member of a failing group. */
  Decision decision(PendingTransaction member) {
    Failing group = failing.get(of(member));
    return group.fate.of(member.intent(), group.looked.getOrDefault(member.intent().id(), Footprint.EMPTY));
  }
}
