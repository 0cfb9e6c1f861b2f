package dev.rebasis.client.internal.rebase;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.internal.db.DatabaseValue;
import dev.rebasis.client.internal.fake.FakeServer;
import dev.rebasis.client.internal.log.MadeIds;
import dev.rebasis.conflict.Decision;
import dev.rebasis.conflict.Rules;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Transaction;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.PushOutcome;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Goal: after every pair of operations, made offline by two clients on one base, both clients' real states and the server agree.
 * Method: every ordered pair on an attribute of each shape, under every policy that fits; the first is pushed, the second client hears of
 * it, and what it predicts then for its own is the server's decision in every field; both are told of the rest in one batch or two,
 * and of some of it again. Each pair has entities of its own, so that one server serves all pairs of a shape.
 */
class PairsOfStatesTest {
  private static final String SCHEMA = """
      [{:db/ident :k :db/valueType :db.type/string :db/cardinality :db.cardinality/one :db/unique :db.unique/identity}
       {:db/ident :u :db/valueType :db.type/string :db/cardinality :db.cardinality/one :db/unique :db.unique/value}
       {:db/ident :one :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
       {:db/ident :many :db/valueType :db.type/long :db/cardinality :db.cardinality/many}
       {:db/ident :text :db/valueType :db.type/string :db/cardinality :db.cardinality/one}
       {:db/ident :ref :db/valueType :db.type/ref :db/cardinality :db.cardinality/one}
       {:db/ident :refs :db/valueType :db.type/ref :db/cardinality :db.cardinality/many}
       {:db/ident :main :db/valueType :db.type/ref :db/cardinality :db.cardinality/one :db/isComponent true}
       {:db/ident :part :db/valueType :db.type/ref :db/cardinality :db.cardinality/many :db/isComponent true}]""";

  /** The entities X, Y and P of a pair; what begins with a tilde becomes a text that no other pair has. */
  private static final String BASE = """
      [{:db/id "x" :k "~x" :u "~u" :one 1 :many [1 2] :text "one two" :ref "y" :refs ["y"] :part "p" :main {:k "~m" :one 1}}
       {:db/id "y" :k "~y" :one 1} {:db/id "p" :k "~p" :one 1}]""";

  private static final Map<Keyword, List<String>> OPERATIONS = operations();

  private static Map<Keyword, List<String>> operations() {
    Map<Keyword, List<String>> all = new LinkedHashMap<>();
    all.put(Keyword.of(":one"), List.of("[:db/add X :one 1]", "[:db/add X :one 2]", "[:db/add X :one 3]",
        "[:db/retract X :one 1]", "[:db/retract X :one]", "[:db/cas X :one 1 2]", "[:db/cas X :one 1 1]",
        "{:k \"~x\" :one 4}", "[:f/raise X :one 2]", "[:db/retractEntity X]", "[:db/add Y :ref X]"));
    all.put(Keyword.of(":many"), List.of("[:db/add X :many 1]", "[:db/add X :many 3]", "[:db/retract X :many 1]",
        "[:db/retract X :many]", "{:k \"~x\" :many [3 4]}", "[:db/retractEntity X]"));
    all.put(Keyword.of(":text"), List.of("[:db/add X :text \"one two 2\"]", "[:db/add X :text \"0 one two\"]",
        "[:db/add X :text \"three\"]", "[:db/retract X :text \"one two\"]", "[:db/retract X :text]", "[:db/retractEntity X]"));
    all.put(Keyword.of(":u"), List.of("[:db/add X :u \"~u\"]", "[:db/add X :u \"~v\"]", "[:db/add Y :u \"~v\"]",
        "[:db/retract X :u \"~u\"] [:db/add Y :u \"~u\"]", "[:db/retract X :u \"~u\"]", "{:u \"~v\" :one 1}", "[:db/cas X :u \"~u\" \"~v\"]",
        "[:db/add [:u \"~u\"] :one 3]", "[:db/retractEntity X]"));
    all.put(Keyword.of(":k"), List.of("[:db/add X :k \"~n\"]", "{:k \"~n\" :one 1}", "{:k \"~n\" :one 2 :many [3]}",
        "[:db/add Y :k \"~n\"]", "[:db/add [:k \"~x\"] :one 3]", "[:db/retract X :k]", "{:k \"~y\" :ref {:db/id \"n\" :k \"~n\"}}",
        "[:db/retractEntity X]"));
    all.put(Keyword.of(":ref"), List.of("[:db/add X :ref Y]", "[:db/add X :ref P]", "[:db/retract X :ref Y]",
        "[:db/retract X :ref]", "[:db/retractEntity X]", "[:db/retractEntity Y]", "[:db/retractEntity P]",
        "{:db/id X :ref {:db/id \"n\" :k \"~n\"}}"));
    all.put(Keyword.of(":refs"), List.of("[:db/add X :refs Y]", "[:db/add X :refs P]", "[:db/retract X :refs Y]",
        "[:db/retract X :refs]", "[:db/retractEntity X]", "[:db/retractEntity Y]", "[:db/retractEntity P]"));
    all.put(Keyword.of(":main"), List.of("[:db/add X :main P]", "{:db/id X :main {:one 3}}", "{:db/id Y :main {:one 3}}",
        "[:db/add [:k \"~m\"] :one 4]", "[:db/retract X :main]", "[:db/retractEntity X]", "[:db/retractEntity [:k \"~m\"]]"));
    all.put(Keyword.of(":part"), List.of("{:db/id X :part [{:one 3} {:one 4}]}", "[:db/add P :one 4]",
        "[:db/retract X :part P]", "[:db/add Y :part P]", "[:db/add Y :ref P]", "[:db/retractEntity P]", "[:db/retractEntity X]"));
    return all;
  }

