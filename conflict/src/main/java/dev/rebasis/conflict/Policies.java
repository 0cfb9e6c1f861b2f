package dev.rebasis.conflict;

import dev.rebasis.data.Keyword;
import dev.rebasis.protocol.Terms.PolicyRef;

/** The policies by their names; docs/conflicts.md says what each does. */
public final class Policies {
  private Policies() {}

  /** The transaction that is decided later wins; the default for cardinality one. */
  public static PolicyRef lastWriterWins() {
    return own("last-writer-wins");
  }

  /** The value that was confirmed first stays. */
  public static PolicyRef firstWriterWins() {
    return own("first-writer-wins");
  }

  /** What the server has stays. */
  public static PolicyRef serverWins() {
    return own("server-wins");
  }

  /** What the client wants wins. */
  public static PolicyRef clientWins() {
    return own("client-wins");
  }

  /** Applies the difference: of long, bigint, float, double and bigdec. */
  public static PolicyRef counter() {
    return own("counter");
  }

  /** The greater value stays. */
  public static PolicyRef max() {
    return own("max");
  }

  /** The smaller value stays. */
  public static PolicyRef min() {
    return own("min");
  }

  /** All values that either side asserted stay, unless one retracted them after seeing them. */
  public static PolicyRef union() {
    return own("union");
  }

  /** A value that one side asserted and the other retracted stays; the default for cardinality many. */
  public static PolicyRef addWins() {
    return own("add-wins");
  }

  /** A value that one side asserted and the other retracted goes. */
  public static PolicyRef removeWins() {
    return own("remove-wins");
  }

  /** Merges strings by line and by word; parked where both sides changed the same words. */
  public static PolicyRef textMerge() {
    return own("text-merge");
  }

  /** Merges strings by line and by word; where both sides changed the same words both stand, between marks. */
  public static PolicyRef textMergeMarked() {
    return own("text-merge-marked");
  }

  /** A person decides each conflict. */
  public static PolicyRef park() {
    return own("park");
  }

  /** A transaction in conflict is refused. */
  public static PolicyRef reject() {
    return own("reject");
  }

  /**
   * A policy of the program's own.
   *
   * @param name the name that it is registered under
   * @param version of its code, from 0; the server applies it only if its own is of this version
   */
  public static PolicyRef custom(String name, long version) {
    return new PolicyRef(Keyword.of(name), version);
  }

  private static PolicyRef own(String name) {
    return new PolicyRef(Keyword.of(":" + BuiltInPolicy.NAMESPACE + "/" + name), 0);
  }
}
