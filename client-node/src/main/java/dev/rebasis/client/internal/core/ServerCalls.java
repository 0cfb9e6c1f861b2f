package dev.rebasis.client.internal.core;

import dev.rebasis.client.Database;
import dev.rebasis.client.Verification;
import dev.rebasis.client.internal.sync.SyncAction;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.ScopeSpec;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * What programs asked of the server and wait for: to have caught up, to hold other scopes, to compare digests. Answers are
 * given on the notification executor, after the view that holds them was published. Thread-safe.
 */
final class ServerCalls {
  private final SyncCalls syncs = new SyncCalls();
  private final VerifyCalls verifications = new VerifyCalls();
  private final ScopeCalls<Database> scopes;
  private final CoreState state;
  private final Executor notifications;

  /**
   * With nobody waiting.
   *
   * @param wanted the scopes that the client begins with; null for everything
   */
  ServerCalls(List<ScopeSpec> wanted, CoreState state, Executor notifications) {
    this.scopes = new ScopeCalls<>(wanted);
    this.state = state;
    this.notifications = notifications;
  }

  /** The calls for other scopes. */
  ScopeCalls<Database> scopes() {
    return scopes;
  }

  /** Asks to catch up to a T, or to the server's of now if it is 0, and to have what was made here up to a number decided. */
  CompletableFuture<Database> sync(SyncDriver driver, long t, long seq) {
    SyncCalls.Call call = syncs.begin();
    driver.sync(call.ref(), t, seq);
    return call.result();
  }

  /** Begins a comparison of the digests. */
  VerifyCalls.Call verify() {
    return verifications.begin();
  }

  /** The newest comparison that found a difference, or null. */
  Verification lastDifference() {
    return verifications.lastDifference();
  }

  /** The client has caught up, or cannot. */
  void synced(long ref, RebasisException error) {
    CompletableFuture<Database> future = syncs.take(ref);
    if (future == null) {
      return;
    }
    if (error != null) {
      notifications.execute(() -> future.completeExceptionally(error));
      return;
    }
    state.whenPublished(() -> notifications.execute(() -> future.complete(state.views().optimistic())));
  }

  /** The digests were compared, or could not be. */
  void verified(SyncAction.Verified verified, Verification answer) {
    verifications.answer(verified, answer, notifications);
  }

  /** Other scopes are held, or cannot be. */
  void scoped(long ref, RebasisException error, Supplier<List<ScopeSpec>> wanted) {
    if (error == null) {
      state.whenPublished(() -> answer(ref, null, wanted));
    } else {
      answer(ref, error, wanted);
    }
  }

  private void answer(long ref, RebasisException error, Supplier<List<ScopeSpec>> wanted) {
    scopes.answer(ref, () -> state.views().optimistic(), error, wanted, notifications);
  }

  /** Nothing will be answered any more. */
  void fail(RebasisException cause) {
    syncs.fail(cause);
    verifications.fail(cause);
    scopes.fail(cause);
  }
}
