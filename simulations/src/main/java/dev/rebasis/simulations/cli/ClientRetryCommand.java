package dev.rebasis.simulations.cli;

import dev.rebasis.client.Pending;
import dev.rebasis.client.Retry;
import dev.rebasis.client.SyncClient;
import dev.rebasis.edn.Edn;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Parameters;

/** {@code rebasis client retry}. */
@Command(
    name = "retry",
    mixinStandardHelpOptions = true,
    description = {
      "Makes a parked or rejected transaction again on what is there now, as it was or with other forms, and after it"
          + " what waited with it.",
      "Without --server the new one stays pending. With --server this returns when the server has decided."
    },
    footer = {
      "",
      "Exit status: 0 stored, and with --server committed; 1 refused, parked or rejected again, or not decided in time.",
    })
final class ClientRetryCommand extends StoreCommand {
  @Parameters(index = "0", paramLabel = "ID", description = "The transaction's id, as `parked` shows it.")
  private UUID id;

  @Parameters(index = "1", arity = "0..1", paramLabel = "FORMS",
      description = "Other forms: EDN text, @FILE, or - for standard input.")
  private String forms;

  private Object data;

  @Override
  void check() {
    super.check();
    data = forms == null ? null : Edn.read(TextArgument.read(forms, System.in));
  }

  @Override
  int run(SyncClient client, PrintWriter out) {
    options().catchUp(client);
    Retry retry = data == null ? client.retry(id) : client.retry(id, data);
    List<Pending> made = new ArrayList<>(List.of(retry.transaction()));
    made.addAll(retry.dependents());
    int status = ExitCode.OK;
    for (Pending pending : made) {
      status = Math.max(status, ClientPrinter.printDecision(out, options(), client, pending));
    }
    retry.stillParked().forEach(parked -> out.println("still parked: " + parked));
    return status;
  }
}
