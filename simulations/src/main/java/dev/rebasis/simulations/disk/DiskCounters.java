package dev.rebasis.simulations.disk;

/**
 * What was done on a disk. Immutable.
 *
 * @param operations all of the following together
 * @param reads calls that read a file
 * @param writes calls that wrote a file
 * @param writtenBytes bytes of these writes
 * @param forces calls of {@code FileChannel.force}
 * @param truncations files cut or emptied
 * @param names creations, renames and deletions
 */
public record DiskCounters(
    long operations, long reads, long writes, long writtenBytes, long forces, long truncations, long names) {}
