package dev.rebasis.simulations.check;

import dev.rebasis.conflict.Rules;
import dev.rebasis.protocol.Intent;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * What left the clients' programs, and the rules by which it is decided. Not copied: it grows while a simulation goes on.
 *
 * @param intents by transaction id; several under one id if the client took another number in between
 * @param rules what client and server have registered
 */
public record Pushed(Map<UUID, Set<Intent>> intents, Rules rules) {
  /** Nothing is known of what was pushed. */
  public static final Pushed UNKNOWN = new Pushed(Map.of(), Rules.BUILT_IN);
}
