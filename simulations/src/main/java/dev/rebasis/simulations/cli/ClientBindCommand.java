package dev.rebasis.simulations.cli;

import dev.rebasis.client.Pending;
import dev.rebasis.client.SyncClient;
import java.io.PrintWriter;
import java.util.List;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Parameters;

/** {@code rebasis client bind}. */
@Command(
    name = "bind",
    mixinStandardHelpOptions = true,
    description = "Binds pending transactions of this store together that were never sent: all of them are committed then, or none.")
final class ClientBindCommand extends StoreCommand {
  @Parameters(arity = "2..*", paramLabel = "ID", description = "The transactions' ids, as `transact` and `pending` show them.")
  private List<UUID> ids;

  @Override
  int run(SyncClient client, PrintWriter out) {
    // Not before catching up: what is pending would be sent, and could not be bound any more.
    List<Pending> bound = client.bind(ids);
    out.println("bound " + bound.size() + " transactions, of which all will be committed or none:");
    bound.forEach(one -> out.println("  " + one.seq() + " " + one.id()));
    return ExitCode.OK;
  }
}
