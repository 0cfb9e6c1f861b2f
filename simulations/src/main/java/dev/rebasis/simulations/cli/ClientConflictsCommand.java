package dev.rebasis.simulations.cli;

import dev.rebasis.client.ConflictRecord;
import dev.rebasis.client.SyncClient;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine.Command;

/** {@code rebasis client conflicts}. */
@Command(
    name = "conflicts",
    mixinStandardHelpOptions = true,
    description = "Lists the transactions of this store that were merged, parked or rejected, oldest first:"
        + " number, id, forms, what became of them, and each fact on which two writers met.")
final class ClientConflictsCommand extends StoreCommand {
  @Override
  int run(SyncClient client, PrintWriter out) {
    options().catchUp(client);
    List<ConflictRecord> records = client.conflicts();
    records.forEach(record -> ClientPrinter.print(out, record));
    out.println(records.size() + " merged, parked or rejected");
    return 0;
  }
}
