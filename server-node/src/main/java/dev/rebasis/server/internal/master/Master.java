package dev.rebasis.server.internal.master;

import datomic.Database;
import dev.rebasis.data.Schema;
import dev.rebasis.data.Transaction;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Fork;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.PushOutcome;
import java.io.OutputStream;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The master database of a server: decides what clients push, commits it, and tells everyone. All that it shows is
 * durable: reads, answers and broadcasts are as of {@link #forcedT()}.
 *
 * <p>Confined: all methods are called on the master's core executor, and all callbacks arrive there.
 */
public interface Master extends AutoCloseable {
  /** The id of the database, made with it. */
  UUID databaseId();

  /** The T of the newest transaction that survives a power loss. */
  long forcedT();

  /** Whether a durable transaction has this T. */
  boolean hasTransaction(long t);

  /** The database value as of {@link #forcedT()}. */
  Database database();

  /**
   * Durable transactions in the order of T, for catch-up.
   *
   * @param afterT the T that they follow on; 0 for all
   * @param datomsMax at least one transaction is returned if there is one, further ones only while the sum of datoms
   *     does not exceed this
   */
  List<Transaction> transactionsAfter(long afterT, int datomsMax);

  /** The newest schema. */
  Schema schema();

  /** About how many datoms the durable log has after a T, 0 for all; never too few. Costs no walk. */
  long datomsAfter(long afterT);

  /** About how many of these are retractions. Costs no walk. */
  long retractionsAfter(long afterT);

  /**
   * What a client that stands at a T lacks, for a first load or after a long absence.
   *
   * @param afterT a T of this database, or 0 for all
   * @return something that any thread may read
   */
  Missing missingAfter(long afterT);

  /** Registers who is told of new durable transactions, before any answer about them is given. */
  void onForced(Consumer<List<Transaction>> listener);

  /**
   * Decides and commits a client's transactions, in the order given. Outcomes come in the same order, in one or more
   * parts, each as soon as it is durable.
   */
  void push(Push push);

  /**
   * The number of a client's store, given for ever on the first call.
   *
   * @param store the store's id
   * @param answer gets the number once it is durable
   */
  void clientNumber(UUID store, Answer<Long> answer);

  /** A hash of the token under which a client pushed last, or null. */
  UUID tokenOf(long client);

  /**
   * Notes a token although nothing was pushed under it.
   *
   * @param hash a hash of it
   * @param answer gets the hash once that is durable
   */
  void setToken(long client, UUID hash, Answer<UUID> answer);

  /** A new id that nobody can guess. */
  UUID newId();

  /** The forks of the database, in the order in which they came about. */
  List<Fork> forks();

  /**
   * Notes that the database goes on in another way than before.
   *
   * @param t the newest T that both ways have in common
   * @param answer gets the fork once it is durable
   */
  void fork(long t, Answer<Fork> answer);

  /** When a durable transaction was committed; null if none has this T. */
  Instant instantOf(long t);

  /**
   * Commits a transaction of a program that runs beside the server.
   *
   * @param forms list and map forms as plain data; of functions only Datomic's own four
   * @param answer gets the result once it is durable
   */
  void transact(List<?> forms, Answer<Transacted> answer);

  /**
   * Commits a transaction that depends on what the database holds, nothing that waits for a decision or for the disk left out.
   *
   * @param forms asked in its turn, and again if others write meanwhile: makes forms as for {@link #transact} of the newest
   *     value, which may not be durable yet; what it throws is the refusal. On the writer's thread
   * @param answer gets the result once it is durable, or the refusal once that is true of what is durable
   */
  void transactOn(Function<Database, List<?>> forms, Answer<Transacted> answer);

  /**
   * Commits a transaction if it would change anything.
   *
   * @param forms as for {@link #transact}
   * @param answer gets true if it was committed, false if all of it was there already
   */
  void transactIfNew(List<?> forms, Answer<Boolean> answer);

  /**
   * Tries transactions one after the other on the present database. Nothing is committed.
   *
   * @param transactions each as for {@link #transact}
   * @param answer gets how far they can be committed; never refuses, but when the master stops
   */
  void rehearse(List<List<?>> transactions, Answer<Rehearsal> answer);

  /**
   * What {@link #rehearse} found.
   *
   * @param possible how many transactions, from the first on, can be committed
   * @param fault why the next one cannot, null if all can
   */
  record Rehearsal(int possible, RebasisException fault) {}

  /**
   * Makes sure that whatever was committed before, by whomever, is shown here. A master that is alone always does; one of
   * several nodes may be behind the others.
   *
   * @param answer gets {@link #forcedT()} as it is then
   */
  void catchUp(Answer<Long> answer);

  /**
   * Writes all that is durable to a stream, beside all else that goes on. For any thread.
   *
   * @param upToT the newest T that is wanted, at most that which is forced
   * @throws RebasisException if this master keeps no log of its own
   */
  LogArchive.Summary archive(long upToT, OutputStream out);

  /** Takes nothing more; what is not decided is refused, what is decided is still made durable and answered. */
  void stop();

  /** Counters since the start. */
  Stats stats();

  /** Closes the log and lets go of the database. Nothing may be under way. Undecided pushes are simply forgotten. */
  @Override
  void close();

  /** Where one result, or the reason why there is none, is delivered. */
  interface Answer<T> {
    /** Done, and durable. */
    void done(T result);

    /** Not done; nothing was written. */
    void refused(RebasisException reason);
  }

  /** A client's transactions and who hears of their outcomes. Identity matters; not a value. */
  interface Push {
    /** The client's number. */
    long client();

    /** The user by the client's token, or null. */
    String user();

    /** What the transactions may hold. */
    default Access access() {
      return Access.ALL;
    }

    /** At least one, by rising sequence number. */
    List<Intent> intents();

    /** Local numbers that the intents mention and that the client had made under another number. */
    default Map<Long, Long> known() {
      return Map.of();
    }

    /** A hash of the session's token, null if it has none. */
    default UUID token() {
      return null;
    }

    /** A hash of the token under which the store had pushed when the session began, null if it had not. */
    default UUID formerToken() {
      return null;
    }

    /** The session that this push is of; null if it stands alone. */
    default PushLine line() {
      return null;
    }

    /** The next outcomes, in order; at least one. */
    void decided(List<PushOutcome> outcomes);

    /** The intents that have no outcome yet stay undecided; they may be pushed again later. */
    void refused(RebasisException reason);
  }

  /**
   * A server-side program's transaction.
   *
   * @param transaction with its T
   * @param tempids the entity ids by tempid
   */
  record Transacted(Transaction transaction, Map<String, Long> tempids) {}

  /**
   * What the master has done since its start.
   *
   * @param transactions how many it committed, replayed ones not counted
   * @param forces how many times it forced the log
   * @param unforced how many committed transactions wait for the log now
   * @param queued how many pushed transactions wait for a decision now
   * @param clockBehindMillis how far the clock is behind the newest transaction; writes are refused while it is
   * @param rebased how many pushed transactions were decided on a T at which others had written since the T that they
   *     were made on
   * @param decidedAgain how many decisions were made again because another node wrote meanwhile
   * @param unreachable why what keeps the database cannot be reached, null if it can as far as is known
   */
  record Stats(long transactions, long forces, int unforced, int queued, long clockBehindMillis, long rebased,
      long decidedAgain, RebasisException unreachable) {}
}
