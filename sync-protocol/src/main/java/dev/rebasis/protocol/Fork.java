package dev.rebasis.protocol;

import java.util.Objects;
import java.util.UUID;

/**
 * A place where a database went on in another way than before, since its server was restored from a backup: what was
 * confirmed after it is gone, and the same Ts were given out again. A database's id and its forks, in the order in which
 * they came about, are its lineage. Immutable.
 *
 * @param t the newest T that both ways have in common, 0 if they have none
 * @param nextT the T after it, on both ways; an entity whose number within its partition is at least this was not there
 *     before the fork
 * @param id unique for ever
 */
public record Fork(long t, long nextT, UUID id) {
  /** As next T: nothing forked, but facts were excised, and whoever holds any is to load everything anew. */
  public static final long EXCISION = Long.MAX_VALUE;

  /** Whether it stands for an excision. */
  public boolean isExcision() {
    return nextT == EXCISION;
  }

  /** Checks for null and order. */
  public Fork {
    Objects.requireNonNull(id, "id");
    if (t < 0 || nextT <= t) {
      throw new IllegalArgumentException("a fork at T " + t + " cannot have the next T " + nextT);
    }
  }
}
