package dev.rebasis.client.internal.log;

import dev.rebasis.data.Keyword;
import dev.rebasis.data.Transaction;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Intent;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * Whether entries may follow what the log was given so far. The tables would notice too, but only when they take the
 * entries over, and by then they have been acknowledged. Confined to the log's owner.
 */
final class Admission {
  private final Set<UUID> pending;
  private long seq;
  private long t;

  /** Begins with what the tables hold. */
  Admission(Collection<UUID> pending, long seq, long t) {
    this.pending = new HashSet<>(pending);
    this.seq = seq;
    this.t = t;
  }

  /**
   * Lets entries in, one after the other; after an exception this object is of no further use.
   *
   * @throws dev.rebasis.error.TransactionException {@code :rebasis.error/value-too-large}
   * @throws RebasisException {@code :rebasis.error/not-pending} for the outcome of what is not pending
   * @throws IllegalArgumentException if a sequence number or a T does not rise
   */
  void admit(List<LogEntry> entries) {
    for (LogEntry entry : entries) {
      if (entry instanceof LogEntry.IntentMade made) {
        IntentRows.checkSize(made.intent().forms());
        follow(made.intent().seq());
        pending.add(made.intent().id());
      } else if (entry instanceof LogEntry.Moved moved) {
        moved.intents().forEach(this::admitMoved);
      } else if (entry instanceof LogEntry.Decided decided && !pending.remove(decided.id())) {
        throw notPending(decided.id());
      } else if (entry instanceof LogEntry.Undone undone && !pending.remove(undone.id())) {
        throw notPending(undone.id());
      } else if (entry instanceof LogEntry.Confirmed confirmed) {
        admitConfirmed(confirmed.transactions());
      } else if (entry instanceof LogEntry.Mended mended) {
        mended.pending().forEach(intent -> pending.add(intent.id()));
      } else if (entry instanceof LogEntry.DropConfirmed) {
        t = 0;
      }
    }
  }

  private void admitMoved(Intent intent) {
    if (!pending.contains(intent.id())) {
      throw notPending(intent.id());
    }
    follow(intent.seq());
  }

  private void follow(long next) {
    if (next <= seq) {
      throw new IllegalArgumentException("sequence number " + next + " cannot follow " + seq);
    }
    seq = next;
  }

  private void admitConfirmed(List<Transaction> transactions) {
    for (Transaction transaction : transactions) {
      boolean amends = transaction.t() == t && !transaction.withdrawn().isEmpty();
      if (transaction.t() <= t && !amends) {
        throw new IllegalArgumentException(
            "T " + transaction.t() + " cannot follow T " + t + " in the log: confirmed transactions come in order");
      }
      t = transaction.t();
    }
  }

  static RebasisException notPending(UUID id) {
    return new RebasisException(Keyword.of(":rebasis.error/not-pending"), ErrorCategory.PROGRAMMING_ERROR,
        "The transaction " + id + " is not pending, so no outcome can be stored for it.",
        Map.of(Keyword.of(":id"), id), null);
  }
}
