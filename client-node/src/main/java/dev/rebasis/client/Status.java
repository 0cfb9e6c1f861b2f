package dev.rebasis.client;

import dev.rebasis.error.RebasisException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.UUID;

/**
 * How a client is doing, at one moment. Immutable.
 *
 * @param state how it stands to its server
 * @param storeId the id of its store, made once
 * @param databaseId the database that the store follows, null before the first contact with a server
 * @param clientNumber the number that the server gave to this store, 0 before the first contact
 * @param basisT the newest confirmed T that it has, 0 if none
 * @param serverT the newest T of the server that it heard of, 0 if none
 * @param pendingCount transactions without an outcome
 * @param parkedCount transactions that wait for a person's decision
 * @param lastError the newest error of the connection, null once a session has caught up
 * @param lastDifference the newest comparison with the server that found a difference, whether it was asked for or not; null if
 *     none did since the client was opened. What differed was loaded anew since, or is being so
 * @param reconnectIn time until the next attempt to connect, null if none is due
 * @param load the load that is on its way, null if there is none: what the client lacked was so much that it is loaded by
 *     HTTP, and nothing of it is seen before its end
 * @param scopes the parts of the database that the client wants; null if it wants all of it
 * @param oldestPinnedT the T of the oldest database value whose storage is held for a program, or {@link #basisT} if
 *     there is none older
 * @param pinnedBytes about how many bytes of storage are held back for such values
 * @param counters what happened since the client was opened
 */
public record Status(
    ConnectionState state,
    UUID storeId,
    UUID databaseId,
    long clientNumber,
    long basisT,
    long serverT,
    int pendingCount,
    int parkedCount,
    RebasisException lastError,
    Verification lastDifference,
    Duration reconnectIn,
    Load load,
    Scopes scopes,
    long oldestPinnedT,
    long pinnedBytes,
    Counters counters) {
  /** Checks for nulls. */
  public Status {
    Objects.requireNonNull(state, "state");
    Objects.requireNonNull(counters, "counters");
  }

  /** How far this client is behind the server that it heard of, in steps of T (not every T is a transaction). */
  public long lag() {
    return Math.max(0, serverT - basisT);
  }

  /**
   * The parts of the database that a client wants.
   *
   * @param names their names
   * @param held whether they are held; false while a change of them is on its way, or waits for a connection
   */
  public record Scopes(List<String> names, boolean held) {
    /** Copies the list. */
    public Scopes {
      names = List.copyOf(names);
    }
  }

  /**
   * How far a load is.
   *
   * <p>Facts about transactions' own entities are not counted.
   *
   * @param datoms how many datoms have come since the client was opened, whatever was cut in between
   * @param datomsMax about how many will have come at the end: of a first load those that are current on the server, of a
   *     later one, or of one that an earlier opening began, at most so many
   */
  public record Load(long datoms, long datomsMax) {}

  /**
   * What happened since the client was opened.
   *
   * @param accepted own transactions that were committed as meant
   * @param merged own transactions that were committed after a policy resolved a conflict
   * @param duplicate how often the server was asked again about a transaction that it had decided, since its first
   *     answer was lost (such a transaction is counted in one of the others as well)
   * @param parked own transactions that were set aside for a person
   * @param rejected own transactions that were refused
   * @param rebased decisions about pending transactions that were made anew
   * @param confirmed transactions received from the server
   * @param predictedRight own transactions that the server decided as this client had predicted: same kind, same datoms
   * @param predictedWrong own transactions that it decided otherwise, though nothing was confirmed in between that this
   *     client had not seen
   * @param bytesSent bytes of messages sent, before the framing of the connection
   * @param bytesReceived bytes of messages received, likewise
   */
  public record Counters(
      long accepted,
      long merged,
      long duplicate,
      long parked,
      long rejected,
      long rebased,
      long confirmed,
      long predictedRight,
      long predictedWrong,
      long bytesSent,
      long bytesReceived) {
    /** Nothing happened yet. */
    public static final Counters ZERO = new Counters(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  }
}
