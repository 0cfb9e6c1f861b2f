package dev.rebasis.simulations.e2e;

import static dev.rebasis.simulations.e2e.EndToEnd.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.Database;
import dev.rebasis.client.Pending;
import dev.rebasis.client.Status;
import dev.rebasis.client.SyncClient;
import dev.rebasis.client.Tuning;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.server.RebasisServer;
import dev.rebasis.storage.H2Settings;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: when a server's log cannot be written any more, clients that are connected, come back, or are new are told so, read on, lose
 * nothing, and are the same clients after the next start. Method: a real server whose log's table is taken away under it and given
 * back before the next start, and real clients.
 */
@Timeout(180)
class LogFailedTest {
  private static final String FAILED = ":rebasis.error/log-failed";
  private static final Tuning QUICK = Tuning.DEFAULT.withBackoff(Duration.ofMillis(1), Duration.ofMillis(20));
  private static final String NUMBERS = "[:find ?n :where [_ :order/number ?n]]";

  @TempDir Path folder;
  private final HttpClient http = HttpClient.newHttpClient();

  private RebasisServer server(int port) {
    return RebasisServer.builder().data(folder.resolve("server")).database("orders").port(port)
        .schema("orders", EndToEnd.SCHEMA).start();
  }

  private SyncClient client(String name, RebasisServer server) {
    return SyncClient.builder().store(folder.resolve(name)).server(server.uri()).tuning(QUICK).open();
  }

  /** The same process may open the same H2 file twice. */
  private void inTheLog(String sql) throws SQLException {
    try (Connection other = DriverManager.getConnection(H2Settings.URL_PREFIX_POWER_LOSS
            + folder.resolve("server").toAbsolutePath().resolve("log") + H2Settings.URL_SUFFIX
            + ";DB_CLOSE_ON_EXIT=FALSE;TRACE_LEVEL_FILE=0;TRACE_LEVEL_SYSTEM_OUT=0", "sa", "");
        Statement statement = other.createStatement()) {
      statement.execute(sql);
    }
  }

  private static CompletableFuture<Status> told(SyncClient client) {
    CompletableFuture<Status> told = new CompletableFuture<>();
    client.onStateChange(status -> note(status, told));
    note(client.status(), told);
    return told;
  }

  private static void note(Status status, CompletableFuture<Status> told) {
    if (status.lastError() != null && status.lastError().code().toString().equals(FAILED)) {
      told.complete(status);
    }
  }

  /** It is known a moment after the error is told. */
  private static Duration reconnectIn(SyncClient client) {
    long deadline = System.nanoTime() + EndToEnd.PATIENCE.toNanos();
    Duration in = client.status().reconnectIn();
    while (in == null && System.nanoTime() < deadline) {
      Thread.onSpinWait();
      in = client.status().reconnectIn();
    }
    return in;
  }

  private static long count(Database db) {
    return db.q(NUMBERS).size();
  }

  private HttpResponse<String> page(RebasisServer server, String page) throws Exception {
    return http.send(HttpRequest.newBuilder(URI.create(server.uri() + page)).build(), HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void whoIsConnectedReadsOnAndIsTheSameClientAfterTheNextStart() throws Exception {
    int port;
    Pending waits;
    Pending more;
    long writersNumber;
    long readersNumber;
    try (SyncClient writer = open("writer"); SyncClient reader = open("reader")) {
      RebasisServer server = running;
      port = server.port();
      get(writer.transact("[{:order/number \"before\"}]").outcome());
      get(reader.sync());
      writersNumber = writer.status().clientNumber();
      readersNumber = reader.status().clientNumber();
      long t = server.t();

      inTheLog("ALTER TABLE transactions RENAME TO taken_away");
      CompletableFuture<Status> writerTold = told(writer);
      waits = writer.transact("[{:order/number \"waits\"}]");
      get(writerTold);
      assertThat(reconnectIn(writer)).as("told when to come back, not left to try at once and for ever").isGreaterThan(Duration.ofSeconds(5));
      assertThat(waits.outcome()).isNotDone();
      assertThat(count(writer.db())).as("its own write stays to be seen").isEqualTo(2);
      assertThat(count(writer.confirmed())).isEqualTo(1);
      assertThat(server.t()).isEqualTo(t);

      // The writer comes back: it is let in to read, and its push is held.
      CompletableFuture<Status> toldAgain = toldAfresh(writer);
      writer.goOnline();
      get(toldAgain);
      more = writer.transact("[{:order/number \"more\"}]");
      assertThat(more.outcome()).isNotDone();

      // Whoever has nothing to write goes on.
      assertThat(get(reader.sync()).basisT()).isEqualTo(t);
      assertThat(reader.status().clientNumber()).isEqualTo(readersNumber);
      reader.goOffline();
      reader.goOnline();
      assertThat(count(get(reader.sync(t)))).isEqualTo(1);

      // A store that the server does not know is not taken in, and told why; pages are served.
      try (SyncClient stranger = client("stranger", server)) {
        assertThat(get(told(stranger)).basisT()).isZero();
      }
      assertThat(page(server, "/q?query=" + URLEncoder.encode(NUMBERS, StandardCharsets.UTF_8)).body())
          .contains("before").doesNotContain("waits");
      assertThat(page(server, "/snapshot").statusCode()).isEqualTo(200);
      server.close();
      running = null;
      inTheLog("ALTER TABLE taken_away RENAME TO transactions");

      running = server(port);
      writer.goOnline();
      assertThat(get(waits.outcome()).kind()).isEqualTo(OutcomeKind.ACCEPTED);
      assertThat(get(more.outcome()).kind()).isEqualTo(OutcomeKind.ACCEPTED);
      get(reader.sync(running.t()));
      assertThat(count(reader.db())).isEqualTo(3);
      assertThat(writer.status().clientNumber()).as("no copy, no stranger").isEqualTo(writersNumber);
      assertThat(reader.status().clientNumber()).isEqualTo(readersNumber);
      try (SyncClient stranger = open("stranger")) {
        assertThat(count(stranger.db())).isEqualTo(3);
      }
    } finally {
      if (running != null) {
        running.close();
      }
    }
  }

  private RebasisServer running;

  private SyncClient open(String name) {
    if (running == null) {
      running = server(0);
    }
    SyncClient client = client(name, running);
    get(client.sync());
    return client;
  }

  /** The next time that it is told, which a new session has to tell. */
  private static CompletableFuture<Status> toldAfresh(SyncClient client) {
    CompletableFuture<Status> told = new CompletableFuture<>();
    client.onStateChange(status -> note(status, told));
    return told;
  }
}
