package dev.rebasis.conflict;

import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import dev.rebasis.data.SystemIds;
import dev.rebasis.data.Transaction;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What takes a confirmed transaction back: its assertions retracted, its retractions asserted. What others did since
 * stays because the intent says what it undoes ({@link dev.rebasis.protocol.Terms#undoes}). Immutable.
 *
 * @param forms list forms; empty if it cannot be taken back
 * @param why in words, if it cannot be taken back; else null
 */
public record Inverse(List<Object> forms, String why) {
  private record Place(long e, long a) {}

  /** The inverse of a transaction, by the schema of a database value. */
  public static Inverse of(Transaction transaction, FactView now) {
    List<Object> forms = new ArrayList<>();
    Set<Place> replaced = replaced(transaction, now);
    for (Datom datom : transaction.datoms()) {
      Attribute attribute = now.schema().attribute(datom.a());
      if (datom.e() == transaction.tx() || attribute == null || isServers(attribute)) {
        continue;
      }
      if (SystemIds.isSchemaAttribute(datom.a()) || datom.a() == SystemIds.DB_INSTALL_ATTRIBUTE) {
        return new Inverse(List.of(), "changed the schema, which is not taken back like this.");
      }
      if (datom.added() && replaced.contains(new Place(datom.e(), datom.a()))) {
        continue; // asserting the old value replaces this one
      }
      forms.add(List.of(
          datom.added() ? Vocabulary.RETRACT : Vocabulary.ADD, datom.e(), attribute.ident(), datom.v()));
    }
    return new Inverse(forms, forms.isEmpty() ? "changed nothing." : null);
  }

  /** Places of cardinality one where a value took another one's place. */
  private static Set<Place> replaced(Transaction transaction, FactView now) {
    Set<Place> replaced = new HashSet<>();
    for (Datom datom : transaction.datoms()) {
      Attribute attribute = now.schema().attribute(datom.a());
      if (!datom.added() && attribute != null && !attribute.isMany()) {
        replaced.add(new Place(datom.e(), datom.a()));
      }
    }
    return replaced;
  }

  /** What only the server writes, and what Datomic derives. */
  private static boolean isServers(Attribute attribute) {
    return Closure.isRecord(attribute) || !attribute.tupleAttributes().isEmpty();
  }
}
