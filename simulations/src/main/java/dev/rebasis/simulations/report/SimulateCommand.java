package dev.rebasis.simulations.report;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.rebasis.error.RebasisException;
import dev.rebasis.simulations.real.ProcessPlans;
import dev.rebasis.simulations.real.ProcessRuns;
import dev.rebasis.simulations.sim.Coverage;
import dev.rebasis.simulations.sim.FailAtN;
import dev.rebasis.simulations.sim.Fault;
import dev.rebasis.simulations.sim.Plan;
import dev.rebasis.simulations.sim.Rehearsal;
import dev.rebasis.simulations.sim.Settings;
import dev.rebasis.simulations.sim.Simulator;
import dev.rebasis.simulations.sim.Verdict;
import dev.rebasis.simulations.workload.Workload;
import dev.rebasis.simulations.workload.Workloads;
import dev.rebasis.simulations.world.Registered;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code rebasis simulate}. */
@Command(
    name = "simulate",
    mixinStandardHelpOptions = true,
    description = {
      "Plays real clients and a real server through faults in virtual time, and checks the promises.",
      "Exit status 1 if one is broken; the command that replays it, and a small trace, are printed."
    })
public final class SimulateCommand implements Callable<Integer> {
  /** A run of fewer seeds does not aim at the pairs that have not met. */
  private static final long SEEDS_FOR_COVERAGE = 200;

  /** Which policies settle conflicts under which faults is harder to aim at. */
  private static final long SEEDS_FOR_ALL_PAIRS = 1_000;
  private static final int SHRINKING_PLAYS_MAX = 300;

  @Spec private CommandSpec spec;

  @Option(names = "--seeds", paramLabel = "N", description = "How many seeds (default: 100; with --minutes as many as fit).")
  private Long seeds;

  @Option(names = "--seed", paramLabel = "S", description = "Only this seed.")
  private Long seed;

  @Option(names = "--from", paramLabel = "S", defaultValue = "1", description = "The first seed (default: ${DEFAULT-VALUE}).")
  private long from;

  @Option(names = "--clients", paramLabel = "N", defaultValue = "4",
      description = "Clients at most (default: ${DEFAULT-VALUE}).")
  private int clients;

  @Option(names = "--ops", paramLabel = "N", defaultValue = "40",
      description = "About how many writes a seed (default: ${DEFAULT-VALUE}).")
  private int ops;

  @Option(names = "--faults", paramLabel = "KINDS", defaultValue = "all",
      description = "Kinds of faults, separated by commas; 'all', 'none', or '-kind' for all but these"
          + " (default: ${DEFAULT-VALUE}). docs/simulations.md lists them.")
  private String faults;

  @Option(names = "--schema", paramLabel = "FILE", description = "Any operations on this schema (EDN, a vector of forms).")
  private Path schema;

  @Option(names = "--workload", paramLabel = "NAME|FILE.edn",
      description = "Only this workload, or one that a file describes (default: a seed chooses).")
  private String workload;

  @Option(names = "--pace", paramLabel = "SECONDS",
      description = "Each client writes once in so many virtual seconds; all clients and exactly --ops writes in each"
          + " seed (default: a seed chooses).")
  private Double pace;

  @Option(names = "--minutes", paramLabel = "M", description = "Goes on for so long.")
  private Double minutes;

  @Option(names = "--threads", paramLabel = "N", description = "How many at once (default: one for each processor).")
  private Integer threads;

  @Option(names = "--plan", paramLabel = "FILE", description = "Plays this trace instead of seeds.")
  private Path plan;

  @Option(names = "--processes",
      description = "Plays with real processes and sockets instead, in real time; kept to what can be done to them.")
  private boolean processes;

  @Option(names = "--seconds", paramLabel = "N", defaultValue = "20",
      description = "With --processes: how long the faults last (default: ${DEFAULT-VALUE}).")
  private int seconds;

  @Option(names = "--fail-at-n",
      description = "Lets every storage operation and message of a small scenario (or of --plan) fail in turn.")
  private boolean failAtN;

  @Option(names = "--report", paramLabel = "FILE.html", description = "Writes a page to look at.")
  private Path report;

  @Option(names = "--json", paramLabel = "FILE", description = "Writes the figures, one line; '-' for standard output.")
  private Path json;

  @Option(names = "--trace", description = "Prints the whole trace of a single seed or plan.")
  private boolean trace;

  @Option(names = "--coverage",
      description = "Aims at the pairs of fault, operation and policy that have not met, and fails if one never does, however"
          + " few the seeds (without it: from 200 seeds on).")
  private boolean coverage;

  @Option(names = "--hash", description = "Prints a line for each seed: 'trace', the seed, and the SHA-256 of its trace.")
  private boolean hash;

