package dev.rebasis.client.internal.rebase;

import dev.rebasis.conflict.Decider;
import dev.rebasis.conflict.Decision;
import dev.rebasis.conflict.FootprintKey;
import dev.rebasis.conflict.GroupFate;
import dev.rebasis.conflict.Reason;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Transaction;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * One run of the algorithm that {@link OptimisticState} describes: collects the pending transactions that a batch meets,
 * takes them out of the overlay, and decides them anew in the order of the queue. Confined to one call.
 */
final class RebasePass {
  private static final Keyword UNTOLD = Keyword.of(":rebasis.error/group-not-committed");

  private final OptimisticState state;
  private final TreeMap<Long, PendingTransaction> due = new TreeMap<>();
  private final List<PendingTransaction> leaving = new ArrayList<>();
  private final Set<UUID> groupsLeft = new HashSet<>();
  private final Map<Long, Long> made = new HashMap<>();
  /** Groups that were found to fail in this pass, so that their members need no more trying. */
  private final Set<UUID> failing = new HashSet<>();

  RebasePass(OptimisticState state) {
    this.state = state;
  }

  /** Has a transaction decided anew. */
  void due(PendingTransaction pending) {
    due.put(pending.seq(), pending);
  }

  /** Has everything decided anew that looked at this fact. */
  void changed(Datom fact) {
    state.layers().readersOf(fact, this::due);
  }

  /**
   * Takes a transaction out of the queue: the server decided it. Whoever looked at a fact that was not confirmed as it
   * was predicted is decided anew, and so is whoever mentions a local id that it introduced.
   */
  void leave(PendingTransaction pending, Settled settled) {
    leaving.add(pending);
    Transaction transaction = settled.transaction();
    differences(pending.datoms, transaction == null ? List.of() : transaction.datoms(), this::changed);
    made.putAll(settled.made());
    for (long number : pending.numbers) {
      state.layers().mentioning(-number, this::due);
    }
    UUID group = GroupFates.of(pending);
    if (group != null) {
      leaveGroup(group, pending, settled);
    }
  }

  /** The server decides a group in one go, but its answers may arrive in two batches. */
  private void leaveGroup(UUID group, PendingTransaction pending, Settled settled) {
    boolean committed = settled.kind().isCommitted();
    if (committed && !state.groups().isFailing(group)) {
      return;
    }
    if (committed) {
      state.groups().forget(group);
    } else {
      Reason reason = pending.decision.reason() != null ? pending.decision.reason()
          : new Reason(settled.code() == null ? UNTOLD : settled.code(), "The server refused it.", Map.of());
      state.groups().refused(group, new GroupFate(settled.id(), reason, List.of()));
    }
    if (groupsLeft.add(group)) {
      state.queue().group(group).forEach(this::due);
    }
  }

  /** The ids that the leaving transactions got: local number to server id. */
  Map<Long, Long> made() {
    return made;
  }

  /**
   * Decides.
   *
   * @return how many were decided anew
   */
  int run() {
    for (PendingTransaction pending : leaving) {
      state.remove(pending);
      due.remove(pending.seq());
      UUID group = GroupFates.of(pending);
      if (group != null && state.queue().group(group).isEmpty()) {
        state.groups().forget(group);
      }
    }
    due.values().forEach(state.layers()::revert);
    Set<Long> decided = new HashSet<>();
    while (!due.isEmpty()) {
      PendingTransaction pending = due.pollFirstEntry().getValue();
      decided.add(pending.seq());
      decide(pending, GroupFates.of(pending));
    }
    return decided.size();
  }

  private void decide(PendingTransaction pending, UUID group) {
    if (group == null || !state.groups().isFailing(group)) {
      decide(pending);
      if (group != null && !pending.decision.kind().isCommitted()) {
        fail(group, pending);
      }
    } else if (failing.contains(group) || state.groups().isSettled(group)) {
      settle(pending, state.groups().decision(pending));
    } else {
      // What one of them had looked at has changed: from the first on, they are tried again.
      state.groups().forget(group);
      again(state.queue().group(group));
    }
  }

