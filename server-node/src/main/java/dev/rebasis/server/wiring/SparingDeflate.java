package dev.rebasis.server.wiring;

import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.websocket.core.Frame;
import org.eclipse.jetty.websocket.core.OpCode;
import org.eclipse.jetty.websocket.core.OutgoingEntry;
import org.eclipse.jetty.websocket.core.internal.PerMessageDeflateExtension;

/**
 * WebSocket's compression (RFC 7692) for what gets smaller by a packet at least. Each session compresses on its own, since
 * its window is its own: for the news of one transaction to many sessions that was most of what sending cost, and saved no
 * packet. RFC 7692, section 6, lets each message go compressed or not. Thread-safe, as Jetty's own is.
 */
public final class SparingDeflate extends PerMessageDeflateExtension {
  /** The name by which the two sides agree on it. */
  static final String NAME = "permessage-deflate";

  /** With its headers such a message fits into one packet of Ethernet. */
  private static final int PLAIN_BYTES_MAX = 1_300;

  /** Messages on their way through the compression, which the next must not overtake. */
  private final AtomicInteger compressing = new AtomicInteger();

  @Override
  public void sendFrame(OutgoingEntry entry) {
    Frame frame = entry.getFrame();
    if (frame.isControlFrame()) {
      super.sendFrame(entry);
    } else if (compressing.get() == 0 && isSmallMessage(frame)) {
      nextOutgoingFrame(entry);
    } else {
      compressing.incrementAndGet();
      super.sendFrame(new OutgoingEntry.Builder(entry)
          .callback(Callback.from(entry.getCallback(), compressing::decrementAndGet)).build());
    }
  }

  private static boolean isSmallMessage(Frame frame) {
    return frame.isFin() && frame.getOpCode() != OpCode.CONTINUATION && frame.getPayloadLength() <= PLAIN_BYTES_MAX;
  }
}
