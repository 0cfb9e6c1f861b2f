package dev.rebasis.simulations.cli;

import dev.rebasis.client.SyncClient;
import dev.rebasis.client.Verification;
import dev.rebasis.client.internal.core.ClientCore;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;

/** {@code rebasis client verify}. */
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description = {
      "Reads a whole store and compares what must agree: the log's hashes, the index with the log, the four orders of"
          + " the index with each other, the view with the pending transactions with a replay of them, and local ids"
          + " with the log; and, with"
          + " --server, the datoms with the server's, by digests.",
      "Takes about as long as loading the store did."
    },
    footer = {"", "Exit status: 0 all agrees; 1 something does not, each difference on a line."})
final class ClientVerifyCommand extends StoreCommand {
  @Override
  int run(SyncClient client, PrintWriter out) {
    options().catchUp(client);
    Verification found = options().hasServer() ? difference(client) : null;
    List<String> differences = ((ClientCore) client).audit();
    if (!differences.isEmpty()) {
      differences.forEach(difference -> out.println(difference));
      out.println("NOT SOUND: " + differences.size() + " differences. Delete index.mv and index.position, which are"
          + " made again from the log, and verify once more.");
      return ExitCode.SOFTWARE;
    }
    if (found != null) {
      found.differences().forEach(difference -> out.println(difference.attribute() + ": " + difference.here()
          + " current datoms here, " + difference.there() + " on the server"));
      out.println("NOT THE SERVER'S: " + found.differences().size() + " attributes differed at T " + found.t()
          + ". Everything was loaded anew since; nothing pending was lost.");
      return ExitCode.SOFTWARE;
    }
    if (options().hasServer()) {
      out.println("the same as the server at T " + client.status().basisT());
    }
    out.println("sound at T " + client.status().basisT() + ", " + client.status().pendingCount() + " pending");
    return ExitCode.OK;
  }

  /**
   * What differed from the server's; null if nothing did. The client compares by itself as soon as it has caught up, and may have
   * begun to mend what it found before it was asked.
   */
  private Verification difference(SyncClient client) {
    Verification now = options().await(client, client.verify(), "");
    if (now.isSame()) {
      return client.status().lastDifference();
    }
    // A store in the middle of a load holds no state that the server ever had; the next comparison comes after it.
    options().await(client, client.verify(), "");
    return now;
  }
}
