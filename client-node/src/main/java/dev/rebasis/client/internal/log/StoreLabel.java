package dev.rebasis.client.internal.log;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.h2.store.fs.FileUtils;

/**
 * The file {@code store.txt}: tells people what the folder is, and tells the format before the database is opened, so
 * that a store of another version is refused without a byte being touched. Pure but for the file.
 */
final class StoreLabel {
  private static final Pattern FIRST_LINE = Pattern.compile("Rebasis client store, format (\\d+)\\.\\R[\\s\\S]*");

  private StoreLabel() {}

  /** The format that the label names; null if there is no label, or none that can be read. */
  static Integer format(StoreFiles files) throws IOException {
    if (!FileUtils.exists(files.labelFile())) {
      return null;
    }
    try (InputStream in = FileUtils.newInputStream(files.labelFile())) {
      Matcher matcher = FIRST_LINE.matcher(new String(in.readNBytes(4096), StandardCharsets.UTF_8));
      return matcher.matches() ? Integer.valueOf(matcher.group(1)) : null;
    }
  }

  static void write(StoreFiles files, int format) throws IOException {
    String text = """
        Rebasis client store, format %d.
        log.mv.db is the truth, an H2 database. While no program has the store open, any JDBC tool can read it:
          URL jdbc:h2:<this folder>/log;ACCESS_MODE_DATA=r  user sa, no password
        The files index.mv and index.position are made from it, and made again if they are missing.
        """.formatted(format);
    try (OutputStream out = FileUtils.newOutputStream(files.labelFile(), false)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
  }
}
