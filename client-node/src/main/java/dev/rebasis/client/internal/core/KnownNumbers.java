package dev.rebasis.client.internal.core;

import dev.rebasis.client.internal.log.MadeIds;
import dev.rebasis.protocol.Intent;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The local numbers in intents of what is confirmed, with the server's ids. The server knows those that were made under the client's
 * present number, and not those under an earlier one; nor those that a copy of the store pushed first, under a number of its own; nor
 * transactions' own entities where no form mentions them. Which of these it is the client does not know, so it names all.
 * Confined to one call.
 */
final class KnownNumbers {
  private final MadeIds made;
  private final Map<Long, Long> known = new HashMap<>();

  /** Has none yet. */
  KnownNumbers(MadeIds made) {
    this.made = made;
  }

  /** Those in the forms, terms and premises of intents, as far as they are confirmed. */
  Map<Long, Long> in(List<Intent> intents) {
    intents.forEach(intent -> collect(intent.forms()));
    intents.forEach(intent -> intent.terms().seen().forEach(seen -> {
      collect(seen.e());
      collect(seen.values());
    }));
    intents.forEach(intent -> intent.terms().premises().forEach(premise -> {
      collect(premise.query());
      collect(premise.inputs());
    }));
    return known;
  }

  private void collect(Object form) {
    if (form instanceof Long id && id < 0 && made.resolve(id) >= 0) {
      known.put(-id, made.resolve(id));
    } else if (form instanceof Map<?, ?> map) {
      map.forEach((key, value) -> {
        collect(key);
        collect(value);
      });
    } else if (form instanceof Iterable<?> elements) {
      elements.forEach(element -> collect(element));
    }
  }
}
