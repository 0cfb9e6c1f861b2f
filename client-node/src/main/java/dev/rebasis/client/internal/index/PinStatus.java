package dev.rebasis.client.internal.index;

/**
 * What old database values keep from being used again. Immutable.
 *
 * @param snapshots how many snapshots are held, the newest included
 * @param oldestT the T of the oldest, or the index's own T if none is held
 * @param bytesHeldBack at most so many bytes of the index file; 0 for an index in memory
 */
public record PinStatus(int snapshots, long oldestT, long bytesHeldBack) {}
