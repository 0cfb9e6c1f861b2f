package dev.rebasis.simulations.junit;

import dev.rebasis.simulations.sim.Fault;
import dev.rebasis.simulations.sim.Rehearsal;
import dev.rebasis.simulations.sim.Settings;
import dev.rebasis.simulations.sim.Simulator;
import dev.rebasis.simulations.sim.Verdict;
import java.lang.reflect.Method;
import java.util.List;
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
    Rehearsal.check(world.workload(), world.invariants(), world.registered());
    Simulator simulator = new Simulator(new Settings(
        asked.clients(), asked.writes(), Fault.parse(asked.faults()), List.of(world.workload())), world.invariants(),
        world.registered());
    Verdict[] failed = {null};
    simulator.run(asked.firstSeed(), Long.getLong("rebasis.simulation.seeds", asked.seeds()),
        Runtime.getRuntime().availableProcessors(), () -> failed[0] != null, verdict -> {
          if (!verdict.isGood() && failed[0] == null) {
            failed[0] = verdict;
          }
        });
    if (failed[0] != null) {
      throw new AssertionError(told(failed[0], simulator.shrink(failed[0], SHRINKING_PLAYS_MAX)));
    }
  }

  private static String told(Verdict failed, Verdict small) {
    return "seed " + failed.plan().seed() + " broke " + failed.findings().get(0)
        + "\n\nThe smallest plan found breaks " + small.findings().get(0)
        + "\n\n" + Simulator.text(small.plan()) + "\n" + small.traceText();
  }
}
