package dev.rebasis.simulations.cli;

import dev.rebasis.client.SyncClient;
import dev.rebasis.edn.Edn;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code rebasis client transact}. */
@Command(
    name = "transact",
    mixinStandardHelpOptions = true,
    description = {
      "Makes one transaction in a store; it is on the disk when this returns.",
      "Without --server it stays pending until a program syncs the store. With --server the store catches up first,"
          + " and this returns when the server has decided."
    },
    footer = {
      "",
      "Exit status: 0 stored, and with --server committed; 1 refused, parked, rejected, or not decided in time.",
    })
final class ClientTransactCommand extends StoreCommand {
  @Parameters(index = "0", paramLabel = "FORMS",
      description = "A vector of transaction forms as EDN text, @FILE to read it from a file, or - for standard input.")
  private String forms;

  @Option(names = "--create", description = "Make the store if there is none.")
  private boolean create;

  private Object data;

  @Override
  void check() {
    super.check();
    // Read before the store is opened or made: a text that is no EDN leaves no trace.
    data = Edn.read(TextArgument.read(forms, System.in));
  }

  @Override
  SyncClient open() {
    return options().open(create);
  }

  @Override
  int run(SyncClient client, PrintWriter out) {
    options().catchUp(client, " Nothing was written. Without --server the transaction is kept in the store, and pushed with the next sync.");
    return ClientPrinter.printDecision(out, options(), client, client.transact(data));
  }
}
