package dev.rebasis.client.internal.rebase;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.Durability;
import dev.rebasis.client.SyncClient;
import dev.rebasis.client.TransactionOptions;
import dev.rebasis.client.Tuning;
import dev.rebasis.client.internal.Samples;
import dev.rebasis.client.internal.core.ClientConfig;
import dev.rebasis.client.internal.core.ClientCore;
import dev.rebasis.client.internal.db.DatabaseValue;
import dev.rebasis.client.internal.fake.FakeEnvironment;
import dev.rebasis.client.internal.fake.FakeServer;
import dev.rebasis.client.internal.fake.FakeTransport;
import dev.rebasis.client.internal.log.StoreFiles;
import dev.rebasis.client.internal.query.QueryExtensions;
import dev.rebasis.conflict.Policies;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Transaction;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.RebasisSchema;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Goal: whole clients take no notice of what they are told twice, and none of how it is cut into messages. Method: three of them
 * write random transactions and groups on few entities over a transport on which messages of the server come in parts, transactions
 * and outcomes come again at once or much later, pushes are heard twice, and connections are cut. Each shows what the
 * server has whenever it is level with it; in the end each transaction is in the server's log once, no prediction was wrong that
 * nobody disturbed, and the stores hold together. The seed is the test's parameter; more with {@code -Drebase.seeds=1000}.
 */
class RepeatedMessagesTest {
  private static final UUID DATABASE = new UUID(5, 5);
  private static int repeated;
  private static int parted;

