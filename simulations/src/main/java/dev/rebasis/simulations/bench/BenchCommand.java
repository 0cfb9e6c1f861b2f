package dev.rebasis.simulations.bench;

import dev.rebasis.client.Durability;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code rebasis bench}: measures one workload beside its limits. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    subcommands = {MbrainzCommand.class, JmhCommand.class, SimulationCommand.class},
    description = {
      "Measures one workload in fresh JVMs, and beside it the limit it is judged by.",
      "Results go to standard output, progress to standard error."
    })
public final class BenchCommand implements Callable<Integer> {
  /** The words of the workloads, for help and completion. */
  static final class Words implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Arrays.stream(Workload.values()).map(Workload::word).iterator();
    }
  }

  @Spec private CommandSpec spec;

  @Parameters(index = "0", arity = "0..1", paramLabel = "WORKLOAD", completionCandidates = Words.class,
      description = "One of ${COMPLETION-CANDIDATES}.")
  private String word;

  @Option(names = "--n", paramLabel = "N",
      description = "Transactions, entities or queries; the workload's own default if not given.")
  private int n;

  @Option(names = "--clients", paramLabel = "N", defaultValue = "50",
      description = "Receiving clients of fan-out, pushing ones of push, connected ones of sessions (default: ${DEFAULT-VALUE}).")
  private int clients;

  @Option(names = "--pending", paramLabel = "N", defaultValue = "10000",
      description = "Pending transactions of rebase (default: ${DEFAULT-VALUE}).")
  private int pending;

  @Option(names = "--remote", paramLabel = "N", defaultValue = "1000",
      description = "Remote transactions of rebase (default: ${DEFAULT-VALUE}).")
  private int remote;

  @Option(names = "--overlap", paramLabel = "F", defaultValue = "0.1",
      description = "Share of the remote transactions that meet a pending one, 0 to 1 (default: ${DEFAULT-VALUE}).")
  private double overlap;

  @Option(names = "--durability", paramLabel = "WORD", defaultValue = "power-loss",
      description = "power-loss (forced to disk) or process-crash (default: ${DEFAULT-VALUE}).")
  private String durability;

  @Option(names = "--rate", paramLabel = "N", defaultValue = "0",
      description = "Writes a second of fan-out and sessions; 0 for one after the other, and 10.")
  private int rate;

  @Option(names = "--processes", paramLabel = "N", defaultValue = "1",
      description = "Among how many processes the receiving clients of fan-out --rate are shared out (default: ${DEFAULT-VALUE}).")
  private int processes;

  // The figure at a steady rate is that of clients that have run for a while: until then Java compiles their code.
  @Option(names = "--warm-up", paramLabel = "SECONDS", defaultValue = "40",
      description = "How long the clients of fan-out --rate run before anything is timed (default: ${DEFAULT-VALUE}).")
  private int warmUpSeconds;

  @Option(names = "--runs", paramLabel = "N", defaultValue = "7",
      description = "Interleaved runs; figures are medians (default: ${DEFAULT-VALUE}).")
  private int runs;

  @Option(names = "--heap", paramLabel = "MB",
      description = "Heap of the JVM that runs the workload, as -Xmx; what Java gives it if not given.")
  private int heap;

  @Option(names = "--client-jvm", paramLabel = "OPTIONS",
      description = "Options of the JVM that runs the workload's client, for example \"-XX:TieredStopAtLevel=1"
          + " -XX:+UseSerialGC\", or \"\" for what Java chooses. If not given: for all clients of fan-out --rate in one"
          + " process a collector with little young memory, for others what Java chooses.")
  private String clientJvm;

  @Option(names = "--cold",
      description = "Measure a server that has just started, instead of one that has warmed up.")
  private boolean cold;

  @Option(names = "--json", description = "Print exactly one line of JSON.")
  private boolean json;

  @Override
  public Integer call() {
    Workload workload = check();
    BenchOptions options = new BenchOptions(
        n == 0 ? workload.defaultN() : n, clients, pending, remote, overlap, parseDurability(), rate, processes, warmUpSeconds);
    List<String> jvm = clientJvm(workload);
    PrintWriter out = spec.commandLine().getOut();
    BenchRun run = new BenchRun(workload, options, spec.commandLine().getErr(), heap, jvm, cold).run(runs);
    BenchReport report = new BenchReport(workload, options, run, heap, jvm);
    if (json) {
      out.println(report.json());
      out.flush();
    } else {
      report.print(out);
    }
    return 0;
  }

  private List<String> clientJvm(Workload workload) {
    if (clientJvm == null) {
      return rate > 0 && processes == 1 && heap == 0 ? workload.clientJvm() : List.of();
    }
    return clientJvm.isBlank() ? List.of() : List.of(clientJvm.trim().split("\\s+"));
  }

  private Workload check() {
    require(word != null, "Name a workload: one of " + String.join(", ", new Words()) + ", query-mbrainz, jmh, or simulate.");
    require(n >= 0 && clients > 0 && pending >= 0 && remote > 0 && runs > 0,
        "--n, --clients, --pending, --remote and --runs are positive numbers.");
    require(warmUpSeconds >= 0 && warmUpSeconds <= 200, "--warm-up is a number of seconds, at most 200.");
    require(rate >= 0, "--rate is a number of writes a second, not negative.");
    require(processes == 1 || processes > 1 && rate > 0 && clients % processes == 0,
        "--processes is 1, or with --rate a number that the clients can be shared out among evenly.");
    require(heap >= 0, "--heap is a positive number of megabytes.");
    require(overlap >= 0 && overlap <= 1, "--overlap is a share between 0 and 1.");
    try {
      return Workload.of(word);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(
          spec.commandLine(), e.getMessage() + " Take one of " + String.join(", ", new Words()) + ".", e);
    }
  }

  private Durability parseDurability() {
    return switch (durability) {
      case "power-loss" -> Durability.POWER_LOSS;
      case "process-crash" -> Durability.PROCESS_CRASH;
      default -> throw new ParameterException(
          spec.commandLine(), "--durability is power-loss or process-crash, not '" + durability + "'.");
    };
  }

  private void require(boolean holds, String message) {
    if (!holds) {
      throw new ParameterException(spec.commandLine(), message);
    }
  }
}