  private void decide(PendingTransaction pending) {
    Decision decision = state.decide(pending);
    while (state.layers().isAnyAppliedAfter(pending.seq()) && takeOutWriters(pending, decision)) {
      decision = state.decide(pending);
    }
    settle(pending, decision);
  }

  private void settle(PendingTransaction pending, Decision decision) {
    if (state.layers().isAnyAppliedAfter(pending.seq())) {
      takeOutReaders(pending, decision);
    }
    state.layers().apply(pending, decision);
  }

  /** One of a group cannot be committed: then none is, those before it in the queue included. */
  private void fail(UUID group, PendingTransaction first) {
    List<PendingTransaction> members = state.queue().group(group);
    state.groups().fails(group, members.stream().filter(one -> one.seq() <= first.seq()).toList());
    failing.add(group);
    again(members);
  }

  private void again(List<PendingTransaction> members) {
    members.forEach(state.layers()::revert);
    members.forEach(this::due);
  }

  /** Has a look at each that stands later in the queue and in the overlay. */
  private static Consumer<PendingTransaction> ifLater(long seq, Set<PendingTransaction> later) {
    return found -> {
      if (found.seq() > seq && found.applied) {
        later.add(found);
      }
    };
  }

  /**
   * Takes out of the overlay what stands later in the queue and wrote what the decision looked at.
   *
   * @return whether there was any, so that the decision must be repeated
   */
  private boolean takeOutWriters(PendingTransaction pending, Decision decision) {
    long seq = pending.seq();
    Set<PendingTransaction> later = new LinkedHashSet<>();
    Consumer<PendingTransaction> ifLater = ifLater(seq, later);
    decision.footprint().reads().forEach(key -> writersOf(key, ifLater));
    decision.footprint().writes().forEach(key -> writersOf(key, ifLater));
    state.layers().schemaWritersAfter(seq).forEach(writer -> ifLater.accept(state.queue().bySeq(writer)));
    takeOut(later);
    return !later.isEmpty();
  }

  /** Takes out of the overlay what stands later in the queue and looked at what is otherwise by this decision. */
  private void takeOutReaders(PendingTransaction pending, Decision decision) {
    long seq = pending.seq();
    Set<PendingTransaction> later = new LinkedHashSet<>();
    Consumer<PendingTransaction> ifLater = ifLater(seq, later);
    List<Datom> datoms = Layers.overlayDatoms(pending, decision);
    boolean[] schemaDiffers = {false};
    differences(pending.datoms, datoms, fact -> {
      state.layers().readersOf(fact, ifLater);
      schemaDiffers[0] |= Decider.bearsOnAll(fact, state.confirmed().schema());
    });
    if (schemaDiffers[0]) {
      state.queue().after(seq).forEach(ifLater);
    }
    if (standsForOthers(pending, decision)) {
      pending.numbers.forEach(number -> state.layers().mentioning(-number, ifLater));
    }
    takeOut(later);
  }

  private void takeOut(Set<PendingTransaction> later) {
    for (PendingTransaction found : later) {
      state.layers().revert(found);
      due(found);
    }
  }

  /** Whether the transaction's local ids mean something else than before. */
  private static boolean standsForOthers(PendingTransaction pending, Decision decision) {
    Decision before = pending.decision;
    return before == null
        || before.kind().isCommitted() != decision.kind().isCommitted()
        || !before.numbers().equals(decision.numbers());
  }

  private void writersOf(FootprintKey key, Consumer<PendingTransaction> found) {
    for (Datom operation : state.layers().overlay().operations(key)) {
      PendingTransaction writer = state.queue().makerOf(operation.tx());
      if (writer != null) {
        found.accept(writer);
      }
    }
  }

  /** The facts that are in one list and not in the other, whichever transaction wrote them. */
  private static void differences(List<Datom> before, List<Datom> after, Consumer<Datom> found) {
    Set<Datom> rest = new HashSet<>();
    before.forEach(datom -> rest.add(withoutTx(datom)));
    for (Datom datom : after) {
      if (!rest.remove(withoutTx(datom))) {
        found.accept(datom);
      }
    }
    rest.forEach(found);
  }

  private static Datom withoutTx(Datom datom) {
    return new Datom(datom.e(), datom.a(), datom.v(), 0, datom.added());
  }
}
