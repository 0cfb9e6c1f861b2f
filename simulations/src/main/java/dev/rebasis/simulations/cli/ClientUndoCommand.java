package dev.rebasis.simulations.cli;

import dev.rebasis.client.Pending;
import dev.rebasis.client.SyncClient;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.UUID;
import picocli.CommandLine.Command;
<<<<<<< HEAD
import picocli.CommandLine.ExitCode;
=======
>>>>>>> 1617f0b (Deal with parked transactions, undo and preview from the command line)
import picocli.CommandLine.Parameters;

/** {@code rebasis client undo}. */
@Command(
    name = "undo",
    mixinStandardHelpOptions = true,
<<<<<<< HEAD
    description = "Takes a transaction of this store back: one that was never sent is removed, of a committed one the"
        + " inverse is made.")
final class ClientUndoCommand extends StoreCommand {
  @Parameters(index = "0", paramLabel = "ID", description = "The transaction's id, as `transact` and `pending` show it.")
=======
    description = "Takes a transaction of this store back: removes it if it was never sent, else transacts its inverse."
        + " With --server, waits for the outcome.")
final class ClientUndoCommand extends StoreCommand {
  @Parameters(index = "0", paramLabel = "ID", description = "The transaction's id.")
>>>>>>> 1617f0b (Deal with parked transactions, undo and preview from the command line)
  private UUID id;

  @Override
  int run(SyncClient client, PrintWriter out) {
<<<<<<< HEAD
    // Not before catching up: what is pending would be sent, and could not be removed any more.
    Optional<Pending> inverse = client.undo(id);
    if (inverse.isEmpty()) {
      out.println("removed " + id + ", which was never sent");
      return ExitCode.OK;
    }
    return ClientPrinter.printDecision(out, options(), client, inverse.get());
=======
    options().catchUp(client);
    Optional<Pending> inverse = client.undo(id);
    if (inverse.isEmpty()) {
      out.println("removed " + id);
      return 0;
    }
    out.println(inverse.get().seq() + " " + inverse.get().id());
    if (options().hasServer()) {
      ClientPrinter.print(out, options().await(client, inverse.get().outcome(), " The transaction is kept."));
    }
    return 0;
>>>>>>> 1617f0b (Deal with parked transactions, undo and preview from the command line)
  }
}
