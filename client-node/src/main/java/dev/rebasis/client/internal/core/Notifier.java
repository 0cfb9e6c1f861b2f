package dev.rebasis.client.internal.core;

import dev.rebasis.client.SyncClient.Subscription;
import java.lang.System.Logger.Level;
import java.lang.System.Logger;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * Listeners of one kind of event, called one event after the other on the notification thread. Thread-safe.
 *
 * @param <T> the event
 */
final class Notifier<T> {

  private final Executor executor;
  private final List<Consumer<T>> listeners = new CopyOnWriteArrayList<>();

  Notifier(Executor executor) {
    this.executor = executor;
  }

  /** Adds a listener; the same may be added twice. */
  Subscription add(Consumer<T> listener) {
    Consumer<T> own = listener::accept;
    listeners.add(own);
    return () -> listeners.remove(own);
  }

  /** Whether anyone listens. */
  boolean isWatched() {
    return !listeners.isEmpty();
  }

  /** Tells the listeners. One that throws is logged, and the others are told all the same. */
  void tell(T event) {
    if (listeners.isEmpty()) {
      return;
    }
    executor.execute(() -> {
      for (Consumer<T> listener : listeners) {
        try {
          listener.accept(event);
        } catch (RuntimeException | Error e) {
          logger().log(Level.WARNING, "A listener failed on " + event + ".", e);
        }
      }
    });
  }

  /** Asked for when there is something to say: it may start a whole logging framework, which an opening need not wait for. */
  private static Logger logger() {
    return System.getLogger(Notifier.class.getName());
  }
}
