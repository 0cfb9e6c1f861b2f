package dev.rebasis.server.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.component.LifeCycle;
import org.eclipse.jetty.websocket.core.CoreSession;
import org.eclipse.jetty.websocket.core.ExtensionConfig;
import org.eclipse.jetty.websocket.core.Frame;
import org.eclipse.jetty.websocket.core.OpCode;
import org.eclipse.jetty.websocket.core.OutgoingEntry;
import org.eclipse.jetty.websocket.core.WebSocketComponents;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: whatever goes compressed and whatever does not, messages leave in their order, and a reader that keeps its window reads what was sent.
 * Method: the extension between a sender and a line whose frames leave when the test says so; the reader has one Inflater for
 * the whole session, as RFC 7692, section 7.2.2 asks for.
 */
class SparingDeflateTest {
  private static final byte[] TAIL = {0, 0, (byte) 0xff, (byte) 0xff};
  private static final int SMALL = 300;
  private static final int LARGE = 5_000;

  private final WebSocketComponents components = new WebSocketComponents();
  private final SparingDeflate deflate = new SparingDeflate();
  private final List<Sent> out = new ArrayList<>();
  private final ArrayDeque<Callback> underWay = new ArrayDeque<>();
  private final Inflater window = new Inflater(true);
  private int told;

  /** A frame as it left; its bytes are copied, since Jetty uses its buffers again. */
  private record Sent(boolean compressed, boolean fin, byte opCode, byte[] bytes) {}

  @BeforeEach
  void begin() throws Exception {
    LifeCycle.start(components);
    deflate.setCoreSession(new CoreSession.Empty());
    deflate.init(ExtensionConfig.parse("permessage-deflate"), components);
    deflate.setNextOutgoingFrames(entry -> {
      Frame frame = entry.getFrame();
      out.add(new Sent(frame.isRsv1(), frame.isFin(), frame.getOpCode(), BufferUtil.toArray(frame.getPayload())));
      underWay.add(entry.getCallback());
    });
  }

  @AfterEach
  void end() throws Exception {
    window.end();
    LifeCycle.stop(components);
  }

  private static byte[] message(int n, int bytes) {
    StringBuilder text = new StringBuilder();
    // Much of each message is in those before it, so that a reader needs its window.
    for (int i = 0; text.length() < bytes; i++) {
      text.append("message ").append(n).append(" order ").append(i % 50).append(" of the database; ");
    }
    return text.substring(0, bytes).getBytes(StandardCharsets.US_ASCII);
  }

  private void send(Frame frame) {
    deflate.sendFrame(new OutgoingEntry.Builder(frame, Callback.from(() -> told++, failure -> {
      throw new AssertionError(failure);
    })).build());
  }

  private byte[] send(int n, int bytes) {
    byte[] message = message(n, bytes);
    send(new Frame(OpCode.BINARY, ByteBuffer.wrap(message)));
    return message;
  }

  private void lineIsFree() {
    while (!underWay.isEmpty()) {
      underWay.poll().succeeded();
    }
  }

  /** What a reader makes of all that left. */
  private List<byte[]> read() throws DataFormatException {
    List<byte[]> messages = new ArrayList<>();
    ByteArrayOutputStream current = new ByteArrayOutputStream();
    boolean compressed = false;
    for (Sent frame : out) {
      if (OpCode.isControlFrame(frame.opCode())) {
        continue;
      }
      compressed = frame.opCode() == OpCode.CONTINUATION ? compressed : frame.compressed();
      current.writeBytes(compressed ? inflated(frame.bytes()) : frame.bytes());
      if (frame.fin()) {
        if (compressed) {
          current.writeBytes(inflated(TAIL));
        }
        messages.add(current.toByteArray());
        current.reset();
      }
    }
    return messages;
  }

  private byte[] inflated(byte[] bytes) throws DataFormatException {
    window.setInput(bytes);
    ByteArrayOutputStream plain = new ByteArrayOutputStream();
    byte[] buffer = new byte[4_096];
    for (int n = window.inflate(buffer); n > 0; n = window.inflate(buffer)) {
      plain.write(buffer, 0, n);
    }
    return plain.toByteArray();
  }

  @Test
  void aSmallMessageGoesAsItIsAndALargeOneSmaller() throws Exception {
    byte[] small = send(1, SMALL);
    lineIsFree();
    byte[] large = send(2, LARGE);
    lineIsFree();
    assertThat(out.get(0).compressed()).isFalse();
    assertThat(out.get(1).compressed()).isTrue();
    assertThat(out.stream().skip(1).mapToInt(frame -> frame.bytes().length).sum()).isLessThan(LARGE / 2);
    assertThat(read()).containsExactly(small, large);
    assertThat(told).isEqualTo(2);
  }

  @Test
  void aSmallMessageDoesNotOvertakeALargeOneThatIsStillUnderWay() throws Exception {
    List<byte[]> sent = new ArrayList<>();
    sent.add(send(1, LARGE));
    sent.add(send(2, SMALL));
    sent.add(send(3, LARGE));
    sent.add(send(4, SMALL));
    assertThat(told).as("nothing has left the line").isZero();
    lineIsFree();
    sent.add(send(5, SMALL));
    lineIsFree();
    assertThat(read()).containsExactlyElementsOf(sent);
    assertThat(out.get(out.size() - 1).compressed()).as("with the line free a small one goes as it is").isFalse();
    assertThat(told).isEqualTo(5);
  }

  @Test
  void aMessageInPartsIsOneMessageHoweverSmallItsParts() throws Exception {
    byte[] first = message(1, SMALL);
    byte[] rest = message(2, SMALL);
    send(new Frame(OpCode.BINARY, false, ByteBuffer.wrap(first)));
    lineIsFree();
    // A ping may come in between, and is never compressed.
    send(new Frame(OpCode.PING, ByteBuffer.wrap(new byte[] {1, 2, 3})));
    send(new Frame(OpCode.CONTINUATION, true, ByteBuffer.wrap(rest)));
    lineIsFree();
    byte[] after = send(3, SMALL);
    lineIsFree();
    byte[] whole = new byte[2 * SMALL];
    System.arraycopy(first, 0, whole, 0, SMALL);
    System.arraycopy(rest, 0, whole, SMALL, SMALL);
    assertThat(read()).containsExactly(whole, after);
    assertThat(out).filteredOn(frame -> frame.opCode() == OpCode.PING).singleElement()
        .satisfies(ping -> assertThat(ping.compressed()).isFalse());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void aMixedStreamOnABusyLineIsReadAsItWasSent(long seed) throws Exception {
    Random random = new Random(seed);
    List<byte[]> sent = new ArrayList<>();
    for (int n = 0; n < 300; n++) {
      sent.add(send(n, 1 + (random.nextInt(4) == 0 ? random.nextInt(60_000) : random.nextInt(2_000))));
      while (!underWay.isEmpty() && random.nextInt(3) == 0) {
        underWay.poll().succeeded();
      }
    }
    lineIsFree();
    assertThat(read()).containsExactlyElementsOf(sent);
    assertThat(told).isEqualTo(300);
    assertThat(out).extracting(Sent::compressed).contains(true, false);
  }
}
