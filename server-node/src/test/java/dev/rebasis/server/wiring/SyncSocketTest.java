package dev.rebasis.server.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.protocol.Limits;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.codec.WireCodec;
import dev.rebasis.server.internal.master.Access;
import dev.rebasis.server.internal.session.Frame;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.junit.jupiter.api.Test;

/** Goal: a client that reads nothing fills nothing here. Method: a socket of Jetty's that says when something was written. */
class SyncSocketTest {
  private final List<Callback> unwritten = new ArrayList<>();
  private int demanded;
  private int disconnected;

  private Session jettys() {
    return (Session) Proxy.newProxyInstance(Session.class.getClassLoader(), new Class<?>[] {Session.class}, (proxy, method, args) -> {
      switch (method.getName()) {
        case "demand" -> demanded++;
        case "sendPong" -> unwritten.add((Callback) args[1]);
        case "sendBinary" -> unwritten.add((Callback) args[1]);
        case "sendPing" -> { }
        case "disconnect" -> disconnected++;
        default -> throw new AssertionError("not expected: " + method);
      }
      return null;
    });
  }

  @Test
  void aPingIsFollowedByAnotherFrameOnlyOnceItsPongIsWritten() {
    SyncSocket socket = new SyncSocket(WireCodec.cbor(Limits.server()), task -> { }, task -> { }, null,
        Access.ALL, gone -> { }, ReceiveRoom.ofHeap(1_000), 1_000);
    socket.onWebSocketOpen(jettys());
    socket.onWebSocketPing(ByteBuffer.allocate(125));
    assertThat(unwritten).hasSize(1);
    assertThat(demanded).isZero();
    unwritten.get(0).succeed();
    assertThat(demanded).isEqualTo(1);
  }

  @Test
  void whoReadsTooSlowlyIsCutOffAndWhoReadsIsNot() {
    SyncSocket socket = new SyncSocket(WireCodec.cbor(Limits.server()), task -> { }, Runnable::run, null,
        Access.ALL, gone -> { }, ReceiveRoom.ofHeap(1_000), 1_000);
    socket.onWebSocketOpen(jettys());
    Instant begun = Instant.now();
    for (int i = 0; i < 2; i++) {
      socket.send(new Frame(new Message.Synced(i, 1000)), () -> { });
    }
    socket.tick(begun.plusSeconds(20));
    unwritten.get(0).succeed();
    unwritten.get(1).succeed();
    socket.tick(begun.plusSeconds(1_000));
    assertThat(disconnected).isZero();

    socket.send(new Frame(new Message.Synced(2, 1000)), () -> { });
    socket.tick(Instant.now().plusSeconds(25));
    assertThat(disconnected).isZero();
    socket.tick(Instant.now().plusSeconds(40));
    assertThat(disconnected).isEqualTo(1);
  }

  @Test
  void aLargeFrameHasTimeForItsSize() {
    Departing departing = new Departing();
    Instant begun = Instant.EPOCH;
    departing.begins(4_096 * 100, begun);
    assertThat(departing.isTooSlow(begun.plusSeconds(130))).isFalse();
    assertThat(departing.isTooSlow(begun.plusSeconds(131))).isTrue();
  }
}
