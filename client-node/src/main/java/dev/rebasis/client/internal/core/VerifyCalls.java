package dev.rebasis.client.internal.core;

import dev.rebasis.client.Verification;
import dev.rebasis.client.internal.sync.SyncAction;
import dev.rebasis.error.RebasisException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;

/** The calls of {@code verify} that wait for their answer. Thread-safe. */
final class VerifyCalls {
  /** One call. */
  record Call(long ref, CompletableFuture<Verification> result) {}

  private volatile Verification lastDifference;
  private final AtomicLong lastRef = new AtomicLong();
  private final Map<Long, CompletableFuture<Verification>> waiting = new ConcurrentHashMap<>();

  Call begin() {
    Call call = new Call(lastRef.incrementAndGet(), new CompletableFuture<>());
    waiting.put(call.ref(), call.result());
    return call;
  }

  /** Completes the calls that an answer is for, on an executor. */
  void answer(SyncAction.Verified verified, Verification answer, Executor executor) {
    if (!answer.isSame()) {
      lastDifference = answer;
    }
    for (long ref : verified.refs()) {
      CompletableFuture<Verification> call = waiting.remove(ref);
      if (call != null) {
        executor.execute(() -> {
          if (verified.error() == null) {
            call.complete(answer);
          } else {
            call.completeExceptionally(verified.error());
          }
        });
      }
    }
  }

  /** The newest answer that told of a difference, asked for or not; null if none did. */
  Verification lastDifference() {
    return lastDifference;
  }

  void fail(RebasisException cause) {
    waiting.values().forEach(call -> call.completeExceptionally(cause));
    waiting.clear();
  }
}
