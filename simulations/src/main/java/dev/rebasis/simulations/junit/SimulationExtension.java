package dev.rebasis.simulations.junit;

import dev.rebasis.client.Database;
import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.simulations.check.Audit;
import dev.rebasis.simulations.sim.Coverage;
import dev.rebasis.simulations.sim.Fault;
import dev.rebasis.simulations.sim.Plan;
import dev.rebasis.simulations.sim.Rehearsal;
import dev.rebasis.simulations.sim.Settings;
import dev.rebasis.simulations.sim.Simulator;
import dev.rebasis.simulations.sim.Tally;
import dev.rebasis.simulations.sim.Verdict;
import dev.rebasis.simulations.workload.Workload;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.junit.platform.commons.support.AnnotationSupport;

/** Hands a test its world, and runs the simulations when the test has said what it wants. */
final class SimulationExtension implements ParameterResolver, InvocationInterceptor {
  private static final Namespace NAMESPACE = Namespace.create(SimulationExtension.class);
  private static final int SHRINKING_PLAYS_MAX = 150;
  private static final long SHRINKING_SECONDS_MAX = 120;

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == SimulatedWorld.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return context.getStore(NAMESPACE).computeIfAbsent(
        SimulatedWorld.class, made -> new SimulatedWorld(), SimulatedWorld.class);
  }

  @Override
  public void interceptTestMethod(
      Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context) throws Throwable {
    invocation.proceed();
    SimulatedWorld world = context.getStore(NAMESPACE).get(SimulatedWorld.class, SimulatedWorld.class);
    if (world == null) {
      throw new IllegalStateException("A @PartitionSimulation takes a SimulatedWorld as a parameter: "
          + method.getExecutable());
    }
    run(AnnotationSupport.findAnnotation(method.getExecutable(), PartitionSimulation.class).orElseThrow(), world);
  }

  /** The plan that is to be played instead of seeds; null if seeds are. */
  private static Plan kept(PartitionSimulation asked, Simulator simulator) {
    String file = System.getProperty("rebasis.simulation.plan", asked.plan());
    if (file.isEmpty()) {
      return null;
    }
    try {
      Plan plan = Simulator.plan(Files.readString(Path.of(file)));
      simulator.check(plan);
      return plan;
    } catch (IOException e) {
      throw new RebasisException(Keyword.of(":rebasis.error/wrong-setting"), ErrorCategory.PROGRAMMING_ERROR,
          "The plan " + file + " cannot be read (" + e + "): see plan in @PartitionSimulation, or -Drebasis.simulation.plan.");
    }
  }

  static void run(PartitionSimulation asked, SimulatedWorld world) {
    long seeds = Long.getLong("rebasis.simulation.seeds", asked.seeds());
    require(seeds >= 1, "a simulation plays 1 seed or more, not " + seeds + ": see seeds in @PartitionSimulation, or"
        + " -Drebasis.simulation.seeds.");
    require(asked.clients() >= 1 && asked.clients() <= 32, "clients in @PartitionSimulation is a number from 1 to 32.");
    require(asked.writes() >= 1 && asked.writes() <= 10_000, "writes in @PartitionSimulation is a number from 1 to 10000.");
    Set<Fault> faults = Fault.parse(asked.faults());
    Rehearsal.check(world.workload(), world.invariants(), world.registered());
    Settings settings = new Settings(asked.clients(), asked.writes(), faults, List.of(world.workload()));
    Simulator simulator = new Simulator(settings, world.invariants(), world.registered());
    Plan kept = kept(asked, simulator);
    int threads = Runtime.getRuntime().availableProcessors();
    Verdict[] failed = {null};
    Tally tally = new Tally();
    Consumer<Verdict> done = verdict -> {
      tally.add(verdict.tally());
      if (!verdict.isGood() && failed[0] == null) {
        failed[0] = verdict;
      }
    };
    if (kept != null) {
      done.accept(simulator.play(kept));
    } else {
      simulator.run(asked.firstSeed(), seeds, threads, () -> failed[0] != null, done);
    }
    List<Coverage.Pair> missing = !asked.coverage() || kept != null || failed[0] != null ? List.of()
        : simulator.cover(asked.firstSeed(), Coverage.wanted(settings, true), tally, threads, () -> failed[0] != null, done);
    if (failed[0] != null) {
      throw new AssertionError(told(failed[0], simulator, kept != null));
    }
    if (kept == null) {
      shown(world.workload(), tally, missing);
    }
  }

  /** A run in which something that was to be shown never happened is no good one. */
  private static void shown(Workload workload, Tally tally, List<Coverage.Pair> missing) {
    List<String> never = tally.attempts().neverCommitted();
    if (!never.isEmpty()) {
      throw new AssertionError("Nothing is shown of what is never written. " + String.join(" ", never));
    }
    if (!missing.isEmpty()) {
      throw new AssertionError("Nothing is shown of what never met: "
          + missing.stream().map(Coverage.Pair::toString).collect(Collectors.joining(", ")) + ".");
    }
    Map<String, Long> judgements = tally.judgements().getOrDefault(workload.name(), Map.of());
    if (judges(workload) && judgements.keySet().stream().noneMatch(why -> why.startsWith(Audit.JUDGED))) {
      throw new AssertionError("Nothing is shown of how it all ended: the workload's judge was asked in none of the simulations. Why not: "
          + judgements + ". A judge that leaves out what is not sure says so (judgesUncertain()); more seeds, or fewer kinds of faults,"
          + " bring more that can be judged.");
    }
  }

  /** Whether a workload has a judge of its own. */
  private static boolean judges(Workload workload) {
    try {
      return workload.getClass().getMethod("judge", List.class, Database.class).getDeclaringClass() != Workload.class;
    } catch (NoSuchMethodException e) {
      throw new IllegalStateException("each workload has a judge", e);
    }
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new RebasisException(
          Keyword.of(":rebasis.error/wrong-setting"), ErrorCategory.PROGRAMMING_ERROR, message);
    }
  }

  private static String told(Verdict failed, Simulator simulator, boolean wasKept) {
    long endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(SHRINKING_SECONDS_MAX);
    Verdict small = simulator.shrink(failed, SHRINKING_PLAYS_MAX, () -> System.nanoTime() - endNanos > 0);
    String name = wasKept ? "the kept plan" : simulator.isOfSeed(failed) ? "seed " + failed.plan().seed()
        : "a simulation that aims at what had not met (no seed makes it)";
    return name + (failed.isOfTheWorkload() ? ": " : " broke ") + failed.findings().get(0)
        + "\n\nThe smallest plan found ends with " + Simulator.shared(failed, small)
        + "\nTo play it again: -Drebasis.simulation.plan=" + file(small.plan())
        + "\n\n" + Simulator.text(small.plan()) + "\n" + small.traceText();
  }

  /** Beside what the build leaves, where that is known: a build server keeps such files. */
  private static Path file(Plan plan) {
    try {
      Path folder = Stream.of("target", "build").map(Path::of).filter(Files::isDirectory).findFirst().orElse(null);
      String name = "rebasis-smallest-plan-" + plan.seed() + "-";
      Path file = folder == null ? Files.createTempFile(name, ".txt")
          : Files.createTempFile(Files.createDirectories(folder.resolve("rebasis-simulations")), name, ".txt");
      return Files.writeString(file, "# found by @PartitionSimulation\n" + Simulator.text(plan));
    } catch (IOException e) {
      throw new UncheckedIOException("The plan cannot be written: " + Simulator.text(plan), e);
    }
  }
}
