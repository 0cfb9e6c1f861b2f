/**
 * A disk in memory that can lose power.
 *
 * <p>H2 runs on it unchanged, through its own {@code FilePath} interface: a database as {@code jdbc:h2:simdisk:...}, an
 * {@code MVStore} as a file name. {@link dev.rebasis.simulations.disk.SimDisk} is the entry point and says what the
 * model keeps and what it may lose.
 */
package dev.rebasis.simulations.disk;
