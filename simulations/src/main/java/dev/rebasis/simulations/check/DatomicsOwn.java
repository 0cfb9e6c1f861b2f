package dev.rebasis.simulations.check;

import dev.rebasis.conflict.Decision;
import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.SystemIds;
import dev.rebasis.data.Unique;
import dev.rebasis.protocol.Intent;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Refusals for rules that only Datomic knows: an id that was never given out, new entities that are to lie beside each
 * other in a circle, and an attribute without an index that is to become unique and had values once, though it has none now. The code
 * alone is not believed: the transaction has to have such an id, circle or attribute. Pure functions.
 */
final class DatomicsOwn {
  private static final int PARTITION_BITS = 42;
  private static final Set<String> NAMES = Set.of("invalid-entity-id", "cycle-in-affinity", "invalid-alter-attribute");

  private DatomicsOwn() {}

  /** Whether a transaction was refused with one of these codes. */
  static boolean isReasonOf(LoggedTransaction transaction) {
    return transaction.reason() != null && "db.error".equals(transaction.reason().namespace())
        && NAMES.contains(transaction.reason().name());
  }

  /**
   * Whether Datomic had cause to refuse what the decider would have committed.
   *
   * @param decision the decider's
   * @param facts what there was
   */
  static boolean refuses(Intent intent, Decision decision, LoggedTransaction transaction, PlainFacts facts) {
    if (!decision.kind().isCommitted() || !transaction.outcome().equals("rejected") || !isReasonOf(transaction)) {
      return false;
    }
    return switch (transaction.reason().name()) {
      case "invalid-entity-id" -> namesWhatIsNotThere(intent.forms(), facts);
      case "cycle-in-affinity" -> hasCircle(decision.datoms(), facts);
      default -> decision.datoms().stream().anyMatch(datom -> makesUniqueWhatHadValues(datom, facts));
    };
  }

  private static boolean makesUniqueWhatHadValues(Datom datom, PlainFacts facts) {
    Attribute attribute = datom.added() && datom.a() == SystemIds.DB_UNIQUE ? facts.schema().attribute(datom.e()) : null;
    return attribute != null && !attribute.indexed() && attribute.unique() == Unique.NONE && facts.everHad(datom.e());
  }

  private static boolean namesWhatIsNotThere(Object form, PlainFacts facts) {
    if (form instanceof Map<?, ?> map) {
      return map.entrySet().stream()
          .anyMatch(entry -> namesWhatIsNotThere(entry.getKey(), facts) || namesWhatIsNotThere(entry.getValue(), facts));
    }
    if (form instanceof Collection<?> all) {
      return all.stream().anyMatch(each -> namesWhatIsNotThere(each, facts));
    }
    return form instanceof Long id && id >>> PARTITION_BITS > 0 && id > 0
        && !facts.datoms(IndexOrder.EAVT, id).iterator().hasNext();
  }

  private static boolean hasCircle(List<Datom> datoms, PlainFacts facts) {
    Map<Long, Set<Long>> beside = new HashMap<>();
    for (Datom datom : datoms) {
      if (datom.added() && facts.schema().attribute(datom.a()) != null && facts.schema().attribute(datom.a()).isRef()
          && EntityIds.isLocal(datom.e()) && datom.v() instanceof Long target && EntityIds.isLocal(target)) {
        beside.computeIfAbsent(datom.e(), made -> new HashSet<>()).add(target);
      }
    }
    return beside.keySet().stream().anyMatch(e -> reaches(e, e, beside, new HashSet<>()));
  }

  private static boolean reaches(long from, long wanted, Map<Long, Set<Long>> beside, Set<Long> seen) {
    for (long next : beside.getOrDefault(from, Set.of())) {
      if (next == wanted || seen.add(next) && reaches(next, wanted, beside, seen)) {
        return true;
      }
    }
    return false;
  }
}
