package dev.rebasis.data;

/**
 * An entity id as an input of a query. A plain long in a query is never translated (-5 may be a quantity); an
 * {@code EntityId} is: a local (negative) id becomes the server's id once it is confirmed.
 *
 * @param id the server's id if positive or zero, a local id if negative
 */
public record EntityId(long id) {
  /** Wraps an id. */
  public static EntityId of(long id) {
    return new EntityId(id);
  }

  /** Whether the id was given by this client and not yet by the server. */
  public boolean isLocal() {
    return EntityIds.isLocal(id);
  }

  @Override
  public String toString() {
    return Long.toString(id);
  }
}
