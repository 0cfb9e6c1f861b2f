package dev.rebasis.simulations.cli;

import dev.rebasis.client.Status;
import dev.rebasis.client.SyncClient;
import java.io.PrintWriter;
import picocli.CommandLine.Command;

/** {@code rebasis client status}. */
@Command(
    name = "status",
    mixinStandardHelpOptions = true,
    description = "Says how far a store is and what waits in it; with --server also how the server is.")
final class ClientStatusCommand extends StoreCommand {
  @Override
  int run(SyncClient client, PrintWriter out) {
    try {
      options().catchUp(client);
    } finally {
      // What the store holds is of interest most of all when its server cannot be reached.
      print(out, client.status());
    }
    return 0;
  }

  private void print(PrintWriter out, Status status) {
    line(out, "store", status.storeId());
    line(out, "database", status.databaseId() == null ? "none yet: it has not met a server" : status.databaseId());
    line(out, "client number", status.clientNumber() == 0 ? "none yet" : status.clientNumber());
    line(out, "state", status.state());
    line(out, "basis T", status.basisT());
    if (options().hasServer()) {
      line(out, "server's T", status.serverT());
    }
    line(out, "pending", status.pendingCount());
    line(out, "parked", status.parkedCount());
  }

  private static void line(PrintWriter out, String name, Object value) {
    out.printf("%-14s %s%n", name, value);
  }
}
