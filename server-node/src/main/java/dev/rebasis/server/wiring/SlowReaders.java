package dev.rebasis.server.wiring;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.server.Request;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Cuts off those who take a long answer, or send a long post, more slowly than anybody does who means it: each holds a place, or
 * memory, that others wait for.
 * What counts is the time that the server waited for the reader, not the time that it needed for the answer itself; so much
 * is granted to everybody, and beyond that a second for each {@value #BYTES_A_SECOND_LEAST} bytes. Thread-safe.
 */
final class SlowReaders {
  /** Slower than the slowest line that a client of ours could live with: a load of a million datoms would take an hour. */
  static final int BYTES_A_SECOND_LEAST = 4_096;
  static final Duration GRACE = Duration.ofSeconds(30);

  private static final Logger LOG = LoggerFactory.getLogger(SlowReaders.class);

  private final Set<Reader> readers = ConcurrentHashMap.newKeySet();

  /** An answer begins; to be closed when it has ended, however. */
  Reader begin(Request request) {
    Reader reader = new Reader(request);
    readers.add(reader);
    return reader;
  }

  /** To be called about once a second. */
  void tick(Instant now) {
    for (Reader reader : readers) {
      if (reader.isTooSlow(now)) {
        reader.cut();
      }
    }
  }

  /** One reader of one answer. One thread writes at a time; any may look. */
  final class Reader implements AutoCloseable {
    private final Request request;
    private volatile long bytes;
    private volatile Duration waited = Duration.ZERO;
    /** When the write that is under way began; null if none is. */
    private volatile Instant writing;

    private Reader(Request request) {
      this.request = request;
    }

    /** So many bytes are handed over now. */
    void begins(long count) {
      bytes += count;
      writing = Instant.now();
    }

    /** So many bytes more of what began have come. */
    void arrived(long count) {
      bytes += count;
    }

    /** They have left the process. */
    void ended() {
      Instant began = writing;
      writing = null;
      waited = waited.plus(Duration.between(began, Instant.now()));
    }

    private boolean isTooSlow(Instant now) {
      Instant began = writing;
      return began != null && waited.plus(Duration.between(began, now))
          .compareTo(GRACE.plusSeconds(bytes / BYTES_A_SECOND_LEAST)) > 0;
    }

    private void cut() {
      LOG.info("A client at {} is slower than {} bytes a second and is cut off.", Request.getPathInContext(request),
          BYTES_A_SECOND_LEAST);
      close();
      request.getConnectionMetaData().getConnection().getEndPoint().close(new TimeoutException("The client is too slow."));
    }

    /** What is written goes there, and is counted. */
    OutputStream watched(OutputStream out) {
      return new OutputStream() {
        @Override
        public void write(int one) throws IOException {
          write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] some, int from, int count) throws IOException {
          begins(count);
          try {
            out.write(some, from, count);
          } finally {
            ended();
          }
        }

        @Override
        public void flush() throws IOException {
          begins(0);
          try {
            out.flush();
          } finally {
            ended();
          }
        }

        @Override
        public void close() throws IOException {
          begins(0);
          try {
            out.close();
          } finally {
            ended();
          }
        }
      };
    }

    @Override
    public void close() {
      readers.remove(this);
    }
  }
}
