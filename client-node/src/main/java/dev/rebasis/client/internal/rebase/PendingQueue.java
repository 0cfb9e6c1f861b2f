package dev.rebasis.client.internal.rebase;

import dev.rebasis.protocol.Terms;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/**
 * The pending transactions in the order of their sequence numbers, found also by their ids and by the local ids that
 * they introduce. Confined to {@link OptimisticState}.
 */
final class PendingQueue {
  private final TreeMap<Long, PendingTransaction> bySeq = new TreeMap<>();
  private final Map<UUID, PendingTransaction> byId = new HashMap<>();
  /** Who introduces a local number; the number of its own entity leads to a transaction too. */
  private final Map<Long, PendingTransaction> byNumber = new HashMap<>();

  private final Map<UUID, List<PendingTransaction>> byGroup = new HashMap<>();

  void add(PendingTransaction pending) {
    Terms.Group group = pending.intent().terms().group();
    if (group != null) {
      byGroup.computeIfAbsent(group.id(), id -> new ArrayList<>()).add(pending);
    }
    bySeq.put(pending.seq(), pending);
    byId.put(pending.intent().id(), pending);
    makes(pending, pending.intent().tempids().values());
  }

  /** Notes who introduces local numbers: those of its tempids, and those of the functions that it calls. */
  void makes(PendingTransaction pending, Collection<Long> numbers) {
    if (!pending.numbers.containsAll(numbers)) {
      pending.numbers.addAll(numbers);
      numbers.forEach(number -> byNumber.put(number, pending));
    }
  }

  void remove(PendingTransaction pending) {
    Terms.Group group = pending.intent().terms().group();
    if (group != null) {
      byGroup.computeIfPresent(group.id(), (id, members) -> {
        members.remove(pending);
        return members.isEmpty() ? null : members;
      });
    }
    bySeq.remove(pending.seq());
    byId.remove(pending.intent().id());
    pending.numbers.forEach(number -> byNumber.remove(number, pending));
  }

  /** Those of a group that are in the queue, in order: they follow on each other. */
  List<PendingTransaction> group(UUID id) {
    return byGroup.getOrDefault(id, List.of());
  }

  /** All, in order; a live view that cannot be changed. */
  Collection<PendingTransaction> all() {
    return Collections.unmodifiableCollection(bySeq.values());
  }

  /** All, in order, what is in one group together. */
  Collection<List<PendingTransaction>> units() {
    Map<UUID, List<PendingTransaction>> units = new LinkedHashMap<>();
    for (PendingTransaction one : bySeq.values()) {
      Terms.Group group = one.intent().terms().group();
      units.computeIfAbsent(group == null ? one.intent().id() : group.id(), id -> new ArrayList<>()).add(one);
    }
    return units.values();
  }

  /** Those after a sequence number, in order; a live view. */
  Collection<PendingTransaction> after(long seq) {
    return bySeq.tailMap(seq, false).values();
  }

  /** The transaction with this sequence number, or null. */
  PendingTransaction bySeq(long seq) {
    return bySeq.get(seq);
  }

  /** The transaction with this id, or null. */
  PendingTransaction byId(UUID id) {
    return byId.get(id);
  }

  /** The transaction that introduces this local id, its own entity included; or null. */
  PendingTransaction makerOf(long localId) {
    return byNumber.get(-localId);
  }

  /** Whether the transaction whose own entity has this local id is in the queue before a sequence number. */
  boolean isBefore(long txId, long seq) {
    PendingTransaction writer = makerOf(txId);
    return writer != null && writer.seq() < seq;
  }
}
