package dev.rebasis.simulations.sim;

import dev.rebasis.simulations.workload.Workload;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * What the plans of a run are made of. Immutable.
 *
 * @param clients how many clients at most, 1 to 32; a seed takes two of them or more, if there are so many
 * @param writes about how many writes in a plan, 1 to 10,000
 * @param faults the kinds of faults that may happen; a seed takes some of them
 * @param workloads at least one; a seed takes one
 */
public record Settings(int clients, int writes, Set<Fault> faults, List<Workload> workloads) {
  /** Checks the ranges. */
  public Settings {
    if (clients < 1 || clients > 32) {
      throw new IllegalArgumentException("a simulation has 1 to 32 clients, not " + clients);
    }
    if (writes < 1 || writes > 10_000) {
      throw new IllegalArgumentException("a simulation has 1 to 10000 writes, not " + writes);
    }
    if (workloads.isEmpty()) {
      throw new IllegalArgumentException("a simulation needs a workload");
    }
    Objects.requireNonNull(faults, "faults");
    faults = faults.isEmpty() ? Set.of() : Set.copyOf(EnumSet.copyOf(faults));
    workloads = List.copyOf(workloads);
  }

  /** The workload of this name among those of these settings. */
  Workload workload(String name) {
    return workloads.stream().filter(workload -> workload.name().equals(name)).findAny()
        .orElseThrow(() -> new IllegalArgumentException("the plan's workload is not here: " + name));
  }
}