  static Stream<Keyword> attributes() {
    return OPERATIONS.keySet().stream();
  }

  @ParameterizedTest
  @MethodSource("attributes")
  void bothStatesAndTheServerAgreeAfterEveryPair(Keyword attribute) {
    try (Three three = new Three()) {
      int played = three.everyPair(OPERATIONS.get(attribute), "as the schema has it");
      for (Keyword policy : Rules.BUILT_IN.policyNames()) {
        if (three.sets(attribute, policy)) {
          played += three.everyPair(OPERATIONS.get(attribute), policy.toString());
        }
      }
      int pairs = OPERATIONS.get(attribute).size() * OPERATIONS.get(attribute).size();
      assertThat(played).as("pairs on %s under all policies", attribute).isGreaterThanOrEqualTo(10 * pairs);
      three.compareAll();
    }
  }

  /** Two clients and their server. */
  private static final class Three implements AutoCloseable {
    private final FakeServer server = new FakeServer();
    private final Map<Long, Settled> settled = new HashMap<>();
    private final List<Replica> clients = new ArrayList<>();
    private int cases;

    Three() {
      server.rules(RandomForms.RULES);
      server.transact(SCHEMA);
      for (long number = 1; number <= 2; number++) {
        clients.add(new Replica(server, new Replica.Place(number, server.t(), MadeIds.NONE, List.of(), Set.of()),
            transaction -> settled.get(transaction.t())));
      }
    }

    boolean sets(Keyword attribute, Keyword policy) {
      try {
        server.transact(List.of(List.of(Keyword.of(":db/add"), attribute, Keyword.of(":rebasis/policy"), policy)));
        return true;
      } catch (IllegalArgumentException refused) {
        assertThat(refused.getMessage()).startsWith(":rebasis.error/policy-does-not-fit");
        return false;
      }
    }

    int everyPair(List<String> operations, String policy) {
      for (String first : operations) {
        for (String second : operations) {
          pair(first, second, first + ", then " + second + ", " + policy);
        }
      }
      return operations.size() * operations.size();
    }

    private void pair(String first, String second, String what) {
      int number = ++cases;
      server.transact(BASE.replace("~", number + "-"));
      clients.forEach(client -> client.next(client.behind()));
      Intent one = clients.get(0).transact(named(first, number));
      Intent two = clients.get(1).transact(named(second, number));
      Decision alone = clients.get(0).prediction(one.id());
      push(1, one);
      compare(what, server.decision(one.id()), alone);
      clients.get(1).next(1);
      Decision predicted = clients.get(1).prediction(two.id());
      push(2, two);
      compare(what, server.decision(two.id()), predicted);
      if (number % 2 == 0) {
        clients.get(0).next(1);
      }
      for (Replica client : clients) {
        client.next(client.behind());
        // All that it shows is compared then, which grows from pair to pair.
        if (number % 25 == 0) {
          client.again(number);
        }
      }
    }

    private static void compare(String what, Decision decided, Decision predicted) {
      assertThat(predicted.kind()).as(what).isEqualTo(decided.kind());
      assertThat(predicted.reason()).as(what).isEqualTo(decided.reason());
      assertThat(predicted.conflicts()).as(what).isEqualTo(decided.conflicts());
      assertThat(predicted.datoms()).as(what).isEqualTo(decided.datoms());
      assertThat(predicted.tempids()).as(what).isEqualTo(decided.tempids());
    }

    private void push(long number, Intent intent) {
      PushOutcome outcome = server.push(number, intent);
      Transaction transaction = server.after(outcome.t() - 1).get(0);
      settled.put(outcome.t(), Replica.settled(outcome, intent, transaction, server.decision(intent.id())));
    }

    private String named(String operation, int number) {
      DatabaseValue db = server.db();
      String text = operation;
      for (String name : List.of("X", "Y", "P")) {
        long id = db.entid(List.of(Keyword.of(":k"), number + "-" + name.toLowerCase()));
        text = text.replaceAll("(?<=[ \\[])" + name + "(?=[ \\]}])", Long.toString(id));
      }
      return "[" + text.replace("~", number + "-") + "]";
    }

    void compareAll() {
      for (Replica client : clients) {
        assertThat(client.shown().predictions()).isEmpty();
        assertThat(client.shown().datoms()).isEqualTo(server.datoms());
      }
    }

    @Override
    public void close() {
      clients.forEach(Replica::close);
      server.close();
    }
  }
}
