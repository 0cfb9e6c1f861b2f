package dev.rebasis.server.internal.master;

import dev.rebasis.conflict.Conflict;
import dev.rebasis.data.Keyword;
import dev.rebasis.protocol.OutcomeKind;
import java.util.List;

/**
 * What is to be written for one decided intent: an acceptance, or the record of a parking or rejection. Immutable.
 *
 * @param kind what became of the intent
 * @param forms decided and function-free, plain data
 * @param made which local numbers stand for which entity
 * @param code why it was parked or rejected, else null
 * @param message the reason in words, else null
 * @param conflicts what it met, which the forms record
 */
record Draft(OutcomeKind kind, List<Object> forms, List<Made> made, Keyword code, String message,
    List<Conflict> conflicts) {
  /**
   * A local number and the entity that it stands for.
   *
   * @param number the client's own number, positive
   * @param entity a {@code Long}, or the string tempid of an entity that these forms make
   */
  record Made(long number, Object entity) {}
}
