package dev.rebasis.simulations.cli;

import dev.rebasis.client.Dependents;
import dev.rebasis.client.Discarded;
import dev.rebasis.client.SyncClient;
import java.io.PrintWriter;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code rebasis client discard}. */
@Command(
    name = "discard",
    mixinStandardHelpOptions = true,
    description = "Gives a parked or rejected transaction up, and what waited with it. `conflicts` still shows it.")
final class ClientDiscardCommand extends StoreCommand {
  @Parameters(index = "0", paramLabel = "ID", description = "The transaction's id, as `parked` shows it.")
  private UUID id;

  @Option(names = "--cut", description = "Of what waited with it, cut out only what says something about its entities, and"
      + " make the rest again.")
  private boolean cut;

  @Override
  int run(SyncClient client, PrintWriter out) {
    Discarded discarded = client.discard(id, cut ? Dependents.CUT : Dependents.DISCARD);
    options().catchUp(client);
    discarded.again().forEach(made -> out.println("made again: " + made.id()));
    discarded.stillParked().forEach(parked -> out.println("still parked: " + parked));
    out.println("discarded " + id + "; " + client.parked().size() + " parked or rejected, "
        + client.status().pendingCount() + " pending");
    return 0;
  }
}
