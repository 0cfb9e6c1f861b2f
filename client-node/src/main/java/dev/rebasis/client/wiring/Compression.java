package dev.rebasis.client.wiring;

import com.github.luben.zstd.ZstdInputStream;
import com.github.luben.zstd.util.Native;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;
import okhttp3.Response;
import okio.BufferedSource;
import okio.Okio;

/**
 * How a load is compressed: by zstd if the library zstd-jni is on the class path (docs/server.md), else by gzip, which Java
 * has. Pure functions.
 */
final class Compression {
  /** The largest window that a stream may ask for, 8 MiB, so that a server cannot fill the memory. */
  private static final int WINDOW_LOG_MAX = 23;
  private static final int BUFFER_BYTES = 64 << 10;
  private static final boolean HAS_ZSTD = hasZstd();

  private Compression() {}

  private static boolean hasZstd() {
    try {
      Class.forName("com.github.luben.zstd.util.Native", false, Compression.class.getClassLoader());
      return Zstd.works();
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  /** What this client understands, for the header {@code Accept-Encoding}. */
  static String accepted() {
    return HAS_ZSTD ? "zstd, gzip" : "gzip";
  }

  /**
   * The body of an answer as it was before it was compressed.
   *
   * @throws IOException if it is compressed in a way that was not asked for
   */
  static BufferedSource body(Response response) throws IOException {
    String encoding = response.header("Content-Encoding", "identity");
    InputStream plain = response.body().byteStream();
    return switch (encoding) {
      case "identity" -> response.body().source();
      case "gzip" -> Okio.buffer(Okio.source(new GZIPInputStream(plain, BUFFER_BYTES)));
      case "zstd" -> {
        if (!HAS_ZSTD) {
          throw new IOException("it is compressed by zstd, which was not asked for");
        }
        yield Okio.buffer(Okio.source(Zstd.unpack(plain)));
      }
      default -> throw new IOException("it is compressed by " + encoding + ", which was not asked for");
    };
  }

  /** Loaded only where the library is. */
  private static final class Zstd {
    private Zstd() {}

    /** Whether its native part can be used on this machine. */
    static boolean works() {
      try {
        Native.load();
        return true;
      } catch (LinkageError e) {
        return false;
      }
    }

    static InputStream unpack(InputStream packed) throws IOException {
      return new ZstdInputStream(packed).setLongMax(WINDOW_LOG_MAX);
    }
  }
}
