package dev.rebasis.client.internal.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.Durability;
import dev.rebasis.client.Pending;
import dev.rebasis.client.QueryChange;
import dev.rebasis.client.QueryListener;
import dev.rebasis.client.SyncClient;
import dev.rebasis.client.SyncClient.Subscription;
import dev.rebasis.client.Tuning;
import dev.rebasis.client.internal.Samples;
import dev.rebasis.client.internal.fake.FakeEnvironment;
import dev.rebasis.client.internal.fake.FakeServer;
import dev.rebasis.client.internal.fake.FakeTransport;
import dev.rebasis.client.internal.log.StoreFiles;
import dev.rebasis.data.Datom;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Message;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * Goal: whatever is transacted here and confirmed, in whatever batches, a live query's listener knows the answer that a
 * fresh query gives, is never called without news, and {@code asSeen} shows what {@code db()} showed. Method: random
 * schemas, queries and transactions on a client over a fake server; after each step every subscription is compared with a
 * query of {@code client.db()}, at the end each transaction's {@code asSeen} with the facts that were noted before it.
 */
class LiveGeneratedTest {
  private static final long SEED = Long.getLong("rebasis.live.seed", 20_261_122L);
  private static final int WORLDS = Integer.getInteger("rebasis.live.worlds", 60);
  private static final int STEPS = 60;
  private static final int SUBSCRIPTIONS_MAX = 10;

  private final List<AssertionError> wrongWorlds = new ArrayList<>();
  private int changes;
  private int quiet;
  private int seen;
  private int failures;

  @Test
  void listenersKnowWhatAFreshQueryAnswers() {
    for (long seed = SEED; seed < SEED + WORLDS; seed++) {
      try (World world = new World(seed)) {
        world.run();
      } catch (AssertionError | RuntimeException e) {
        wrongWorlds.add(new AssertionError("seed " + seed + ": " + e, e));
        assertThat(wrongWorlds).as("worlds that went wrong").hasSizeLessThan(6);
      }
    }
    assertThat(wrongWorlds).isEmpty();
    System.out.printf("%d worlds: %d changes told, %d times nothing new, %d errors, %d transactions as seen%n",
        WORLDS, changes, quiet, failures, seen);
    assertThat(changes).as("changes told").isGreaterThan(WORLDS * 5);
    assertThat(quiet).as("steps that changed nothing for a query").isGreaterThan(WORLDS * 20);
    assertThat(seen).as("transactions compared as seen").isGreaterThan(WORLDS * 3);
  }

  /** A subscription with what its listener knows. */
  private final class Live implements QueryListener {
    private final LiveWorld.Asked asked;
    private final String name;
    private Subscription subscription;
    private Map<Object, Integer> rows;
    private RebasisException error;
    /** What was wrong in a call; thrown there, the client would log it as the listener's fault. */
    private final List<String> wrong = new ArrayList<>();
    private int calls;

    Live(LiveWorld.Asked asked, String name) {
      this.asked = asked;
      this.name = name + ", " + asked.query() + " " + asked.inputs();
    }

    @Override
    public void changed(QueryChange change) {
      calls++;
      boolean first = rows == null;
      rows = first ? new HashMap<>() : rows;
      if (change.first() != first) {
        wrong.add("a first result out of turn: " + change);
      }
      if (!first && error == null && change.added().isEmpty() && change.removed().isEmpty()) {
        wrong.add("called without news: " + change);
      }
      change.removed().forEach(row -> rows.merge(row, -1, (x, y) -> x + y == 0 ? null : x + y));
      change.added().forEach(row -> rows.merge(row, 1, (x, y) -> x + y == 0 ? null : x + y));
      error = null;
    }

    @Override
    public void failed(RebasisException failure) {
      calls++;
      if (error != null && error.getMessage().equals(failure.getMessage())) {
        wrong.add("the same error again: " + failure);
      }
      error = failure;
    }

    void check(SyncClient client, String step) {
      assertThat(wrong).as("%s, after %s", name, step).isEmpty();
      Object fresh;
      try {
        fresh = client.db().query(asked.query(), asked.inputs().toArray());
      } catch (RebasisException e) {
        failures++;
        assertThat(error).as("%s, after %s: the query fails, %s", name, step, e.getMessage()).isNotNull();
        assertThat(error.code()).isEqualTo(e.code());
        calls = 0;
        return;
      }
      assertThat(error).as("%s, after %s", name, step).isNull();
      assertThat(rows).as("%s, after %s", name, step).isEqualTo(rows(fresh));
      changes += calls;
      quiet += calls == 0 ? 1 : 0;
      calls = 0;
    }

