package dev.rebasis.conflict;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.protocol.Intent;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Goal: two clients and one server agree after every pair of operations: both made one offline on the same base, the
 * server takes them in either order. Method: each client has a replica of its own, which knows the server only by the datoms that it sends, and
 * decides what it has pending anew after each. What it predicts for its own transaction then is, field by field, what the server
 * decides (also for the loser, whose transaction met the other's); and in the end both replicas hold what the server holds.
 */
@Order(3)
class SmallSpaceReplicasTest {
  /** For mutation testing, as {@link SmallSpaceTest}. */
  private static final boolean QUICK = Boolean.getBoolean("rebasis.space.quick");

  /** A client that made one transaction: its replica of the server, and the transaction while it is pending. */
  private static final class Client {
    private final TestDatabase replica;
    private final Intent made;

    Client(TestDatabase start, Intent made) {
      this.replica = new TestDatabase(start);
      this.made = made;
    }

    /** What it shows of its own transaction on top of what it knows by now. */
    Decision predicts() {
      return replica.decide(made);
    }

    void receive(List<Datom> transaction, boolean own) {
      if (!transaction.isEmpty()) {
        replica.receive(transaction, own);
      }
    }
  }

  static Stream<Keyword> attributes() {
    return SmallSpace.SHAPES.keySet().stream();
  }

  @ParameterizedTest
  @MethodSource("attributes")
  void bothEndWithWhatTheServerHasAndPredictItsDecisions(Keyword attribute) {
    int ran = everyPair(attribute, null);
    for (Policy policy : BuiltInPolicy.all()) {
      String name = policy.ident().name();
      if (!QUICK && SmallSpacePolicies.fits(name, attribute)) {
        ran += everyPair(attribute, name);
      }
    }
    int operations = SmallSpace.operations().get(attribute).size();
    assertThat(ran).as("pairs on " + attribute).isGreaterThanOrEqualTo(operations * operations);
  }

  private static int everyPair(Keyword attribute, String policy) {
    TestDatabase start = SmallSpace.database();
    if (policy != null) {
      start.remote("[[:db/add " + attribute + " :rebasis/policy :rebasis.policy/" + policy + "]]");
    }
    List<String> operations = SmallSpace.operations().get(attribute);
    List<Intent> intents = new ArrayList<>();
    operations.forEach(one -> intents.add(start.intent(SmallSpace.named(one, start), start.basisT())));
    int ran = 0;
    for (int i = 0; i < operations.size(); i++) {
      TestDatabase server = new TestDatabase(start);
      Decision alone = new Client(start, intents.get(i)).predicts();
      assertThat(server.push(intents.get(i), new HashSet<>())).as(operations.get(i)).isEqualTo(alone);
      List<Datom> decided = since(start.history().size(), server);
      for (int j = 0; j < operations.size(); j++) {
        Client first = new Client(start, intents.get(i));
        Client second = new Client(start, intents.get(j));
        first.receive(decided, true);
        second.receive(decided, false);
        pair(operations.get(i) + ", then " + operations.get(j) + ", " + policy, new TestDatabase(server), first, second);
        ran++;
      }
    }
    return ran;
  }

  /** Both know what became of the first one's transaction; the second one's is decided now. */
  private static void pair(String what, TestDatabase server, Client first, Client second) {
    int known = server.history().size();
    Decision predicted = second.predicts();
    assertThat(server.push(second.made, new HashSet<>())).as(what).isEqualTo(predicted);
    List<Datom> decided = since(known, server);
    first.receive(decided, false);
    second.receive(decided, true);
    List<Datom> facts = server.now().all();
    assertThat(first.replica.now().all()).as(what).isEqualTo(facts);
    assertThat(second.replica.now().all()).as(what).isEqualTo(facts);
  }

  private static List<Datom> since(int known, TestDatabase server) {
    return List.copyOf(server.history().subList(known, server.history().size()));
  }
}
