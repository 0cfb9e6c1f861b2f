package dev.rebasis.simulations.check;

import dev.rebasis.conflict.Rules;
import dev.rebasis.protocol.Intent;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * What left the clients' programs, and the rules by which it is decided. Not copied: it grows while a simulation goes on.
 *
 * @param intents by transaction id; several under one id if the client took another number in between
 * @param known the entities that the client named with its push, by local number: it made them under another number
 * @param rules what client and server have registered
 * @param isAll whether these are all that ever left a program
 */
public record Pushed(Map<UUID, Set<Intent>> intents, Map<UUID, Map<Long, Long>> known, Rules rules, boolean isAll) {
  /** Nothing is known of what was pushed. */
  public static final Pushed UNKNOWN = new Pushed(Map.of(), Map.of(), Rules.BUILT_IN);

  /** Some of what was pushed. */
  public Pushed(Map<UUID, Set<Intent>> intents, Map<UUID, Map<Long, Long>> known, Rules rules) {
    this(intents, known, rules, false);
  }

  /** The entities that local numbers of a transaction's client stand for: those made under its number, and those that it named. */
  Map<Long, Long> entities(UUID transaction, Map<Long, Long> made) {
    Map<Long, Long> entities = new HashMap<>(known.getOrDefault(transaction, Map.of()));
    entities.putAll(made);
    return entities;
  }
}
