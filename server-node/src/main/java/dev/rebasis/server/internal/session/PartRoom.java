package dev.rebasis.server.internal.session;

import dev.rebasis.server.internal.scope.MemberRoom;
import java.util.Collection;

/**
 * How much memory one part takes, by estimate: counted in the server's sum and for each of those who pay for it. Who shares a part that
 * is there pays for all of it, but is not refused: it costs nothing more. Confined to the core.
 */
final class PartRoom implements MemberRoom {
  /** So much may be uncounted while a part is evaluated. */
  private static final long UNCOUNTED_MAX = 64 << 10;

  private final PartGroups parts;
  private final Collection<ScopeBudget> payers;
  private long counted;
  private long uncounted;

  /**
   * Takes nothing yet.
   *
   * @param payers a live view; whoever comes or goes is told to {@link #joined} and {@link #left}
   */
  PartRoom(PartGroups parts, Collection<ScopeBudget> payers) {
    this.parts = parts;
    this.payers = payers;
  }

  @Override
  public void changed(long bytes) {
    uncounted += bytes;
    if (Math.abs(uncounted) >= UNCOUNTED_MAX) {
      count();
    }
  }

  /**
   * Counts what has changed.
   *
   * @throws dev.rebasis.error.RebasisException {@code :rebasis.error/scope-cost} if it has become more than there may be
   */
  void count() {
    long more = uncounted;
    add(more);
    if (more > 0) {
      parts.checkRoom(payers);
    }
  }

  private void add(long more) {
    if (more != 0) {
      uncounted = 0;
      counted += more;
      parts.holds(more);
      payers.forEach(payer -> payer.holds(more));
    }
  }

  void joined(ScopeBudget payer) {
    payer.holds(counted);
  }

  void left(ScopeBudget payer) {
    payer.holds(-counted);
  }

  /** Nothing of it is left. */
  void release() {
    uncounted = 0;
    add(-counted);
  }
}
