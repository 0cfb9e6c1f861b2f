package dev.rebasis.simulations.check;

import java.util.Objects;

/**
 * A promise that was broken. Immutable.
 *
 * @param promise which
 * @param what how, in a sentence
 */
public record Finding(Promise promise, String what) {
  /** Checks for nulls. */
  public Finding {
    Objects.requireNonNull(promise, "promise");
    Objects.requireNonNull(what, "what");
  }

  @Override
  public String toString() {
    return promise.word() + ": " + what;
  }
}
