package dev.rebasis.simulations.cli;

import dev.rebasis.client.ConflictRecord;
import dev.rebasis.client.SyncClient;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine.Command;

/** {@code rebasis client parked}. */
@Command(
    name = "parked",
    mixinStandardHelpOptions = true,
    description = "Lists the parked and rejected transactions that nobody has dealt with, oldest first."
        + " `retry` and `discard` take their ids.")
final class ClientParkedCommand extends StoreCommand {
  @Override
  int run(SyncClient client, PrintWriter out) {
    options().catchUp(client);
    List<ConflictRecord> parked = client.parked();
    parked.forEach(record -> ClientPrinter.print(out, client, record));
    out.println(parked.size() + " parked or rejected");
    return 0;
  }
}
