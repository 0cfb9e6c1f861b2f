package dev.rebasis.server.internal.session;

import java.time.Instant;

/** For how long a client has said nothing while nothing was under way. The clock is the session's. Confined to the core. */
final class IdleTime {
  private final long millisMax;
  /** It has said something since it was asked last. */
  private boolean said;
  private Instant since;

  /** Begins; 0 is no limit. */
  IdleTime(long millisMax) {
    this.millisMax = millisMax;
  }

  /** The client has said something. */
  void heard() {
    said = true;
  }

  /** Whether it has been idle for too long; {@code busy} counts as if it spoke. */
  boolean isTooLong(Instant now, boolean busy) {
    if (said || since == null || busy) {
      said = false;
      since = now;
    }
    return millisMax > 0 && !now.isBefore(since.plusMillis(millisMax));
  }
}
