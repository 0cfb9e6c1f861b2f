package dev.rebasis.simulations.cli;

import dev.rebasis.client.Pending;
import dev.rebasis.client.SyncClient;
import dev.rebasis.edn.Edn;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine.Command;

/** {@code rebasis client pending}. */
@Command(
    name = "pending",
    mixinStandardHelpOptions = true,
    description = "Lists the transactions that no server has decided, in the order in which they were made:"
        + " number, id, the T they were made on, and their forms.")
final class ClientPendingCommand extends StoreCommand {
  @Override
  int run(SyncClient client, PrintWriter out) {
    options().catchUp(client);
    List<Pending> pending = client.pending();
    for (Pending one : pending) {
      out.println(one.seq() + " " + one.id() + " on T " + one.basisT() + " " + Edn.write(one.forms()));
    }
    out.println(pending.size() + " pending");
    return 0;
  }
}
