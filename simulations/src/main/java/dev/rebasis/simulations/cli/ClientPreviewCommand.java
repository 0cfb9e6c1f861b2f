package dev.rebasis.simulations.cli;

import dev.rebasis.client.Preview;
import dev.rebasis.client.SyncClient;
<<<<<<< HEAD
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine.Command;
=======
import dev.rebasis.conflict.Policies;
import dev.rebasis.edn.Edn;
import dev.rebasis.protocol.Terms.PolicyRef;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
>>>>>>> 1617f0b (Deal with parked transactions, undo and preview from the command line)

/** {@code rebasis client preview}. */
@Command(
    name = "preview",
    mixinStandardHelpOptions = true,
<<<<<<< HEAD
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
=======
    description = "Says what would become of each pending transaction if the server decided now, as far as this store"
        + " knows. Changes nothing.")
final class ClientPreviewCommand extends StoreCommand {
  @Option(
      names = "--policy",
      paramLabel = "ATTRIBUTE=POLICY",
      description = "As if this policy applied, for example :item/stock=:rebasis.policy/counter. Can be given several"
          + " times.")
  private Map<String, String> policies = new LinkedHashMap<>();

  @Override
  int run(SyncClient client, PrintWriter out) {
    Map<String, PolicyRef> named = new LinkedHashMap<>();
    policies.forEach((attribute, policy) -> named.put(attribute, Policies.custom(policy, 0)));
    List<Preview> previews = client.preview(named);
    for (Preview preview : previews) {
      out.println(preview.transaction().seq() + " " + preview.transaction().id() + " "
          + preview.kind().name().toLowerCase(Locale.ROOT)
          + (preview.code() == null ? "" : ", " + preview.code() + ": " + preview.message()));
      preview.conflicts().forEach(conflict -> out.println("  " + conflict.kind().name() + " " + conflict.attribute()
          + ": here " + Edn.write(conflict.local()) + ", there " + Edn.write(conflict.remote()) + "; then "
          + Edn.write(conflict.resolved()) + " by " + conflict.policy().name()));
>>>>>>> 1617f0b (Deal with parked transactions, undo and preview from the command line)
    }
    out.println(previews.size() + " pending");
    return 0;
  }
}
