package dev.rebasis.simulations.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test that runs many simulations of real clients and a real server through faults. The method takes a
 * {@link SimulatedWorld}, says what is written and what must hold, and returns; the simulations run then. A broken
 * promise or invariant fails the test with the seed, and with the smallest trace that shows it.
 */
@Documented
@Target({ElementType.METHOD, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Test
@ExtendWith(SimulationExtension.class)
public @interface PartitionSimulation {
  /** How many seeds; the system property {@code rebasis.simulation.seeds} replaces it in longer runs. At least 1. */
  int seeds() default 50;

  /** The first seed. Give the one of a failure, and {@code seeds = 1}, to see it again. */
  long firstSeed() default 1;

  /**
   * The file of a kept plan, from the folder where the tests run: it is played alone, instead of any seed. A failure writes its smallest
   * plan to a file and names it. The system property {@code rebasis.simulation.plan} replaces it.
   */
  String plan() default "";

  /** How many clients at most, 1 to 32. */
  int clients() default 4;

  /** About how many writes in each simulation, 1 to 10,000. */
  int writes() default 40;

  /** Kinds of faults, as on the command line: {@code all}, {@code partition,crash}, {@code -clock}. */
  String faults() default "all";

  /**
   * Whether each of these faults has to meet each kind of operation, and each operation each policy that the workload says can
   * settle its conflicts. Simulations that aim at what the seeds have not brought together are played for it, and a pair that
   * never meets fails the test.
   */
  boolean coverage() default false;
}
