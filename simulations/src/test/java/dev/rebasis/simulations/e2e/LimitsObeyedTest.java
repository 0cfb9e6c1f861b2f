package dev.rebasis.simulations.e2e;

import static dev.rebasis.simulations.e2e.EndToEnd.get;
import static org.assertj.core.api.Assertions.assertThat;

import datomic.Peer;
import dev.rebasis.client.ClientBuilder;
import dev.rebasis.client.ConflictRecord;
import dev.rebasis.client.ConnectionState;
import dev.rebasis.client.Pending;
import dev.rebasis.client.Status;
import dev.rebasis.client.SyncClient;
import dev.rebasis.client.Tuning;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.server.RebasisServer;
import dev.rebasis.server.ServerLimits;
import dev.rebasis.simulations.inside.Alone;
import dev.rebasis.simulations.inside.InsideCheck;
import dev.rebasis.simulations.inside.Opened;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: a client that meets a limit of its server says which, comes back when it was told to and loses nothing. Method: a real
 * server with small limits and real clients that are quick to come back otherwise.
 */
@Alone
@ExtendWith(InsideCheck.class)
class LimitsObeyedTest {
  private static final Tuning QUICK = Tuning.DEFAULT.withBackoff(Duration.ofMillis(1), Duration.ofMillis(5));

  @TempDir private Path folder;

  private static RebasisServer server(ServerLimits limits) {
    return RebasisServer.builder().inMemory().database("orders").schema("orders", EndToEnd.SCHEMA).limits(limits).start();
  }

  private Opened opened;

  @BeforeEach
  void watch(Opened everything) {
    opened = everything;
  }

  private SyncClient open(RebasisServer server, Tuning tuning) {
    return opened.watched("client", SyncClient.builder().inMemory().server(server.uri()).tuning(tuning).open());
  }

  private static CompletableFuture<Status> seen(SyncClient client, Predicate<Status> wanted) {
    CompletableFuture<Status> seen = new CompletableFuture<>();
    client.onStateChange(status -> {
      if (wanted.test(status)) {
        seen.complete(status);
      }
    });
    if (wanted.test(client.status())) {
      seen.complete(client.status());
    }
    return seen;
  }

  private static Predicate<Status> error(String code) {
    return status -> status.lastError() != null && status.lastError().code().toString().equals(code);
  }

