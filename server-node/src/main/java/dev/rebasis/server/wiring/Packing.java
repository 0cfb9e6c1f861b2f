package dev.rebasis.server.wiring;

import com.github.luben.zstd.ZstdOutputStream;
import com.github.luben.zstd.util.Native;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Locale;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/** How a load is compressed, fast rather than small: it then keeps up with what a client can take in. */
enum Packing {
  /** Not at all. */
  NONE("identity"),
  /** For whoever cannot do better. */
  GZIP("gzip"),
  /** Smaller and faster than gzip. */
  ZSTD("zstd");

  private static final int BUFFER_BYTES = 64 << 10;
  private static final int ZSTD_LEVEL = 1;

  /** Its native part may be missing for this machine. */
  private static final boolean HAS_ZSTD = hasZstd();

  private final String encoding;

  Packing(String encoding) {
    this.encoding = encoding;
  }

  private static boolean hasZstd() {
    try {
      Native.load();
      return true;
    } catch (LinkageError e) {
      return false;
    }
  }

  /** The best of those that a client accepts, by its header {@code Accept-Encoding}, which may be null. */
  static Packing of(String accepted) {
    Packing best = NONE;
    for (String one : (accepted == null ? "" : accepted).toLowerCase(Locale.ROOT).split(",")) {
      String[] parts = one.strip().split("\\s*;\\s*", 2);
      boolean refused = parts.length > 1 && parts[1].matches("q=0(\\.0{0,3})?");
      for (Packing packing : values()) {
        if (!refused && (packing != ZSTD || HAS_ZSTD) && packing.encoding.equals(parts[0]) && packing.compareTo(best) > 0) {
          best = packing;
        }
      }
    }
    return best;
  }

  /** The word for it in HTTP headers. */
  String encoding() {
    return encoding;
  }

  /** Compresses what is written; closing it closes the other. */
  OutputStream pack(OutputStream out) throws IOException {
    return switch (this) {
      case NONE -> out;
      case GZIP -> new FastGzip(out);
      case ZSTD -> new ZstdOutputStream(out, ZSTD_LEVEL);
    };
  }

  private static final class FastGzip extends GZIPOutputStream {
    FastGzip(OutputStream out) throws IOException {
      super(out, BUFFER_BYTES);
      def.setLevel(Deflater.BEST_SPEED);
    }
  }
}
