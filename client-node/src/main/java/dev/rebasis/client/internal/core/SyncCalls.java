package dev.rebasis.client.internal.core;

import dev.rebasis.client.Database;
import dev.rebasis.error.RebasisException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** The calls of {@code sync} that are not answered yet, by their numbers. Thread-safe. */
final class SyncCalls {
  private final Map<Long, CompletableFuture<Database>> futures = new ConcurrentHashMap<>();
  private final AtomicLong lastRef = new AtomicLong();

  /** A call, as the program gets it and as the sync machine knows it. */
  record Call(long ref, CompletableFuture<Database> result) {}

  /** Begins a call. Its result is a copy: a program that completes or cancels it does not reach into ours. */
  Call begin() {
    long ref = lastRef.incrementAndGet();
    CompletableFuture<Database> future = new CompletableFuture<>();
    futures.put(ref, future);
    return new Call(ref, future.copy());
  }

  /** Takes a call out, for the one who answers it; null if it was answered. */
  CompletableFuture<Database> take(long ref) {
    return futures.remove(ref);
  }

  /** Fails all that wait. */
  void fail(RebasisException cause) {
    futures.values().forEach(future -> future.completeExceptionally(cause));
  }
}
