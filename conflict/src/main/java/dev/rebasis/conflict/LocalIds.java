package dev.rebasis.conflict;

/** Resolves a client's local ids to the server's. */
@FunctionalInterface
public interface LocalIds {
  /**
   * The server's id of an entity that this client made.
   *
   * @param localId a negative id
   * @return the server's id, or {@code localId} itself if the entity is not confirmed yet
   */
  long resolve(long localId);
}
