package dev.rebasis.conflict;

import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The entities of which operations leave nothing, though none retracts them as such: what takes the making of an entity back does so
 * fact by fact. Whoever refers to one would refer to nothing. Confined to one decision.
 */
final class Emptied {
  private record Fact(long a, Object v) {}

  private final TracingView view;
  private final Map<Long, Set<Fact>> taken = new LinkedHashMap<>();
  private final Map<Long, Object> forms = new LinkedHashMap<>();
  private final Set<Long> kept = new HashSet<>();

  Emptied(List<Op> ops, TracingView view) {
    this.view = view;
    for (Op op : ops) {
      if (op instanceof Op.Retract retract) {
        take(op, new Fact(retract.a().id(), retract.v()));
      } else if (op instanceof Op.RetractAll all) {
        view.values(op.e(), all.a()).forEach(v -> take(op, new Fact(all.a().id(), v)));
      } else {
        kept.add(op.e());
      }
    }
  }

  private void take(Op op, Fact fact) {
    taken.computeIfAbsent(op.e(), e -> new HashSet<>()).add(fact);
    forms.putIfAbsent(op.e(), op.form());
  }

  /** Each with the first form that takes something from it, in their order. */
  Map<Long, Object> entities() {
    Map<Long, Object> entities = new LinkedHashMap<>();
    forms.forEach((e, form) -> {
      if (!kept.contains(e) && view.exists(e) && isTaken(view.datoms(IndexOrder.EAVT, e))) {
        entities.put(e, form);
      }
    });
    return entities;
  }

  private boolean isTaken(Iterable<Datom> facts) {
    for (Datom fact : facts) {
      // What Datomic makes of other facts goes with them.
      if (!isTaken(fact) && !view.schema().isComposite(fact.a())) {
        return false;
      }
    }
    return true;
  }

  /** Whether the operations take the fact away. */
  boolean isTaken(Datom fact) {
    return taken.getOrDefault(fact.e(), Set.of()).contains(new Fact(fact.a(), fact.v()));
  }
}
