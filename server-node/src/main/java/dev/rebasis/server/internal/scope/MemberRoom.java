package dev.rebasis.server.internal.scope;

/**
 * Where a part's memory is counted. The figures are of a 64-bit JVM with compressed references: for parts of 50,000 and 200,000
 * entities they come to 0.9 to 1.1 of what the heap had grown by. Confined to the caller's thread.
 */
@FunctionalInterface
public interface MemberRoom {
  /** Nobody counts. */
  MemberRoom ENDLESS = bytes -> { };

  /** For each entity that a query finds or that comes with one: entries of two maps, and the sets that they lead to. */
  long FOUND_BYTES = 310;
  /** For each further way to an entity: entries of two sets. */
  long AGAIN_BYTES = 120;
  /** For each entity that a predicate chooses. */
  long CHOSEN_BYTES = 80;
  /** For each member of a part. */
  long MEMBER_BYTES = 80;

  /**
   * More is remembered, or less.
   *
   * @param bytes how much more, by estimate; negative for less
   * @throws dev.rebasis.error.RebasisException {@code :rebasis.error/scope-cost} if it is more than there may be
   */
  void changed(long bytes);
}
