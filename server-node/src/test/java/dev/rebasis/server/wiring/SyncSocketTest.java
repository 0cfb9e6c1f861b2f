package dev.rebasis.server.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.protocol.Limits;
import dev.rebasis.protocol.codec.WireCodec;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.junit.jupiter.api.Test;

/** Goal: a client that reads nothing fills nothing here. Method: a socket of Jetty's that says when something was written. */
class SyncSocketTest {
  private final List<Callback> unwritten = new ArrayList<>();
  private int demanded;

  private Session jettys() {
    return (Session) Proxy.newProxyInstance(Session.class.getClassLoader(), new Class<?>[] {Session.class}, (proxy, method, args) -> {
      switch (method.getName()) {
        case "demand" -> demanded++;
        case "sendPong" -> unwritten.add((Callback) args[1]);
        default -> throw new AssertionError("not expected: " + method);
      }
      return null;
    });
  }

  @Test
  void aPingIsFollowedByAnotherFrameOnlyOnceItsPongIsWritten() {
    SyncSocket socket = new SyncSocket(WireCodec.cbor(Limits.server()), task -> { }, task -> { }, null, null, gone -> { },
        ReceiveRoom.ofHeap(), 1_000);
    socket.onWebSocketOpen(jettys());
    socket.onWebSocketPing(ByteBuffer.allocate(125));
    assertThat(unwritten).hasSize(1);
    assertThat(demanded).isZero();
    unwritten.get(0).succeed();
    assertThat(demanded).isEqualTo(1);
  }
}
