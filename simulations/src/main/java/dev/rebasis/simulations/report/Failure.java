package dev.rebasis.simulations.report;

import dev.rebasis.simulations.sim.Verdict;

/**
 * What a run found broken. Immutable.
 *
 * @param verdict the simulation that ended with it
 * @param name what people call it: {@code seed 17}, for example
 * @param command the one that plays it again
 */
record Failure(Verdict verdict, String name, String command) {}
