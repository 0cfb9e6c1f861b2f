package dev.rebasis.client.internal.rebase;

import dev.rebasis.conflict.Decider;
import dev.rebasis.conflict.Decision;
import dev.rebasis.conflict.FootprintKey;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Transaction;
import dev.rebasis.protocol.Terms;
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
  private final OptimisticState state;
  private final TreeMap<Long, PendingTransaction> due = new TreeMap<>();
  private final List<PendingTransaction> leaving = new ArrayList<>();
  private final Map<Long, Long> made = new HashMap<>();
  private final Set<UUID> groups = new HashSet<>();

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
    }
    due.values().forEach(state.layers()::revert);
    Set<Long> decided = new HashSet<>();
    while (!due.isEmpty()) {
      PendingTransaction pending = due.pollFirstEntry().getValue();
      decided.add(pending.seq());
      decide(pending);
    }
    return decided.size();
  }

  /** The groups of which a transaction was decided. */
  Set<UUID> groups() {
    return groups;
  }

  private void decide(PendingTransaction pending) {
    Terms.Group group = pending.intent().terms().group();
    if (group != null) {
      groups.add(group.id());
    }
    Decision decision = state.decide(pending);
    while (state.layers().isAnyAppliedAfter(pending.seq()) && takeOutLater(pending, decision)) {
      decision = state.decide(pending);
    }
    state.layers().apply(pending, decision);
  }

  /**
   * Takes out of the overlay what stands later in the queue and meets this decision.
   *
   * @return whether one of them wrote what the decision looked at, so that it must be repeated
   */
  private boolean takeOutLater(PendingTransaction pending, Decision decision) {
    long seq = pending.seq();
    Set<PendingTransaction> later = new LinkedHashSet<>();
    Consumer<PendingTransaction> ifLater = found -> {
      if (found.seq() > seq && found.applied) {
        later.add(found);
      }
    };
    decision.footprint().reads().forEach(key -> writersOf(key, ifLater));
    decision.footprint().writes().forEach(key -> writersOf(key, ifLater));
    state.layers().schemaWritersAfter(seq).forEach(writer -> ifLater.accept(state.queue().bySeq(writer)));
    boolean sawTheFuture = !later.isEmpty();

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
    for (PendingTransaction found : later) {
      state.layers().revert(found);
      due(found);
    }
    return sawTheFuture;
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
