package dev.rebasis.server.cli;

import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Looks after the devices of a running server, and after what lost ones left behind. */
@Command(
    name = "devices",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = {
      "Lists the devices of a running server, lets one in no more or again, and decides what is parked of a lost one.",
      "Answers are JSON. The token must be that of a user with the role 'operator', unless the server lets everyone in."})
public final class DevicesCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Name a command: list, revoke, admit, parked, retry or discard.");
  }

  private int ask(OperatorRequest server, String method, String page) {
    print(server.text(method, page));
    return 0;
  }

  private void print(String answer) {
    spec.commandLine().getOut().println(answer);
    spec.commandLine().getOut().flush();
  }

  @Command(mixinStandardHelpOptions = true, description = "Lists all devices: number, store, user, when it was last here,"
      + " revoked, what is parked.")
  int list(@Mixin OperatorRequest server) {
    return ask(server, "GET", "/devices");
  }

  @Command(mixinStandardHelpOptions = true, description = "Lets a device in no more; it is told so, and keeps what is pending.")
  int revoke(@Mixin OperatorRequest server, @Parameters(paramLabel = "N", description = "The device's number.") long number) {
    return ask(server, "POST", "/devices/" + number + "/revoke");
  }

  @Command(mixinStandardHelpOptions = true, description = "Lets a device in again.")
  int admit(@Mixin OperatorRequest server, @Parameters(paramLabel = "N", description = "The device's number.") long number) {
    return ask(server, "POST", "/devices/" + number + "/admit");
  }

  @Command(mixinStandardHelpOptions = true, description = "Lists what is parked of a device, with what was pushed.")
  int parked(@Mixin OperatorRequest server, @Parameters(paramLabel = "N", description = "The device's number.") long number) {
    return ask(server, "GET", "/devices/" + number + "/parked");
  }

  @Command(mixinStandardHelpOptions = true,
      description = "Decides a parked transaction again on the database of now, as one of the operator's own. Fails if it is parked or"
          + " rejected again; it is as parked as before then, unless somebody else took it up meanwhile.")
  int retry(@Mixin OperatorRequest server, @Parameters(paramLabel = "ID", description = "The transaction's id.") UUID id) {
    String answer = server.text("POST", "/parked/" + id + "/retry");
    print(answer);
    // Inside a text of the answer the quotes would be escaped.
    return answer.contains("\"kind\":\"accepted\"") || answer.contains("\"kind\":\"merged\"") ? 0 : 1;
  }

  @Command(mixinStandardHelpOptions = true, description = "Gives a parked transaction up.")
  int discard(@Mixin OperatorRequest server, @Parameters(paramLabel = "ID", description = "The transaction's id.") UUID id) {
    return ask(server, "POST", "/parked/" + id + "/discard");
  }
}
