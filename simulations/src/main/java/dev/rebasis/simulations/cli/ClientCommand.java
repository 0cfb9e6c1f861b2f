package dev.rebasis.simulations.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code rebasis client}: looks into a client's store, writes to it and syncs it. */
@Command(
    name = "client",
    mixinStandardHelpOptions = true,
    description = {
      "Works on a client's store: reads it, writes to it, syncs it.",
      "One program at a time has a store open; these commands need one that no other has."
    },
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      ClientStatusCommand.class, ClientTransactCommand.class, ClientQueryCommand.class, ClientPullCommand.class,
      ClientEntityCommand.class, ClientSyncCommand.class, ClientPendingCommand.class, ClientPreviewCommand.class,
      ClientConflictsCommand.class, ClientParkedCommand.class, ClientRetryCommand.class, ClientDiscardCommand.class,
      ClientBindCommand.class, ClientUndoCommand.class, ClientVerifyCommand.class, ClientBackupCommand.class, ClientTrimCommand.class,
      CommandLine.HelpCommand.class
    })
final class ClientCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Name a command.");
  }
}
