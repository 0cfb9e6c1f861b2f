package dev.rebasis.client.internal.log;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.function.Supplier;

/**
 * Reads the table {@code made} beside the log's owner, on a connection of its own that stays open until the log closes.
 * What waits in front of the tables is not awaited: a look-up must not have to wait for a disk that is being written.
 * Thread-safe: one lock, held while H2 gives some rows.
 */
final class MadeRows implements StoredIds.Rows, AutoCloseable {
  private static final String SELECT =
      "SELECT local_number, entity FROM made WHERE local_number >= ? AND local_number < ? ORDER BY local_number LIMIT ?";

  /** H2 holds a whole result in memory. */
  private static final int ROWS_AT_ONCE = 2048;

  private final String storeName;
  private final Supplier<Connection> readers;
  private PreparedStatement select;
  private boolean closed;

  MadeRows(String storeName, Supplier<Connection> readers) {
    this.storeName = storeName;
    this.readers = readers;
  }

  @Override
  public void between(long from, long to, StoredIds.Made consumer) {
    long[] numbers = new long[ROWS_AT_ONCE];
    long[] entities = new long[ROWS_AT_ONCE];
    long next = from;
    int count;
    do {
      long first = next;
      count = StoreErrors.explainingReads(storeName, () -> some(first, to, numbers, entities));
      // Without the lock, since the consumer may look up others.
      for (int i = 0; i < count; i++) {
        consumer.accept(numbers[i], entities[i]);
      }
      next = count == 0 ? to : numbers[count - 1] + 1;
    } while (count == ROWS_AT_ONCE && next < to);
  }

  private synchronized int some(long from, long to, long[] numbers, long[] entities) throws SQLException {
    if (closed) {
      throw StoreErrors.closed(storeName);
    }
    if (select == null) {
      select = readers.get().prepareStatement(SELECT);
    }
    select.setLong(1, from);
    select.setLong(2, to);
    select.setInt(3, ROWS_AT_ONCE);
    int count = 0;
    try (ResultSet rows = select.executeQuery()) {
      while (rows.next()) {
        numbers[count] = rows.getLong(1);
        entities[count] = rows.getLong(2);
        count++;
      }
    }
    return count;
  }

  /** Reads no more. The connection is closed with the log's others. */
  @Override
  public synchronized void close() {
    closed = true;
  }
}
