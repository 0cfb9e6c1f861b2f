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
<<<<<<< HEAD
    description = "Lists the parked and rejected transactions that nobody has dealt with, oldest first."
        + " `retry` and `discard` take their ids.")
=======
    description = "Lists the parked and rejected transactions of this store that nobody has dealt with, oldest first."
        + " `retry` makes one again, `discard` gives it up.")
>>>>>>> 1617f0b (Deal with parked transactions, undo and preview from the command line)
final class ClientParkedCommand extends StoreCommand {
  @Override
  int run(SyncClient client, PrintWriter out) {
    options().catchUp(client);
<<<<<<< HEAD
    List<ConflictRecord> parked = client.parked();
    parked.forEach(record -> ClientPrinter.print(out, record));
    out.println(parked.size() + " parked or rejected");
=======
    List<ConflictRecord> records = client.parked();
    for (ConflictRecord record : records) {
      out.println(record.seq() + " " + record.id() + " " + record.forms());
      ClientPrinter.print(out, record.outcome());
    }
    out.println(records.size() + (records.size() == 1 ? " waits" : " wait") + " for a decision");
>>>>>>> 1617f0b (Deal with parked transactions, undo and preview from the command line)
    return 0;
  }
}
