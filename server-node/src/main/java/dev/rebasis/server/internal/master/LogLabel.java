package dev.rebasis.server.internal.master;

import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.h2.store.fs.FileUtils;

/**
 * The file {@code log.txt} beside a log: tells people what the folder is, and tells the format before H2 opens the file,
 * so that a log of another version is refused without a byte being touched. Pure but for the file.
 */
final class LogLabel {
  private static final Pattern FIRST_LINE = Pattern.compile("Rebasis server log, format (\\d+)\\.\\R[\\s\\S]*");

  /** What a client's store has beside a file of the same name as ours, and how it begins. */
  private static final String CLIENTS = "store.txt";
  private static final String CLIENTS_BEGINNING = "Rebasis client store, format ";

  private LogLabel() {}

  private static String file(String path) {
    return path + ".txt";
  }

  /**
   * Refuses a log of another format, and what is a client's; one without a label is looked at by whoever opens it.
   *
   * @param path of the log without an ending; null for one in memory
   */
  static void check(String path, String name) {
    if (path == null) {
      return;
    }
    if (beginning(FileUtils.getParent(path) + "/" + CLIENTS).startsWith(CLIENTS_BEGINNING)) {
      throw new RebasisException(Keyword.of(":rebasis.error/not-a-log"), ErrorCategory.ASK_PERSON, "Where the log " + name
          + " should be is a client's store. Nothing was changed. Choose another data folder.");
    }
    Matcher matcher = FIRST_LINE.matcher(beginning(file(path)));
    if (matcher.matches() && !matcher.group(1).equals(Integer.toString(MasterLog.FORMAT))) {
      throw MasterLog.otherFormat(name, matcher.group(1));
    }
  }

  /** How a file begins; empty if there is none. */
  private static String beginning(String file) {
    if (!FileUtils.exists(file) || FileUtils.isDirectory(file)) {
      return "";
    }
    try (InputStream in = FileUtils.newInputStream(file)) {
      return new String(in.readNBytes(4096), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw unusable(file, e);
    }
  }

  /** Writes the label if there is none. */
  static void write(String path) {
    if (path == null || FileUtils.exists(file(path))) {
      return;
    }
    String text = """
        Rebasis server log, format %d.
        log.mv.db is the truth, an H2 database; while no server has it open, any JDBC tool can read it:
          URL jdbc:h2:<this folder>/log;ACCESS_MODE_DATA=r  user sa, no password
        'rebasis log' lists, verifies, backs up and restores it.
        """.formatted(MasterLog.FORMAT);
    try (OutputStream out = FileUtils.newOutputStream(file(path), false)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw unusable(file(path), e);
    }
  }

  private static RebasisException unusable(String file, IOException e) {
    return new RebasisException(Keyword.of(":rebasis.error/log-failed"), ErrorCategory.ASK_PERSON, "Cannot use the file "
        + file + ": " + e.getMessage() + ". Check the disk and its permissions.", Map.of(), e);
  }
}
