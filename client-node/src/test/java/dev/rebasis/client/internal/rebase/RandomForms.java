package dev.rebasis.client.internal.rebase;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.internal.db.DatabaseValue;
import dev.rebasis.client.internal.fake.FakeServer;
import dev.rebasis.conflict.FactView;
import dev.rebasis.conflict.Policies;
import dev.rebasis.conflict.PremiseCheck;
import dev.rebasis.conflict.Rules;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Keyword;
import dev.rebasis.protocol.Terms;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Random transactions on few entities, so that they meet. Confined to one test. */
final class RandomForms {
  static final String SCHEMA = """
      [{:db/ident :k :db/valueType :db.type/string :db/cardinality :db.cardinality/one :db/unique :db.unique/identity}
       {:db/ident :u :db/valueType :db.type/long :db/cardinality :db.cardinality/one :db/unique :db.unique/value}
       {:db/ident :n :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
       {:db/ident :tag :db/valueType :db.type/string :db/cardinality :db.cardinality/many}
       {:db/ident :ref :db/valueType :db.type/ref :db/cardinality :db.cardinality/one}
       {:db/ident :child :db/valueType :db.type/ref :db/cardinality :db.cardinality/many :db/isComponent true}
       {:db/ident :sum :db/valueType :db.type/long :db/cardinality :db.cardinality/one
        :rebasis/policy :rebasis.policy/counter}
       {:db/ident :top :db/valueType :db.type/long :db/cardinality :db.cardinality/one
        :rebasis/policy :rebasis.policy/max}
       {:db/ident :lock :db/valueType :db.type/long :db/cardinality :db.cardinality/one
        :rebasis/policy :rebasis.policy/park}
       {:db/ident :set :db/valueType :db.type/long :db/cardinality :db.cardinality/many
        :rebasis/policy :rebasis.policy/remove-wins}
       {:db/ident :note :db/valueType :db.type/string :db/cardinality :db.cardinality/one
        :rebasis/policy :rebasis.policy/text-merge-marked}]
      """;

  private static final Keyword RAISE = kw(":f/raise");
  private static final Keyword ADOPT = kw(":f/adopt");
  static final Keyword K = kw(":k");
  private static final Keyword N = kw(":n");

  /** Two functions, one that reads and one that makes an entity; and premises about the number of who has a key. */
  static final Rules RULES = Rules.builder()
      .function(RAISE, (db, args) -> List.of(List.of(kw(":db/add"), args.get(0), args.get(1),
          (db.value(args.get(0), args.get(1)) instanceof Long n ? n : 0) + (Long) args.get(2))))
      .function(ADOPT, (db, args) -> List.of(
          Map.of(kw(":db/id"), args.get(0), kw(":child"), List.of(Map.of(kw(":tag"), "adopted")))))
      .premises((premise, now, ids) -> {
        String answer = answer(now, (String) premise.query());
        return answer.equals(premise.digest()) ? null : new PremiseCheck.Broken(premise.digest(), answer);
      })
      .build();

  /** Gives every attribute the policy that it fits; text-merge, for example, does not fit numbers. */
  static void everywhere(Keyword policy, FakeServer server) {
    int fits = 0;
    for (String attribute : List.of(":n", ":tag", ":sum", ":top", ":lock", ":set", ":note", ":ref")) {
      try {
        server.transact(List.of(add(kw(attribute), ":rebasis/policy", policy)));
        fits++;
      } catch (IllegalArgumentException refused) {
        assertThat(refused.getMessage()).startsWith(":rebasis.error/policy-does-not-fit");
      }
    }
    assertThat(fits).as("attributes that %s fits", policy).isPositive();
  }

  private static String answer(FactView db, String key) {
    StringBuilder answer = new StringBuilder();
    for (Datom holder : db.datoms(IndexOrder.AVET, db.schema().entid(K), key)) {
      db.datoms(IndexOrder.EAVT, holder.e(), db.schema().entid(N)).forEach(datom -> answer.append(datom.v()));
    }
    return answer.toString();
  }

  private final Random random;
  private final int keys;

  RandomForms(Random random, int keys) {
    this.random = random;
    this.keys = keys;
  }

  /** Forms of a client: entities may be local ids of pending transactions. */
  List<Object> local(DatabaseValue db, long nextLocal) {
    List<Object> forms = forms(db);
    if (random.nextInt(25) == 0 && nextLocal > 1) {
      // An id that the program has held for long: confirmed, redirected or lost by now.
      forms.add(add(-1 - random.nextInt((int) Math.min(nextLocal - 1, 1_000)), ":tag", tag()));
    }
    if (random.nextInt(60) == 0) {
      forms.add(Map.of(kw(":db/ident"), kw(":extra" + random.nextInt(5)), kw(":db/valueType"), kw(":db.type/long"),
          kw(":db/cardinality"), kw(":db.cardinality/one")));
    }
    return forms;
  }

  /** Terms of a client: now and then a premise, or another policy. */
  Terms terms(DatabaseValue db) {
    String key = key();
    List<Terms.Premise> premises =
        random.nextInt(8) == 0 ? List.of(new Terms.Premise(key, List.of(), answer(db, key))) : List.of();
    Map<Keyword, Terms.PolicyRef> policies =
        random.nextInt(8) == 0 ? Map.of(N, random.nextBoolean() ? Policies.counter() : Policies.serverWins()) : Map.of();
    return new Terms(policies, List.of(), premises, List.of(), null, null, null);
  }

  /** Forms of someone else. */
  List<Object> remote(DatabaseValue db) {
    if (random.nextInt(80) == 0) {
      return List.of(Map.of(kw(":db/id"), kw(":n"), kw(":db/doc"), "doc " + random.nextInt(3)),
          Map.of(kw(":db/ident"), kw(":remote" + random.nextInt(5)), kw(":db/valueType"), kw(":db.type/long"),
              kw(":db/cardinality"), kw(":db.cardinality/one")));
    }
    if (random.nextInt(25) == 0) {
      return schemaChange(db);
    }
    return forms(db);
  }

