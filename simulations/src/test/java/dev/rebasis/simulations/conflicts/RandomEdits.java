package dev.rebasis.simulations.conflicts;

import dev.rebasis.client.TransactionOptions;
import dev.rebasis.conflict.CustomPolicy;
import dev.rebasis.conflict.Meeting;
import dev.rebasis.conflict.Policies;
import dev.rebasis.conflict.Resolved;
import dev.rebasis.conflict.Rules;
import dev.rebasis.data.Keyword;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Random transactions and terms on few entities, so that they meet; text in EDN. Confined to one test. */
final class RandomEdits {
  static final String SCHEMA = """
      [{:db/ident :i/key :db/valueType :db.type/string :db/cardinality :db.cardinality/one :db/unique :db.unique/identity}
       {:db/ident :i/code :db/valueType :db.type/string :db/cardinality :db.cardinality/one :db/unique :db.unique/value}
       {:db/ident :i/price :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
       {:db/ident :i/count :db/valueType :db.type/long :db/cardinality :db.cardinality/one
        :rebasis/policy :rebasis.policy/counter}
       {:db/ident :i/strict :db/valueType :db.type/long :db/cardinality :db.cardinality/one
        :rebasis/policy :rebasis.policy/park}
       {:db/ident :i/note :db/valueType :db.type/string :db/cardinality :db.cardinality/one
        :rebasis/policy :rebasis.policy/text-merge}
       {:db/ident :i/middle :db/valueType :db.type/long :db/cardinality :db.cardinality/one :rebasis/policy :shop/middle}
       {:db/ident :i/from :db/valueType :db.type/long :db/cardinality :db.cardinality/one :rebasis/policy :shop/interval}
       {:db/ident :i/to :db/valueType :db.type/long :db/cardinality :db.cardinality/one :rebasis/policy :shop/interval}
       {:db/ident :i/tags :db/valueType :db.type/keyword :db/cardinality :db.cardinality/many}
       {:db/ident :i/owner :db/valueType :db.type/ref :db/cardinality :db.cardinality/one}
       {:db/ident :i/parts :db/valueType :db.type/ref :db/cardinality :db.cardinality/many :db/isComponent true}]""";

  private static final int KEYS = 5;

  /** A function that reads what it writes, one that makes an entity, and one that refuses. */
  static final Rules RULES = Rules.builder()
      .function(kw(":f/raise"), (db, args) -> {
        Object price = db.value(args.get(0), ":i/price");
        if (price == null) {
          throw new IllegalArgumentException("there is no price");
        }
        return List.of(List.of(kw(":db/add"), args.get(0), kw(":i/price"), (Long) price + (Long) args.get(1)));
      })
      .function(kw(":f/log"), (db, args) -> List.of(
          Map.of(kw(":db/id"), "log", kw(":i/note"), "log of " + db.value(args.get(0), ":i/count")),
          List.of(kw(":db/add"), args.get(0), kw(":i/owner"), "log")))
      .policy(kw(":shop/middle"), 0, meeting -> meeting.local().isEmpty() || meeting.remote().isEmpty()
          ? Resolved.park("Somebody wants none.")
          : Resolved.value(((Long) meeting.local().get(0) + (Long) meeting.remote().get(0)) / 2))
      .policy(kw(":shop/interval"), 0, CustomPolicy.over(List.of(":i/from", ":i/to"), RandomEdits::interval))
      .build();

  /** What each side wants of the two ends, if these still make an interval; else a person has to say. */
  private static Resolved interval(Meeting meeting) {
    Keyword here = meeting.attribute().ident();
    Keyword there = here.equals(kw(":i/from")) ? kw(":i/to") : kw(":i/from");
    if (meeting.local().isEmpty() || meeting.remote(there).isEmpty()) {
      return Resolved.park("Somebody wants none.");
    }
    long mine = (Long) meeting.local().get(0);
    long theirs = (Long) meeting.remote(there).get(0);
    boolean ordered = here.equals(kw(":i/from")) ? mine <= theirs : theirs <= mine;
    return ordered ? Resolved.value(mine) : Resolved.park("It would end before it begins.");
  }

  private final Random random;
  /** Entities that the client made, by their local ids. */
  private final List<Long> made = new ArrayList<>();

  RandomEdits(Random random) {
    this.random = random;
  }

  private static Keyword kw(String name) {
    return Keyword.of(name);
  }

  /** Notes an entity that the client made. */
  void made(long localId) {
    made.add(localId);
  }

