package dev.rebasis.client.internal.rebase;

import dev.rebasis.conflict.Decision;
import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityId;
import dev.rebasis.protocol.Intent;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One pending transaction with the newest prediction of what becomes of it. Confined to the owner of the
 * {@link OptimisticState}.
 */
public final class PendingTransaction {
  private static final int[] NO_CELLS = {};

  private final Intent intent;
  private final long txId;
  /** The negative numbers in its forms, which may be local ids of entities that others made. */
  final Set<Long> mentioned = new HashSet<>();

  /** The local numbers that it introduces or introduced in an earlier decision; {@link PendingQueue} adds to them. */
  final Set<Long> numbers = new HashSet<>();

  /** The newest decision, null before the first. */
  Decision decision;
  /** What it put into the overlay; while it is taken out, what it had put there before. */
  List<Datom> datoms = List.of();
  /** Its cells in the {@link PatternIndex}; empty while it is taken out. */
  int[] cells = NO_CELLS;
  /** Whether it stands in the optimistic view, be it with no datoms because it failed. */
  boolean applied;

  PendingTransaction(Intent intent) {
    this.intent = intent;
    this.txId = intent.txLocalId();
    collect(intent.forms());
    intent.tempids().values().forEach(number -> mentioned.remove(-number));
  }

  /** The transaction as its author gave it. */
  public Intent intent() {
    return intent;
  }

  /** The newest prediction. */
  public Decision decision() {
    return decision;
  }

  /** What it changes in the optimistic view as it stands, the instant of its own entity included. */
  public List<Datom> datoms() {
    return datoms;
  }

  /** Its place in the queue. */
  public long seq() {
    return intent.seq();
  }

  /** The local id of its own entity. */
  long txId() {
    return txId;
  }

  void taken() {
    cells = NO_CELLS;
    applied = false;
  }

  private void collect(Object form) {
    if (form instanceof Long n) {
      if (n < 0) {
        mentioned.add(n);
      }
    } else if (form instanceof EntityId id) {
      collect(id.id());
    } else if (form instanceof Map<?, ?> map) {
      map.forEach((key, value) -> {
        collect(key);
        collect(value);
      });
    } else if (form instanceof Iterable<?> several) {
      several.forEach(this::collect);
    }
  }

  @Override
  public String toString() {
    return "pending " + intent.seq() + " " + intent.id() + " " + intent.forms();
  }
}