  private Set<Coverage.Pair> wanted = Set.of();
  private Plan keptPlan;

  @Override
  public Integer call() throws IOException {
    Settings settings = settings();
    // What programs say as they are killed by the hundred is no news.
    ((Logger) LoggerFactory.getLogger("dev.rebasis")).setLevel(Level.OFF);
    if (processes) {
      return playProcesses(settings) ? 0 : 1;
    }
    Simulator simulator = new Simulator(settings, List.of());
    RunSummary summary = new RunSummary();
    Verdict failed = failAtN ? eachPoint(simulator, summary) : plan != null ? single(simulator, summary, simulator.play(keptPlan))
        : seed != null ? single(simulator, summary, simulator.play(seed)) : many(simulator, settings, summary);
    summary.end();
    summary.print(out());
    Verdict small = null;
    if (failed != null) {
      small = shrink(simulator, failed);
    }
    boolean covered = isCovered(summary);
    write(summary, failed, small);
    return failed == null && covered ? 0 : 1;
  }

  /** As many seeds as are asked for, one if none are, or as fit into the minutes. */
  private boolean playProcesses(Settings settings) throws IOException {
    ProcessRuns runs = new ProcessRuns(out(), trace);
    if (plan != null) {
      return runs.play(keptPlan, Workloads.named(keptPlan.workload()));
    }
    long first = seed != null ? seed : from;
    long count = seed != null ? 1 : seeds != null ? seeds : minutes != null ? Long.MAX_VALUE - first : 1;
    long endNanos = minutes == null ? Long.MAX_VALUE : System.nanoTime() + (long) (minutes * 60e9);
    for (long next = first; next < first + count && System.nanoTime() < endNanos; next++) {
      Plan made = ProcessPlans.make(next, clients, ops, settings.faults(), settings.workloads(), seconds * 1000L);
      if (!runs.play(made, Workloads.named(made.workload()))) {
        return false;
      }
    }
    return true;
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }

