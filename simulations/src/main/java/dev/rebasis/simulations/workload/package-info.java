/**
 * What simulated clients write: operations chosen at random from a schema or by a script, and what must come of them.
 *
 * <p>May not live here: anything about nodes, time or faults.
 */
package dev.rebasis.simulations.workload;
