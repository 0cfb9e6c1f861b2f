package dev.rebasis.client.internal.rebase;

import dev.rebasis.client.internal.db.Overlay;
import dev.rebasis.conflict.Decider;
import dev.rebasis.conflict.Decision;
import dev.rebasis.conflict.FootprintKey;
import dev.rebasis.data.Datom;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Terms;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/** Finds what a new transaction stands on among the pending ones. Pure. */
final class Standing {
  private Standing() {}

  /** The intent with its predecessors and what it saw of them among its terms. */
  static Intent of(Intent intent, Decision decision, OptimisticState state) {
    Terms terms = intent.terms();
    Overlay overlay = state.layers().overlay();
    Set<UUID> after = new LinkedHashSet<>();
    for (FootprintKey key : decision.needs()) {
      for (Datom operation : overlay.operations(key)) {
        PendingTransaction writer = state.queue().makerOf(operation.tx());
        if (writer != null) {
          after.add(writer.intent().id());
        }
      }
    }
    List<Terms.Seen> seen = Decider.seen(decision, intent, state.optimistic(),
        place -> overlay.operations(place).iterator().hasNext());
    return after.isEmpty() && seen.isEmpty() ? intent
        : intent.withTerms(terms.withAfter(after.stream().sorted().toList()).withSeen(seen));
  }
}
