package dev.rebasis.server.cli;

import picocli.CommandLine;

/** Runs the command as a process of its own. */
final class ServeMain {
  private ServeMain() {}

  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    return new CommandLine(new ServeCommand()).setExecutionExceptionHandler((error, command, parsed) -> {
      command.getErr().println("rebasis: " + error.getMessage());
      return CommandLine.ExitCode.SOFTWARE;
    });
  }
}
