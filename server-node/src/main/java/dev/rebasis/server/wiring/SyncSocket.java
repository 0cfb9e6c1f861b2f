package dev.rebasis.server.wiring;

import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.ProtocolException;
import dev.rebasis.protocol.codec.WireCodec;
import dev.rebasis.server.internal.master.Access;
import dev.rebasis.server.internal.session.ClientSession;
import dev.rebasis.server.internal.session.Frame;
import dev.rebasis.server.internal.session.ServerMachine;
import dev.rebasis.server.internal.session.SessionTransport;
import java.nio.ByteBuffer;
import java.nio.channels.ReadPendingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One WebSocket. Jetty's threads decode what comes in and hand it to the core; the core's messages are encoded and
 * written on the out thread. Thread-safe.
 */
public final class SyncSocket implements Session.Listener, SessionTransport {
  private static final Logger LOG = LoggerFactory.getLogger(SyncSocket.class);
  private static final Duration PING_EVERY = Duration.ofSeconds(20);
  private static final Duration SILENCE_MAX = Duration.ofSeconds(90);
  private static final int NORMAL = 1000;
  private static final int POLICY = 1008;
  private static final int TOO_LARGE = 1009;
  private static final int REASON_CHARS = 100;

  private final WireCodec codec;
  private final Executor core;
  private final Executor out;
  private final ServerMachine machine;
  private final Access access;
  private final Consumer<SyncSocket> gone;
  private final ReceiveRoom room;
  private final Arriving arriving;
  private final Departing departing = new Departing();
  private volatile Session socket;
  private volatile boolean reading;
  private volatile Instant heard = Instant.now();
  private volatile Instant pinged = heard;

  /** Set and used on the core only. */
  private ClientSession session;

  SyncSocket(WireCodec codec, Executor core, Executor out, ServerMachine machine, Access access,
      Consumer<SyncSocket> gone, ReceiveRoom room, int messageBytesMax) {
    this.room = room;
    this.arriving = new Arriving(messageBytesMax, room, access.userName());
    this.access = access;
    this.codec = codec;
    this.core = core;
    this.out = out;
    this.machine = machine;
    this.gone = gone;
  }

  // ---- from Jetty ----

  @Override
  public void onWebSocketOpen(Session opened) {
    socket = opened;
    core.execute(() -> session = machine.opened(this, heard, access));
  }

  @Override
  public void onWebSocketPartialBinary(ByteBuffer payload, boolean last, Callback callback) {
    byte[] bytes = new byte[payload.remaining()];
    payload.get(bytes);
    callback.succeed();
    part(bytes, last);
  }

  @Override
  public void onWebSocketPartialText(String payload, boolean last) {
    part(payload.getBytes(StandardCharsets.UTF_8), last);
  }

  /** The next part is asked for here; the next message by the core, once it has dealt with this one. */
  private void part(byte[] payload, boolean last) {
    heard = Instant.now();
    byte[] message;
    try {
      message = arriving.add(payload, last);
    } catch (RebasisException e) {
      reading = false;
      if (e.code() == ProtocolException.TOO_LARGE) {
        // The rest is not read, so that the client's own goodbye behind it would never be met.
        socket.close(TOO_LARGE, e.getMessage(), Callback.from(socket::disconnect, failure -> socket.disconnect()));
      } else {
        core.execute(() -> session.malformed(e));
      }
      return;
    }
    if (message == null) {
      socket.demand();
    } else {
      received(message);
    }
  }

  @Override
  public void onWebSocketPong(ByteBuffer payload) {
    heard = Instant.now();
    socket.demand();
  }

  @Override
  public void onWebSocketPing(ByteBuffer payload) {
    heard = Instant.now();
    // Whoever does not read the pongs is not read either: they would wait here without end.
    socket.sendPong(payload, Callback.from(this::demand, this::broken));
  }

  @Override
  public void onWebSocketError(Throwable cause) {
    LOG.debug("A connection broke: {}", cause.toString());
  }

