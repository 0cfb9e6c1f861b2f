package dev.rebasis.simulations.bench;

import java.time.Instant;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The entities of all benchmarks: one unique string key and three more attributes (string, long, instant). */
final class BenchEntities {
  /** As EDN, for servers, clients and Datomic itself. */
  static final String SCHEMA = """
      [{:db/ident :item/key :db/valueType :db.type/string :db/cardinality :db.cardinality/one
        :db/unique :db.unique/identity}
       {:db/ident :item/name :db/valueType :db.type/string :db/cardinality :db.cardinality/one}
       {:db/ident :item/count :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
       {:db/ident :item/at :db/valueType :db.type/instant :db/cardinality :db.cardinality/one}]
      """;

  private static final Instant BEGIN = Instant.parse("2020-01-01T00:00:00Z");

  private BenchEntities() {}

  static String key(String prefix, long number) {
    return prefix + "-" + number;
  }

  /** One transaction that makes one entity. */
  static List<Object> forms(String prefix, long number) {
    Map<Object, Object> form = new LinkedHashMap<>();
    form.put(":item/key", key(prefix, number));
    form.put(":item/name", "The name of item " + number);
    form.put(":item/count", number % 1000);
    form.put(":item/at", BEGIN.plusSeconds(number));
    return List.of(form);
  }

  /** The same for Datomic's own API, which wants a {@code Date}. */
  static List<Object> datomicForms(String prefix, long number) {
    Map<Object, Object> form = new LinkedHashMap<>();
    form.put(":item/key", key(prefix, number));
    form.put(":item/name", "The name of item " + number);
    form.put(":item/count", number % 1000);
    form.put(":item/at", Date.from(BEGIN.plusSeconds(number)));
    return List.of(form);
  }
}
