package dev.rebasis.conflict;

import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Calls code that a program registered: policies and transaction functions. Production gives it a time limit (in the
 * wiring, which may have threads), so that code which never ends stops nobody.
 */
@FunctionalInterface
public interface Guard {
  /** A time that never comes, in milliseconds. */
  long FOREVER = Long.MAX_VALUE;

  /** What a guard throws that gave a call up: it says nothing about what the code was asked. */
  final class GivenUp extends IllegalStateException {
    private static final long serialVersionUID = 1;

    /** With the reason as the end of a sentence that began with the name of what was called. */
    public GivenUp(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** Calls on the spot and waits as long as it takes; for simulations and tests. */
  Guard DIRECT = new Guard() {
    @Override
    public <T> T call(String what, Supplier<T> body) {
      return body.get();
    }

    @Override
    public long patienceMillis(long millisMax) {
      return FOREVER;
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
   * How long something may take that limits itself, such as a query that Datomic answers. Where everything is called on the
   * spot no clock is looked at, so that a pause of the machine changes no decision.
   *
   * @param millisMax the limit in milliseconds where there is one
   * @return that limit, or {@link #FOREVER}
   */
  default long patienceMillis(long millisMax) {
    return millisMax;
  }

  /**
   * Calls it and hands over whatever goes wrong, so that no code of a program ever stops a decision.
   *
   * @param failed receives why there is no result; of any class, an {@link OutOfMemoryError} among them
   * @return the result, or null if there is none
   */
  default <T> T contained(String what, Supplier<T> body, Consumer<Throwable> failed) {
    try {
      return call(what, body);
    } catch (Throwable e) {
      // Foreign code: what it throws says something about it, and nothing about us. That goes for errors of the virtual
      // machine too: when a policy asks for more memory than there is, its own objects are garbage as soon as it is
      // left, and a server that gave up would meet the same transaction again at the next start, and give up again.
      failed.accept(e);
      return null;
    }
  }

  /** What was thrown, in words; its own {@code toString} is foreign code as well. */
  static String words(Throwable thrown) {
    try {
      return thrown.toString();
    } catch (Throwable e) {
      return thrown.getClass().getName() + ", whose text cannot be had";
    }
  }
}
