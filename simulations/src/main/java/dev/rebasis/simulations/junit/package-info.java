/**
 * The JUnit 5 side of simulations: a team runs its own schema, operations and invariants through partitions and crashes.
 *
 * <p>May not live here: anything that tests of Rebasis itself need.
 */
package dev.rebasis.simulations.junit;
