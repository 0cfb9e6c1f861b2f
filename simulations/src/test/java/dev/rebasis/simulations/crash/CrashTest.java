package dev.rebasis.simulations.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.Database;
import dev.rebasis.client.Durability;
import dev.rebasis.client.SyncClient;
import dev.rebasis.client.internal.core.ClientCore;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.server.RebasisServer;
import dev.rebasis.simulations.cli.CommandRun;
import dev.rebasis.simulations.process.JavaProcess;
import dev.rebasis.simulations.process.ServerProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Kills real processes with {@code kill -9} while they work. A client writes without end; after a number of its lines
 * drawn from the seed, it or the server or both are killed and started again. In the end everything that was promised
 * must hold: what {@code transact} returned for is in the server's log, once, and in order; what the server accepted
 * stands at the T that it named. After each kill the client's store is looked into as soon as it is open again (index against
 * log, the orders with each other, the overlay with a naive replay); in the end its log is verified row by row, and what
 * the index holds is compared with the server.
 *
 * <p>{@code -Dcrash.kills=N} and {@code -Dcrash.seed=N} change the number of kills and the seed.
 */
class CrashTest {
  private static final int KILLS_OF_A_BUILD = 3;
  private static final int KILLS = Integer.getInteger("crash.kills", KILLS_OF_A_BUILD);
  private static final long SEED = Long.getLong("crash.seed", 20010110L);
  private static final int LINES_BETWEEN_KILLS_MAX = 150;
  private static final List<String> QUICK_START = List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");
  /** It would take the processor from what is tested. */
  private static final List<String> NO_WARM_UP = List.of("--no-warm-up");
  private static final String SCHEMA = """
      [{:db/ident :item/key :db/valueType :db.type/string :db/cardinality :db.cardinality/one
        :db/unique :db.unique/identity}
       {:db/ident :item/count :db/valueType :db.type/long :db/cardinality :db.cardinality/one}]
      [{:item/key "counter" :item/count 0}]
      """;

  @TempDir private Path folder;

  private final Map<UUID, Long> promised = new HashMap<>();
  private final Map<UUID, Long> accepted = new HashMap<>();
  private final Random random = new Random(SEED);
  private long next = 1;

  @ParameterizedTest
  @EnumSource(Durability.class)
  void whatWasPromisedHolds(Durability durability) throws Exception {
    Path schema = Files.writeString(folder.resolve("schema.edn"), SCHEMA);
    ServerProcess server = startServer(0, schema);
    try {
      int port = server.port();
      JavaProcess client = startClient(server.uri(), durability);
      try {
        for (int kill = 0; kill < KILLS; kill++) {
          readLines(client, 1 + random.nextInt(LINES_BETWEEN_KILLS_MAX));
          int victim = victim(durability);
          if (victim != 0) {
            client.kill();
            drain(client);
          }
          if (victim <= 1) {
            server.kill();
            server = startServer(port, null);
          }
          if (victim != 0) {
            client = startClient(server.uri(), durability);
          }
        }
        client.writeLine("stop");
        String[] stopped = await(client, "stopped").split(" ");
        assertThat(stopped[2]).as("pending in the end, seed %d", SEED).isEqualTo("0");
        client.writeLine("quit");
        assertThat(client.awaitExit(60)).isZero();
        drain(client);
      } finally {
        client.close();
      }
      assertThat(server.terminate()).as("exit status of the server after SIGTERM").isZero();
    } finally {
      server.close();
    }
    verify();
  }

  /**
   * 0 is the server, 1 both, anything else the client. A server takes seconds to start, a client a fraction of one: most kills are
   * clients, and in a build all with the second durability, for what a client forces is nothing to a server that dies.
   */
  private int victim(Durability durability) {
    int drawn = random.nextInt(6);
    return durability == Durability.POWER_LOSS || KILLS > KILLS_OF_A_BUILD ? drawn : Math.max(2, drawn);
  }

