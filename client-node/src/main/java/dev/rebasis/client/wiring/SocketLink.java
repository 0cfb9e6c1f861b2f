package dev.rebasis.client.wiring;

import dev.rebasis.client.internal.core.Subprotocols;
import dev.rebasis.client.internal.core.Transport;
import dev.rebasis.error.RebasisException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLException;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okio.ByteString;

/**
 * A connection by WebSocket; if the network refuses to let it begin, the same connection goes on by HTTP exchange.
 * Thread-safe.
 */
final class SocketLink extends WebSocketListener implements Transport.Link {
  private static final int GOING_AWAY = 1001;
  private static final int NORMAL = 1000;
  private static final int TOO_LARGE = 1009;
  private static final long NEVER = -1;
  /** An upgrade that is given up after so long was swallowed on the way; before, the program just changed its mind. */
  private static final long UNANSWERED_MILLIS = 3_000;

  private final Transport.Listener listener;
  private final String subprotocol;
  private final Refusals refusals;
  private final Ways ways;
  private final LongSupplier millis;
  private final long begunAt;
  /** Opens an exchange in this connection's place. */
  private final Function<Transport.Listener, Transport.Link> exchange;
  private final AtomicBoolean ended = new AtomicBoolean();
  private volatile WebSocket socket;
  private volatile Transport.Link instead;
  private volatile long openedAt = NEVER;

  SocketLink(
      Transport.Listener listener, String subprotocol, Refusals refusals, Ways ways, LongSupplier millis,
      Function<Transport.Listener, Transport.Link> exchange) {
    this.listener = listener;
    this.subprotocol = subprotocol;
    this.refusals = refusals;
    this.ways = ways;
    this.millis = millis;
    this.begunAt = millis.getAsLong();
    this.exchange = exchange;
  }

  /** The socket that was begun for it. */
  void begun(WebSocket webSocket) {
    socket = webSocket;
  }

  @Override
  public void send(byte[] message) {
    if (instead != null) {
      instead.send(message);
      return;
    }
    boolean text = subprotocol.equals(Subprotocols.JSON);
    boolean taken = text
        ? socket.send(new String(message, StandardCharsets.UTF_8))
        : socket.send(ByteString.of(message));
    if (!taken) {
      socket.cancel();
      end(refusals.unreachable("cannot take what is to be sent", null));
    }
  }

  @Override
  public void close(String reason) {
    boolean first = ended.compareAndSet(false, true);
    if (instead != null) {
      instead.close(reason);
      return;
    }
    if (first && openedAt == NEVER && millis.getAsLong() - begunAt >= UNANSWERED_MILLIS) {
      ways.cut(0);
    }
    String words = reason == null ? "" : reason;
    // The protocol allows 123 bytes for the reason.
    socket.close(NORMAL, words.length() > 40 ? words.substring(0, 40) : words);
  }

  @Override
  public void onOpen(WebSocket webSocket, Response response) {
    String chosen = response.header("Sec-WebSocket-Protocol");
    if (!subprotocol.equals(chosen)) {
      webSocket.cancel();
      end(refusals.notAServer("it speaks WebSocket, but not " + subprotocol, null));
      return;
    }
    if (!ended.get()) {
      socket = webSocket;
      openedAt = millis.getAsLong();
      ways.webSocketWorks();
      listener.opened(chosen, Refusals.messageBytesMax(response));
    }
  }

  @Override
  public void onMessage(WebSocket webSocket, ByteString bytes) {
    received(bytes.toByteArray());
  }

  @Override
  public void onMessage(WebSocket webSocket, String text) {
    received(text.getBytes(StandardCharsets.UTF_8));
  }

  private void received(byte[] message) {
    if (!ended.get()) {
      listener.received(message);
    }
  }

  @Override
  public void onClosing(WebSocket webSocket, int code, String reason) {
    webSocket.close(code == GOING_AWAY ? NORMAL : code, null);
    end(code == TOO_LARGE ? refusals.tooLarge(reason)
        : refusals.unreachable("closed the connection" + (reason.isEmpty() ? "" : ": " + reason), null));
  }

  @Override
  public void onFailure(WebSocket webSocket, Throwable failure, Response response) {
    if (response != null && response.code() != 101 && !Refusals.isFromServer(response)
        || response == null && failure instanceof java.net.ProtocolException) {
      goByExchange();
    } else if (response != null && response.code() != 101) {
      end(refusals.refused(response, failure));
    } else {
      if (!ended.get() && isCut(failure)) {
        ways.cut(openedAt == NEVER ? 0 : millis.getAsLong() - openedAt);
      }
      end(refusals.unreachable("cannot be reached: " + failure.getMessage(), failure));
    }
  }

  /** Whether somebody was there and hung up; that nobody could be reached at all says nothing about WebSockets. */
  private static boolean isCut(Throwable failure) {
    return !(failure instanceof ConnectException || failure instanceof UnknownHostException
        || failure instanceof NoRouteToHostException || failure instanceof SSLException);
  }

  /** Something that is not the server answered: perhaps what refuses WebSockets lets requests through. */
  private void goByExchange() {
    if (!ended.get()) {
      instead = exchange.apply(new Transport.Listener() {
        @Override
        public void opened(String chosen) {
          throw new IllegalStateException("an exchange tells how large a message may be");
        }

        @Override
        public void opened(String chosen, int messageBytesMax) {
          ways.refused();
          listener.opened(chosen, messageBytesMax);
        }

        @Override
        public void received(byte[] message) {
          SocketLink.this.received(message);
        }

        @Override
        public void closed(RebasisException cause) {
          end(cause);
        }
      });
    }
  }

  private void end(RebasisException cause) {
    if (ended.compareAndSet(false, true)) {
      listener.closed(cause);
    }
  }
}
