package dev.rebasis.server.wiring;

import dev.rebasis.server.internal.master.MasterSetup;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs how the replay goes on, every few seconds. Confined. */
final class ProgressLog implements MasterSetup.Progress {
  private static final Logger LOG = LoggerFactory.getLogger(ProgressLog.class);
  private static final long EVERY_NANOS = 2_000_000_000L;

  private final long started = System.nanoTime();
  private long lastLogged = started;

  @Override
  public void replayed(long done, long total) {
    long now = System.nanoTime();
    if (done == total) {
      LOG.info("Replayed and verified {} transactions in {} ms.", total, (now - started) / 1_000_000);
    } else if (now - lastLogged > EVERY_NANOS) {
      lastLogged = now;
      LOG.info("Replaying the log: {} of {} transactions.", done, total);
    }
  }
}
