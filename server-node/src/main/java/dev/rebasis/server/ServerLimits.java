package dev.rebasis.server;

import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Limits;
import dev.rebasis.protocol.ProtocolVersion;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;

/**
 * What a server lets its clients do. Immutable; the defaults suit most. Whoever meets a limit gets a typed error that says
 * when to come back, and clients come back then.
 *
 * @param messageBytesMax largest message that is taken from a client; 16 KiB to 4 MiB, the default. A client sends nothing
 *     larger than 4 MiB, and one transaction travels in one message
 * @param sessionsMax most sessions at once; default 10,000
 * @param sessionsPerUserMax most sessions of one user at once, and, with ten more, most new stores of one user in an hour;
 *     default 1,000
 * @param pushRateMax most transactions a second, over some seconds, of one user (or of one store, where there are no
 *     users); default 0, no limit
 * @param idleMax a session whose client has said nothing for so long is told to go and come back after as long again;
 *     zero, the default, for never
 * @param loadsMax most first loads at once; default 8
 * @param queriesMax most questions by HTTP at once; default 2
 * @param protocolMin oldest version of the protocol that is spoken; default the newest, since older clients have less to prove that
 *     a store is theirs
 * @param clientVersionMin oldest version of the program that clients tell ({@code SyncClient.builder().version(...)}); null,
 *     the default, for any. Those that tell none are refused if there is one
 * @param diskReserveBytes while less is free on the log's disk, pushed transactions wait and the program's own are refused
 *     ({@code :rebasis.error/disk-full}); default 64 MB, 0 to write to the end
 * @param scopeBytesMax how much memory what the server remembers of the entities in its clients' scopes, and of those that their users
 *     may see, may take, about, in bytes; one user's at most a quarter of it. At least 1 MiB; default a quarter of the heap
 */
public record ServerLimits(
    int messageBytesMax, int sessionsMax, int sessionsPerUserMax, int pushRateMax, Duration idleMax, int loadsMax,
    int queriesMax, int protocolMin, String clientVersionMin, long diskReserveBytes, long scopeBytesMax) {
  /** The defaults. */
  public static final ServerLimits DEFAULT = new ServerLimits(
      Limits.server().receiveBytesMax(), 10_000, 1_000, 0, Duration.ZERO, 8, 2, ProtocolVersion.OLDEST_GUARDED, null,
      64L << 20, Runtime.getRuntime().maxMemory() / 4);

  private static final int MESSAGE_BYTES_LEAST = 16 << 10;
  private static final long SCOPE_BYTES_LEAST = 1 << 20;

  /** Checks the ranges. */
  public ServerLimits {
    Objects.requireNonNull(idleMax, "idleMax");
    check(messageBytesMax >= MESSAGE_BYTES_LEAST && messageBytesMax <= Limits.server().receiveBytesMax(),
        "max-message-bytes is between " + MESSAGE_BYTES_LEAST + " and " + Limits.server().receiveBytesMax(),
        messageBytesMax);
    check(sessionsMax > 0, "max-sessions is at least 1", sessionsMax);
    check(sessionsPerUserMax > 0, "max-sessions-per-user is at least 1", sessionsPerUserMax);
    check(pushRateMax >= 0, "max-push-rate is not negative", pushRateMax);
    check(!idleMax.isNegative(), "idle-timeout is not negative", idleMax);
    check(loadsMax > 0 && loadsMax <= 100, "max-loads is between 1 and 100, since each takes a thread", loadsMax);
    check(queriesMax > 0 && queriesMax <= 64, "max-queries is between 1 and 64, since each takes a thread", queriesMax);
    check(diskReserveBytes >= 0, "disk-reserve-bytes is not negative", diskReserveBytes);
    check(scopeBytesMax >= SCOPE_BYTES_LEAST, "max-scope-bytes is at least " + SCOPE_BYTES_LEAST, scopeBytesMax);
    check(protocolMin >= ProtocolVersion.OLDEST && protocolMin <= ProtocolVersion.CURRENT, "min-protocol is between "
        + ProtocolVersion.OLDEST + " and " + ProtocolVersion.CURRENT, protocolMin);
    check(clientVersionMin == null || isVersion(clientVersionMin),
        "min-client-version is numbers with dots between them, such as 2.10.1", clientVersionMin);
  }

  /** Without demands on the client's version, with the usual reserve on the disk and the usual memory for scopes. */
  public ServerLimits(
      int messageBytesMax, int sessionsMax, int sessionsPerUserMax, int pushRateMax, Duration idleMax, int loadsMax,
      int queriesMax) {
    this(messageBytesMax, sessionsMax, sessionsPerUserMax, pushRateMax, idleMax, loadsMax, queriesMax,
        DEFAULT.protocolMin, null, DEFAULT.diskReserveBytes, DEFAULT.scopeBytesMax);
  }

  private static boolean isVersion(String text) {
    return text.matches("\\d{1,9}(\\.\\d{1,9}){0,5}");
  }

  /**
   * Whether a client's program is new enough.
   *
   * @param told what it tells, or null
   */
  public boolean admits(String told) {
    if (clientVersionMin == null) {
      return true;
    }
    if (told == null || !isVersion(told)) {
      return false;
    }
    String[] theirs = told.split("\\.");
    String[] least = clientVersionMin.split("\\.");
    for (int i = 0; i < least.length; i++) {
      int difference = (i < theirs.length ? Integer.parseInt(theirs[i]) : 0) - Integer.parseInt(least[i]);
      if (difference != 0) {
        return difference > 0;
      }
    }
    return true;
  }

  private static void check(boolean holds, String sentence, Object found) {
    if (!holds) {
      throw new RebasisException(Keyword.of(":rebasis.error/wrong-setting"), ErrorCategory.FIX_REQUEST,
          "The setting " + sentence + "; it is " + found + ".", Map.of(), null);
    }
  }
}
