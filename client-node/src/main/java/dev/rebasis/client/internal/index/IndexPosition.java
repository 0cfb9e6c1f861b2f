package dev.rebasis.client.internal.index;

import dev.rebasis.client.internal.log.HashChain;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.h2.store.fs.FileUtils;

/**
 * What an index file stands at. Kept in a file of its own that is written after the index file has been forced: so it
 * names only versions that are whole on the disk. An index file at any other version is made again. Immutable.
 *
 * @param incarnation of the log
 * @param t the newest T that is applied, 0 if none
 * @param chain the log's hash chain at that T
 * @param version the MVStore's version
 */
record IndexPosition(UUID incarnation, long t, String chain, long version) {
  /** The format of the index file: page layout, map names, what is in which map and in which order. */
  static final int FORMAT = 5;

  private static final int BYTES_MAX = 1024;

  static IndexPosition start(UUID incarnation) {
    return new IndexPosition(incarnation, 0, HashChain.START, 0);
  }

  /** Reads it; null if there is none, or one that cannot be read, or of another format. */
  static IndexPosition read(String file) throws IOException {
    if (!FileUtils.exists(file)) {
      return null;
    }
    String[] words;
    try (InputStream in = FileUtils.newInputStream(file)) {
      words = new String(in.readNBytes(BYTES_MAX), StandardCharsets.UTF_8).strip().split(" ");
    }
    try {
      if (words.length != 6 || !words[0].equals(Integer.toString(FORMAT))) {
        return null;
      }
      IndexPosition position = new IndexPosition(
          UUID.fromString(words[1]), Long.parseLong(words[2]), words[3], Long.parseLong(words[4]));
      return position.checksum().equals(words[5]) ? position : null;
    } catch (IllegalArgumentException e) {
      // Torn or written by someone else: as good as none.
      return null;
    }
  }

  /** Writes and forces it. Torn by a crash it is as good as none: then the index is made again. */
  void write(String file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap((content() + " " + checksum() + "\n").getBytes(StandardCharsets.UTF_8));
    try (FileChannel out = FileUtils.open(file, "rw")) {
      out.truncate(0);
      while (bytes.hasRemaining()) {
        out.write(bytes, bytes.position());
      }
      out.force(true);
    }
  }

  private String content() {
    return FORMAT + " " + incarnation + " " + t + " " + chain + " " + version;
  }

  private String checksum() {
    CRC32C crc = new CRC32C();
    crc.update(content().getBytes(StandardCharsets.UTF_8));
    return Long.toHexString(crc.getValue());
  }
}
