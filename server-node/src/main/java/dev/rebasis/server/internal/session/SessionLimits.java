package dev.rebasis.server.internal.session;

import dev.rebasis.protocol.ProtocolVersion;
import dev.rebasis.server.ServerLimits;

/**
 * How much one session may keep the server busy. Immutable.
 *
 * @param batchDatoms most datoms in one {@code transactions} message, unless a single transaction has more; larger
 *     ones cost less each and hold up other sessions longer
 * @param framesUnsent most {@code transactions} messages on their way to one client; bounds the memory that a slow
 *     reader takes
 * @param intentsUndecided while more pushed transactions than this wait for their outcome, no message is taken
 * @param recentDatoms how many of the newest datoms are kept encoded for sessions that are a little behind
 * @param helloMillis how long a connection may stay silent before its first message
 * @param loadDatomsMin a client that lacks at least so many datoms is asked to load them by HTTP, if it can: compressed,
 *     and without what has come and gone
 * @param sessionsMax most sessions at once; whoever comes then is told to come back later
 * @param sessionsPerUserMax most sessions of one user at once
 * @param pushRateMax most transactions a second of one user, or of one store without users; 0 for no limit
 * @param idleMillis a session whose client has said nothing for so long ends; 0 for never
 * @param protocolMin the oldest version of the protocol that is spoken
 * @param scopeBytesMax how much memory what is remembered of the entities in parts may take, about, in bytes; one user a quarter
 */
public record SessionLimits(
    int batchDatoms, int framesUnsent, int intentsUndecided, int recentDatoms, long helloMillis,
    long loadDatomsMin,
    int sessionsMax, int sessionsPerUserMax, int pushRateMax, long idleMillis, int protocolMin, long scopeBytesMax) {
  /** The limits that fit most. */
  public static final SessionLimits DEFAULT = new SessionLimits(2_000, 4, 4_096, 50_000, 10_000, 20_000, 10_000,
      1_000);

  /** Without limits on what comes in, how seldom, and what parts remember. */
  public SessionLimits(
      int batchDatoms, int framesUnsent, int intentsUndecided, int recentDatoms, long helloMillis, long loadDatomsMin,
      int sessionsMax, int sessionsPerUserMax) {
    this(batchDatoms, framesUnsent, intentsUndecided, recentDatoms, helloMillis, loadDatomsMin, sessionsMax,
        sessionsPerUserMax, 0, 0, ProtocolVersion.OLDEST, Long.MAX_VALUE);
  }

  /** With what an operator chose. */
  public SessionLimits with(ServerLimits chosen) {
    return new SessionLimits(batchDatoms, framesUnsent, intentsUndecided, recentDatoms, helloMillis, loadDatomsMin,
        chosen.sessionsMax(), chosen.sessionsPerUserMax(), chosen.pushRateMax(), chosen.idleMax().toMillis(),
        chosen.protocolMin(), chosen.scopeBytesMax());
  }

  /** With so much memory for parts. */
  SessionLimits withScopeBytes(long bytes) {
    return new SessionLimits(batchDatoms, framesUnsent, intentsUndecided, recentDatoms, helloMillis, loadDatomsMin, sessionsMax,
        sessionsPerUserMax, pushRateMax, idleMillis, protocolMin, bytes);
  }

  /** Without limits on the number of sessions. */
  public SessionLimits(
      int batchDatoms, int framesUnsent, int intentsUndecided, int recentDatoms, long helloMillis, long loadDatomsMin) {
    this(batchDatoms, framesUnsent, intentsUndecided, recentDatoms, helloMillis, loadDatomsMin, Integer.MAX_VALUE,
        Integer.MAX_VALUE);
  }
}
