package dev.rebasis.conflict;

import java.util.UUID;

/** Resolves a client's local ids to the server's. */
@FunctionalInterface
public interface LocalIds {
  /**
   * The server's id of an entity that this client made. On the client the tempids of pending predecessors count too:
   * where one of them turned out to mean another entity (an upsert, or two tempids for one entity), its local id
   * resolves to that entity.
   *
   * @param localId a negative id
   * @return the server's id, or the local id that stands for the entity while it is not confirmed
   */
  long resolve(long localId);

  /**
   * Whether a transaction that has not failed makes the entity, be it confirmed or pending. If not, the transaction
   * that made it was parked or rejected, and what refers to it has to wait with it.
   *
   * @param localId a negative id
   */
  default boolean isMade(long localId) {
    return resolve(localId) >= 0;
  }

  /**
   * Whether an earlier transaction of this client was not committed (or is predicted not to be): what depends on it
   * waits with it.
   *
   * @param transaction its id
   */
  default boolean hasFailed(UUID transaction) {
    return false;
  }
}
