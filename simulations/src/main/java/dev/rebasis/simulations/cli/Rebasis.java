package dev.rebasis.simulations.cli;

import dev.rebasis.error.RebasisException;
import dev.rebasis.server.cli.DevicesCommand;
import dev.rebasis.server.cli.LogCommand;
import dev.rebasis.server.cli.ServeCommand;
import dev.rebasis.simulations.bench.BenchCommand;
import dev.rebasis.simulations.demo.DemoCommand;
import dev.rebasis.simulations.report.SimulateCommand;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine;

/** The command line's entry point. */
@Command(
    name = "rebasis",
    mixinStandardHelpOptions = true,
    version = "rebasis 0.1.0-SNAPSHOT",
    description = "A durable, queryable, writable copy of a Datomic database for programs that are often offline.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      ServeCommand.class, LogCommand.class, DevicesCommand.class, ClientCommand.class, DemoCommand.class, SimulateCommand.class, BenchCommand.class, CommandLine.HelpCommand.class
    },
    footer = {
      "",
      "Exit status: 0 done; 1 it failed, the reason is on standard error; 2 the command line is wrong.",
    })
public final class Rebasis implements Runnable {
  @Spec private CommandSpec spec;

  @Option(
      names = "--verbose",
      scope = ScopeType.INHERIT,
      description = "Log more, and print the stack trace of an error.")
  private boolean verbose;

  @Option(
      names = "--log-format",
      scope = ScopeType.INHERIT,
      paramLabel = "text|json",
      defaultValue = "${env:REBASIS_LOG_FORMAT:-text}",
      description = "How lines of the log are written on standard error: text, or json for one JSON object a line.")
  private LogLevels.Format logFormat;

  private Rebasis() {}

  /** Runs one command and exits with its status. */
  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    Rebasis top = new Rebasis();
    return new CommandLine(top)
        // An @FILE is for the command that names it: forms, not more of the command line.
        .setExpandAtFiles(false)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionStrategy(parsed -> {
          LogLevels.set(top.verbose, top.logFormat);
          return new CommandLine.RunLast().execute(parsed);
        })
        .setExecutionExceptionHandler((error, command, parsed) -> top.report(error, command));
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Name a command.");
  }

  private int report(Exception error, CommandLine command) {
    command.getErr().println("rebasis: " + sentence(error));
    if (verbose) {
      error.printStackTrace(command.getErr());
    }
    return CommandLine.ExitCode.SOFTWARE;
  }

  /** One sentence for a person: our own errors explain themselves, others are named by their class. */
  private static String sentence(Throwable error) {
    if (error instanceof RebasisException) {
      return error.getMessage();
    }
    String message = error.getMessage();
    return error.getClass().getSimpleName() + (message == null ? "" : ": " + message)
        + " (run again with --verbose for the place)";
  }
}