  private void verify() {
    assertThat(CommandRun.of("client", "verify", "--store", folder.resolve("client").toString()).done())
        .as("the client's store, seed %d", SEED).startsWith("sound");
    try (RebasisServer server = RebasisServer.builder().data(folder.resolve("server")).start();
        SyncClient client = SyncClient.builder().store(folder.resolve("client")).open()) {
      assertThat(((ClientCore) client).audit()).as("the client's store, seed %d", SEED).isEmpty();
      assertThat(datoms(client.confirmed())).as("what the client holds, seed %d", SEED)
          .isEqualTo(datoms(server.database()));
      Map<UUID, Long> log = new HashMap<>();
      for (datomic.Datom datom : server.database().datoms(
          datomic.Database.AEVT, datomic.Util.read(":rebasis.tx/id"))) {
        Long before = log.put((UUID) datom.v(), (long) datomic.Peer.toT(datom.tx()));
        assertThat(before).as("transaction %s is in the log once, seed %d", datom.v(), SEED).isNull();
      }
      assertThat(log.keySet()).as("promised transactions, seed %d", SEED).containsAll(promised.keySet());
      accepted.forEach((id, t) -> assertThat(log.get(id)).as("T of %s, seed %d", id, SEED).isEqualTo(t));
      // Each step of the counter was a compare-and-swap: the count says that each was done once, in order.
      Object count = datomic.Peer.query(
          "[:find ?n . :where [?c :item/key \"counter\"] [?c :item/count ?n]]", server.database());
      Object keys = datomic.Peer.query("[:find (count ?c) . :where [?c :item/key]]", server.database());
      assertThat((Long) count).as("the counter, seed %d", SEED).isEqualTo((long) log.size());
      assertThat(((Number) keys).longValue()).as("entities, seed %d", SEED).isEqualTo(log.size() + 1L);
    }
    assertThat(promised).as("the test did something").hasSizeGreaterThan(KILLS);
  }

  private static Set<String> datoms(Database db) {
    Set<String> all = new TreeSet<>();
    db.datoms(IndexOrder.EAVT).forEach(d -> all.add(d.e() + " " + d.a() + " " + d.tx()));
    return all;
  }

  // The values need no look: each fact has a transaction of its own, and the counter is asked for below.
  private static Set<String> datoms(datomic.Database db) {
    Set<String> all = new TreeSet<>();
    db.datoms(datomic.Database.EAVT).forEach(d -> all.add(d.e() + " " + d.a() + " " + d.tx()));
    return all;
  }

  private ServerProcess startServer(int port, Path schema) {
    return ServerProcess.start(
        folder.resolve("server"), port, schema, folder.resolve("server.log"), QUICK_START, NO_WARM_UP);
  }

  private JavaProcess startClient(String uri, Durability durability) {
    JavaProcess client = JavaProcess.start("client", folder.resolve("client.log"), QUICK_START,
        CrashWriter.class.getName(),
        List.of(folder.resolve("client").toString(), uri, durability.name(), Long.toString(next)));
    String[] ready = await(client, "ready").split(" ");
    assertThat(Long.parseLong(ready[1])).as("the store knows of every promised transaction, seed %d", SEED)
        .isGreaterThanOrEqualTo(next);
    return client;
  }

  private void readLines(JavaProcess client, int count) {
    for (int i = 0; i < count; i++) {
      client.awaitLine(line -> note(line), 120);
    }
  }

  private String await(JavaProcess client, String word) {
    return client.awaitLine(line -> note(line) && line.startsWith(word), 180);
  }

  // What the killed process had said before it died is promised too.
  private void drain(JavaProcess client) {
    client.remainingLines().forEach(this::note);
  }

  private boolean note(String line) {
    String[] cells = line.split(" ");
    if (cells[0].equals("made")) {
      promised.put(UUID.fromString(cells[2]), Long.parseLong(cells[1]));
      next = Math.max(next, Long.parseLong(cells[1]) + 1);
    } else if (cells[0].equals("outcome")) {
      assertThat(cells[2]).as("outcome, seed %d: %s", SEED, line).isEqualTo("ACCEPTED");
      accepted.put(UUID.fromString(cells[1]), Long.parseLong(cells[3]));
    }
    // Fails at once: whatever comes later would only hide it.
    assertThat(cells[0]).as("seed %d: %s", SEED, line).isNotEqualTo("finding");
    return true;
  }
}
