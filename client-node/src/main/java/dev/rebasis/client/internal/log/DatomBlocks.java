package dev.rebasis.client.internal.log;

import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import java.nio.ByteBuffer;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.WriteBuffer;

/**
 * Table {@code loaded}: datoms that follow on each other as one binary value, a few thousand to a block. Writing them costs a
 * small part of what their rows cost (decision 0067). What a block holds is checked as rows are, by the hash chain. Confined as
 * {@link DatomRows} is.
 */
final class DatomBlocks {
  /** So many datoms are in a block at most: how long others wait while it becomes rows. */
  static final int DATOMS_MAX = 4_096;

  /** A block is closed when it has so many bytes; one large value may take it as far as {@link #BYTES_MAX}. */
  private static final int CLOSED_BYTES = 256 << 10;

  /** What a column takes. */
  private static final int BYTES_MAX = 1_000_000;

  /** Head, entity, attribute, T. */
  private static final int DATOM_BYTES_MIN = 4;

  /** Datoms with numbers from the first on. */
  record Block(long first, List<Datom> datoms) {}

  private final Statements statements;
  /** Up to here no block is left that could be read. */
  private long unreadable = -1;
  private int unreadableBlocks;

  DatomBlocks(Statements statements) {
    this.statements = statements;
  }

  /**
   * Writes the first of some datoms as a block.
   *
   * @param first the number of the first
   * @return how many; 0 if the first one is too large for a block
   */
  int insert(List<Datom> datoms, long first) throws SQLException {
    WriteBuffer out = new WriteBuffer(CLOSED_BYTES);
    int taken = 0;
    int end = 0;
    long e = 0;
    long t = 0;
    while (taken < Math.min(datoms.size(), DATOMS_MAX) && end < CLOSED_BYTES) {
      Datom datom = datoms.get(taken);
      int tag = ValueCodec.tag(datom.v());
      out.put((byte) (tag << 1 | (datom.added() ? 1 : 0)));
      out.putVarLong(ValueCodec.zigzag(datom.e() - e)).putVarLong(datom.a()).putVarLong(ValueCodec.zigzag(datom.t() - t));
      ValueCodec.writeContent(out, tag, datom.v());
      if (out.position() > BYTES_MAX) {
        break;
      }
      end = out.position();
      e = datom.e();
      t = datom.t();
      taken++;
    }
    if (taken > 0) {
      PreparedStatement insert = statements.get("INSERT INTO loaded VALUES (?, ?, ?)");
      insert.setLong(1, first);
      insert.setInt(2, taken);
      insert.setBytes(3, Arrays.copyOf(out.getBuffer().array(), end));
      insert.executeUpdate();
    }
    return taken;
  }

  /** Whether there is one that {@link #next} would look at. Asked after each message, so it reads no block. */
  boolean hasNext() throws SQLException {
    return count() > unreadableBlocks;
  }

  /** How many there are, with those that cannot be read. */
  int count() throws SQLException {
    // Without a condition H2 knows the number; with one it would read all blocks.
    try (ResultSet row = statements.get("SELECT count(*) FROM loaded").executeQuery()) {
      row.next();
      return row.getInt(1);
    }
  }

  /** The least number above one with which a block begins, or null. */
  private Long first(long above) throws SQLException {
    // Not min(): with a condition H2 would read all blocks for it.
    PreparedStatement select = statements.get("SELECT first_datom FROM loaded WHERE first_datom > ? ORDER BY first_datom LIMIT 1");
    select.setLong(1, above);
    try (ResultSet row = select.executeQuery()) {
      return row.next() ? row.getLong(1) : null;
    }
  }

  /**
   * The oldest of those that it could read so far, or null.
   *
   * @throws DamagedRowException if that one is not what was written; it is passed over from then on
   */
  Block next() throws SQLException {
    Long first = first(unreadable);
    if (first == null) {
      return null;
    }
    try {
      return after(first - 1);
    } catch (DamagedRowException e) {
      unreadable = first;
      unreadableBlocks++;
      throw e;
    }
  }

  /** No block is passed over any more. */
  void retry() {
    unreadable = -1;
    unreadableBlocks = 0;
  }

  /**
   * The first block that begins above a number, or null.
   *
   * @throws DamagedRowException if it is not what was written
   */
  Block after(long n) throws SQLException {
    PreparedStatement select = statements.get(
        "SELECT first_datom, datoms, content FROM loaded WHERE first_datom > ? ORDER BY first_datom LIMIT 1");
    select.setLong(1, n);
    try (ResultSet row = select.executeQuery()) {
      return row.next() ? block(row) : null;
    }
  }

  void delete(Block block) throws SQLException {
    PreparedStatement delete = statements.get("DELETE FROM loaded WHERE first_datom = ?");
    delete.setLong(1, block.first());
    delete.executeUpdate();
  }

  void deleteAll() throws SQLException {
    statements.get("DELETE FROM loaded").executeUpdate();
  }

  /** Those with numbers from one up to, not including, another one, by number. */
  List<DatomRows.Numbered> between(long from, long to) throws SQLException {
    List<DatomRows.Numbered> found = new ArrayList<>();
    PreparedStatement select = statements.get(
        "SELECT first_datom, datoms, content FROM loaded WHERE first_datom > ? AND first_datom < ? ORDER BY first_datom");
    select.setLong(1, from - DATOMS_MAX);
    select.setLong(2, to);
    try (ResultSet rows = select.executeQuery()) {
      while (rows.next()) {
        Block block = block(rows);
        for (int i = 0; i < block.datoms().size(); i++) {
          long n = block.first() + i;
          if (n >= from && n < to) {
            found.add(new DatomRows.Numbered(n, block.datoms().get(i)));
          }
        }
      }
    }
    return found;
  }

  private static Block block(ResultSet row) throws SQLException {
    long first = row.getLong(1);
    int size = row.getInt(2);
    try {
      return new Block(first, datoms(ByteBuffer.wrap(row.getBytes(3)), size));
    } catch (RuntimeException e) {
      // Flipped bytes can ask for anything: more bytes than there are, a negative length, a value that is none.
      throw new DamagedRowException("the datoms from number " + first + " on cannot be read: " + e);
    }
  }

  private static List<Datom> datoms(ByteBuffer in, int size) {
    if (size > in.remaining() / DATOM_BYTES_MIN) {
      throw new IllegalArgumentException(size + " datoms in " + in.remaining() + " bytes");
    }
    List<Datom> datoms = new ArrayList<>(size);
    long e = 0;
    long t = 0;
    for (int i = 0; i < size; i++) {
      byte head = in.get();
      e += ValueCodec.unzigzag(DataUtils.readVarLong(in));
      long a = DataUtils.readVarLong(in);
      t += ValueCodec.unzigzag(DataUtils.readVarLong(in));
      datoms.add(new Datom(e, a, ValueCodec.readContent(in, head >> 1), EntityIds.txOf(t), (head & 1) == 1));
    }
    if (in.hasRemaining()) {
      throw new IllegalArgumentException(in.remaining() + " bytes too many");
    }
    return datoms;
  }
}
