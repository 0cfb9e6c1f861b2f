package dev.rebasis.simulations.report;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.rebasis.simulations.real.ProcessPlans;
import dev.rebasis.simulations.real.ProcessRuns;
import dev.rebasis.simulations.sim.Coverage;
import dev.rebasis.simulations.sim.FailAtN;
import dev.rebasis.simulations.sim.Fault;
import dev.rebasis.simulations.sim.Plan;
import dev.rebasis.simulations.sim.Settings;
import dev.rebasis.simulations.sim.Simulator;
import dev.rebasis.simulations.sim.Verdict;
import dev.rebasis.simulations.workload.Workloads;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
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
  private static final long SHRINKING_SECONDS_MAX = 300;

  /** Of the minutes that a run may take seeds get so much; the rest is for what has not met. */
  private static final double SHARE_OF_SEEDS = 0.75;

  @Spec private CommandSpec spec;
  @Mixin private SimulateOptions options;

  private Set<Coverage.Pair> wanted = Set.of();
  private boolean timeIsUp;

  @Override
  public Integer call() throws IOException {
    options.check();
    // What programs say as they are killed by the hundred is no news.
    ((Logger) LoggerFactory.getLogger("dev.rebasis")).setLevel(Level.OFF);
    if (options.processes) {
      return playProcesses(options.settings()) ? 0 : 1;
    }
    Simulator simulator = new Simulator(options.settings(), List.of());
    RunSummary summary = new RunSummary();
    Missed missed = new Missed();
    Verdict failed = options.failAtN ? eachPoint(simulator, summary, missed)
        : options.plan != null ? single(summary, simulator.play(options.keptPlan()))
        : options.seed != null ? single(summary, simulator.play(options.seed)) : many(simulator, summary);
    summary.end();
    summary.print(out());
    look(summary, failed != null);
    missed.tell(out()).forEach(summary::incomplete);
    Verdict small = null;
    Failure failure = failed == null ? null : new Failure(failed, name(simulator, failed), replay(simulator, failed));
    if (failure != null) {
      // Making it smaller may take long, and whoever ends it has these already.
      write(simulator, summary, failure, null);
      small = shrink(simulator, failure);
    }
    write(simulator, summary, failure, small);
    if (options.report != null) {
      out().println("The report is in " + options.report);
    }
    printJson(summary, failed);
    return failed == null && summary.incomplete().isEmpty() ? 0 : 1;
  }

  /** As many seeds as are asked for, one if none are, or as fit into the minutes. */
  private boolean playProcesses(Settings settings) throws IOException {
    ProcessRuns runs = new ProcessRuns(out(), options.trace);
    if (options.plan != null) {
      return runs.play(options.keptPlan(), Workloads.named(options.keptPlan().workload()));
    }
    Set<Fault> impossible = ProcessPlans.impossible(settings.faults());
    if (!impossible.isEmpty()) {
      out().println("Left out, since only simulations can do them: " + ProcessPlans.words(impossible) + ".");
    }
    long first = options.seed != null ? options.seed : options.from;
    long count = options.seed != null ? 1 : options.seeds != null ? options.seeds
        : options.minutes != null ? Long.MAX_VALUE - first : 1;
    long endNanos = options.endNanos(1);
    for (long next = first; next < first + count && System.nanoTime() < endNanos; next++) {
      Plan made = ProcessPlans.make(next, options.clients, options.ops, settings.faults(), settings.workloads(),
          options.seconds * 1000L);
      if (!runs.play(made, Workloads.named(made.workload()))) {
        return false;
      }
    }
    return true;
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }

  private Verdict single(RunSummary summary, Verdict verdict) {
    summary.add(verdict);
    if (options.trace) {
      out().print(Simulator.text(verdict.plan()));
      out().println();
      out().print(verdict.traceText());
    }
    hash(verdict);
    return verdict.isGood() ? null : verdict;
  }

  private void hash(Verdict verdict) {
    if (options.hash) {
      out().println("trace " + verdict.plan().seed() + " " + verdict.traceHash());
    }
  }

  /** Notes the first that fails; tells whoever looks at the terminal. */
  private Consumer<Verdict> noting(Consumer<Verdict> counting, RunSummary summary, Progress progress, Verdict[] failed) {
    return verdict -> {
      counting.accept(verdict);
      progress.show(summary);
      if (!verdict.isGood() && failed[0] == null) {
        failed[0] = verdict;
      }
    };
  }

  private Verdict eachPoint(Simulator simulator, RunSummary summary, Missed missed) {
    Plan scenario = options.keptPlan();
    List<Plan> plans = FailAtN.plans(scenario, options.settings().workloads().stream()
        .filter(each -> each.name().equals(scenario.workload())).findFirst().orElseThrow(), true);
    Progress progress = new Progress(spec.commandLine().getErr(), plans.size());
    Verdict[] failed = {null};
    simulator.run(plans, options.workers(), () -> failed[0] != null,
        noting(summary::add, summary, progress, failed).andThen(missed::note));
    progress.end();
    return failed[0];
  }

  private Verdict many(Simulator simulator, RunSummary summary) {
    long count = options.seeds != null ? options.seeds : options.minutes != null ? Long.MAX_VALUE / 2 : 100;
    long endNanos = options.endNanos(1);
    long seedsEndNanos = options.endNanos(SHARE_OF_SEEDS);
    Progress progress = new Progress(spec.commandLine().getErr(), count);
    Verdict[] failed = {null};
    BooleanSupplier seedsEnd = () -> failed[0] != null
        || System.nanoTime() > (asksForCoverage(summary) ? seedsEndNanos : endNanos);
    simulator.run(options.from, count, options.workers(), seedsEnd,
        noting(summary::add, summary, progress, failed).andThen(this::hash));
    // What is aimed at afterwards does not make the run a longer one.
    wanted = Coverage.wanted(options.settings(), options.coverage || summary.seeds() >= SEEDS_FOR_ALL_PAIRS);
    if (failed[0] == null && asksForCoverage(summary)) {
      BooleanSupplier enough = () -> failed[0] != null || System.nanoTime() > endNanos;
      List<Coverage.Pair> missing =
          simulator.cover(options.from, wanted, summary.tally(), options.workers(), enough, noting(summary::addAimed, summary, progress, failed));
      timeIsUp = !missing.isEmpty() && System.nanoTime() > endNanos;
    }
    progress.end();
    return failed[0];
  }

  private String name(Simulator simulator, Verdict failed) {
    return options.keptPlan() != null || simulator.isOfSeed(failed) ? "seed " + failed.plan().seed()
        : "a simulation that aims at what had not met (no seed makes it)";
  }

  private Verdict shrink(Simulator simulator, Failure failure) throws IOException {
    Verdict failed = failure.verdict();
    out().println();
    out().println((failed.isOfTheWorkload() ? "THE WORKLOAD FAILED in " : "BROKEN by ") + failure.name() + ":");
    failed.findings().forEach(finding -> out().println("  " + finding));
    out().println();
    out().println("To see it again:");
    out().println("  " + failure.command());
    out().println("Making it smaller ...");
    out().flush();
    long endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(SHRINKING_SECONDS_MAX);
    Verdict small = simulator.shrink(failed, SHRINKING_PLAYS_MAX, () -> System.nanoTime() - endNanos > 0);
    if (System.nanoTime() - endNanos > 0) {
      out().println("(no longer than " + SHRINKING_SECONDS_MAX / 60 + " minutes: there may be a smaller one)");
    }
    out().println("The smallest plan found breaks " + Simulator.shared(failed, small));
    out().println("This one again: " + replay(kept(small.plan(), "smallest")));
    out().println();
    out().print(Simulator.text(small.plan()));
    out().println();
    out().print(small.traceText());
    return small;
  }

  private String replay(Simulator simulator, Verdict failed) throws IOException {
    if (options.plan != null && !options.failAtN) {
      return replay(options.plan);
    }
    if (options.failAtN || !simulator.isOfSeed(failed)) {
      return replay(kept(failed.plan(), "failed"));
    }
    return "./rebasis simulate --seed " + failed.plan().seed() + " " + options.making() + " --trace";
  }

  private String replay(Path plan) {
    return "./rebasis simulate --plan " + SimulateOptions.quoted(plan.toString()) + options.world() + " --trace";
  }

  /** Writes a plan that no seed makes to a file, beside what the run is asked to write or among the temporary files. */
  private Path kept(Plan plan, String which) throws IOException {
    Path beside = options.report != null ? options.report
        : options.json != null && !isToStandardOutput(options.json) ? options.json : null;
    String name = "rebasis-" + which + "-plan-" + plan.seed();
    Path file = beside == null ? Files.createTempFile(name + "-", ".txt") : beside.resolveSibling(name + ".txt");
    return Files.writeString(file, "# " + which + ", found by ./rebasis simulate\n" + Simulator.text(plan));
  }

  /** Notes what makes the run say less than it seems to, and tells it. */
  private void look(RunSummary summary, boolean isBroken) {
    List<Coverage.Pair> missing = new Coverage(summary.tally()).missing(wanted);
    summary.neverMet(missing);
    // Who has found something broken did not go on to what had not met.
    if (!missing.isEmpty() && !isBroken) {
      lookAtCoverage(summary, missing);
    }
    // A run in which some operation never had an effect does not show what it seems to.
    List<String> never = options.keptPlan() != null ? List.of() : summary.tally().attempts().neverCommitted();
    never.forEach(sentence -> {
      summary.incomplete(sentence);
      out().println(sentence);
    });
  }

  /** In a short run it is not to be expected that everything meets, and only told. */
  private void lookAtCoverage(RunSummary summary, List<Coverage.Pair> missing) {
    if (timeIsUp && !options.coverage) {
      out().println("  " + missing.size() + " pairs have not met before the time was up.");
    } else if (asksForCoverage(summary)) {
      String sentence = "Never met: " + missing.stream().map(Object::toString).collect(Collectors.joining(", "));
      summary.incomplete(sentence);
      out().println(sentence);
    } else {
      out().println("  " + missing.size() + " pairs have not met; a run of " + SEEDS_FOR_COVERAGE
          + " seeds or more, or with --coverage, aims at them and fails if one never does.");
    }
  }

  private boolean asksForCoverage(RunSummary summary) {
    return options.coverage || summary.seeds() >= SEEDS_FOR_COVERAGE;
  }

  private void write(Simulator simulator, RunSummary summary, Failure failed, Verdict small) throws IOException {
    if (options.report != null) {
      // Played once more: how far clients and server are apart is counted for this one only.
      Verdict shown = simulator.watch(small != null ? small : failed != null ? failed.verdict() : summary.liveliest());
      Files.writeString(options.report, new HtmlReport(summary, failed, shown, small != null).html());
    }
    if (options.json != null && !isToStandardOutput(options.json)) {
      Files.writeString(options.json, summary.json(failed == null ? null : failed.verdict()) + "\n");
    }
  }

  private static boolean isToStandardOutput(Path json) {
    return json.toString().equals("-");
  }

  private void printJson(RunSummary summary, Verdict failed) {
    if (options.json != null && isToStandardOutput(options.json)) {
      out().println(summary.json(failed));
    }
    out().flush();
  }
}
