package dev.rebasis.simulations.e2e;

import static dev.rebasis.simulations.e2e.EndToEnd.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.rebasis.client.ConnectionState;
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
import dev.rebasis.simulations.disk.DiskOperation;
import dev.rebasis.simulations.disk.SimDisk;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Goal: a client whose log cannot be written any more goes on being read, shows what is on the disk and nothing else, says so, and
 * pushes all that it acknowledged when its store is opened again. Method: a real client and a real server, with the client's store on
 * a simulated disk that is filled to the last byte, or fails at a force.
 */
@Timeout(120)
class FullClientLogTest {
  private static final Tuning QUICK = Tuning.DEFAULT.withBackoff(Duration.ofMillis(1), Duration.ofMillis(20));
  private static final String NUMBERS = "[:find [?n ...] :where [_ :order/number ?n]]";

  private static SyncClient open(SimDisk disk, URI server) {
    return ClientCore.open(new ClientConfig(StoreFiles.filePath(disk.path(""), true), Durability.POWER_LOSS, QUICK),
        new SystemEnvironment(server, Subprotocols.CBOR));
  }

  private static CompletableFuture<Status> toldOfTheFailure(SyncClient client) {
    CompletableFuture<Status> told = new CompletableFuture<>();
    client.onStateChange(status -> {
      if (status.lastError() != null && status.lastError().code().toString().equals(":rebasis.error/store-failed")) {
        told.complete(status);
      }
    });
    return told;
  }

  private static Set<String> numbers(SyncClient client) {
    return ((List<?>) client.db().q(NUMBERS)).stream().map(Object::toString).collect(Collectors.toSet());
  }

  private static RebasisException refused(Runnable call) {
    RebasisException refused = catchThrowableOfType(RebasisException.class, call::run);
    assertThat(refused.code().toString()).isEqualTo(":rebasis.error/store-failed");
    return refused;
  }

  private void failsAndComesBack(SimDisk disk, Runnable fault) {
    try (RebasisServer server = RebasisServer.builder().inMemory().schema("orders", EndToEnd.SCHEMA).start()) {
      List<UUID> acknowledged = new ArrayList<>();
      Set<String> shown;
      SyncClient client = open(disk, server.uri());
      try {
        get(client.sync());
        get(client.transact("[{:order/number \"confirmed\"}]").outcome());
        client.goOffline();
        acknowledged.add(client.transact("[{:order/number \"pending\"}]").id());
        CompletableFuture<Status> told = toldOfTheFailure(client);
        fault.run();
        RebasisException failure = null;
        for (int i = 0; failure == null && i < 5_000; i++) {
          try {
            acknowledged.add(client.transact("[{:order/number \"more-" + i + "\" :order/note \"" + "x".repeat(400) + "\"}]").id());
          } catch (RebasisException e) {
            failure = e;
          }
        }
        assertThat(failure).as("the disk refuses").isNotNull();
        assertThat(failure.code().toString()).isEqualTo(":rebasis.error/store-failed");
        assertThat(get(told).state()).isEqualTo(ConnectionState.OFFLINE);

        shown = numbers(client);
        assertThat(shown).as("the acknowledged, and the confirmed one").contains("confirmed", "pending").hasSize(acknowledged.size() + 1);
        assertThat(client.pending()).extracting(Pending::id).containsExactlyElementsOf(acknowledged);
        assertThat(client.confirmed().q(NUMBERS).toString()).isEqualTo("[confirmed]");
        assertThat((Object) client.query("[:find ?n . :in $ :where [_ :order/number ?n]]", client.confirmed()))
            .isEqualTo("confirmed");
        assertThat(client.status().lastError().code().toString()).isEqualTo(":rebasis.error/store-failed");
        refused(() -> client.transact("[{:order/number \"refused\"}]"));
        refused(client::goOnline);
        refused(client::sync);
        refused(client::conflicts);
      } finally {
        client.close();
      }
      disk.faults().clear();
      disk.processCrash();
      try (SyncClient again = open(disk, server.uri())) {
        assertThat(numbers(again)).containsAll(shown);
        get(again.sync());
        assertThat(again.pending()).isEmpty();
        assertThat(again.conflicts()).noneMatch(record -> record.outcome().kind() == OutcomeKind.REJECTED);
        Set<String> confirmed = numbers(again);
        assertThat(confirmed).containsAll(shown);
        Object atTheServer = datomic.Peer.query("[:find (count ?o) . :where [?o :order/number]]", server.database());
        assertThat(((Number) atTheServer).intValue()).as("each once").isEqualTo(confirmed.size());
      }
    }
  }

  @Test
  void aDiskFilledToTheLastByte() {
    try (SimDisk disk = SimDisk.create("full-client", 1)) {
      failsAndComesBack(disk, () -> disk.faults().capacityBytes(disk.usedBytes() + 20_000));
    }
  }

  @Test
  void aForceThatFails() {
    try (SimDisk disk = SimDisk.create("failing-client", 2)) {
      failsAndComesBack(disk, () -> disk.faults().failAt(DiskOperation.FORCE, 3));
    }
  }
}
