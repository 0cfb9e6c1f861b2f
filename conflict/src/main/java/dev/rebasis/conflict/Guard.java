package dev.rebasis.conflict;

import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Calls code that a program registered: policies and transaction functions. Production gives it a time limit (in the
 * wiring, which may have threads), so that code which never ends stops nobody.
 */
@FunctionalInterface
public interface Guard {
  /** Calls on the spot and waits as long as it takes; for simulations and tests. */
  Guard DIRECT = new Guard() {
    @Override
    public <T> T call(String what, Supplier<T> body) {
      return body.get();
    }
  };

  /**
   * Calls it.
   *
   * @param what its name, for messages
   * @param body throws whatever it likes; not called again after it was given up
   * @return its result
   * @throws RuntimeException if it took too long; or whatever the body threw
   */
  <T> T call(String what, Supplier<T> body);

  /**
   * Calls it and turns whatever goes wrong into words.
   *
   * @param failed receives why there is no result
   * @return the result, or null if there is none
   */
  default <T> T contained(String what, Supplier<T> body, Consumer<Throwable> failed) {
    try {
      return call(what, body);
    } catch (RuntimeException | StackOverflowError | LinkageError | AssertionError e) {
      // Foreign code: what it throws says something about it, and nothing about us.
      failed.accept(e);
      return null;
    }
  }
}
