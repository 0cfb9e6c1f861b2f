package dev.rebasis.simulations.cli;

import dev.rebasis.client.SyncClient;
import dev.rebasis.edn.Edn;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code rebasis client pull}. */
@Command(
    name = "pull",
    mixinStandardHelpOptions = true,
    description = "Pulls one entity by a pattern and prints it as EDN, nil if there is nothing.")
final class ClientPullCommand extends StoreCommand {
  @Parameters(index = "0", paramLabel = "PATTERN",
      description = "The pattern as EDN text, for example '[* {:order/lines [*]}]', @FILE, or - for standard input.")
  private String pattern;

  @Parameters(index = "1", paramLabel = "ENTITY",
      description = "An ident, a lookup ref or an entity id; a negative one comes after --.")
  private String entity;

  @Mixin private ViewOptions view;

  private Object form;
  private Object id;

  @Override
  void check() {
    super.check();
    view.check();
    form = Edn.read(TextArgument.read(pattern, System.in));
    id = Edn.read(entity);
  }

  @Override
  int run(SyncClient client, PrintWriter out) {
    options().catchUp(client);
    out.println(Edn.write(view.of(client).pull(form, id)));
    return 0;
  }
}
