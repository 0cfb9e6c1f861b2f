package dev.rebasis.server.internal.master;

import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import java.util.function.LongSupplier;

/** Ends what reads for too long, or too much. Confined to the thread that reads. */
final class ReadMeter {
  // Asking a clock costs more than a datom does.
  private static final int DATOMS_BETWEEN_LOOKS = 256;

  private final LongSupplier nanos;
  private final long begun;
  private final long millisMax;
  private final long datomsMax;
  private long datoms;

  /**
   * Begins.
   *
   * @param nanos a clock that only goes forward
   */
  ReadMeter(LongSupplier nanos, long millisMax, long datomsMax) {
    this.nanos = nanos;
    this.begun = nanos.getAsLong();
    this.millisMax = millisMax;
    this.datomsMax = datomsMax;
  }

  /**
   * Counts a datom.
   *
   * @return true
   * @throws RebasisException {@code :rebasis.error/query-failed} if the time is over or it is one too many
   */
  boolean read() {
    datoms++;
    if (datoms > datomsMax) {
      throw over("reads more than " + datomsMax + " datoms");
    }
    if (datoms % DATOMS_BETWEEN_LOOKS == 0 && nanos.getAsLong() - begun > millisMax * 1_000_000) {
      throw over("takes longer than " + millisMax + " ms");
    }
    return true;
  }

  private static RebasisException over(String what) {
    return new RebasisException(Keyword.of(":rebasis.error/query-failed"), ErrorCategory.FIX_REQUEST,
        "The pull " + what + ". Ask for fewer levels, or name attributes instead of '*'.");
  }
}
