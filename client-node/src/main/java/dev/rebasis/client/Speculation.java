package dev.rebasis.client;

import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import java.util.List;
import java.util.Map;

/**
 * What a transaction would do, from {@link Database#with}. Immutable; nothing of it is stored or sent.
 *
 * @param before the database that it was tried on
 * @param after the database that it would give; {@link Database#with} can be asked of it again
 * @param datoms what it would assert and retract; the instant of its own entity first
 * @param tempids the entity that each of its tempids stands for: an existing one, or a negative id that is good for
 *     {@link #after} and what is made from it, and nowhere else
 */
public record Speculation(Database before, Database after, List<Datom> datoms, Map<String, Long> tempids) {
  /** Copies the collections. */
  public Speculation {
    datoms = List.copyOf(datoms);
    tempids = Map.copyOf(tempids);
  }

  /**
   * The entity that a tempid stands for.
   *
   * @throws RebasisException if the transaction has no such tempid
   */
  public long resolve(String tempid) {
    Long id = tempids.get(tempid);
    if (id == null) {
      throw new RebasisException(Keyword.of(":rebasis.error/no-such-tempid"), ErrorCategory.PROGRAMMING_ERROR,
          "The transaction has no tempid \"" + tempid + "\", only " + tempids.keySet() + ".");
    }
    return id;
  }
}
