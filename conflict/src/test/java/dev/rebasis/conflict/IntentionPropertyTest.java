package dev.rebasis.conflict;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Terms;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Goal: every policy keeps its promise over whole histories: a counter ends at the sum of the differences, a value of a union
 * goes only with who saw its last addition, no word that a text merge was given is lost; and who stands where the server
 * stands predicts what it decides. Method: random histories of three clients, in whatever order the server takes their
 * transactions and in whatever batches they hear of it, seeded by their number; more of them with
 * {@code -Drebasis.convergence.histories=1000}. That the clients' own states converge is held where these are, by
 * {@code ConvergingStatesTest} of the client.
 */
class IntentionPropertyTest {
  private static final int HISTORIES = Integer.getInteger("rebasis.convergence.histories", 15);
  private static final int STEPS = 40;
  private static final Keyword MANY = Keyword.of(":s/many");

  static Stream<String> policies() {
    return BuiltInPolicy.all().stream().map(policy -> policy.ident().name());
  }

  @ParameterizedTest
  @MethodSource("policies")
  void theIntentionOfThePolicyIsKept(String policy) {
    int predicted = 0;
    for (int seed = 0; seed < HISTORIES; seed++) {
      History history = new History(policy, seed);
      for (int step = 0; step < STEPS; step++) {
        history.step();
      }
      history.finish();
      predicted += history.predicted;
    }
    assertThat(predicted).as("predictions that could be compared").isGreaterThan(HISTORIES);
  }

  /** A client: what it has of the server, and what it has not been told the fate of. */
  private static final class Client {
    final TestDatabase replica;
    final Set<Long> own = new HashSet<>();
    final Deque<Intent> unsent = new ArrayDeque<>();
    final List<Intent> pending = new ArrayList<>();
    int received;

    Client(TestDatabase start) {
      replica = new TestDatabase(start);
    }
  }

  /** Who added a value of the set last, and when. */
  private record Added(long t, Client by) {}

  private record Committed(List<Datom> datoms, Client client, Intent intent) {}

  private static final class History {
    private final String policy;
    private final Random random;
    private final TestDatabase server = SmallSpace.database();
    private final List<Client> clients = new ArrayList<>();
    private final List<Committed> log = new ArrayList<>();
    private final String what;
    private final long a;
    private final Set<String> words = new HashSet<>();
    private long sum = 5;
    /** Halves and quarters only, so that no addition rounds. */
    private double doubles = 1.5;
    private int words0;
    private final Map<Object, Added> standing = new HashMap<>(Map.of(1L, new Added(0, null), 2L, new Added(0, null)));
    private final Map<List<Object>, Long> ownWrites = new HashMap<>();
    private int predicted;

    History(String policy, int seed) {
      this.policy = policy;
      this.random = new Random(seed);
      this.what = policy + ", history " + seed;
      for (Keyword attribute : SmallSpace.SHAPES.keySet()) {
        if (SmallSpacePolicies.fits(policy, attribute)) {
          server.remote("[[:db/add " + attribute + " :rebasis/policy :rebasis.policy/" + policy + "]]");
        }
      }
      a = server.entity(":s/key", "A");
      for (int i = 0; i < 3; i++) {
        clients.add(new Client(server));
      }
    }

    void step() {
      Client client = clients.get(random.nextInt(clients.size()));
      switch (random.nextInt(4)) {
        case 0, 1 -> write(client);
        case 2 -> push(client);
        default -> deliver(client, random.nextInt(4));
      }
    }

    /** What the client sees: what it has received, with what it has pending on top. */
    private TestDatabase optimistic(Client client, Set<FootprintKey> written) {
      TestDatabase view = new TestDatabase(client.replica);
      for (Intent intent : client.pending) {
        view.own(intent);
      }
      int confirmed = client.replica.history().size();
      view.history().subList(confirmed, view.history().size())
          .forEach(d -> written.add(new FootprintKey.EntityAttribute(d.e(), d.a())));
      return view;
    }

    private void write(Client client) {
      Set<FootprintKey> written = new HashSet<>();
      TestDatabase view = optimistic(client, written);
      Intent intent = server.intent("[" + form(view) + "]", client.replica.basisT());
      Decision decision = view.decide(intent);
      if (decision.kind().isCommitted()) {
        List<Terms.Seen> seen = Decider.seen(decision, intent, view.now(), written::contains);
        Intent standing = intent.withTerms(Terms.NONE.withSeen(seen));
        client.unsent.add(standing);
        client.pending.add(standing);
      }
    }

    private String form(TestDatabase view) {
      long number = SmallSpace.number(view.values(a, ":s/one").stream().findFirst().orElse(null));
      switch (random.nextInt(4)) {
        case 0:
          return "[:db/add " + a + " :s/one " + (number + random.nextInt(9) - 4) + "]";
        case 1:
          return "[" + (random.nextBoolean() ? ":db/add " : ":db/retract ") + a + " :s/many " + random.nextInt(5) + "]";
        case 2:
          return "[:db/add " + a + " :s/text \"" + edited(view) + "\"]";
        default:
          return "[:db/add " + a + " :s/double " + random.nextInt(4) + ".5]";
      }
    }

