package dev.rebasis.simulations.conflicts;

import dev.rebasis.client.ClientBuilder;
import dev.rebasis.conflict.Policies;
import dev.rebasis.conflict.Resolved;
import dev.rebasis.conflict.TransactionFunction;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.LookupRef;
import dev.rebasis.server.RebasisServer;
import java.util.List;
import java.util.Map;

/** A real client that goes offline, a real server that others write to meanwhile, and a schema with policies. */
abstract class OneClientAndItsServer extends ClientBesideOthers {
  static final String SCHEMA = """
      [{:db/ident :i/key :db/valueType :db.type/string :db/cardinality :db.cardinality/one
        :db/unique :db.unique/identity}
       {:db/ident :i/count :db/valueType :db.type/long :db/cardinality :db.cardinality/one
        :rebasis/policy :rebasis.policy/counter}
       {:db/ident :i/price :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
       {:db/ident :i/note :db/valueType :db.type/string :db/cardinality :db.cardinality/one}
       {:db/ident :i/strict :db/valueType :db.type/long :db/cardinality :db.cardinality/one
        :rebasis/policy :rebasis.policy/park}
       {:db/ident :i/custom :db/valueType :db.type/long :db/cardinality :db.cardinality/one
        :rebasis/policy :shop/slow}
       {:db/ident :i/owner :db/valueType :db.type/ref :db/cardinality :db.cardinality/one}]
      [{:i/key "A" :i/count 5 :i/price 10 :i/note "one two" :i/strict 1 :i/custom 1} {:i/key "B" :i/price 20}]""";
  static final String A = "[:i/key \"A\"]";

  /** Raises the price by a percentage: a function of what is there. */
  private static final TransactionFunction RAISE = (db, args) -> {
    Object item = args.get(0);
    Long price = (Long) db.value(item, ":i/price");
    if (price == null) {
      throw new IllegalArgumentException("there is no price");
    }
    return List.of(List.of(Keyword.of(":db/add"), item, Keyword.of(":i/price"), price + price * (Long) args.get(1) / 100),
        Map.of(Keyword.of(":db/id"), "log", Keyword.of(":i/note"), "raised"));
  };

  @Override
  RebasisServer.Builder server(RebasisServer.Builder usual) {
    return usual.schema("test", SCHEMA.replace("\n[{:i/key", "\n\n[{:i/key"))
        .register(":shop/raise", RAISE)
        .register(":shop/slow", 0, meeting -> Resolved.value(77L));
  }

  @Override
  ClientBuilder client(ClientBuilder usual) {
    return usual.policy(":i/note", Policies.textMerge()).register(":shop/raise", RAISE);
  }

  Object value(String attribute) {
    return client.db().entity(LookupRef.of(":i/key", "A")).get(attribute);
  }
}
