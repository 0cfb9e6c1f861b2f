package dev.rebasis.simulations.workload;

import dev.rebasis.client.Database;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.LookupRef;
import java.util.ArrayList;
import java.util.List;

/** The few look-ups that workloads need. */
final class Reads {
  private Reads() {}

  /** The value of an attribute of the entity with this key; null if there is no such entity, attribute or value. */
  @SuppressWarnings("unchecked")
  static <T> T one(Database db, String key, Object keyValue, String attribute) {
    List<Object> found = all(db, key, keyValue, attribute);
    return found.isEmpty() ? null : (T) found.get(0);
  }

  /** All values, in the order of the index. */
  static List<Object> all(Database db, String key, Object keyValue, String attribute) {
    List<Object> found = new ArrayList<>();
    if (db.attribute(Keyword.of(key)) == null || db.attribute(Keyword.of(attribute)) == null) {
      return found;
    }
    Long entity = db.entid(LookupRef.of(key, keyValue));
    if (entity != null) {
      for (Datom datom : db.datoms(IndexOrder.EAVT, entity, Keyword.of(attribute))) {
        found.add(datom.v());
      }
    }
    return found;
  }

  /** Everything that an attribute says, in the order of the index. */
  static List<Datom> facts(Database db, String attribute) {
    List<Datom> found = new ArrayList<>();
    if (db.attribute(Keyword.of(attribute)) != null) {
      db.datoms(IndexOrder.AEVT, Keyword.of(attribute)).forEach(found::add);
    }
    return found;
  }
}
