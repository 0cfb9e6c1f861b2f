package dev.rebasis.simulations.conflicts;

import dev.rebasis.client.ClientBuilder;
import dev.rebasis.client.SyncClient;
import dev.rebasis.client.Tuning;
import dev.rebasis.server.RebasisServer;
import dev.rebasis.simulations.inside.Alone;
import dev.rebasis.simulations.inside.InsideCheck;
import dev.rebasis.simulations.inside.Opened;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A real server and a real client that goes offline, while others write to the server. */
@Alone
@ExtendWith(InsideCheck.class)
@Timeout(180)
abstract class ClientBesideOthers {
  static final Tuning FAST = Tuning.DEFAULT.withBackoff(Duration.ofMillis(5), Duration.ofMillis(20));

  @TempDir
  Path folder;

  RebasisServer server;
  SyncClient client;
  Opened opened;

  /** What is particular about the server; its port is free, and its data are in memory unless this says otherwise. */
  abstract RebasisServer.Builder server(RebasisServer.Builder usual);

  /** What is particular about each client. */
  ClientBuilder client(ClientBuilder usual) {
    return usual;
  }

  @BeforeEach
  void open(Opened everything) throws Exception {
    opened = everything;
    server = server(RebasisServer.builder().inMemory().port(0)).start();
    client = open("store");
  }

  /** A client of its own, or the one again that was closed. */
  SyncClient openClient(String store) {
    return opened.watched(store,
        client(SyncClient.builder().store(folder.resolve(store)).server(server.uri()).tuning(FAST)).open());
  }

  SyncClient openClient() {
    return openClient("store");
  }

  /** A client that has caught up. */
  SyncClient open(String store) throws Exception {
    SyncClient opening = openClient(store);
    get(opening.sync());
    return opening;
  }

  @AfterEach
  void close() {
    client.close();
    server.close();
  }

  static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(120, TimeUnit.SECONDS);
  }

  void others(String edn) throws Exception {
    get(server.transact(edn));
  }

  /** Goes online and waits until everything is decided. */
  void reconnect() throws Exception {
    client.goOnline();
    get(client.sync());
  }
}
