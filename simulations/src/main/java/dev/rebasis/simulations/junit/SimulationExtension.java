package dev.rebasis.simulations.junit;

import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.simulations.sim.Coverage;
import dev.rebasis.simulations.sim.Fault;
import dev.rebasis.simulations.sim.Rehearsal;
import dev.rebasis.simulations.sim.Settings;
import dev.rebasis.simulations.sim.Simulator;
import dev.rebasis.simulations.sim.Tally;
import dev.rebasis.simulations.sim.Verdict;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
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
    int threads = Runtime.getRuntime().availableProcessors();
    Verdict[] failed = {null};
    Tally tally = new Tally();
    Consumer<Verdict> done = verdict -> {
      tally.add(verdict.tally());
      if (!verdict.isGood() && failed[0] == null) {
        failed[0] = verdict;
      }
    };
    simulator.run(asked.firstSeed(), seeds, threads, () -> failed[0] != null, done);
    List<Coverage.Pair> missing = !asked.coverage() || failed[0] != null ? List.of()
        : simulator.cover(asked.firstSeed(), Coverage.wanted(settings, true), tally, threads, () -> failed[0] != null, done);
    if (failed[0] != null) {
      throw new AssertionError(told(failed[0], simulator.shrink(failed[0], SHRINKING_PLAYS_MAX)));
    }
    List<String> never = tally.attempts().neverCommitted();
    if (!never.isEmpty()) {
      throw new AssertionError("Nothing is shown of what is never written. " + String.join(" ", never));
    }
    if (!missing.isEmpty()) {
      throw new AssertionError("Nothing is shown of what never met: "
          + missing.stream().map(Coverage.Pair::toString).collect(Collectors.joining(", ")) + ".");
    }
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new RebasisException(
          Keyword.of(":rebasis.error/wrong-setting"), ErrorCategory.PROGRAMMING_ERROR, message);
    }
  }

  private static String told(Verdict failed, Verdict small) {
    return "seed " + failed.plan().seed() + (failed.isOfTheWorkload() ? ": " : " broke ") + failed.findings().get(0)
        + "\n\nThe smallest plan found ends with " + Simulator.shared(failed, small)
        + "\n\n" + Simulator.text(small.plan()) + "\n" + small.traceText();
  }
}
