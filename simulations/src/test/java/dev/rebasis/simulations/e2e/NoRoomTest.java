package dev.rebasis.simulations.e2e;

import static dev.rebasis.simulations.e2e.EndToEnd.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.rebasis.client.Durability;
import dev.rebasis.client.Pending;
import dev.rebasis.client.Status;
import dev.rebasis.client.SyncClient;
import dev.rebasis.client.Tuning;
import dev.rebasis.client.internal.core.ClientConfig;
import dev.rebasis.client.internal.core.ClientCore;
import dev.rebasis.client.internal.core.Subprotocols;
import dev.rebasis.client.internal.log.StoreFiles;
import dev.rebasis.client.wiring.SystemEnvironment;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.server.RebasisServer;
import dev.rebasis.server.ServerLimits;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: without room on its disk, or beyond its limit, a client takes nothing, from its program or from the server, stays
 * readable, says why, and goes on by itself when there is room; a server without room decides nothing and can be read.
 * Method: a real server and real clients; a disk that says what is free by hand.
 */
class NoRoomTest {
  private static final Tuning QUICK = Tuning.DEFAULT.withBackoff(Duration.ofMillis(1), Duration.ofMillis(20));

  @TempDir
  private Path folder;

  private static SyncClient open(StoreFiles files, URI server, Tuning tuning) {
    return ClientCore.open(
        new ClientConfig(files, Durability.POWER_LOSS, tuning), new SystemEnvironment(server, Subprotocols.CBOR));
  }

  private static CompletableFuture<RebasisException> told(SyncClient client, String code) {
    CompletableFuture<RebasisException> told = new CompletableFuture<>();
    client.onStateChange(status -> note(status, code, told));
    note(client.status(), code, told);
    return told;
  }

  private static void note(Status status, String code, CompletableFuture<RebasisException> told) {
    if (status.lastError() != null && status.lastError().code().toString().equals(code)) {
      told.complete(status.lastError());
    }
  }

  @Test
  void aClientWithoutRoomOnItsDiskTakesNothingAndGoesOnWhenThereIsSome() {
    AtomicLong free = new AtomicLong(Long.MAX_VALUE);
    try (RebasisServer server = RebasisServer.builder().inMemory().schema("orders", EndToEnd.SCHEMA).start();
        SyncClient client = open(StoreFiles.folder(folder.resolve("client")).withFreeBytes(free::get), server.uri(), QUICK)) {
      get(client.sync());
      Pending made = client.transact("[{:order/number \"A-1\"}]");
      get(made.outcome());
      free.set(1_000);
      CompletableFuture<RebasisException> told = told(client, ":rebasis.error/disk-full");
      for (int i = 0; i < 20 && !told.isDone(); i++) {
        get(server.transact("[{:order/number \"S-" + i + "\"}]"));
      }
      assertThat(get(told).getMessage()).contains("1000 bytes free");
      RebasisException refused =
          catchThrowableOfType(RebasisException.class, () -> client.transact("[{:order/number \"A-2\"}]"));
      assertThat(refused.code().toString()).isEqualTo(":rebasis.error/disk-full");
      assertThat(client.db().q("[:find ?o :where [?o :order/number \"A-1\"]]")).hasSize(1);
      free.set(Long.MAX_VALUE);
      assertThat(get(client.transact("[{:order/number \"A-3\"}]").outcome()).kind()).isEqualTo(OutcomeKind.ACCEPTED);
      get(client.sync());
      assertThat(EndToEnd.datoms(client.confirmed())).isEqualTo(EndToEnd.datoms(server.database()));
    }
  }

  @Test
  void aStoreAtItsLimitTakesNothingFromTheServerAndCanBeOpenedWithMore() {
    Path store = folder.resolve("client");
    try (RebasisServer server = RebasisServer.builder().inMemory().schema("orders", EndToEnd.SCHEMA).start()) {
      long t;
      try (SyncClient client = open(StoreFiles.folder(store), server.uri(), QUICK)) {
        t = get(client.sync()).basisT();
      }
      get(server.transact("[{:order/number \"S-1\"}]"));
      try (SyncClient client = open(StoreFiles.folder(store), server.uri(), QUICK.withStoreBytesMax(1_000))) {
        assertThat(get(told(client, ":rebasis.error/store-full")).getMessage()).contains("1000");
        assertThatThrownBy(() -> get(client.sync())).hasMessageContaining("more than the 1000");
        assertThat(client.confirmed().basisT()).isEqualTo(t);
      }
      try (SyncClient client = open(StoreFiles.folder(store), server.uri(), QUICK)) {
        assertThat(get(client.sync()).basisT()).isEqualTo(server.t());
      }
    }
  }

  @Test
  void aServerWithoutRoomDecidesNothingAndCanBeRead() throws Exception {
    ServerLimits limits = new ServerLimits(64 << 10, 10, 10, 0, Duration.ZERO, 8, 2, 2, null, Long.MAX_VALUE, 64 << 20);
    try (RebasisServer server = RebasisServer.builder().data(folder.resolve("server")).schema("orders", EndToEnd.SCHEMA)
        .limits(limits).start();
        SyncClient client = open(StoreFiles.folder(folder.resolve("client")), server.uri(), QUICK)) {
      assertThat(get(client.sync()).basisT()).isEqualTo(server.t());
      CompletableFuture<RebasisException> told = told(client, ":rebasis.error/disk-full");
      Pending waits = client.transact("[{:order/number \"A-1\"}]");
      assertThat(get(told).getMessage()).contains("--disk-reserve-bytes");
      assertThat(waits.outcome()).isNotDone();
      assertThatThrownBy(() -> server.transact("[{:order/number \"S-1\"}]").get())
          .isInstanceOf(ExecutionException.class).hasMessageContaining("in reserve");
      assertThat(HttpClient.newHttpClient().send(
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/health")).build(),
          HttpResponse.BodyHandlers.ofString()).body()).contains("disk-full");
      HttpResponse<String> ready = HttpClient.newHttpClient().send(
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/ready")).build(),
          HttpResponse.BodyHandlers.ofString());
      assertThat(ready.statusCode()).as("no client is to be sent where nothing is written").isEqualTo(503);
      assertThat(ready.body()).contains("in reserve");
      assertThat(get(client.sync(server.t())).basisT()).isEqualTo(server.t());
      assertThat(EndToEnd.datoms(client.confirmed())).isEqualTo(EndToEnd.datoms(server.database()));
    }
  }
}
