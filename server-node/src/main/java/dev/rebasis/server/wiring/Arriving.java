package dev.rebasis.server.wiring;

import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.ProtocolException;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.time.Instant;

/**
 * The message that arrives on one WebSocket, frame by frame, or the body of one post. One thread at a time adds; any may ask
 * whether it takes too long.
 */
final class Arriving {
  private static final Duration GRACE = Duration.ofSeconds(60);

  private final int bytesMax;
  private final ReceiveRoom room;
  private final String user;
  private ByteArrayOutputStream parts;
  private volatile long bytes;
  /** When its first part came; null between messages. */
  private volatile Instant since;

  /**
   * Of no message yet.
   *
   * @param user who sends; null for one without a name
   */
  Arriving(int bytesMax, ReceiveRoom room, String user) {
    this.bytesMax = bytesMax;
    this.room = room;
    this.user = user;
  }

  /**
   * One more part has come.
   *
   * @return the whole message if that was the last one, whose room the caller gives back; else null
   * @throws RebasisException if it is too large, or there is no room for it; all of it is given up then
   */
  byte[] add(byte[] part, boolean last) {
    long now = bytes + part.length;
    try {
      if (now > bytesMax) {
        throw new ProtocolException(ProtocolException.TOO_LARGE, "A message has at most " + bytesMax + " bytes.");
      }
      room.grow(user, bytes, now);
    } catch (RebasisException e) {
      giveUp();
      throw e;
    }
    if (parts == null) {
      parts = new ByteArrayOutputStream(Math.max(32, part.length));
      since = Instant.now();
    }
    parts.writeBytes(part);
    bytes = now;
    return last ? whole() : null;
  }

  private byte[] whole() {
    byte[] message = parts.toByteArray();
    forget();
    return message;
  }

  /** The connection is gone, or what came is of no use. */
  void giveUp() {
    room.give(user, bytes);
    forget();
  }

  private void forget() {
    parts = null;
    bytes = 0;
    since = null;
  }

  /** Whether a message comes more slowly than anybody's who means it. */
  boolean isTooSlow(Instant now) {
    Instant began = since;
    return began != null && now.isAfter(began.plus(GRACE).plusSeconds(bytes / SlowReaders.BYTES_A_SECOND_LEAST));
  }
}
