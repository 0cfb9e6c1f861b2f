package dev.rebasis.client.internal.query;

import dev.rebasis.client.internal.db.DatomSource;
import java.util.Arrays;

/** A handful of people with values of many types, in Datomic and in a source. Made once, never changed. */
final class People {
  static final Oracle ORACLE = new Oracle();
  static final DatomSource DB;
  static final QueryEngine ENGINE = new QueryEngine();

  static {
    ORACLE.transact("""
        [{:db/ident :p/name :db/valueType :db.type/string :db/cardinality :db.cardinality/one
          :db/unique :db.unique/identity}
         {:db/ident :p/age :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
         {:db/ident :p/height :db/valueType :db.type/double :db/cardinality :db.cardinality/one}
         {:db/ident :p/born :db/valueType :db.type/instant :db/cardinality :db.cardinality/one :db/index true}
         {:db/ident :p/tag :db/valueType :db.type/string :db/cardinality :db.cardinality/many}
         {:db/ident :p/kind :db/valueType :db.type/keyword :db/cardinality :db.cardinality/one}
         {:db/ident :p/big :db/valueType :db.type/bigint :db/cardinality :db.cardinality/one}
         {:db/ident :p/price :db/valueType :db.type/bigdec :db/cardinality :db.cardinality/one}
         {:db/ident :p/pair :db/valueType :db.type/tuple :db/tupleTypes [:db.type/long :db.type/string]
          :db/cardinality :db.cardinality/one}
         {:db/ident :p/friend :db/valueType :db.type/ref :db/cardinality :db.cardinality/many}
         {:db/ident :p/color :db/valueType :db.type/ref :db/cardinality :db.cardinality/one}]""");
    ORACLE.transact("[{:db/ident :color/red} {:db/ident :color/blue}]");
    ORACLE.transact("""
        [{:db/id "a" :p/name "Ann" :p/age 30 :p/height 1.7 :p/tag ["x" "y"] :p/friend ["b" "c"] :p/color :color/red
          :p/kind :color/red :p/born #inst "1990-01-01" :p/pair [1 "a"]}
         {:db/id "b" :p/name "Bob" :p/age 40 :p/height 2.0 :p/tag ["y"] :p/friend ["c"] :p/color :color/blue
          :p/kind :color/blue :p/born #inst "1980-01-01" :p/big 40N :p/price 40M}
         {:db/id "c" :p/name "Cid" :p/age 40 :p/friend ["a"]}]""");
    DB = ORACLE.source();
  }

  private People() {}

  /** Our answer. */
  static Object ask(String query, Object... inputs) {
    return ENGINE.query(query, Arrays.asList(inputs));
  }
}
