package dev.rebasis.simulations.cli;

import dev.rebasis.client.SyncClient;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code rebasis client trim}. */
@Command(
    name = "trim",
    mixinStandardHelpOptions = true,
    description = "Drops the confirmed history before a T from a store that no program has open. What is current and what"
        + " is pending stays.")
final class ClientTrimCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(names = "--store", required = true, paramLabel = "DIR", description = "The folder of the store.")
  private Path store;

  @Option(names = "--before", paramLabel = "T", defaultValue = "9223372036854775807",
      description = "What is past at this T goes. Default: the newest confirmed T.")
  private long before;

  @Override
  public Integer call() {
    long t = SyncClient.trimHistory(store, before);
    spec.commandLine().getOut().println("The history is complete from T " + t + " on.");
    spec.commandLine().getOut().flush();
    return 0;
  }
}
