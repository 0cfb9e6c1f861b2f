package dev.rebasis.simulations.cli;

import dev.rebasis.client.Preview;
import dev.rebasis.client.SyncClient;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine.Command;

/** {@code rebasis client preview}. */
@Command(
    name = "preview",
    mixinStandardHelpOptions = true,
    description = "Says what would become of each pending transaction if the server decided now, as far as the store"
        + " knows. Changes nothing, and connects to nothing.")
final class ClientPreviewCommand extends StoreCommand {
  @Override
  void check() {
    super.check();
    if (options().hasServer()) {
      throw wrong("preview looks at what the store holds; with --server the pending transactions would be sent.");
    }
  }

  @Override
  int run(SyncClient client, PrintWriter out) {
    List<Preview> previews = client.preview();
    for (Preview preview : previews) {
      out.println(preview.transaction().seq() + " " + preview.transaction().id());
      ClientPrinter.print(out, preview.kind(), 0, preview.code(), preview.message(), preview.conflicts());
    }
    out.println(previews.size() + " pending");
    return 0;
  }
}
