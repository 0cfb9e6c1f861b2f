/**
 * The command {@code rebasis bench}: workloads in fresh JVMs, each beside the limit it is judged by, measured in the
 * same run.
 *
 * <p>Lives here: workloads, limits, figures. May not live here: switches that make the product faster in a benchmark
 * than for its users.
 */
package dev.rebasis.simulations.bench;
