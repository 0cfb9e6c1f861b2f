package dev.rebasis.simulations.cli;

import dev.rebasis.client.Database;
import dev.rebasis.client.SyncClient;
import dev.rebasis.edn.Edn;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code rebasis client q}. */
@Command(
    name = "q",
    mixinStandardHelpOptions = true,
    description = {
      "Runs a Datalog query on a store and prints each row or value of the result on a line, as EDN.",
      "The store's database is the first input. An input that begins with a minus comes after --, for example:"
          + " q --store DIR '[:find ?e :in $ ?n :where [?e :a/n ?n]]' -- -5"
    })
final class ClientQueryCommand extends StoreCommand {
  @Parameters(index = "0", paramLabel = "QUERY", description = "The query as EDN text, @FILE, or - for standard input.")
  private String query;

  @Parameters(index = "1..*", paramLabel = "INPUT", description = "What :in names after $, each as EDN.")
  private List<String> inputs = new ArrayList<>();

  @Mixin private ViewOptions view;

  private Object form;
  private Object[] values;

  @Override
  void check() {
    super.check();
    view.check();
    form = Edn.read(TextArgument.read(query, System.in));
    values = inputs.stream().map(Edn::read).toArray();
  }

  @Override
  int run(SyncClient client, PrintWriter out) {
    options().catchUp(client);
    Database db = view.of(client);
    Object result = db.query(form, values);
    ClientPrinter.printResult(out, result);
    return 0;
  }
}
