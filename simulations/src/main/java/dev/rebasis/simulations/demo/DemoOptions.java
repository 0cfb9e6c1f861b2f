package dev.rebasis.simulations.demo;

import java.nio.file.Path;

/**
 * What the demo was asked for. Immutable.
 *
 * @param seed decides all edits and the moments of the kills
 * @param edits edits of each client, more than {@code overlap}
 * @param overlap edits of each client that touch the same fact as one of the other's
 * @param keep where the stores are left to look at, or null for a temporary folder that is deleted
 */
record DemoOptions(long seed, int edits, int overlap, Path keep) {}
