package dev.rebasis.protocol;

import java.time.Instant;
import java.util.UUID;

/**
 * What a client's store says of itself beside its id, so that the server can tell a copy of the store, or one restored
 * from a backup, and a store that followed another lineage of the database. Immutable.
 *
 * @param token the newest token that the server gave to this store, null before the first
 * @param formerToken the one before it, null if there is none
 * @param fork the id of the newest fork of the database that the store knows of, null if none
 * @param instant when the newest transaction that the store holds was committed, null if it does not know
 */
public record Standing(UUID token, UUID formerToken, UUID fork, Instant instant) {
  /** A store that has nothing to say. */
  public static final Standing NONE = new Standing(null, null, null, null);
}
