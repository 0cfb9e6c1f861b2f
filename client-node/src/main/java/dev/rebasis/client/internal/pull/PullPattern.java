package dev.rebasis.client.internal.pull;

import dev.rebasis.data.Keyword;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A parsed pattern. Immutable.
 *
 * @param wildcard whether all attributes are asked for
 * @param idKey the key of the entity id in the result, null if it is not asked for
 * @param specs the attributes that are named, each at most once
 * @param textual whether the keys that the wildcard makes are strings, as {@code "*"} asks for
 */
record PullPattern(boolean wildcard, Object idKey, List<Spec> specs, boolean textual) {
  static final Keyword DB_ID = Keyword.of(":db/id");
  /** How many values of one attribute are given if the pattern does not say. */
  static final long LIMIT_DEFAULT = 1_000;
  /** All attributes, and components with all of theirs. */
  static final PullPattern ALL = new PullPattern(true, DB_ID, List.of(), false);
  /** The same with strings as keys. */
  static final PullPattern ALL_TEXTUAL = new PullPattern(true, DB_ID.toString(), List.of(), true);

  /** What is done with the entities that a reference leads to. */
  sealed interface Nested {}

  /** They are pulled by a pattern of their own. */
  record Sub(PullPattern pattern) implements Nested {}

  /**
   * They are pulled by the pattern that this stands in.
   *
   * @param depth how often, {@link Long#MAX_VALUE} if without end
   */
  record Recursion(long depth) implements Nested {}

  /**
   * One attribute of a pattern.
   *
   * @param attribute its ident
   * @param reverse whether the entities that refer to this one are asked for
   * @param key its key in the result
   * @param textual whether it was named by a string, so that the keys below it are strings
   * @param limit how many values at most
   * @param byDefault what stands for a missing value, null if nothing does
   * @param transform changes the value, null if nothing does
   * @param nested what is done with references, null if nothing is said
   */
  record Spec(
      Keyword attribute,
      boolean reverse,
      Object key,
      boolean textual,
      long limit,
      Object byDefault,
      UnaryOperator<Object> transform,
      Nested nested) {
    // Recursion is counted for each place in a pattern, so a spec is equal to itself alone.
    @Override
    public boolean equals(Object other) {
      return this == other;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(this);
    }
  }
}
