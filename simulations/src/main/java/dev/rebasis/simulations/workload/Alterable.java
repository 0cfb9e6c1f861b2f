package dev.rebasis.simulations.workload;

/** How far the schema of a workload may be altered under its hands, as the fault {@code schema} does. Immutable. */
public enum Alterable {
  /** Its attributes get indexes and lose them; others are installed beside them. Nobody who writes or asks can tell. */
  INDEXES,
  /** They get other names as well. Their former names go on meaning them, but what is read from a database has the new ones. */
  NAMES,
  /**
   * Their policies, cardinalities and uniqueness as well. What must hold has to hold all the same, and no operation may rely
   * on how many values there are.
   */
  EVERYTHING
}
