package dev.rebasis.simulations.e2e;

import static dev.rebasis.simulations.e2e.EndToEnd.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.Credentials;
import dev.rebasis.client.Durability;
import dev.rebasis.client.Pending;
import dev.rebasis.client.Status;
import dev.rebasis.client.SyncClient;
import dev.rebasis.client.Tuning;
import dev.rebasis.client.internal.core.ClientConfig;
import dev.rebasis.client.internal.core.ClientCore;
import dev.rebasis.client.internal.log.StoreFiles;
import dev.rebasis.error.RebasisException;
import dev.rebasis.server.RebasisServer;
import dev.rebasis.server.ServerLimits;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/**
 * Goal: a client whose message is larger than its server takes is told what to do about it, and loses nothing. Method: a
 * real server, whose limit the client does not hear of, so that the WebSocket is closed with 1009.
 */
class MessageTooLargeTest {
  @Test
  void theClosingOfTheSocketSaysWhy() {
    ServerLimits limits = new ServerLimits(64 << 10, 10, 10, 0, Duration.ZERO, 8, 2, 2, null, 0, 64 << 20);
    try (RebasisServer server = RebasisServer.builder().inMemory().schema("orders", EndToEnd.SCHEMA).limits(limits).start();
        SyncClient client = ClientCore.open(new ClientConfig(StoreFiles.inMemory(), Durability.POWER_LOSS, Tuning.DEFAULT),
            TamperedTransport.environment(server.uri(), Credentials.none(), message -> message))) {
      get(client.sync());
      CompletableFuture<RebasisException> told = new CompletableFuture<>();
      client.onStateChange(status -> note(status, told));
      Pending large = client.transact("[{:order/number \"A\" :order/note \"" + "x".repeat(100_000) + "\"}]");
      RebasisException error = get(told);
      assertThat(error.code()).hasToString(":rebasis.error/message-too-large");
      assertThat(error.getMessage()).contains("--max-message-bytes");
      assertThat(large.outcome()).isNotDone();
      assertThat(client.pending()).hasSize(1);
    }
  }

  private static void note(Status status, CompletableFuture<RebasisException> told) {
    if (status.lastError() != null) {
      told.complete(status.lastError());
    }
  }
}
