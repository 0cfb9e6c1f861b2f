package dev.rebasis.simulations.cli;

import dev.rebasis.client.SyncClient;
import dev.rebasis.server.RebasisServer;
import java.io.IOException;
import java.nio.file.Path;

/** A process that holds a client's store and a server's folder open until it is killed or its input ends. */
final class StoreHolder {
  private StoreHolder() {}

  public static void main(String[] args) throws IOException {
    try (SyncClient client = SyncClient.builder().store(Path.of(args[0])).open();
        RebasisServer server = RebasisServer.builder().data(Path.of(args[1])).start()) {
      System.out.println("open " + client.status().storeId() + " " + server.t());
      while (System.in.read() >= 0) {
        // Waits.
      }
    }
  }
}
