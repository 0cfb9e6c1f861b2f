package dev.rebasis.client.internal.core;

import dev.rebasis.client.Pending;
import dev.rebasis.client.internal.db.DatabaseValue;
import dev.rebasis.client.internal.sync.Verdict;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Terms;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** What programs hold of the published transactions whose outcome is not known. Thread-safe. */
final class Handles {
  private final Map<UUID, PendingHandle> handles = new ConcurrentHashMap<>();
  private final Supplier<DatabaseValue> newest;

  /**
   * Holds none.
   *
   * @param newest the newest published view, which says what ids the handles' entities have
   */
  Handles(Supplier<DatabaseValue> newest) {
    this.newest = newest;
  }

  /** A handle that nobody finds here yet. */
  PendingHandle make(Intent intent) {
    return new PendingHandle(intent, () -> newest.get().localIds());
  }

  /** Takes a handle in. */
  void put(PendingHandle handle) {
    handles.put(handle.id(), handle);
  }

  /** Takes a handle in, if there is none. */
  void putIfNew(Intent intent) {
    handles.computeIfAbsent(intent.id(), none -> make(intent));
  }

  /** The handle of a transaction, or one that nobody finds here. */
  Pending of(Intent intent) {
    PendingHandle known = handles.get(intent.id());
    return known == null ? make(intent) : known;
  }

  /** The pending transactions of the group that a pending one belongs to, itself among them; only itself if to none. */
  List<UUID> groupOf(UUID id) {
    PendingHandle handle = handles.get(id);
    Terms.Group group = handle == null ? null : handle.intent().terms().group();
    if (group == null) {
      return List.of(id);
    }
    return handles.values().stream().map(PendingHandle::intent)
        .filter(intent -> intent.terms().group() != null && intent.terms().group().id().equals(group.id()))
        .sorted(Comparator.comparingLong(Intent::seq)).map(Intent::id).toList();
  }

  /** Transactions stand elsewhere among this client's. */
  void moved(List<Intent> intents) {
    for (Intent intent : intents) {
      PendingHandle handle = handles.get(intent.id());
      if (handle != null) {
        handle.moved(intent);
      }
    }
  }

  /** A transaction was taken back: its outcome will never come. */
  void withdrawn(UUID id) {
    PendingHandle handle = handles.remove(id);
    if (handle != null) {
      handle.fail(WithdrawnError.of(id));
    }
  }

  /** Whether a published transaction has no outcome yet. */
  boolean isPending(UUID id) {
    return handles.containsKey(id);
  }

  /** The published transactions whose outcome is not known, in order. */
  List<Pending> pending() {
    List<Pending> pending = new ArrayList<>(handles.values());
    pending.sort(Comparator.comparingLong(Pending::seq));
    return pending;
  }

  /** Completes the handle of a transaction that the server has decided; gives the transaction, null if unknown. */
  Intent complete(Verdict verdict) {
    PendingHandle handle = handles.remove(verdict.id());
    if (handle == null) {
      return null;
    }
    handle.complete(verdict.outcome());
    return handle.intent();
  }

  /** No outcome will come any more. */
  void failPending(RebasisException cause) {
    handles.values().forEach(handle -> handle.fail(cause));
  }
}
