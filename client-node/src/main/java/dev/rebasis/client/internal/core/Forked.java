package dev.rebasis.client.internal.core;

import dev.rebasis.client.internal.db.IndexSnapshot;
import dev.rebasis.client.internal.log.ClientLog;
import dev.rebasis.client.internal.log.LogEntry;
import dev.rebasis.client.internal.log.MadeIds;
import dev.rebasis.client.internal.rebase.OptimisticState;
import dev.rebasis.client.internal.rebase.PendingTransaction;
import dev.rebasis.client.internal.rebase.Settled;
import dev.rebasis.protocol.Intent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.LongSupplier;

/**
 * What becomes of a client's transactions when the database went another way. Immutable.
 *
 * @param entry what the log is told: what is pending now, in order
 * @param scrubbed what the log is told before that: what of the old way it must forget
 * @param made the server's ids that still hold
 * @param left those that are pending no more, since the server decided them
 */
record Forked(LogEntry.Mended entry, LogEntry.Scrubbed scrubbed, MadeIds made, List<PendingTransaction> left) {

  /**
   * Finds out.
   *
   * @param forking where the ways part
   * @param snapshot the confirmed datoms of the new way
   * @param state as it stood on the old way
   * @param settled what the server decided on the new way
   * @param nextLocal gives out local numbers
   */
  static Forked of(LogEntry.Forking forking, IndexSnapshot snapshot, OptimisticState state, List<Settled> settled,
      LongSupplier nextLocal, ClientLog log) {
    Map<UUID, Settled> decided = new HashMap<>();
    settled.forEach(one -> decided.put(one.id(), one));
    ForkMender mender = new ForkMender(forking, snapshot, state.made(), nextLocal);
    List<Intent> pending = new ArrayList<>();
    List<PendingTransaction> left = new ArrayList<>();
    for (PendingTransaction one : state.pending()) {
      if (decided.containsKey(one.intent().id())) {
        left.add(one);
      } else {
        pending.add(one.intent());
      }
    }
    LogEntry.Mended entry = mender.mend(pending, forking.isExcision() ? List.of()
        : log.reads().committedAfter(forking.t()).stream()
            .filter(intent -> !decided.containsKey(intent.id())).toList());
    MadeIds kept = state.made().without(entry.forgotten());
    for (Settled one : settled) {
      kept = kept.with(one.made());
    }
    return new Forked(entry, ForkMender.scrubbed(forking, log, snapshot), kept, left);
  }
}
