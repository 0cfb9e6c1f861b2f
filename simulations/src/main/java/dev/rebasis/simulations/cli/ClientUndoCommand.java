package dev.rebasis.simulations.cli;

import dev.rebasis.client.Pending;
import dev.rebasis.client.SyncClient;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Parameters;

/** {@code rebasis client undo}. */
@Command(
    name = "undo",
    mixinStandardHelpOptions = true,
    description = "Takes a transaction of this store back: one that was never sent is removed, of a committed one the"
        + " inverse is made.")
final class ClientUndoCommand extends StoreCommand {
  @Parameters(index = "0", paramLabel = "ID", description = "The transaction's id, as `transact` and `pending` show it.")
  private UUID id;

  @Override
  int run(SyncClient client, PrintWriter out) {
    // Not before catching up: what is pending would be sent, and could not be removed any more.
    Optional<Pending> inverse = client.undo(id);
    if (inverse.isEmpty()) {
      out.println("removed " + id + ", which was never sent");
      return ExitCode.OK;
    }
    return ClientPrinter.printDecision(out, options(), client, inverse.get());
  }
}
