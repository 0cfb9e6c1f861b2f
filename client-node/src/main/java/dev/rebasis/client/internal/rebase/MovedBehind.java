package dev.rebasis.client.internal.rebase;

import dev.rebasis.conflict.Decider;
import dev.rebasis.conflict.Footprint;
import dev.rebasis.conflict.FootprintKey;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Schema;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Intent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;

/**
 * Moves pending transactions behind all others, so that they follow on each other and can be one group. What came after one of
 * them and meets it (wrote what it looked at, or looked at what it wrote) moves with it and stays behind it; all others
 * stay where they are. So whatever meets stays in its order, and what the view shows changes only by what a group does: if one of
 * it cannot be committed, none is. Confined to one call under the owner's lock.
 */
public final class MovedBehind {
  private final OptimisticState state;
  private final Schema schema;
  private final List<PendingTransaction> members = new ArrayList<>();
  private final List<PendingTransaction> behind = new ArrayList<>();

  private MovedBehind(OptimisticState state) {
    this.state = state;
    this.schema = state.optimistic().schema();
  }

  /**
   * Who must move; changes nothing.
   *
   * @param ids of pending transactions that are in no group
   * @return those, in the order of the queue, and then what must stay behind them
   * @throws RebasisException {@code :rebasis.error/cannot-bind} if another one must come after one of them and before another
   */
  public static List<Intent> of(OptimisticState state, Set<UUID> ids) {
    MovedBehind moved = new MovedBehind(state);
    state.queue().units().forEach(unit -> moved.pass(unit, ids));
    List<Intent> all = new ArrayList<>();
    moved.members.forEach(one -> all.add(one.intent()));
    moved.behind.forEach(one -> all.add(one.intent()));
    return all;
  }

  /**
   * Moves them.
   *
   * @param moved those that must move, as they are to be, by rising sequence number, each above all others
   */
  public static void move(OptimisticState state, List<Intent> moved) {
    moved.forEach(intent -> state.remove(Objects.requireNonNull(state.pending(intent.id()))));
    RebasePass pass = new RebasePass(state);
    for (Intent intent : moved) {
      PendingTransaction pending = new PendingTransaction(intent);
      state.queue().add(pending);
      pass.due(pending);
    }
    pass.run();
  }

  private void pass(List<PendingTransaction> unit, Set<UUID> ids) {
    if (!ids.contains(unit.get(0).intent().id())) {
      if (meetsAny(members, unit) != null || meetsAny(behind, unit) != null) {
        behind.addAll(unit);
      }
      return;
    }
    PendingTransaction between = meetsAny(behind, unit);
    if (between != null) {
      throw between(between.intent(), unit.get(0).intent());
    }
    members.addAll(unit);
  }

  /** The first of some that one of a unit meets, or null. */
  private PendingTransaction meetsAny(List<PendingTransaction> earlier, List<PendingTransaction> unit) {
    return earlier.stream().filter(one -> unit.stream().anyMatch(later -> meet(one, later))).findFirst().orElse(null);
  }

  /** Whether it matters which of two comes first. What is predicted to fail may do anything once that changes. */
  private boolean meet(PendingTransaction earlier, PendingTransaction later) {
    return !earlier.decision().kind().isCommitted() || !later.decision().kind().isCommitted()
        || later.intent().terms().after().contains(earlier.intent().id())
        || earlier.numbers.stream().anyMatch(number -> later.mentioned.contains(-number))
        || bears(earlier, later) || bears(later, earlier);
  }

  /** Whether one writes what the other looks at. */
  private boolean bears(PendingTransaction writer, PendingTransaction reader) {
    Footprint looked = reader.decision().footprint();
    for (FootprintKey key : writer.decision().footprint().writes()) {
      if (looked.reads().contains(key) || looked.writes().contains(key)) {
        return true;
      }
    }
    boolean[] met = {false};
    for (Datom datom : writer.datoms()) {
      met[0] |= Decider.bearsOnAll(datom, schema);
      // A Long counts as a reference whether or not it is one, as in Patterns.
      Footprint.patternsOf(datom, datom.v() instanceof Long,
          key -> met[0] |= looked.reads().contains(key) || looked.writes().contains(key));
    }
    return met[0];
  }

  private static RebasisException between(Intent between, Intent later) {
    return new RebasisException(Keyword.of(":rebasis.error/cannot-bind"), ErrorCategory.FIX_REQUEST,
        "The transaction " + between.id() + " was made between those to be bound, stands on one of them, and " + later.id()
            + " stands on it; bind it together with them.",
        Map.of(Keyword.of(":id"), later.id(), Keyword.of(":between"), between.id()), null);
  }
}
