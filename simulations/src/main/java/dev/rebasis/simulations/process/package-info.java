/**
 * Child processes of the demo, the crash test and the benchmarks: fresh JVMs on the same class path, their lines, their
 * memory, their end.
 *
 * <p>Lives here: starting, reading, killing. May not live here: what they are told.
 */
package dev.rebasis.simulations.process;
