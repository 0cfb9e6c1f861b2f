package dev.rebasis.client.internal.core;

import dev.rebasis.client.Scope;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.ScopeSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** The scopes that the program wants, and its calls that are not answered yet. Thread-safe. */
final class ScopeCalls<T> {
  private final Map<Long, CompletableFuture<T>> futures = new ConcurrentHashMap<>();
  // Guarded by this.
  private List<ScopeSpec> wanted;
  private long lastRef;

  ScopeCalls(List<ScopeSpec> wanted) {
    this.wanted = wanted;
  }

  /** What asks for other scopes. */
  interface Request {
    void send(long ref, List<ScopeSpec> scopes);
  }

  /** The scopes that are wanted; null for everything. */
  synchronized List<ScopeSpec> wanted() {
    return wanted;
  }

  /** Asks for others; calls of several threads are sent in the order in which they change what is wanted. */
  synchronized CompletableFuture<T> change(UnaryOperator<List<ScopeSpec>> change, Request request) {
    List<ScopeSpec> next = List.copyOf(change.apply(wanted == null ? List.of() : wanted));
    if (wanted != null) {
      wanted = next;
    }
    long ref = ++lastRef;
    CompletableFuture<T> future = new CompletableFuture<>();
    futures.put(ref, future);
    request.send(ref, next);
    return future.copy();
  }

  /**
   * Completes a call.
   *
   * @param held what the program wants from now on, if the call has failed
   */
  void answer(long ref, Supplier<T> value, RebasisException error, Supplier<List<ScopeSpec>> held, Executor executor) {
    CompletableFuture<T> future = futures.remove(ref);
    if (future == null) {
      return;
    }
    if (error != null) {
      synchronized (this) {
        if (futures.isEmpty()) {
          wanted = held.get();
        }
      }
      executor.execute(() -> future.completeExceptionally(error));
    } else {
      executor.execute(() -> future.complete(value.get()));
    }
  }

  void fail(RebasisException cause) {
    futures.values().forEach(future -> future.completeExceptionally(cause));
    futures.clear();
  }

  /** With one more, in the place of the one of the same name. */
  static UnaryOperator<List<ScopeSpec>> with(Scope scope) {
    return scopes -> {
      List<ScopeSpec> next = new ArrayList<>(scopes);
      next.removeIf(other -> other.name().equals(scope.name()));
      next.add(scope.spec());
      return next;
    };
  }

  /** Without one. */
  static UnaryOperator<List<ScopeSpec>> without(String name) {
    return scopes -> scopes.stream().filter(other -> !other.name().equals(name)).toList();
  }
}