  /** What is there at the beginning. */
  static String beginning() {
    return """
        [{:i/key "k0" :i/price 10 :i/count 5 :i/strict 1 :i/note "one two three" :i/tags [:t/t0 :t/t1] :i/code "c0"}
         {:i/key "k1" :i/price 20 :i/count 1 :i/note "one" :i/parts [{:i/note "part"}]}
         {:i/key "k2" :i/price 30 :i/owner "owner"} {:db/id "owner" :i/note "owner"}]""";
  }

  /** Forms of a client or of somebody else; what a client made is named by clients only. */
  String forms(boolean ofClient) {
    StringBuilder forms = new StringBuilder("[");
    int count = 1 + random.nextInt(2);
    for (int i = 0; i < count; i++) {
      forms.append(form(ofClient)).append(' ');
    }
    return forms.append("]").toString();
  }

  private String form(boolean ofClient) {
    String e = entity(ofClient);
    return switch (random.nextInt(ofClient ? 18 : 16)) {
      case 0, 1 -> "[:db/add " + e + " :i/price " + (random.nextInt(40) - 10) + "]";
      case 2 -> "[:db/add " + e + " :i/count " + random.nextInt(9) + "]";
      case 3 -> "[:db/add " + e + " :i/strict " + random.nextInt(3) + "]";
      case 4 -> "[:db/add " + e + " :i/note \"" + words() + "\"]";
      case 5 -> "[" + (random.nextBoolean() ? ":db/add " : ":db/retract ") + e + " :i/tags :t/t" + random.nextInt(4) + "]";
      case 6 -> "[:db/add " + e + " :i/owner " + entity(ofClient) + "]";
      case 7 -> "[:db/add " + e + " :i/code \"c" + random.nextInt(4) + "\"]";
      case 8 -> "[:db/cas " + e + " :i/price " + (random.nextInt(3) == 0 ? "nil" : random.nextInt(4) * 10) + " " + random.nextInt(40) + "]";
      case 9 -> random.nextInt(3) == 0 ? "[:db/retractEntity " + e + "]" : "[:db/retract " + e + " :i/price]";
      case 10 -> "{:db/id " + e + " :i/parts [{:i/note \"" + words() + "\" :i/count 1}]}";
      case 11, 12 -> "{:db/id \"new\" :i/key \"k" + random.nextInt(KEYS) + "\" :i/price " + random.nextInt(40) + "}";
      case 13 -> "[:db/add " + e + " :i/middle " + random.nextInt(30) + "]";
      case 14, 15 -> "[:db/add " + e + " :i/" + (random.nextBoolean() ? "from " : "to ") + random.nextInt(9) + "]";
      case 16 -> "[:f/raise " + e + " " + (1 + random.nextInt(5)) + "]";
      default -> "[:f/log " + e + "]";
    };
  }

  private String words() {
    String[] words = {"one", "two", "three"};
    words[random.nextInt(3)] = "w" + random.nextInt(5);
    return String.join(" ", words);
  }

  private String entity(boolean ofClient) {
    return ofClient && !made.isEmpty() && random.nextInt(4) == 0
        ? made.get(random.nextInt(made.size())).toString() : "[:i/key \"k" + random.nextInt(KEYS) + "\"]";
  }

  /**
   * Terms: a premise that reads one place or all of an attribute, a policy, an instant.
   *
   * @param now the time, which all instants are long before or after
   */
  TransactionOptions options(Instant now) {
    TransactionOptions options = TransactionOptions.DEFAULT;
    switch (random.nextInt(12)) {
      case 0 -> options = options.premise("[:find ?n . :in $ ?k :where [?i :i/key ?k] [?i :i/price ?n]]", "k" + random.nextInt(KEYS));
      case 1 -> options = options.premise("[:find (sum ?n) . :with ?i :where [?i :i/count ?n]]");
      case 2 -> options = options.premise("[:find (pull ?i [:i/price {:i/owner [:i/note]}]) . :in $ ?k :where [?i :i/key ?k]]", "k0");
      case 3 -> options = options.policy(":i/price", random.nextBoolean() ? Policies.park() : Policies.counter());
      case 4 -> options = options.policy(":i/strict", random.nextBoolean() ? Policies.lastWriterWins() : Policies.serverWins());
      default -> { }
    }
    return switch (random.nextInt(20)) {
      case 0 -> options.notAfter(now.minus(Duration.ofHours(1)));
      case 1, 2 -> options.notAfter(now.plus(Duration.ofDays(1)));
      default -> options;
    };
  }
}
