package dev.rebasis.client.internal.log;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.h2.store.fs.FileUtils;

/**
 * Brings the tables of an older format up to date when a store is opened. Before H2 touches them the files are copied, each
 * under its name with {@code .format-N} behind it; the copies stay until somebody deletes them, or something is excised. Each step may be begun again
 * after a crash. Stateless.
 *
 * <ul>
 *   <li>2 to 3: a store may hold a part of a database.
 *   <li>3 to 4: settings may be longer (a user's name stands among them).
 *   <li>4 to 5: a transaction that ended without the server says when, among those made here.
 *   <li>5 to 6: datoms of large messages may wait to become rows.
 * </ul>
 */
final class StoreUpgrade {
  /** The oldest format that can be brought up to date. */
  static final int OLDEST = 2;

  private static final List<String> TO_3 = List.of(
      "ALTER TABLE confirmed ADD COLUMN IF NOT EXISTS withdrawn INTEGER DEFAULT 0 NOT NULL",
      "ALTER TABLE confirmed ADD COLUMN IF NOT EXISTS whole BOOLEAN DEFAULT TRUE NOT NULL",
      "CREATE TABLE IF NOT EXISTS withdrawn (t BIGINT NOT NULL, e BIGINT NOT NULL, PRIMARY KEY (t, e))",
      "CREATE TABLE IF NOT EXISTS scope (n INTEGER PRIMARY KEY, name VARCHAR(1000000) NOT NULL,"
          + " spec CHARACTER LARGE OBJECT NOT NULL)",
      """
      CREATE OR REPLACE VIEW named_datom AS
        SELECT d.n, d.t, c.instant, d.e, coalesce(a.name, cast(d.a AS VARCHAR)) AS attribute, d.type,
               coalesce(d.v, d.v_long_text) AS v, d.added
        FROM datom d
        LEFT JOIN confirmed c ON c.t = d.t
        LEFT JOIN ident a ON a.entity = d.a""");

  private static final Pattern COPY = Pattern.compile("log\\..*\\.format-\\d+(\\.part)?");

  private StoreUpgrade() {}

  /** Whether a store of this format can be opened. */
  static boolean isReadable(int format) {
    return format >= OLDEST && format <= LogTables.FORMAT;
  }

  /** Whether a file of this name is a copy that was kept, or a part of one. */
  static boolean isCopy(String name) {
    return COPY.matcher(name).matches();
  }

  /** Deletes the copies that were kept in a folder: they hold what is to be nowhere any more. */
  static void deleteCopies(Path folder) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      for (Path file : all.filter(file -> isCopy(file.getFileName().toString())).toList()) {
        Files.delete(file);
      }
    }
  }

  /** Copies the files of a store of an older format, unless that was done before. */
  static void keepCopy(StoreFiles files, int format) throws IOException {
    for (String file : List.of(files.logFile(), files.logFile() + ".journal", files.aheadFile())) {
      String copy = file + ".format-" + format;
      if (FileUtils.exists(file) && !FileUtils.exists(copy)) {
        String part = copy + ".part";
        try (InputStream in = FileUtils.newInputStream(file); OutputStream out = FileUtils.newOutputStream(part, false)) {
          in.transferTo(out);
        }
        FileUtils.move(part, copy);
      }
    }
  }

  /** Changes the tables; the caller commits, and writes the new format with it. */
  static void run(Connection connection, int from) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      if (from < 3) {
        for (String sql : TO_3) {
          statement.execute(sql);
        }
      }
      if (from < 4) {
        statement.execute("ALTER TABLE setting ALTER COLUMN text SET DATA TYPE VARCHAR(2000)");
      }
      if (from < 5) {
        statement.execute("ALTER TABLE outcome ADD COLUMN IF NOT EXISTS ended_seq BIGINT");
      }
      if (from < 6) {
        statement.execute(LogTables.LOADED);
      }
    }
  }
}
