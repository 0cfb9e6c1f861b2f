package dev.rebasis.client;

import java.util.Optional;

/**
 * Walks over the outcomes of this client's transactions in the order in which they came, and remembers durably how far
 * it is: so that a program runs an effect (sends a mail, prints a slip) for each, across restarts. Thread-safe; one
 * cursor name belongs to one consumer.
 *
 * <p>After a crash between the effect and {@link #done}, {@link #next} gives the same entry again. And when a server was
 * restored from a backup, what it had decided since is decided again, and comes a second time under a new number. For
 * exactly once, keep the transaction's id ({@code outcome().id()}) with the effect, in the same transaction as the effect,
 * and skip what is there already.
 */
public interface OutcomeCursor {
  /**
   * One outcome.
   *
   * @param n its number, rising without being reused; gaps occur. A transaction that is decided again after a restore of the
   *     server gets another one
   * @param seq the transaction's place among this client's transactions
   * @param forms the transaction as its author gave it, as EDN text
   * @param outcome what became of it; {@link SyncClient#conflicts} has its conflicts
   */
  record Entry(long n, long seq, String forms, Outcome outcome) {}

  /** The first outcome that is not done, empty if there is none now; {@link SyncClient#onOutcome} tells of new ones. */
  Optional<Entry> next();

  /**
   * Notes durably that this entry and all before it are done.
   *
   * @throws dev.rebasis.error.RebasisException if it cannot be stored
   */
  void done(Entry entry);
}
