package dev.rebasis.simulations.cli;

import dev.rebasis.client.Status;
import dev.rebasis.client.SyncClient;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code rebasis client sync}. */
@Command(
    name = "sync",
    mixinStandardHelpOptions = true,
    description = "Sends what is pending and fetches what the server has, until both are done. Needs --server.")
final class ClientSyncCommand extends StoreCommand {
  @Option(names = "--create", description = "Make the store if there is none.")
  private boolean create;

  @Override
  void check() {
    super.check();
    if (!options().hasServer()) {
      throw wrong("sync needs --server URI, the database to sync with.");
    }
  }

  @Override
  SyncClient open() {
    return options().open(create);
  }

  @Override
  int run(SyncClient client, PrintWriter out) {
    options().catchUp(client);
    Status status = client.status();
    Status.Counters counters = status.counters();
    out.println("synced at T " + status.basisT() + ": received " + counters.confirmed() + " transactions; of the own, "
        + counters.accepted() + " accepted, " + counters.merged() + " merged, " + counters.parked() + " parked, "
        + counters.rejected() + " rejected; " + status.pendingCount() + " pending");
    if (counters.parked() + counters.rejected() > 0) {
      out.println("`rebasis client conflicts` says why.");
    }
    return 0;
  }
}
