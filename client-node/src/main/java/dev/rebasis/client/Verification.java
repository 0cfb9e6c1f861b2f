package dev.rebasis.client;

import dev.rebasis.data.Keyword;
import java.util.List;

/**
 * Whether a client holds the server's datoms. Immutable.
 *
 * @param t the T at which they were compared
 * @param differences the attributes that differ; empty if all is the same. If there are some, the client has begun to
 *     load everything anew; what is pending is kept
 */
public record Verification(long t, List<Difference> differences) {
  /** Copies the list. */
  public Verification {
    differences = List.copyOf(differences);
  }

  /** Whether all current datoms are the server's. */
  public boolean isSame() {
    return differences.isEmpty();
  }

  /**
   * An attribute of which client and server hold other current datoms.
   *
   * @param attribute its ident, or null if it has none here
   * @param id its entity id
   * @param here how many current datoms of it the client held
   * @param there how many the server has
   */
  public record Difference(Keyword attribute, long id, long here, long there) {}
}
