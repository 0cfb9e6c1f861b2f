package dev.rebasis.simulations.cli;

import dev.rebasis.client.SyncClient;
import java.io.PrintWriter;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code rebasis client backup}. */
@Command(
    name = "backup",
    mixinStandardHelpOptions = true,
    description = "Writes a copy of the store into a new folder. The server knows a restored copy for what it is.")
final class ClientBackupCommand extends StoreCommand {
  @Parameters(paramLabel = "DIR", description = "The folder to write; it must not hold a store.")
  private Path target;

  @Override
  int run(SyncClient client, PrintWriter out) {
    client.backup(target);
    out.println("Wrote a copy of the store to " + target + ".");
    return 0;
  }
}
