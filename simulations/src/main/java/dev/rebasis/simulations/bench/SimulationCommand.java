package dev.rebasis.simulations.bench;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.rebasis.error.RebasisException;
import dev.rebasis.simulations.sim.Fault;
import dev.rebasis.simulations.sim.Settings;
import dev.rebasis.simulations.sim.Simulator;
import dev.rebasis.simulations.sim.Verdict;
import dev.rebasis.simulations.workload.Workloads;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code rebasis bench simulate}: how much virtual time simulations play in a second. */
@Command(
    name = "simulate",
    mixinStandardHelpOptions = true,
    description = {
      "Plays simulations of clients that each write once a virtual minute, storage code and checks included, and tells how",
      "many client-hours they play in a second of real time: the median of the rounds, after a warm-up."
    })
final class SimulationCommand implements Callable<Integer> {
  private static final long PACE_MILLIS = 60_000;
  private static final double MILLIS_AN_HOUR = 3.6e6;

  @Spec private CommandSpec spec;

  @Option(names = "--clients", paramLabel = "N", defaultValue = "5", description = "Clients (default: ${DEFAULT-VALUE}).")
  private int clients;

  @Option(names = "--hours", paramLabel = "N", defaultValue = "4",
      description = "Virtual hours of each simulation (default: ${DEFAULT-VALUE}).")
  private int hours;

  @Option(names = "--faults", paramLabel = "KINDS", defaultValue = "none",
      description = "Kinds of faults, as of 'rebasis simulate' (default: ${DEFAULT-VALUE}).")
  private String faults;

  @Option(names = "--workloads", paramLabel = "NAMES", split = ",", defaultValue = "bank,counters,sets",
      description = "Workloads that take turns (default: ${DEFAULT-VALUE}: those that find something to write each time).")
  private List<String> workloads;

  @Option(names = "--threads", paramLabel = "N", description = "How many at once (default: one for each processor).")
  private Integer threads;

  @Option(names = "--warm-up", paramLabel = "SECONDS", defaultValue = "60",
      description = "Not counted (default: ${DEFAULT-VALUE}).")
  private int warmUp;

  @Option(names = "--rounds", paramLabel = "N", defaultValue = "5", description = "Rounds (default: ${DEFAULT-VALUE}).")
  private int rounds;

  @Option(names = "--seeds", paramLabel = "N", defaultValue = "6",
      description = "Simulations of a round, for each thread (default: ${DEFAULT-VALUE}).")
  private int seeds;

  @Option(names = "--json", description = "Print exactly one line of JSON.")
  private boolean json;

  private long nextSeed = 1;
  private long writes;
  private double hoursPlayed;

  @Override
  public Integer call() {
    Simulator simulator = new Simulator(settings(), List.of());
    ((Logger) LoggerFactory.getLogger("dev.rebasis")).setLevel(Level.OFF);
    PrintWriter progress = spec.commandLine().getErr();
    progress.println("simulate: warming up for " + warmUp + " s");
    long warm = System.nanoTime() + warmUp * 1_000_000_000L;
    while (System.nanoTime() < warm) {
      play(simulator, workers());
    }
    writes = 0;
    hoursPlayed = 0;
    double[] rates = new double[rounds];
    for (int round = 0; round < rounds; round++) {
      long begin = System.nanoTime();
      double played = play(simulator, seeds * workers());
      rates[round] = played / ((System.nanoTime() - begin) / 1e9);
      progress.println(String.format(Locale.ROOT, "simulate round %d/%d: %.1f client-hours a second",
          round + 1, rounds, rates[round]));
    }
    Arrays.sort(rates);
    double median = rates[rounds / 2];
    PrintWriter out = spec.commandLine().getOut();
    out.println(json ? String.format(Locale.ROOT, "{\"workload\":\"simulate\",\"clients\":%d,\"hours\":%d,\"threads\":%d,"
            + "\"clientHoursPerSecond\":%.2f,\"slowest\":%.2f,\"fastest\":%.2f,\"writesPerClientHour\":%.1f}",
        clients, hours, workers(), median, rates[0], rates[rounds - 1], writes / hoursPlayed)
        : String.format(Locale.ROOT, "simulate: %.1f simulated client-hours a second (%.1f to %.1f in %d rounds), %d clients, %d"
            + " hours each, %.1f writes in a client-hour, %d at once",
            median, rates[0], rates[rounds - 1], rounds, clients, hours, writes / hoursPlayed, workers()));
    out.flush();
    return 0;
  }

  /** The client-hours that were played. */
  private double play(Simulator simulator, int count) {
    List<Verdict> broken = new ArrayList<>();
    double[] played = {0};
    simulator.run(nextSeed, count, workers(), () -> !broken.isEmpty(), verdict -> {
      played[0] += verdict.tally().clientMillis() / MILLIS_AN_HOUR;
      writes += verdict.tally().writes();
      if (!verdict.isGood()) {
        broken.add(verdict);
      }
    });
    nextSeed += count;
    hoursPlayed += played[0];
    if (!broken.isEmpty()) {
      throw new IllegalStateException("seed " + broken.get(0).plan().seed() + " breaks a promise, so that its time says nothing: "
          + broken.get(0).findings());
    }
    return played[0];
  }

  private Settings settings() {
    require(clients >= 1 && clients <= 32, "--clients is a number from 1 to 32.");
    require(hours >= 1 && hours <= 100, "--hours is a number from 1 to 100.");
    require(warmUp >= 0 && rounds >= 1 && seeds >= 1, "--rounds and --seeds are 1 or more, --warm-up 0 or more.");
    require(threads == null || threads >= 1, "--threads is 1 or more.");
    try {
      return new Settings(clients, hours * 60 * clients, Fault.parse(faults),
          workloads.stream().map(Workloads::named).toList(), PACE_MILLIS);
    } catch (RebasisException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private int workers() {
    return threads == null ? Runtime.getRuntime().availableProcessors() : threads;
  }

  private void require(boolean holds, String message) {
    if (!holds) {
      throw new ParameterException(spec.commandLine(), message);
    }
  }
}