  @Override
  public void onWebSocketClose(int status, String reason, Callback callback) {
    callback.succeed();
    arriving.giveUp();
    gone.accept(this);
    core.execute(() -> {
      if (session != null) {
        session.closed();
      }
    });
  }

  private void received(byte[] bytes) {
    reading = false;
    try {
      Message.FromClient message = fromClient(codec.decode(bytes));
      core.execute(() -> {
        room.give(access.userName(), bytes.length);
        hand(session, message);
      });
    } catch (RebasisException e) {
      room.give(access.userName(), bytes.length);
      core.execute(() -> session.malformed(e));
    }
  }

  /** A message of a client; throws if it is one of a server. */
  static Message.FromClient fromClient(Message message) {
    if (message instanceof Message.FromClient ours) {
      return ours;
    }
    throw new ProtocolException(
        Keyword.of(":rebasis.error/unexpected-message"), "The message is one that only servers send.");
  }

  /** A fault of ours with one client's message must not end the others' sessions. */
  static void hand(ClientSession session, Message.FromClient message) {
    try {
      session.received(message);
    } catch (Exception | AssertionError | StackOverflowError e) { // Datomic throws checked ones without saying so
      LOG.error("A fault with the message '{}' of a client.", message.type(), e);
      session.malformed(new RebasisException(Keyword.of(":rebasis.error/broken"), ErrorCategory.PROGRAMMING_ERROR,
          "The message '" + message.type() + "' met a fault in the server (" + e + "). Report this.", Map.of(), e));
    }
  }

  // ---- from the core ----

  @Override
  public void send(Frame frame, Runnable sent) {
    Callback done = Callback.from(() -> {
      departing.left();
      core.execute(sent);
    }, this::broken);
    out.execute(() -> write(frame, done));
  }

  private void write(Frame frame, Callback done) {
    byte[] bytes;
    try {
      bytes = frame.bytes(codec);
    } catch (RebasisException e) {
      LOG.error("A message of type {} cannot be sent: {}", frame.message().type(), e.getMessage());
      core.execute(() -> session.malformed(e));
      return;
    }
    departing.begins(bytes.length, Instant.now());
    if (codec.isText()) {
      socket.sendText(new String(bytes, StandardCharsets.UTF_8), done);
    } else {
      socket.sendBinary(ByteBuffer.wrap(bytes), done);
    }
  }

  @Override
  public void demand() {
    reading = true;
    try {
      socket.demand();
    } catch (ReadPendingException e) {
      throw e; // ours: it was demanded before
    } catch (IllegalStateException e) {
      // The client left in the middle of something; Jetty tells the session of the end by itself.
      broken(e);
    }
  }

  @Override
  public void close(boolean normal, String reason) {
    String shortReason = reason.length() > REASON_CHARS ? reason.substring(0, REASON_CHARS) : reason;
    out.execute(() -> socket.close(normal ? NORMAL : POLICY, shortReason, Callback.NOOP));
  }

  private void broken(Throwable cause) {
    LOG.debug("A connection broke: {}", cause.toString());
    socket.disconnect();
  }

  // ---- from the timer ----

  void tick(Instant now) {
    if (socket == null) {
      return;
    }
    // While the machine takes no messages, pongs are not read either: silence then says nothing.
    if (arriving.isTooSlow(now)) {
      LOG.debug("A message arrives too slowly.");
      socket.disconnect();
    } else if (departing.isTooSlow(now)) {
      LOG.info("A client reads more slowly than {} bytes a second and is cut off.", SlowReaders.BYTES_A_SECOND_LEAST);
      socket.disconnect();
    } else if (reading && now.isAfter(heard.plus(SILENCE_MAX))) {
      LOG.debug("A client was silent for {} s.", SILENCE_MAX.toSeconds());
      socket.disconnect();
    } else if (now.isAfter(pinged.plus(PING_EVERY))) {
      pinged = now;
      socket.sendPing(ByteBuffer.allocate(0), Callback.NOOP);
    }
  }
}
