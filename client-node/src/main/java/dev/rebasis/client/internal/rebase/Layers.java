package dev.rebasis.client.internal.rebase;

import dev.rebasis.client.internal.db.DatabaseValue;
import dev.rebasis.client.internal.db.IndexSnapshot;
import dev.rebasis.client.internal.db.Overlay;
import dev.rebasis.client.internal.db.Queries;
import dev.rebasis.client.internal.log.MadeIds;
import dev.rebasis.conflict.Decider;
import dev.rebasis.conflict.Decision;
import dev.rebasis.conflict.FootprintKey;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Schema;
import dev.rebasis.data.SystemIds;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * What an {@link OptimisticState} shows: the confirmed snapshot, on it the overlay with the decisions that stand, and who
 * of the pending transactions looked at what. It holds no opinion on what is to be decided when. Confined to the owner of
 * the state.
 */
final class Layers {
  private final PendingQueue queue;
  private final Queries queries;

  private IndexSnapshot confirmed;
  private Overlay overlay = Overlay.EMPTY;
  private Schema schema;
  private Redirects redirects;

  private final PatternIndex readers = new PatternIndex();
  /** The sequence numbers of those in the overlay that change the schema. */
  private final TreeSet<Long> schemaWriters = new TreeSet<>();
  /** No transaction after this one is in the overlay; may be too high. */
  private long appliedSeqMax;

  private DatabaseValue optimisticValue;
  private DatabaseValue confirmedValue;

  /**
   * Makes the layers with nothing pending.
   *
   * @param queue of the transactions that are going to stand here
   */
  Layers(IndexSnapshot confirmed, MadeIds made, PendingQueue queue, Queries queries) {
    this.confirmed = confirmed;
    this.queue = queue;
    this.queries = queries;
    this.schema = confirmed.schema();
    this.redirects = Redirects.of(made);
  }

  // ---- what there is

  /** The confirmed datoms with the pending transactions on top. */
  DatabaseValue optimistic() {
    if (optimisticValue == null) {
      optimisticValue = DatabaseValue.of(confirmed, overlay, schema, redirects, confirmed.basisT(), queries);
    }
    return optimisticValue;
  }

  /** The confirmed datoms alone. */
  DatabaseValue confirmed() {
    if (confirmedValue == null) {
      confirmedValue = DatabaseValue.of(
          confirmed, Overlay.EMPTY, confirmed.schema(), redirects.made(), confirmed.basisT(), queries);
    }
    return confirmedValue;
  }

  /** The confirmed datoms as the index gives them. */
  IndexSnapshot snapshot() {
    return confirmed;
  }

  Overlay overlay() {
    return overlay;
  }

  /** What local ids stand for. */
  Redirects redirects() {
    return redirects;
  }

  boolean isAnyAppliedAfter(long seq) {
    return appliedSeqMax > seq;
  }

  /** Later transactions in the overlay that change the schema. */
  Collection<Long> schemaWritersAfter(long seq) {
    return schemaWriters.isEmpty() ? List.of() : List.copyOf(schemaWriters.tailSet(seq, false));
  }

  void readersOf(Datom datom, Consumer<PendingTransaction> found) {
    Patterns.ofDatom(datom, hash -> readers.forEach(hash, found));
  }

  void readersOf(FootprintKey key, Consumer<PendingTransaction> found) {
    readers.forEach(Patterns.of(key), found);
  }

  void mentioning(long localId, Consumer<PendingTransaction> found) {
    readers.forEach(Patterns.localId(localId), found);
  }

  // ---- changing it

  /**
   * Puts another confirmed snapshot under it.
   *
   * @param made the ids that local numbers got meanwhile
   */
  void moveTo(IndexSnapshot next, Map<Long, Long> made) {
    confirmed = next;
    schema = overlay.schemaOn(next.schema());
    redirects = redirects.withMade(made);
    confirmedValue = null;
    invalidate();
  }

  /** Puts a transaction on top of the overlay and into the index. */
  void apply(PendingTransaction pending, Decision decision) {
    pending.decision = decision;
    queue.makes(pending, decision.numbers().keySet());
    pending.datoms = overlayDatoms(pending, decision);
    if (decision.kind().isCommitted()) {
      overlay = overlay.apply(pending.datoms, schema);
      noteRedirects(pending, decision);
      noteSchema(pending, schemaWriters::add);
    }
    pending.applied = true;
    appliedSeqMax = Math.max(appliedSeqMax, pending.seq());
    enterFootprint(pending, decision);
    invalidate();
  }

  /** Takes a transaction out of the overlay and the index, wherever it stands; its datoms are remembered. */
  void revert(PendingTransaction pending) {
    if (!pending.applied) {
      return;
    }
    overlay = overlay.revert(pending.datoms, schema);
    noteSchema(pending, schemaWriters::remove);
    for (int cell : pending.cells) {
      readers.remove(cell);
    }
    for (long number : pending.decision.numbers().keySet()) {
      redirects = redirects.without(-number);
    }
    pending.taken();
    invalidate();
  }

  private void invalidate() {
    optimisticValue = null;
  }

  /** What a decision puts into the overlay: its datoms, and when the transaction was made. */
  static List<Datom> overlayDatoms(PendingTransaction pending, Decision decision) {
    if (!decision.kind().isCommitted()) {
      return List.of();
    }
    List<Datom> all = new ArrayList<>(decision.datoms().size() + 1);
    long tx = pending.txId();
    all.add(new Datom(tx, SystemIds.DB_TX_INSTANT, pending.intent().madeAt(), tx, true));
    all.addAll(decision.datoms());
    return all;
  }

  private void noteRedirects(PendingTransaction pending, Decision decision) {
    decision.numbers().forEach((number, target) -> {
      if (target != -number) {
        redirects = redirects.with(-number, target);
      }
    });
  }

  private void noteSchema(PendingTransaction pending, Consumer<Long> change) {
    for (Datom datom : pending.datoms) {
      if (Decider.bearsOnAll(datom, confirmed.schema())) {
        change.accept(pending.seq());
        schema = overlay.schemaOn(confirmed.schema());
        return;
      }
    }
  }

  private void enterFootprint(PendingTransaction pending, Decision decision) {
    FootprintEntry entry = new FootprintEntry(pending, readers, localId -> queue.makerOf(localId) == pending);
    Set<FootprintKey> reads = decision.footprint().reads();
    reads.forEach(entry::add);
    for (FootprintKey key : decision.footprint().writes()) {
      if (!reads.contains(key)) {
        entry.add(key);
      }
    }
    pending.mentioned.forEach(entry::mention);
    decision.numbers().values().forEach(entry::mention);
    for (UUID id : pending.intent().terms().after()) {
      PendingTransaction predecessor = queue.byId(id);
      if (predecessor != null) {
        entry.mention(predecessor.txId());
      }
    }
    pending.cells = entry.cells();
  }
}
