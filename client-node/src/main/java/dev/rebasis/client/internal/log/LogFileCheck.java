package dev.rebasis.client.internal.log;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;

/**
 * Looks at the file of a store's log before H2 opens it. Where the newest part of a file is damaged, H2 goes back to the newest
 * version that it finds whole, at worst to the empty database of the first day, and writes there; what could still be
 * saved of the rest would be written over. Stateless.
 *
 * <p>A file that was closed says in its header at which version. One that a crash left is not judged here: the journal and
 * the write-ahead log see to it.
 */
final class LogFileCheck {
  private static final int HEADER_BYTES = 4096;
  private static final Pattern CLOSED_AT = Pattern.compile("(?=.*\\bclean:1\\b).*\\bversion:([0-9a-f]{1,16})\\b.*");

  private LogFileCheck() {}

  /**
   * Refuses a file that does not hold what it held when it was closed. Writes nothing.
   *
   * @param files a store in a folder, whose log is there
   * @throws dev.rebasis.error.RebasisException {@code :rebasis.error/store-damaged}
   */
  static void check(StoreFiles files) throws IOException {
    Path journal = files.folder().resolve("log.mv.db.journal");
    if (Files.exists(journal) && Files.size(journal) > 0) {
      return;
    }
    long closedAt = closedAt(files.folder().resolve("log.mv.db"));
    if (closedAt < 0) {
      return;
    }
    long readable = newestReadable(files, closedAt);
    if (readable < closedAt) {
      throw StoreErrors.damaged(files.name(),
          "of log.mv.db only an earlier version, " + readable + " of " + closedAt + ", can be read", null);
    }
  }

  private static long newestReadable(StoreFiles files, long closedAt) {
    try (MVStore store = new MVStore.Builder().fileName(files.logFile()).readOnly().open()) {
      return store.getCurrentVersion();
    } catch (MVStoreException e) {
      if (e.getErrorCode() == DataUtils.ERROR_FILE_LOCKED) {
        // Some database tool has it open: the opening says so.
        return closedAt;
      }
      throw StoreErrors.damaged(files.name(), "H2 says: " + e.getMessage(), e);
    } catch (RuntimeException | AssertionError e) {
      // H2 has asserts about what it reads, and runs into its own arrays where these are switched off.
      throw StoreErrors.damaged(files.name(), "H2 cannot read log.mv.db: " + e, e);
    }
  }

  /** The version at which it was closed; -1 if it was not. */
  private static long closedAt(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      String header = new String(in.readNBytes(HEADER_BYTES), StandardCharsets.ISO_8859_1);
      int end = header.indexOf('\n');
      Matcher matcher = CLOSED_AT.matcher(end < 0 ? header : header.substring(0, end));
      return matcher.matches() ? Long.parseLong(matcher.group(1), 16) : -1;
    }
  }
}
