/**
 * Whole-system simulation: one seed becomes a {@link dev.rebasis.simulations.sim.Plan}, a plan is played in a virtual
 * world of real clients and a real server, and checkers say whether the promises held.
 *
 * <p>Lives here: plans, faults, playing, traces, shrinking, coverage. May not live here: what clients write (package
 * {@code workload}), what is promised (package {@code check}), how it is shown ({@code report}, {@code cli}).
 */
package dev.rebasis.simulations.sim;