  static Stream<Long> seeds() {
    return IntStream.rangeClosed(1, Math.max(10, Integer.getInteger("rebase.seeds", 25) / 2)).mapToObj(Long::valueOf);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void whatIsToldTwiceIsTakenOnce(long seed) {
    try (World world = new World(seed)) {
      for (int step = 0; step < 200; step++) {
        world.step();
        world.compareThoseThatAreLevel("seed " + seed + ", step " + step);
      }
      world.settle("seed " + seed);
    }
  }

  @AfterAll
  static void muchWasRepeated() {
    assertThat(repeated).as("messages that came again").isGreaterThan(100);
    assertThat(parted).as("messages that came in parts").isGreaterThan(50);
  }

  /** Three clients, their server and the noise between them. */
  private static final class World implements AutoCloseable {
    private final Random random;
    private final FakeServer server = new FakeServer();
    private final FakeTransport transport = new FakeTransport(server, DATABASE);
    private final List<FakeEnvironment> environments = new ArrayList<>();
    private final List<SyncClient> clients = new ArrayList<>();
    private final int[] made = new int[3];
    private final RandomForms forms;

    World(long seed) {
      random = new Random(seed);
      forms = new RandomForms(random, 40);
      server.rules(RandomForms.RULES);
      server.transact(RandomForms.SCHEMA);
      Supplier<UUID> ids = Samples.ids();
      for (int i = 0; i < 3; i++) {
        FakeEnvironment environment = new FakeEnvironment(transport, ids);
        environments.add(environment);
        clients.add(ClientCore.open(new ClientConfig(StoreFiles.inMemory(), Durability.PROCESS_CRASH, Tuning.DEFAULT,
            QueryExtensions.NONE, RandomForms.RULES, Map.of()), environment));
      }
      makeNoise();
    }

    private void makeNoise() {
      transport.hearTwice(push -> random.nextInt(4) == 0);
      transport.deliverAs((message, before) -> {
        List<Message> arriving = new ArrayList<>(parts(message));
        boolean isNews = message instanceof Message.Transactions || message instanceof Message.Outcomes;
        if (isNews && random.nextInt(5) == 0) {
          arriving.add(arriving.get(random.nextInt(arriving.size())));
          repeated++;
        }
        List<Message> old = before.stream().filter(one -> one instanceof Message.Outcomes
            || one instanceof Message.Transactions && random.nextInt(4) == 0).toList();
        if (isNews && !old.isEmpty() && random.nextInt(4) == 0) {
          arriving.add(random.nextInt(arriving.size() + 1), old.get(random.nextInt(old.size())));
          repeated++;
        }
        return arriving;
      });
    }

    private List<Message> parts(Message message) {
      if (!(message instanceof Message.Transactions all) || all.transactions().size() < 2 || random.nextBoolean()) {
        return List.of(message);
      }
      parted++;
      List<Transaction> transactions = all.transactions();
      int cut = 1 + random.nextInt(transactions.size() - 1);
      return List.of(new Message.Transactions(all.follows(), transactions.subList(0, cut), all.basisT()),
          new Message.Transactions(transactions.get(cut - 1).t(), transactions.subList(cut, transactions.size()), all.basisT()));
    }

    void step() {
      int who = random.nextInt(3);
      SyncClient client = clients.get(who);
      switch (random.nextInt(14)) {
        case 0, 1, 2, 3, 4 -> transact(who, client);
        case 5 -> transactTogether(who, client);
        case 6, 7 -> client.goOffline();
        case 8, 9 -> client.goOnline();
        case 10 -> remote();
        case 11 -> transport.cut();
        case 12 -> {
          transport.heal();
          makeNoise();
        }
        default -> environments.forEach(environment -> environment.advance(2_000));
      }
    }

    private void transact(int who, SyncClient client) {
      try {
        client.transact(forms.local((DatabaseValue) client.db(), 1 + made[who]), options());
        made[who]++;
      } catch (RebasisException impossible) {
        assertThat(impossible.code()).isNotNull();
      }
    }

    private void transactTogether(int who, SyncClient client) {
      DatabaseValue db = (DatabaseValue) client.db();
      try {
        client.transactTogether(List.of(forms.local(db, 1 + made[who]), forms.local(db, 1 + made[who])), options());
        made[who] += 2;
      } catch (RebasisException impossible) {
        assertThat(impossible.code()).isNotNull();
      }
    }

    private TransactionOptions options() {
      return random.nextInt(5) > 0 ? TransactionOptions.DEFAULT
          : TransactionOptions.DEFAULT.policy(":n", random.nextBoolean() ? Policies.counter() : Policies.park());
    }

    private void remote() {
      try {
        server.transact(forms.remote(server.db()));
        transport.broadcast();
      } catch (RebasisException | IllegalArgumentException impossible) {
        assertThat(impossible.getMessage()).isNotEmpty();
      }
    }

    void compareThoseThatAreLevel(String where) {
      for (SyncClient client : clients) {
        if (client.status().basisT() == server.t()) {
          assertThat(datoms((DatabaseValue) client.confirmed())).as(where).isEqualTo(server.datoms());
        }
      }
    }

    void settle(String where) {
      transport.heal();
      for (int i = 0; i < 20; i++) {
        clients.forEach(SyncClient::goOnline);
        environments.forEach(environment -> environment.advance(60_000));
        transport.broadcast();
      }
      for (SyncClient client : clients) {
        assertThat(client.status().pendingCount()).as(where + ": nothing is left pending").isZero();
        assertThat(datoms((DatabaseValue) client.db())).as(where).isEqualTo(server.datoms());
        assertThat(client.status().counters().predictedWrong()).as(where + ": predictions that nobody disturbed").isZero();
        assertThat(((ClientCore) client).audit()).as(where).isEmpty();
      }
      Set<Object> ids = new HashSet<>();
      long id = server.db().schema().entid(RebasisSchema.TX_ID);
      server.after(0).stream().flatMap(one -> one.datoms().stream()).filter(datom -> datom.a() == id)
          .forEach(datom -> assertThat(ids.add(datom.v())).as(where + ": twice in the log").isTrue());
      assertThat(ids).as(where).hasSize(IntStream.of(made).sum());
    }

    private static List<Datom> datoms(DatabaseValue db) {
      List<Datom> datoms = new ArrayList<>();
      db.datoms(IndexOrder.EAVT).forEach(datoms::add);
      return datoms;
    }

    @Override
    public void close() {
      clients.forEach(SyncClient::close);
      server.close();
    }
  }
}
