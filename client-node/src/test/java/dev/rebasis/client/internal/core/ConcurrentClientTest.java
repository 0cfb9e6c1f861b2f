package dev.rebasis.client.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpServer;
import dev.rebasis.client.Database;
import dev.rebasis.client.Pending;
import dev.rebasis.client.SyncClient;
import dev.rebasis.client.Tuning;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.LookupRef;
import dev.rebasis.error.RebasisException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * The client with its real threads and sockets: several threads transact at once, addresses that are no server, and
 * nothing left running after a close.
 */
@Timeout(120)
@Isolated
class ConcurrentClientTest {
  private static final String SCHEMA = """
      [{:db/ident :k :db/valueType :db.type/string :db/cardinality :db.cardinality/one :db/unique :db.unique/identity}
       {:db/ident :n :db/valueType :db.type/long :db/cardinality :db.cardinality/one}]
      """;

  @TempDir
  Path folder;

  @Test
  void threadsThatTransactAtOnceEachSeeTheirOwnWritesAndLoseNone() throws Exception {
    int threadCount = 6;
    int each = 60;
    ExecutorService threads = Executors.newFixedThreadPool(threadCount);
    try (SyncClient client = SyncClient.builder().store(folder).open()) {
      client.transact(SCHEMA);
      List<Future<Set<Long>>> futures = new ArrayList<>();
      for (int i = 0; i < threadCount; i++) {
        String key = "K" + i;
        futures.add(threads.submit(() -> {
          Set<Long> seqs = new TreeSet<>();
          for (long n = 0; n < each; n++) {
            seqs.add(client.transact("[{:k \"" + key + "\" :n " + n + "}]").seq());
            Database db = client.db();
            assertThat(db.entity(LookupRef.of(":k", key)).get(":n")).isEqualTo(n);
          }
          return seqs;
        }));
      }
      Set<Long> all = new TreeSet<>();
      for (Future<Set<Long>> future : futures) {
        all.addAll(future.get(60, TimeUnit.SECONDS));
      }
      assertThat(all).hasSize(threadCount * each);
      assertThat(client.pending()).extracting(Pending::seq).isSorted().hasSize(threadCount * each + 1);
    } finally {
      threads.shutdownNow();
    }
    try (SyncClient again = SyncClient.builder().store(folder).open()) {
      assertThat(again.pending()).hasSize(threadCount * each + 1);
      assertThat(again.db().entity(LookupRef.of(":k", "K0")).get(":n")).isEqualTo(each - 1L);
      assertThat(((ClientCore) again).audit()).isEmpty();
    }
  }

  @Test
  void closeWhileOthersTransactLosesNothingThatReturned() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(3);
    List<Future<Integer>> futures = new ArrayList<>();
    try {
      SyncClient client = SyncClient.builder().store(folder).open();
      client.transact(SCHEMA);
      for (int i = 0; i < 3; i++) {
        int thread = i;
        futures.add(threads.submit(() -> {
          int returned = 0;
          try {
            while (true) {
              client.transact("[{:k \"" + thread + "-" + returned + "\"}]");
              returned++;
            }
          } catch (RebasisException closed) {
            assertThat(closed.code()).isEqualTo(Keyword.of(":rebasis.error/client-closed"));
            return returned;
          }
        }));
      }
      for (int i = 0; i < 20; i++) {
        client.transact("[{:k \"main" + i + "\"}]");
      }
      client.close();
      int returned = 0;
      for (Future<Integer> future : futures) {
        returned += future.get(60, TimeUnit.SECONDS);
      }
      try (SyncClient again = SyncClient.builder().store(folder).open()) {
        assertThat(again.pending().size()).isGreaterThanOrEqualTo(returned + 21);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void addressThatIsNoRebasisServerIsNamed() throws Exception {
    HttpServer website = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    website.createContext("/", exchange -> {
      exchange.sendResponseHeaders(404, -1);
      exchange.close();
    });
    website.start();
    URI address = URI.create("http://127.0.0.1:" + website.getAddress().getPort() + "/db/orders");
    try (SyncClient client = SyncClient.builder().inMemory().server(address).open()) {
      CompletableFuture<Database> sync = client.sync();
      assertThatThrownBy(() -> sync.get(60, TimeUnit.SECONDS)).isInstanceOf(ExecutionException.class)
          .cause().hasMessageContaining(address.toString()).hasMessageContaining("404")
          .isInstanceOfSatisfying(RebasisException.class, error -> assertThat(error.code())
              .isEqualTo(Keyword.of(":rebasis.error/not-a-rebasis-server")));
      client.transact(SCHEMA);
      assertThat(client.pending()).hasSize(1);
    } finally {
      website.stop(0);
    }
  }

  @Test
  void serverThatIsDownIsTriedAgainAndTheProgramWorksOn() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    Tuning tuning = Tuning.DEFAULT.withBackoff(Duration.ofMillis(1), Duration.ofMillis(5));
    CompletableFuture<RebasisException> told = new CompletableFuture<>();
    try (SyncClient client = SyncClient.builder().inMemory().tuning(tuning)
        .server(URI.create("http://127.0.0.1:" + port + "/db/orders")).open()) {
      client.onStateChange(status -> {
        if (status.lastError() != null) {
          told.complete(status.lastError());
        }
      });
      assertThat(told.get(60, TimeUnit.SECONDS).code()).isEqualTo(Keyword.of(":rebasis.error/server-unreachable"));
      client.transact(SCHEMA);
      assertThat(client.sync()).isNotDone();
    }
  }

  @Test
  void addressOfTheWrongKindIsRefusedAtOnce() {
    RebasisException error = catchThrowableOfType(RebasisException.class,
        () -> SyncClient.builder().inMemory().server(URI.create("datomic:mem://orders")).open());
    assertThat(error.code()).isEqualTo(Keyword.of(":rebasis.error/wrong-address"));
    for (String beyond : List.of("/sync", "/sync/", "/exchange", "/snapshot", "?x=1", "#x")) {
      RebasisException page = catchThrowableOfType(RebasisException.class,
          () -> SyncClient.builder().inMemory().server(URI.create("http://127.0.0.1:1/proxied/db/orders" + beyond)).open());
      assertThat(page.code()).as(beyond).isEqualTo(Keyword.of(":rebasis.error/wrong-address"));
      assertThat(page).hasMessageContaining("eave away");
    }
    // A database may have any of these names.
    SyncClient.builder().inMemory().server(URI.create("http://127.0.0.1:1/db/sync")).open().close();
    assertThatThrownBy(() -> SyncClient.builder().open()).hasMessageContaining("store(folder)");
  }

  @Test
  void closedClientLeavesNoThread() throws Exception {
    Set<Thread> before = threads();
    SyncClient client = SyncClient.builder().store(folder).server(URI.create("http://127.0.0.1:9/db/x")).open();
    client.transact(SCHEMA);
    client.close();
    Set<Thread> left = threads();
    left.removeAll(before);
    assertThat(left).isEmpty();
  }

  private static Set<Thread> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("rebasis-")).collect(Collectors.toSet());
  }
}