    private Map<Object, Integer> rows(Object result) {
      Map<Object, Integer> all = new HashMap<>();
      boolean one = asked.query().contains(" . :in") || asked.query().startsWith("[:find [(");
      if (result != null && one) {
        all.put(result, 1);
      } else if (result != null) {
        ((Collection<?>) result).forEach(row -> all.merge(row, 1, Integer::sum));
      }
      return all;
    }
  }

  /** One client and its server. */
  private final class World implements AutoCloseable {
    private final long seed;
    private final Random random;
    private final LiveWorld generator;
    private final FakeServer server = new FakeServer();
    private final FakeTransport transport = new FakeTransport(server, new UUID(5, 5));
    private final SyncClient client;
    private final List<Live> live = new ArrayList<>();
    private final Map<Pending, List<Datom>> shown = new LinkedHashMap<>();
    private boolean online = true;

    World(long seed) {
      this.seed = seed;
      this.random = new Random(seed);
      this.generator = new LiveWorld(random);
      server.transact(generator.schema());
      server.transact(LiveWorld.entities());
      for (int i = 0; i < 8; i++) {
        onServer();
      }
      client = ClientCore.open(new ClientConfig(StoreFiles.inMemory(), Durability.PROCESS_CRASH, Tuning.DEFAULT),
          new FakeEnvironment(transport, Samples.ids()));
    }

    void run() {
      for (int i = 0; i < STEPS; i++) {
        String step = "seed " + seed + " step " + i + " " + step();
        live.forEach(one -> one.check(client, step));
      }
      goOffline();
      goOnline();
      client.sync();
      assertThat(client.pending()).as("seed %d", seed).isEmpty();
      live.forEach(one -> one.check(client, "seed " + seed + " end"));
      shown.forEach((pending, before) -> {
        assertThat(ClientRig.datoms(client.asSeen(pending))).as("seed %d, as seen at %s", seed, pending).isEqualTo(before);
        seen++;
      });
      assertThat(((ClientCore) client).audit()).as("seed %d", seed).isEmpty();
    }

    private String step() {
      int what = random.nextInt(100);
      if (what < 15 && live.size() < SUBSCRIPTIONS_MAX || live.isEmpty()) {
        Live one = new Live(generator.query(), "seed " + seed);
        live.add(one);
        one.subscription = client.subscribe(one.asked.query(), one.asked.inputs(), one);
        return "subscribe";
      } else if (what < 50) {
        return "client " + onClient();
      } else if (what < 75) {
        String made = onServer();
        if (online && random.nextBoolean()) {
          transport.broadcast();
        }
        return "server " + made;
      } else if (what < 80) {
        goOffline();
        return "offline";
      } else if (what < 88) {
        goOnline();
        return "online";
      } else if (what < 93) {
        return "online without answers " + onlineWithoutAnswers();
      } else if (what < 97) {
        return "undo " + undo();
      }
      live.remove(random.nextInt(live.size())).subscription.close();
      return "close";
    }

    private String onClient() {
      String forms = generator.transaction(true);
      List<Datom> before = ClientRig.datoms(client.db());
      try {
        Pending pending = client.transact(forms);
        shown.put(pending, before);
        for (String tempid : List.of("new", "other")) {
          if (forms.contains('"' + tempid + '"')) {
            generator.made(pending.resolve(tempid));
          }
        }
        return forms;
      } catch (RebasisException e) {
        return "refused " + forms;
      }
    }

    private String onServer() {
      String forms = generator.transaction(false);
      try {
        server.transact(forms);
        return forms;
      } catch (IllegalArgumentException | RebasisException e) {
        return "refused " + forms;
      }
    }

    private void goOffline() {
      online = false;
      client.goOffline();
    }

    private void goOnline() {
      online = true;
      client.goOnline();
    }

    /** What others wrote arrives, and what is pending is decided, but nobody hears of that. */
    private String onlineWithoutAnswers() {
      goOffline();
      long t = server.t();
      transport.deliverOnly(message -> !(message instanceof Message.Outcomes) && !(message instanceof Message.Transactions b
          && !b.transactions().isEmpty() && b.transactions().get(b.transactions().size() - 1).t() > t));
      goOnline();
      goOffline();
      transport.heal();
      return "T " + t;
    }

    private String undo() {
      List<Pending> pending = client.pending();
      if (pending.isEmpty()) {
        return "nothing";
      }
      Pending one = pending.get(random.nextInt(pending.size()));
      try {
        client.undo(one.id());
        // What was taken back unsent leaves no trace, so that nobody can tell who saw it.
        shown.keySet().removeIf(other -> other.seq() >= one.seq());
        return one.toString();
      } catch (RebasisException e) {
        return "refused " + e.code();
      }
    }

    @Override
    public void close() {
      client.close();
      server.close();
    }
  }
}
