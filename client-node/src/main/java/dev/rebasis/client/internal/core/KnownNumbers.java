package dev.rebasis.client.internal.core;

import dev.rebasis.client.internal.log.MadeIds;
import dev.rebasis.data.EntityIds;
import dev.rebasis.protocol.Intent;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The local numbers in intents that were given out under an earlier client number, with the server's ids: the server knows
 * those of the present number only. And those of transactions' own entities, which the server may have forgotten: it writes them
 * down only where the transaction's forms mention it. Confined to one call.
 */
final class KnownNumbers {
  private final MadeIds made;
  private final long renumberedAt;
  private final Map<Long, Long> known = new HashMap<>();

  /**
   * Has none yet.
   *
   * @param renumberedAt the last local number of an earlier client number
   */
  KnownNumbers(MadeIds made, long renumberedAt) {
    this.made = made;
    this.renumberedAt = renumberedAt;
  }

  /** Those in the forms, terms and premises of intents, as far as they are confirmed. */
  Map<Long, Long> in(List<Intent> intents) {
    intents.forEach(intent -> collect(intent.forms()));
    intents.forEach(intent -> intent.terms().seen().forEach(seen -> collect(seen.e())));
    intents.forEach(intent -> intent.terms().premises().forEach(premise -> {
      collect(premise.query());
      collect(premise.inputs());
    }));
    return known;
  }

  private void collect(Object form) {
    if (form instanceof Long id && id < 0 && made.resolve(id) >= 0) {
      if (-id <= renumberedAt || EntityIds.isTx(made.resolve(id))) {
        known.put(-id, made.resolve(id));
      }
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
