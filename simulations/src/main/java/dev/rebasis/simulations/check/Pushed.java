package dev.rebasis.simulations.check;

import dev.rebasis.conflict.Rules;
import dev.rebasis.data.EntityIds;
import dev.rebasis.protocol.Intent;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
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

  /**
   * What a transaction stands on: those that it names, and those of its client that were to make an entity that its forms name.
   *
   * @param client the number of its client
   */
  Set<UUID> stoodOnBy(UUID transaction, long client, ServerLog log) {
    Set<UUID> found = new LinkedHashSet<>();
    Set<Long> named = new HashSet<>();
    for (Intent intent : intents.getOrDefault(transaction, Set.of())) {
      found.addAll(intent.terms().after());
      nameLocals(intent.forms(), named);
    }
    for (LoggedTransaction other : named.isEmpty() ? List.<LoggedTransaction>of() : log.transactions()) {
      if (other.isPushed() && other.client() == client && !other.id().equals(transaction) && intents.getOrDefault(other.id(), Set.of())
          .stream().anyMatch(intent -> intent.tempids().values().stream().anyMatch(number -> named.contains(-number)))) {
        found.add(other.id());
      }
    }
    return found;
  }

  private static void nameLocals(Object form, Set<Long> named) {
    if (form instanceof Map<?, ?> map) {
      map.forEach((key, value) -> {
        nameLocals(key, named);
        nameLocals(value, named);
      });
    } else if (form instanceof Collection<?> all) {
      all.forEach(each -> nameLocals(each, named));
    } else if (form instanceof Long id && EntityIds.isLocal(id)) {
      named.add(id);
    }
  }
}