  @Test
  void aClientThatPushesTooFastWaitsAndGetsEverythingThrough() {
    try (RebasisServer server = server(new ServerLimits(64 << 10, 10, 10, 20, Duration.ZERO, 8, 2));
        SyncClient client = open(server, QUICK.withPush(10, 20))) {
      get(client.sync());
      CompletableFuture<Status> told = seen(client, error(":rebasis.error/push-rate-exceeded"));
      client.goOffline();
      List<Pending> made = new ArrayList<>();
      for (int i = 0; i < 80; i++) {
        made.add(client.transact("[{:order/number \"A-" + i + "\"}]"));
      }
      long begun = System.nanoTime();
      client.goOnline();
      for (Pending one : made) {
        assertThat(get(one.outcome()).isCommitted()).isTrue();
      }
      // 40 at once, and what is left at 20 a second, of which the last push may be owed.
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(Duration.ofMillis(900));
      assertThat(get(told).lastError().getMessage()).contains("20 transactions a second");
      assertThat(get(client.sync()).basisT()).isEqualTo(server.t());
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatIsLargerThanAServerTakesIsParkedAndTheRestGoesThrough(boolean reopened) {
    String large = "[{:db/id \"a\" :order/number \"large\" :order/note \"" + "x".repeat(100_000) + "\"}]";
    Path store = folder.resolve("store" + reopened);
    try (RebasisServer server = server(new ServerLimits(64 << 10, 10, 10, 0, Duration.ZERO, 8, 2))) {
      SyncClient client = SyncClient.builder().store(store).server(server.uri()).tuning(QUICK).open();
      try {
        get(client.sync());
        client.goOffline();
        List<UUID> made = new ArrayList<>();
        made.add(client.transact("[{:order/number \"before\"}]").id());
        Pending first = client.transact(large);
        made.add(first.id());
        made.add(client.transact("[[:db/add " + first.tempids().get("a") + " :order/quantity 3]]").id());
        made.add(client.transact("[{:order/number \"behind\"}]").id());
        if (reopened) {
          // Whether an earlier run has sent them is not known then.
          client.close();
          client = SyncClient.builder().store(store).server(server.uri()).tuning(QUICK).open();
        }
        client.goOnline();
        get(client.sync());
        assertThat(client.pending()).isEmpty();
        assertThat(Peer.query("[:find [?n ...] :where [_ :order/number ?n]]", server.database()).toString())
            .contains("before").contains("behind").doesNotContain("large");
        List<ConflictRecord> parked = client.conflicts();
        assertThat(parked).extracting(one -> one.id()).containsExactlyInAnyOrder(made.get(1), made.get(2));
        ConflictRecord tooLarge = parked.stream().filter(one -> one.id().equals(made.get(1))).findFirst().orElseThrow();
        assertThat(tooLarge.outcome().code().toString()).isEqualTo(":rebasis.error/transaction-too-large");
        assertThat(tooLarge.outcome().message()).contains("--max-message-bytes").contains("not sent");
        Pending later = client.transact("[{:order/number \"later\"}]");
        assertThat(get(later.outcome()).kind()).isEqualTo(OutcomeKind.ACCEPTED);
      } finally {
        client.close();
      }
    }
  }

  @Test
  void aClientThatIsIdleIsToldAndComesBack() {
    try (RebasisServer server = server(new ServerLimits(64 << 10, 10, 10, 0, Duration.ofSeconds(1), 8, 2));
        SyncClient client = open(server, QUICK)) {
      get(client.sync());
      Status told = get(seen(client, error(":rebasis.error/session-idle")));
      assertThat(told.state()).isNotEqualTo(ConnectionState.LIVE);
      get(server.transact("[{:order/number \"meanwhile\"}]"));
      get(seen(client, status -> status.state() == ConnectionState.LIVE && status.basisT() == server.t()));
      assertThat(client.db().q("[:find ?o :where [?o :order/number \"meanwhile\"]]")).hasSize(1);
    }
  }

  @Test
  void aProgramThatIsTooOldIsToldAndKeepsWhatIsPending() throws Exception {
    ServerLimits limits = new ServerLimits(64 << 10, 10, 10, 0, Duration.ZERO, 8, 2, 2, "2.1", 0, 64 << 20);
    try (RebasisServer server = server(limits)) {
      for (String old : new String[] {"2.0.9", null}) {
        ClientBuilder builder = SyncClient.builder().inMemory().server(server.uri()).tuning(QUICK);
        try (SyncClient client = opened.watched("old", (old == null ? builder : builder.version(old)).open())) {
          client.transact("[{:db/doc \"kept\"}]");
          Status told = get(seen(client, error(":rebasis.error/client-too-old")));
          assertThat(told.lastError().getMessage()).contains("version 2.1").contains("Update the program");
          assertThat(client.pending()).hasSize(1);
        }
      }
      try (SyncClient client = opened.watched("new",
          SyncClient.builder().inMemory().server(server.uri()).tuning(QUICK).version("2.1.0").open())) {
        assertThat(get(client.sync()).basisT()).isEqualTo(server.t());
      }
      assertThat(HttpClient.newHttpClient().send(
          HttpRequest.newBuilder(URI.create(server.uri() + "/pull?pattern=%5B*%5D&entity=0")).build(),
          HttpResponse.BodyHandlers.ofString()).statusCode()).as("tools tell no version").isEqualTo(200);
    }
  }
}
