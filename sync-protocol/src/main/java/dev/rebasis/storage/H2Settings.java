package dev.rebasis.storage;

/**
 * How client and server open an H2 database whose contents they acknowledge, and how they force it.
 *
 * <p>A database is opened as {@code prefix + path + }{@link #URL_SUFFIX}, after {@code JournaledPath.register()}, and its
 * commits are acknowledged after {@link #FORCE} was executed. The prefix says what an acknowledgement survives, which is
 * the durability that a user chooses:
 *
 * <ul>
 *   <li>{@link #URL_PREFIX_POWER_LOSS}: a loss of power. The force waits for the disk.
 *   <li>{@link #URL_PREFIX_PROCESS_CRASH}: the end of the process by any means. The force hands over to the operating
 *       system. A loss of power then takes the last commits, and leaves the database as it was at an earlier moment.
 * </ul>
 *
 * <p>Without the prefix no setting is safe: H2 keeps no checksum of its pages, so a chunk that reached the disk in part
 * passes for a whole one. On a simulated disk that drops, reorders and tears what was not forced, with H2 2.4.240 and
 * {@link #FORCE} after each commit, 49 of 300 random histories broke, and 46 of 300 with {@code MAX_COMPACT_TIME=0}. With the
 * prefix: none of 1,900. The table is in docs/decisions/0003-h2-settings.md.
 *
 * <p>H2 2.5.252 must not be used: it writes into the file header the place of the chunk before the last, so that with {@code
 * WRITE_DELAY=0} 24 of 300 histories missed acknowledged rows after {@code kill -9} alone, with every write on the disk.
 *
 * <p>Stateless.
 */
public final class H2Settings {

  /** For {@code POWER_LOSS}. */
  public static final String URL_PREFIX_POWER_LOSS = "jdbc:h2:rebasis:";

  /** For {@code PROCESS_CRASH}. */
  public static final String URL_PREFIX_PROCESS_CRASH = "jdbc:h2:rebasis-lazy:";

  /**
   * Follows the path.
   *
   * <ul>
   *   <li>{@code WRITE_DELAY=0}: a commit is written when it is made, by the thread that made it. By default a thread of
   *       H2's writes within half a second, and what it writes differs from run to run.
   *   <li>{@code MAX_COMPACT_TIME=0}: no compaction at the close. With it, under the journal too, 1 of 300 histories ended in a
   *       file that H2 could not open ("Double mark").
   *   <li>{@code RETENTION_TIME=0}: space is used again at once. By default H2 waits 45 seconds, in case that the disk
   *       has not written yet; under the journal it has. Measured over 40,000 commits of one row, 1,000 rows kept: 1.8 MB
   *       and 0.16 ms a commit, against 844 MB and 1.2 ms.
   * </ul>
   */
  public static final String URL_SUFFIX = ";WRITE_DELAY=0;MAX_COMPACT_TIME=0;RETENTION_TIME=0";

  /** What was committed before is acknowledged once this statement has returned. */
  public static final String FORCE = "CHECKPOINT SYNC";

  private H2Settings() {}
}
