package dev.rebasis.server.wiring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rebasis.conflict.Rules;
import dev.rebasis.error.RebasisException;
import dev.rebasis.server.DatabaseConfig;
import dev.rebasis.server.ServerConfig;
import dev.rebasis.server.ServerLimits;
import dev.rebasis.server.access.AccessRules;
import dev.rebasis.server.access.Authenticator;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: a database that is excised is away no longer than that takes, whatever fails, and monitors are told meanwhile. Method: a
 * real server whose core is ended, or held up, from within.
 */
class DatabaseAwayTest {
  @TempDir private Path folder;
  private final HttpClient http = HttpClient.newHttpClient();

  private ServerRuntime start() {
    DatabaseConfig database = new DatabaseConfig("main", folder, null, List.of(), AccessRules.NONE, Rules.BUILT_IN, List.of());
    return ServerRuntime.start(new ServerConfig("127.0.0.1", 0, List.of(database), Authenticator.anyone(), null, false,
        fatal -> { }, ServerLimits.DEFAULT));
  }

  private HttpResponse<String> get(ServerRuntime server, String page) throws Exception {
    return http.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + page)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void aDatabaseThatCannotBeEndedInOrderIsThereAgain() throws Exception {
    try (ServerRuntime server = start()) {
      long t = server.t("main");
      server.of("main").core().close();
      HttpResponse<String> health = get(server, "/health");
      assertThat(health.statusCode()).isEqualTo(200);
      assertThat(health.body()).contains("\"status\":\"away\"", "\"database\":\"main\"");
      assertThatThrownBy(() -> server.excise("main")).isInstanceOf(RebasisException.class).hasMessageContaining("closed");
      assertThat(server.t("main")).isEqualTo(t);
      assertThat(get(server, "/ready").statusCode()).isEqualTo(200);
      assertThat(server.excise("main")).as("nothing was asked for").isZero();
    }
  }

  @Test
  void monitorsAreToldThatADatabaseIsAway() throws Exception {
    try (ServerRuntime server = start()) {
      CountDownLatch held = new CountDownLatch(1);
      CountDownLatch holding = new CountDownLatch(1);
      ServedDatabase before = server.of("main");
      before.core().execute(() -> {
        holding.countDown();
        awaitThat(held);
      });
      awaitThat(holding);
      CompletableFuture<Long> excised = CompletableFuture.supplyAsync(() -> server.excise("main"));
      try {
        // Before that its core would be asked, which answers nothing now.
        while (server.isThere("main")) {
          Thread.onSpinWait();
        }
        HttpResponse<String> ready = get(server, "/ready");
        assertThat(ready.statusCode()).isEqualTo(503);
        assertThat(ready.body()).contains("'main' is away");
        assertThat(get(server, "/health").body()).contains("\"status\":\"away\"");
        assertThat(get(server, "/db/main/q").statusCode()).isEqualTo(503);
        server.access("main", AccessRules.NONE);
        assertThat(server.uri("main").getPath()).as("clients find it there again").isEqualTo("/db/main");
        assertThatThrownBy(() -> server.t("main")).isInstanceOf(RebasisException.class).hasMessageContaining("being excised");
        assertThatThrownBy(() -> server.access("other", AccessRules.NONE)).isInstanceOf(IllegalArgumentException.class);
      } finally {
        held.countDown();
      }
      assertThat(excised.get(60, TimeUnit.SECONDS)).isZero();
      assertThat(get(server, "/ready").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void aServerThatIsClosedWhileItExcisesLeavesNothingOpen() throws Exception {
    ServerRuntime server = start();
    CountDownLatch held = new CountDownLatch(1);
    server.of("main").core().execute(() -> awaitThat(held));
    CompletableFuture<Long> excised = CompletableFuture.supplyAsync(() -> server.excise("main"));
    while (server.isThere("main")) {
      Thread.onSpinWait();
    }
    CompletableFuture<Void> closed = CompletableFuture.runAsync(server::close);
    while (!server.isClosed()) {
      Thread.onSpinWait();
    }
    held.countDown();
    closed.get(60, TimeUnit.SECONDS);
    assertThat(excised.get(60, TimeUnit.SECONDS)).isZero();
    try (ServerRuntime again = start()) {
      assertThat(again.t("main")).as("the folder is free").isPositive();
    }
  }

  private static void awaitThat(CountDownLatch latch) {
    try {
      assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }
}
