package dev.rebasis.client.internal.log;

import dev.rebasis.client.ConflictRecord;
import dev.rebasis.client.Outcome;
import dev.rebasis.client.OutcomeCursor;
import dev.rebasis.data.Transaction;
import dev.rebasis.protocol.Intent;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/**
 * What is read from a store's log beside its owner, on connections of their own. For any thread. Each answer holds all
 * that was written before the call. Throws {@code :rebasis.error/store-damaged} if the rows are not what was written,
 * {@code store-failed} if they cannot be read.
 */
public final class LogReads {
  private final String storeName;
  private final Supplier<Connection> readers;

  LogReads(String storeName, Supplier<Connection> readers) {
    this.storeName = storeName;
    this.readers = readers;
  }

  /** Reads the confirmed transactions up to a T, by rising T. */
  public void transactionsUpTo(long t, BiConsumer<Transaction, String> consumer) {
    reading(reader -> {
      try (Statements own = new Statements(reader)) {
        new ConfirmedRows(own).read(0, t, consumer);
        return null;
      }
    });
  }

  /**
   * The first confirmed transactions after a T up to another, some at once, by rising T; none if none are left.
   */
  public List<Transaction> page(long afterT, long upToT) {
    return reading(reader -> {
      try (Statements own = new Statements(reader)) {
        return new ConfirmedRows(own).page(afterT, upToT);
      }
    });
  }

  /** The sequence number under which the transaction was made that has this one now. */
  public long madeAs(long seq) {
    return reading(reader -> {
      try (Statements own = new Statements(reader)) {
        return StoredIntents.madeAs(own, seq);
      }
    });
  }

  /**
   * The transactions made here with a lower sequence number that were pending on a T when the one was made that was made under that
   * number. Those that were moved behind it since stand where they were made.
   */
  public List<Intent> undecidedAt(long beforeSeq, long t) {
    return reading(reader -> {
      try (Statements own = new Statements(reader)) {
        return StoredIntents.undecidedAt(own, beforeSeq, t);
      }
    });
  }

  /** The transactions made here that were committed after a T, in order. */
  public List<Intent> committedAfter(long t) {
    return reading(reader -> {
      try (Statements own = new Statements(reader)) {
        return StoredIntents.committedAfter(own, t);
      }
    });
  }

  /** At which Ts up to another one the server decided what was made here. */
  public Set<Long> decidedUpTo(long t) {
    return reading(reader -> OutcomeRows.decidedUpTo(reader, t));
  }

  /** The transactions made here that were merged, parked or rejected, by rising sequence number. */
  public List<ConflictRecord> conflicts() {
    return reading(NotableRows::read);
  }

  /** A transaction made here that was decided, or null. */
  public Intent decided(UUID id) {
    return reading(reader -> {
      try (Statements own = new Statements(reader)) {
        return StoredIntents.decided(own, id);
      }
    });
  }

  /** What became of a transaction made here, without its conflicts; null if that is not known. */
  public Outcome outcome(UUID id) {
    return reading(reader -> OutcomeRows.of(reader, id));
  }

  /** Of the transactions on which some stand, beside each other, those that were taken back, or known at a T not to be committed. */
  public Set<UUID> failedBefore(List<Intent> intents, long t) {
    Set<UUID> failed = new HashSet<>();
    intents.forEach(intent -> failed.addAll(intent.terms().after()));
    intents.forEach(intent -> failed.remove(intent.id()));
    failed.removeIf(id -> {
      Outcome outcome = outcome(id);
      return outcome != null && (outcome.isCommitted() || outcome.t() > t);
    });
    return failed;
  }

  /** Whether some ended here, without the server (taken back unsent, or set aside), before the one with that number was made. */
  public boolean endedHere(long beforeSeq) {
    return reading(reader -> OutcomeRows.endedHere(reader, beforeSeq));
  }

  /** How far a cursor over the outcomes is, 0 if nobody moved it. */
  public long cursor(String name) {
    return reading(reader -> OutcomeRows.cursor(reader, name));
  }

  /** The outcomes after a number, in the order in which they came, at most so many. */
  public List<OutcomeCursor.Entry> outcomesAfter(long n, int max) {
    return reading(reader -> OutcomeRows.after(reader, n, max));
  }

  /**
   * The confirmed transaction with this T with everything that it did, as far as the server tells this store; null if it is
   * not there, or something of it is missing: it came with a load, was trimmed, or an entity has left the store.
   */
  public Transaction wholeTransaction(long t) {
    return reading(reader -> {
      try (Statements own = new Statements(reader)) {
        return t <= StoredSettings.wholeFrom(own) ? null : new ConfirmedRows(own).onlyIfWhole(t);
      }
    });
  }

  /** Whether the store holds only a part of the database. */
  public boolean isPart() {
    return reading(reader -> {
      try (Statements own = new Statements(reader)) {
        return StoredSettings.isPart(own);
      }
    });
  }

  private interface Read<T> {
    T from(Connection connection) throws SQLException;
  }

  private <T> T reading(Read<T> read) {
    return StoreErrors.explainingReads(storeName, () -> {
      try (Connection reader = readers.get()) {
        return read.from(reader);
      }
    });
  }
}