  /** Others give an attribute another policy, name or cardinality. Some of these are refused, for good reasons. */
  private List<Object> schemaChange(DatabaseValue db) {
    String attribute = List.of(":n", ":sum", ":top", ":lock").get(random.nextInt(4));
    Long lock = db.schema().entid(kw(":lock"));
    if (random.nextInt(4) == 0) {
      // The name goes to another attribute of another type, in two steps.
      return db.schema().ident(lock).equals(kw(":lock"))
          ? List.of(add(kw(":lock"), ":db/ident", kw(":lock-was-" + lock)))
          : List.of(Map.of(kw(":db/ident"), kw(":lock"), kw(":db/valueType"),
              kw(random.nextBoolean() ? ":db.type/string" : ":db.type/long"), kw(":db/cardinality"),
              kw(random.nextBoolean() ? ":db.cardinality/many" : ":db.cardinality/one")));
    }
    return List.of(switch (random.nextInt(4)) {
      case 0, 1 -> add(kw(attribute), ":rebasis/policy", kw(":rebasis.policy/"
          + List.of("counter", "last-writer-wins", "server-wins", "max", "park").get(random.nextInt(5))));
      case 2 -> add(kw(attribute), ":db/ident", kw(attribute + (random.nextBoolean() ? "-renamed" : "")));
      default -> add(kw(":top"), ":db/cardinality", kw(random.nextBoolean() ? ":db.cardinality/many" : ":db.cardinality/one"));
    });
  }

  private List<Object> forms(DatabaseValue db) {
    List<Object> forms = new ArrayList<>();
    int count = 1 + random.nextInt(3);
    for (int i = 0; i < count; i++) {
      form(db, forms);
    }
    return forms;
  }

  private void form(DatabaseValue db, List<Object> forms) {
    Object e = entity(db);
    switch (random.nextInt(18)) {
      case 0, 1, 2 -> forms.add(upsert());
      case 3 -> forms.add(add(e, ":n", (long) random.nextInt(4)));
      case 4 -> forms.add(add(e, ":tag", tag()));
      case 5 -> forms.add(Arrays.asList(kw(":db/retract"), e, kw(":tag"), tag()));
      case 6 -> forms.add(Arrays.asList(kw(":db/cas"), e, kw(":n"), value(db, e), (long) random.nextInt(4)));
      case 7 -> forms.add(add(e, ":ref", entity(db)));
      case 8 -> forms.add(Map.of(kw(":db/id"), e, kw(":child"), List.of(Map.of(kw(":tag"), tag(), kw(":n"), 1L))));
      case 9 -> forms.add(add(e, ":u", (long) random.nextInt(6)));
      case 10 -> {
        if (random.nextInt(2) == 0) {
          forms.add(List.of(kw(":db/retractEntity"), e));
        } else {
          forms.add(List.of(kw(":db/retract"), e, kw(":n")));
        }
      }
      case 11, 12 -> forms.add(add(e, random.nextBoolean() ? ":sum" : ":top", (long) random.nextInt(9)));
      case 13 -> forms.add(random.nextBoolean() ? add(e, ":lock", (long) random.nextInt(3))
          : add(e, ":note", "one " + (random.nextBoolean() ? "two " : "") + tag()));
      case 14 -> forms.add(Arrays.asList(kw(random.nextBoolean() ? ":db/add" : ":db/retract"), e, kw(":set"),
          (long) random.nextInt(3)));
      case 15, 16 -> forms.add(random.nextInt(3) == 0 ? List.of(ADOPT, e)
          : List.of(RAISE, e, kw(random.nextBoolean() ? ":sum" : ":n"), 1L + random.nextInt(2)));
      default -> {
        forms.add(Map.of(kw(":db/id"), "new", kw(":tag"), tag()));
        forms.add(add(e, ":ref", "new"));
      }
    }
  }

  private Map<Object, Object> upsert() {
    Map<Object, Object> form = new LinkedHashMap<>();
    if (random.nextBoolean()) {
      form.put(kw(":db/id"), "t" + random.nextInt(2));
    }
    form.put(kw(":k"), key());
    form.put(kw(":n"), (long) random.nextInt(4));
    if (random.nextInt(4) == 0) {
      form.put(kw(":u"), (long) random.nextInt(6));
    }
    return form;
  }

  private Object value(DatabaseValue db, Object e) {
    if (random.nextInt(4) == 0) {
      return (long) random.nextInt(4);
    }
    Long id = db.entid(e);
    if (id == null) {
      return null;
    }
    for (Datom datom : db.datoms(IndexOrder.EAVT, id, db.schema().entid(kw(":n")))) {
      return datom.v();
    }
    return null;
  }

  private Object entity(DatabaseValue db) {
    if (random.nextInt(3) > 0) {
      return List.of(kw(":k"), key());
    }
    List<Long> all = new ArrayList<>();
    for (Datom datom : db.datoms(IndexOrder.AEVT, db.schema().entid(kw(":n")))) {
      all.add(datom.e());
    }
    return all.isEmpty() ? List.of(kw(":k"), key()) : all.get(random.nextInt(all.size()));
  }

  private static List<Object> add(Object e, String attribute, Object value) {
    return List.of(kw(":db/add"), e, kw(attribute), value);
  }

  private String key() {
    return "K" + random.nextInt(keys / 5);
  }

  private String tag() {
    return "T" + random.nextInt(4);
  }

  private static Keyword kw(String text) {
    return Keyword.of(text);
  }
}