  private Settings settings() throws IOException {
    require(clients >= 1 && clients <= 32, "--clients is a number from 1 to 32.");
    require(ops >= 1 && ops <= 100_000, "--ops is a number from 1 to 100000.");
    require(seeds == null || seeds >= 1, "--seeds is 1 or more.");
    require(threads == null || threads >= 1, "--threads is 1 or more.");
    require(pace == null || pace > 0, "--pace is more than 0.");
    require(minutes == null || minutes > 0, "--minutes is more than 0.");
    require(seconds >= 1 && seconds <= 3_600, "--seconds is a number from 1 to 3600.");
    require(!processes || schema == null && !failAtN && (workload == null || !workload.endsWith(".edn")),
        "--processes goes with the workloads that come with Rebasis only, not with --schema, a workload's file or"
            + " --fail-at-n.");
    require(schema == null || workload == null, "Give --schema or --workload, not both.");
    require(!failAtN || schema == null && workload == null && faults.equals("all"),
        "--fail-at-n strikes at each point of its own scenario or of --plan: it takes no --schema, --workload or --faults.");
    Set<Fault> kinds;
    List<Workload> workloads;
    try {
      kinds = Fault.parse(faults);
      workloads = schema != null ? List.of(Workloads.onSchema(Files.readString(schema)))
          : workload == null ? Workloads.all() : workload.endsWith(".edn")
          ? List.of(Workloads.scripted(Files.readString(Path.of(workload)))) : List.of(Workloads.named(workload));
      keptPlan = plan == null ? null : Simulator.plan(Files.readString(plan));
      if (schema != null || workload != null) {
        Rehearsal.check(workloads.get(0), List.of(), Registered.NOTHING);
      }
    } catch (NoSuchFileException e) {
      throw new ParameterException(spec.commandLine(), "There is no file " + e.getFile() + ".");
    } catch (RebasisException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage());
    }
    return new Settings(clients, ops, kinds, workloads, pace == null ? 0 : Math.max(1, Math.round(pace * 1000)));
  }

  private void require(boolean holds, String message) {
    if (!holds) {
      throw new ParameterException(spec.commandLine(), message);
    }
  }

  private Verdict single(Simulator simulator, RunSummary summary, Verdict verdict) {
    summary.add(verdict);
    if (trace) {
      out().print(Simulator.text(verdict.plan()));
      out().println();
      out().print(verdict.traceText());
    }
    return verdict.isGood() ? null : verdict;
  }

  private int workers() {
    return threads != null ? threads : Runtime.getRuntime().availableProcessors();
  }

  private Verdict eachPoint(Simulator simulator, RunSummary summary) {
    Plan scenario = plan != null ? keptPlan : FailAtN.scenario();
    List<Plan> plans = FailAtN.plans(scenario, Workloads.named(scenario.workload()), true);
    Progress progress = new Progress(spec.commandLine().getErr(), plans.size());
    Verdict[] failed = {null};
    simulator.run(plans, workers(), () -> failed[0] != null, verdict -> {
      summary.add(verdict);
      progress.show(summary);
      if (!verdict.isGood() && failed[0] == null) {
        failed[0] = verdict;
      }
    });
    progress.end();
    return failed[0];
  }

  private Verdict many(Simulator simulator, Settings settings, RunSummary summary) {
    long count = seeds != null ? seeds : minutes != null ? Long.MAX_VALUE / 2 : 100;
    long endNanos = minutes == null ? Long.MAX_VALUE : System.nanoTime() + (long) (minutes * 60e9);
    Progress progress = new Progress(spec.commandLine().getErr(), count);
    Verdict[] failed = {null};
    simulator.run(from, count, workers(), () -> failed[0] != null || System.nanoTime() > endNanos, verdict -> {
      summary.add(verdict);
      progress.show(summary);
      if (hash) {
        out().println("trace " + verdict.plan().seed() + " " + verdict.traceHash());
      }
      if (!verdict.isGood() && failed[0] == null) {
        failed[0] = verdict;
      }
    });
    // What is aimed at afterwards does not make the run a longer one.
    wanted = Coverage.wanted(settings, coverage || summary.seeds() >= SEEDS_FOR_ALL_PAIRS);
    if (failed[0] == null && asksForCoverage(summary)) {
      simulator.cover(wanted, summary.tally(), workers(), () -> failed[0] != null, verdict -> {
        summary.add(verdict);
        progress.show(summary);
        if (!verdict.isGood() && failed[0] == null) {
          failed[0] = verdict;
        }
      });
    }
    progress.end();
    return failed[0];
  }

  private Verdict shrink(Simulator simulator, Verdict failed) {
    out().println();
    out().println("BROKEN by seed " + failed.plan().seed() + ":");
    failed.findings().forEach(finding -> out().println("  " + finding));
    out().println();
    out().println("To see it again:");
    out().println("  " + replay(simulator, failed));
    out().println("Making it smaller ...");
    out().flush();
    Verdict small = simulator.shrink(failed, SHRINKING_PLAYS_MAX);
    out().println("The smallest plan found breaks " + small.findings().get(0));
    out().println("(keep it as a file and play it with: ./rebasis simulate --plan FILE" + world() + " --trace)");
    out().println();
    out().print(Simulator.text(small.plan()));
    out().println();
    out().print(small.traceText());
    return small;
  }

  private String replay(Simulator simulator, Verdict failed) {
    if (failAtN) {
      return "./rebasis simulate --fail-at-n" + (plan == null ? "" : " --plan " + plan);
    }
    if (plan != null) {
      return "./rebasis simulate --plan " + plan + world() + " --trace";
    }
    if (!failed.plan().equals(simulator.plan(failed.plan().seed()))) {
      return "./rebasis simulate --plan FILE" + world() + " --trace, with the smallest plan below in the file";
    }
    return "./rebasis simulate --seed " + failed.plan().seed() + " --clients " + clients + " --ops " + ops + " --faults "
        + faults + world() + (pace == null ? "" : " --pace " + pace) + " --trace";
  }

  /** A plan names its workload only; one from a file has to be given again. */
  private String world() {
    return (schema == null ? "" : " --schema " + schema) + (workload == null ? "" : " --workload " + workload);
  }

  /** Whether everything met that is to meet. In a short run that is not to be expected, and only told. */
  private boolean isCovered(RunSummary summary) {
    List<Coverage.Pair> missing = new Coverage(summary.tally()).missing(wanted);
    summary.neverMet(missing);
    if (missing.isEmpty()) {
      return true;
    }
    boolean asked = asksForCoverage(summary);
    if (asked) {
      out().println("Never met: " + missing.stream().map(Object::toString).collect(Collectors.joining(", ")));
    } else {
      out().println("  " + missing.size() + " pairs have not met; a run of " + SEEDS_FOR_COVERAGE
          + " seeds or more, or with --coverage, aims at them and fails if one never does.");
    }
    return !asked;
  }

  private boolean asksForCoverage(RunSummary summary) {
    return coverage || summary.seeds() >= SEEDS_FOR_COVERAGE;
  }

  private void write(RunSummary summary, Verdict failed, Verdict small) throws IOException {
    if (report != null) {
      Verdict shown = small != null ? small : summary.liveliest();
      Files.writeString(report, new HtmlReport(summary, failed, shown, small != null).html());
      out().println("The report is in " + report);
    }
    if (json != null) {
      String line = summary.json(failed);
      if (json.toString().equals("-")) {
        out().println(line);
      } else {
        Files.writeString(json, line + "\n");
      }
    }
    out().flush();
  }
}
