package dev.rebasis.server.internal.master;

import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * A log as a text file: a backup that does not depend on H2, and an export that other tools can read. UTF-8, one line a
 * transaction, columns parted by tabs: T, time, hash of the datoms, chain, tempids (EDN), forms (EDN); backslash, tab and line
 * ends inside a column as {@code \\\\}, {@code \\t}, {@code \\n}, {@code \\r}. A first line names the format; a last one the count and
 * the newest T, so that a file that was cut is known for what it is. Stateless.
 */
public final class LogArchive {
  private static final String FIRST = "rebasis-server-log\t1";
  private static final int AT_ONCE = 500;
  private static final Keyword DAMAGED = Keyword.of(":rebasis.error/archive-damaged");

  private LogArchive() {}

  /**
   * What an archive or a log holds.
   *
   * @param transactions how many
   * @param t the newest T, 0 if none
   */
  public record Summary(long transactions, long t) {}

  /**
   * A transaction of a log, for people.
   *
   * @param forms as EDN
   */
  public record Entry(long t, Instant txInstant, String forms) {}

  /** Writes a log that no server has open. Does not close the stream. */
  public static Summary write(String path, String name, OutputStream out) {
    try (MasterLog log = MasterLog.open(path, name)) {
      return write(log, Long.MAX_VALUE, out);
    }
  }

  /** Writes a log up to a T. */
  static Summary write(MasterLog log, long upToT, OutputStream out) {
    long[] counts = new long[2];
    try {
      Writer writer = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
      writer.write(FIRST + "\n");
      log.read(upToT, row -> {
        counts[0]++;
        counts[1] = row.t();
        line(row, writer);
      });
      writer.write("end\t" + counts[0] + "\t" + counts[1] + "\n");
      writer.flush();
      return new Summary(counts[0], counts[1]);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void line(LogRows.Row row, Writer out) {
    try {
      out.write(row.t() + "\t" + row.txInstant() + "\t" + HexFormat.of().formatHex(row.hash()) + "\t"
          + HexFormat.of().formatHex(row.chain()) + "\t" + escaped(row.tempids()) + "\t" + escaped(row.forms()) + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Hands out the transactions of a log that no server has open. */
  public static void list(String path, String name, Consumer<Entry> consumer) {
    try (MasterLog log = MasterLog.open(path, name)) {
      log.read(Long.MAX_VALUE, row -> consumer.accept(new Entry(row.t(), row.txInstant(), row.forms())));
    }
  }

  /**
   * Makes a log of an archive. Each line must continue the chain of the one before.
   *
   * @param from what to call the archive in messages
   * @param path where the log is to be, without an ending; there must be none
   * @throws RebasisException {@code :rebasis.error/archive-damaged} if a line was changed, or the end is missing
   */
  public static Summary read(InputStream in, String from, String path, String name) {
    try (MasterLog log = MasterLog.open(path, name)) {
      if (log.count() > 0) {
        throw new RebasisException(Keyword.of(":rebasis.error/log-not-empty"), ErrorCategory.ASK_PERSON, "There is a log "
            + name + " already, with " + log.count() + " transactions. Restore into another folder, or move that one away.");
      }
      Summary summary = lines(new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8)), from, log);
      log.force();
      return summary;
    } catch (IOException e) {
      throw damaged(from, e.getMessage(), e);
    }
  }

  private static Summary lines(BufferedReader in, String from, MasterLog log) throws IOException {
    if (!FIRST.equals(in.readLine())) {
      throw damaged(from, "its first line is not that of a server log of format 1", null);
    }
    DatomDigest digest = new DatomDigest();
    List<LogRows.Row> rows = new ArrayList<>();
    byte[] chain = new byte[LogRows.HASH_BYTES];
    long count = 0;
    long t = 0;
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      if (line.equals("end\t" + count + "\t" + t)) {
        log.appendRows(rows);
        return new Summary(count, t);
      }
      LogRows.Row row = row(line, from);
      if (row.t() <= t || !row.follows(chain, digest)) {
        throw damaged(from, "the line after T " + t + " was changed, or one before it is missing", null);
      }
      chain = row.chain();
      t = row.t();
      count++;
      rows.add(row);
      if (rows.size() == AT_ONCE) {
        log.appendRows(rows);
        rows.clear();
      }
    }
    throw damaged(from, "its end is missing after T " + t, null);
  }

  private static LogRows.Row row(String line, String from) {
    try {
      String[] columns = line.split("\t", -1);
      return new LogRows.Row(Long.parseLong(columns[0]), Instant.parse(columns[1]), plain(columns[5]), plain(columns[4]),
          HexFormat.of().parseHex(columns[2]), HexFormat.of().parseHex(columns[3]));
    } catch (RuntimeException e) {
      throw damaged(from, "a line is not that of a transaction", e);
    }
  }

  private static String escaped(String text) {
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r");
  }

  private static String plain(String escaped) {
    StringBuilder plain = new StringBuilder(escaped.length());
    for (int i = 0; i < escaped.length(); i++) {
      char c = escaped.charAt(i);
      if (c != '\\') {
        plain.append(c);
      } else {
        char code = escaped.charAt(++i);
        plain.append(code == 't' ? '\t' : code == 'n' ? '\n' : code == 'r' ? '\r' : code);
      }
    }
    return plain.toString();
  }

  /**
   * Writes a log anew without what its database was told to excise ({@code :db/excise}).
   *
   * @param target where the new log is to be, without an ending; there must be none
   * @return how many facts went; 0 if nothing was asked for, and then the new log is to be thrown away
   */
  public static long excise(String path, String name, String target, UUID id) {
    try (MasterLog from = MasterLog.open(path, name); MasterLog to = MasterLog.open(target, target)) {
      return Excisor.run(from, name, to, id);
    }
  }

  /** What the database of a log was asked to excise and still holds; replays the log. */
  public static List<ExcisionList.Asked> asked(String path, String name) {
    try (MasterLog from = MasterLog.open(path, name); MemoryDatabase whole = new MemoryDatabase()) {
      from.replay((t, txInstant, forms) -> whole.commit(forms, txInstant));
      return ExcisionList.of(whole.now());
    }
  }

  private static RebasisException damaged(String from, String how, Exception cause) {
    return new RebasisException(DAMAGED, ErrorCategory.ASK_PERSON, "The archive " + from + " is damaged: " + how
        + ". Take another one.", Map.of(), cause);
  }
}
