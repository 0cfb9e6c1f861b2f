package dev.rebasis.server.wiring;

import dev.rebasis.error.RebasisException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * Tells a core what it must hear once. A core that does not answer in time comes to it later all the same, so that whoever tries
 * again must wait for that, not tell it a second time. For one thread at a time; the lock is the caller's.
 */
final class Announcement {
  private final CoreCalls calls;
  private final Supplier<Void> what;
  private Object news;
  private CompletableFuture<Void> unanswered;
  /** Whether the core has come to what it was told last; set by the core. */
  private AtomicBoolean begun = new AtomicBoolean();

  /**
   * Makes one.
   *
   * @param what is done on the core each time that there are news
   */
  Announcement(CoreCalls calls, Supplier<Void> what) {
    this.calls = calls;
    this.what = what;
  }

  /**
   * Tells the core, unless it is about to hear it, or has heard it since the last time, when it did not answer.
   *
   * @param about compared by {@code equals} with what the last time was about. What the core has not begun yet is good for later
   *     news too; what it had begun before these came is not
   * @throws RebasisException if there is no answer in time
   */
  void tell(Object about) {
    if (unanswered == null || begun.get() && !about.equals(news)) {
      AtomicBoolean now = new AtomicBoolean();
      begun = now;
      unanswered = calls.asked(() -> {
        now.set(true);
        return what.get();
      });
    }
    news = about;
    try {
      calls.awaited(unanswered);
      unanswered = null;
    } catch (RebasisException e) {
      if (!e.code().equals(CoreCalls.BUSY)) {
        unanswered = null;
      }
      throw e;
    }
  }
}
