package dev.rebasis.simulations.sim;

import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.simulations.workload.Workload;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What the plans of a run are made of. Immutable.
 *
 * @param clients how many clients at most, 1 to 32; a seed takes two of them or more, if there are so many
 * @param writes about how many writes in a plan, 1 to 100,000
 * @param faults the kinds of faults that may happen; a seed takes some of them
 * @param workloads at least one; a seed takes one
 * @param paceMillis the mean time between two writes of one client, in virtual milliseconds; then a seed has all the
 *     clients and exactly so many writes. 0 if a seed chooses
 */
public record Settings(int clients, int writes, Set<Fault> faults, List<Workload> workloads, long paceMillis) {
  /** Settings whose seeds choose how fast clients write. */
  public Settings(int clients, int writes, Set<Fault> faults, List<Workload> workloads) {
    this(clients, writes, faults, workloads, 0);
  }

  /** Checks the ranges. */
  public Settings {
    if (clients < 1 || clients > 32) {
      throw new IllegalArgumentException("a simulation has 1 to 32 clients, not " + clients);
    }
    if (writes < 1 || writes > 100_000) {
      throw new IllegalArgumentException("a simulation has 1 to 100000 writes, not " + writes);
    }
    if (paceMillis < 0) {
      throw new IllegalArgumentException("a client writes every so many milliseconds, not " + paceMillis);
    }
    if (workloads.isEmpty()) {
      throw new IllegalArgumentException("a simulation needs a workload");
    }
    Objects.requireNonNull(faults, "faults");
    faults = faults.isEmpty() ? Set.of() : Set.copyOf(EnumSet.copyOf(faults));
    workloads = List.copyOf(workloads);
  }

  /**
   * The workload of this name among those of these settings.
   *
   * @throws RebasisException if there is none
   */
  Workload workload(String name) {
    return workloads.stream().filter(workload -> workload.name().equals(name)).findAny().orElseThrow(() -> new RebasisException(
        Keyword.of(":rebasis.error/unknown-workload"), ErrorCategory.FIX_REQUEST,
        "The plan's workload '" + name + "' is not here: give --schema or --workload as when the plan was found. Here are: "
            + workloads.stream().map(Workload::name).collect(Collectors.joining(", ")) + "."));
  }
}