    /** One new word somewhere; the two of the base may go. */
    private String edited(TestDatabase view) {
      Object text = view.values(a, ":s/text").stream().findFirst().orElse("");
      List<String> all = new ArrayList<>(List.of(((String) text).split(" ")));
      all.add(random.nextInt(all.size() + 1), "w" + words0++);
      if (random.nextInt(6) == 0) {
        all.remove(random.nextBoolean() ? "one" : "two");
      }
      return String.join(" ", all);
    }

    private void push(Client client) {
      Intent intent = client.unsent.poll();
      if (intent == null) {
        return;
      }
      boolean upToDate = client.received == log.size();
      Decision prediction = upToDate ? Decider.decide(intent, client.replica.now(),
          client.replica.remote(intent.basisT()), client.replica::resolve, Rules.BUILT_IN) : null;
      int before = server.history().size();
      Object wanted = wanted(intent);
      List<Object> base = base(client, intent);
      Decision decision = server.push(intent, client.own);
      if (upToDate) {
        assertThat(prediction).as(what).isEqualTo(decision);
        predicted++;
      }
      if (decision.kind().isCommitted()) {
        List<Datom> datoms = List.copyOf(server.history().subList(before, server.history().size()));
        log.add(new Committed(datoms, client, intent));
        union(client, intent, !datoms.isEmpty());
        if (wanted instanceof Long n && policy.equals("counter")) {
          sum += n - SmallSpace.number(base.isEmpty() ? null : base.get(0));
        } else if (wanted instanceof Double n && policy.equals("counter")) {
          doubles += n - (base.isEmpty() ? 0 : (Double) base.get(0));
        } else if (wanted instanceof String text) {
          // Only its own: words of a transaction that it was made on may wait with that one.
          Set<String> known = base.isEmpty() ? Set.of() : Set.of(((String) base.get(0)).split(" "));
          Stream.of(text.split(" ")).filter(word -> word.startsWith("w") && !known.contains(word)).forEach(words::add);
        }
      } else {
        client.pending.remove(intent);
      }
    }

    /** A value goes only with who saw its last addition, or made it. */
    private void union(Client client, Intent intent, boolean wrote) {
      List<?> form = (List<?>) intent.forms().get(0);
      if (!List.of("union", "add-wins").contains(policy) || form.get(2) != MANY) {
        return;
      }
      Object v = form.get(3);
      Added added = standing.get(v);
      if (form.get(0) == Vocabulary.ADD) {
        standing.putIfAbsent(v, new Added(server.basisT(), client));
      } else if (added != null) {
        long seen = Math.max(intent.basisT(), ownWrites.getOrDefault(List.of(client, v), 0L));
        if (added.by == client || added.t <= seen) {
          standing.remove(v);
        }
      }
      if (wrote) {
        ownWrites.put(List.of(client, v), server.basisT());
      }
      assertThat(server.values(a, ":s/many")).as("%s, %s", what, intent).isEqualTo(standing.keySet());
    }

    /** What the author of the intent saw in the place that it writes. */
    private List<Object> base(Client client, Intent intent) {
      if (!intent.terms().seen().isEmpty()) {
        return intent.terms().seen().get(0).values();
      }
      Keyword ident = (Keyword) ((List<?>) intent.forms().get(0)).get(2);
      Attribute attribute = client.replica.now().schema().attribute(ident);
      return new HistoryChangesAt(client.replica, intent.basisT()).values(a, attribute.id());
    }

    private static Object wanted(Intent intent) {
      List<?> form = (List<?>) intent.forms().get(0);
      boolean counted = form.get(0) == Vocabulary.ADD && List.of(":s/one", ":s/double", ":s/text").contains(form.get(2).toString());
      return counted ? form.get(3) : null;
    }

    /** The next few transactions. */
    private void deliver(Client client, int count) {
      int to = Math.min(log.size(), client.received + count);
      for (Committed committed : log.subList(client.received, to)) {
        if (!committed.datoms.isEmpty()) {
          client.replica.receive(committed.datoms, committed.client == client);
        }
        client.pending.remove(committed.intent);
      }
      client.received = to;
    }

    void finish() {
      clients.forEach(client -> {
        while (!client.unsent.isEmpty()) {
          push(client);
        }
      });
      for (Client client : clients) {
        while (client.received < log.size()) {
          deliver(client, 1 + random.nextInt(4));
        }
        assertThat(client.replica.now().all()).as(what).isEqualTo(server.now().all());
      }
      if (policy.equals("counter")) {
        assertThat(server.values(a, ":s/one")).as(what).containsExactly(sum);
        assertThat(server.values(a, ":s/double")).as(what).containsExactly(doubles);
      }
      if (policy.equals("text-merge") || policy.equals("text-merge-marked")) {
        String text = (String) server.values(a, ":s/text").iterator().next();
        assertThat(List.of(text.split("[ <=>]+"))).as(what).containsAll(words);
      }
    }
  }

  /** What stood in a place at a T, from a replica's history. */
  private record HistoryChangesAt(TestDatabase db, long t) {
    List<Object> values(long e, long attribute) {
      TreeMap<Long, List<Datom>> byT = new TreeMap<>();
      db.history().stream().filter(d -> d.e() == e && d.a() == attribute && d.t() <= t)
          .forEach(d -> byT.computeIfAbsent(d.t(), x -> new ArrayList<>()).add(d));
      List<Object> values = new ArrayList<>();
      byT.values().forEach(datoms -> datoms.forEach(d -> {
        values.remove(d.v());
        if (d.added()) {
          values.add(d.v());
        }
      }));
      return values;
    }
  }
}
