package dev.rebasis.simulations.e2e;

import static dev.rebasis.simulations.e2e.EndToEnd.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.Pending;
import dev.rebasis.client.SyncClient;
import dev.rebasis.client.Tuning;
import dev.rebasis.server.RebasisServer;
import dev.rebasis.server.wiring.LogTool;
import dev.rebasis.simulations.inside.Alone;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: an excision that dies after any of its steps at files loses nothing, and the next opening and closing end it. Method:
 * a client and a log tool whose files are put as each step leaves them; a store and a log whose process was killed.
 */
@Alone
class ExcisionCutTest {
  private static final Tuning QUICK = Tuning.DEFAULT.withBackoff(Duration.ofMillis(1), Duration.ofMillis(20));
  private static final String LOG = "log.mv.db";
  /** What a store writes anew before it gives up the file that holds the secret. */
  private static final String COPY = "scrubbed";

  @TempDir Path dir;

  private RebasisServer server(int port) {
    return RebasisServer.builder().data(dir.resolve("server")).port(port).schema("orders", EndToEnd.SCHEMA).start();
  }

  private static SyncClient client(Path store, RebasisServer server) {
    SyncClient client = SyncClient.builder().store(store).server(server.uri()).tuning(QUICK).open();
    get(client.sync(server.t()));
    return client;
  }

  @Test
  void aStoreThatIsCutAtAnyStepIsWholeAndCleanTheNextTime() throws IOException {
    Path store = dir.resolve("store");
    int port;
    Path killed;
    try (RebasisServer server = server(0)) {
      port = server.port();
      try (SyncClient client = client(store, server)) {
        Pending made = client.transact("[{:db/id \"a\" :order/number \"A\" :order/note \"Secret\"} {:order/number \"B\" :order/note \"open\"}]");
        get(made.outcome());
        get(server.transact("[{:db/excise " + made.resolve("a") + " :db.excise/attrs [:order/note]}]"));
        get(client.sync(server.t()));
        assertThat(server.excise("main")).isPositive();
        get(client.sync(server.t()));
        client.goOffline();
        client.transact("[{:order/number \"C\"}]");
        // As a kill leaves it: rows are scrubbed or are not, files are not.
        killed = copy(store, dir.resolve("killed"));
        // Nothing can be written there: the client closes as it is, and tries again when it is closed next.
        Files.writeString(store.resolve(COPY), "");
      }
      assertThat(isSecretIn(store)).as("the file still holds it").isTrue();
      Files.delete(store.resolve(COPY));
    }
    Path done = copy(store, dir.resolve("done"));
    SyncClient.builder().store(done).open().close();
    assertThat(isSecretIn(done)).isFalse();

    List<Path> cuts = cutAt(store, Files.readAllBytes(done.resolve(LOG)));
    for (Path cut : cuts) {
      try (SyncClient client = SyncClient.builder().store(cut).open()) {
        assertIsWhole(client, cut);
      }
      assertIsClean(cut);
    }
    try (RebasisServer server = server(port)) {
      for (Path cut : List.of(killed, cuts.get(0))) {
        // The same device twice: what both hold as pending is pushed once.
        try (SyncClient client = client(cut, server)) {
          assertIsWhole(client, cut);
          assertThat(get(client.verify()).isSame()).as(cut.toString()).isTrue();
        }
        assertIsClean(cut);
      }
    }
  }

  private static void assertIsWhole(SyncClient client, Path store) {
    assertThat(client.db().q("[:find ?n ?t :where [?o :order/number ?n] [(get-else $ ?o :order/note \"-\") ?t]]").toString())
        .as(store.toString()).contains("[A, -]", "[B, open]", "[C, -]");
  }

  private static void assertIsClean(Path store) throws IOException {
    assertThat(isSecretIn(store)).as(store.toString()).isFalse();
    assertThat(store.resolve(COPY)).doesNotExist();
  }

  /** The folder of a store as each step of its scrub leaves it. */
  private List<Path> cutAt(Path store, byte[] fresh) throws IOException {
    List<Path> cuts = new ArrayList<>();
    Path last = copy(store, dir.resolve("cut-0"));
    Files.createDirectories(last.resolve(COPY));
    Files.write(last.resolve(COPY).resolve(LOG), Arrays.copyOf(fresh, fresh.length / 2));
    cuts.add(last);
    last = copy(last, dir.resolve("cut-1"));
    Files.write(last.resolve(COPY).resolve(LOG), fresh);
    cuts.add(last);
    for (String deleted : List.of("index.position", "index.mv", "log.mv.db.journal")) {
      last = copy(last, dir.resolve("cut-" + cuts.size()));
      Files.deleteIfExists(last.resolve(deleted));
      cuts.add(last);
    }
    last = copy(last, dir.resolve("cut-" + cuts.size()));
    Files.write(last.resolve(LOG), fresh);
    Files.delete(last.resolve(COPY).resolve(LOG));
    Files.writeString(last.resolve(COPY).resolve("store.txt"), "");
    cuts.add(last);
    return cuts;
  }

  @Test
  void theLogOfAServerThatWasKilledIsExcisedWithoutLosingWhatItsJournalHolds() throws IOException {
    Path killed;
    try (RebasisServer server = server(0)) {
      long a = get(server.transact("[{:db/id \"a\" :order/number \"A\" :order/note \"Secret\"}]")).tempids().get("a");
      get(server.transact("[{:db/excise " + a + " :db.excise/attrs [:order/note]}]"));
      get(server.transact("[{:order/number \"last\"}]"));
      killed = copy(dir.resolve("server"), dir.resolve("killed"));
    }
    assertThat(new LogTool(killed).excise()).isEqualTo(1);
    assertThat(isSecretIn(killed)).isFalse();
    List<String> numbers = new ArrayList<>();
    new LogTool(killed).list(entry -> numbers.add(entry.toString()));
    assertThat(numbers.toString()).contains("last").doesNotContain("Secret");
    assertThat(new LogTool(killed).verify().t()).isPositive();
  }

  private static Path copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : (Collection<Path>) files.toList()) {
        Path copied = to.resolve(from.relativize(file));
        if (Files.isDirectory(file)) {
          Files.createDirectories(copied);
        } else {
          Files.copy(file, copied);
        }
      }
    }
    return to;
  }

  private static boolean isSecretIn(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : (Collection<Path>) files.filter(Files::isRegularFile).toList()) {
        if (new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains("Secret")) {
          return true;
        }
      }
    }
    return false;
  }
}
