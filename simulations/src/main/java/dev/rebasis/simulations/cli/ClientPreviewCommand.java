package dev.rebasis.simulations.cli;

import dev.rebasis.client.Preview;
import dev.rebasis.client.SyncClient;
import dev.rebasis.conflict.Policies;
import dev.rebasis.protocol.Terms.PolicyRef;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code rebasis client preview}. */
@Command(
    name = "preview",
    mixinStandardHelpOptions = true,
    description = "Says what would become of each pending transaction if the server decided now, as far as the store"
        + " knows. Changes nothing, and connects to nothing.")
final class ClientPreviewCommand extends StoreCommand {
  @Option(
      names = "--policy",
      paramLabel = "ATTRIBUTE=POLICY",
      description = "As if this policy applied to this attribute, before all others, for example"
          + " :item/stock=:rebasis.policy/counter. May be given several times.")
  private Map<String, String> policies = new LinkedHashMap<>();

  @Override
  void check() {
    super.check();
    policies.forEach((attribute, policy) -> {
      if (!attribute.startsWith(":") || !policy.startsWith(":")) {
        throw wrong("--policy takes an attribute and a policy by their idents, such as"
            + " :item/stock=:rebasis.policy/counter, and not '" + attribute + "=" + policy + "'.");
      }
    });
    if (options().hasServer()) {
      throw wrong("preview looks at what the store holds; with --server the pending transactions would be sent.");
    }
  }

  @Override
  int run(SyncClient client, PrintWriter out) {
    List<Preview> previews = client.preview(asked());
    for (Preview preview : previews) {
      out.println(preview.transaction().seq() + " " + preview.transaction().id());
      ClientPrinter.print(out, client, preview.kind(), 0, preview.code(), preview.message(), preview.conflicts());
    }
    out.println(previews.size() + " pending");
    return 0;
  }

  private Map<String, PolicyRef> asked() {
    Map<String, PolicyRef> asked = new LinkedHashMap<>();
    policies.forEach((attribute, policy) -> asked.put(attribute, Policies.custom(policy, 0)));
    return asked;
  }
}
