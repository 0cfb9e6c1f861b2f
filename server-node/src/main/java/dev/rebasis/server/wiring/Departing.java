package dev.rebasis.server.wiring;

import java.time.Instant;
import java.util.ArrayDeque;

/** The frames that were handed over to one WebSocket and have not left the process, oldest first. Thread-safe. */
final class Departing {
  private record Leaving(int bytes, Instant due) {}

  private final ArrayDeque<Leaving> frames = new ArrayDeque<>();
  private long bytes;

  /** A frame is handed over. It has left in time if it and all before it leave as fast as anybody reads who means it. */
  synchronized void begins(int count, Instant now) {
    bytes += count;
    frames.add(new Leaving(count, now.plus(SlowReaders.GRACE).plusSeconds(bytes / SlowReaders.BYTES_A_SECOND_LEAST)));
  }

  /** The oldest one has left. */
  synchronized void left() {
    bytes -= frames.remove().bytes();
  }

  /** Whether the other end reads more slowly than anybody's who means it. */
  synchronized boolean isTooSlow(Instant now) {
    return !frames.isEmpty() && now.isAfter(frames.peek().due());
  }
}
