package dev.rebasis.server.wiring;

import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.ProtocolException;
import dev.rebasis.protocol.codec.WireCodec;
import dev.rebasis.server.internal.master.Access;
import dev.rebasis.server.internal.session.Frame;
import dev.rebasis.server.internal.session.ServerMachine;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code /db/{name}/exchange}: the messages of a session by HTTP requests, for networks that cut WebSockets. {@code POST}
 * without a session begins one, {@code POST ?session=S&n=1} sends messages, {@code GET ?session=S&n=1} waits for some. A
 * request that waits takes no thread. Thread-safe.
 */
final class ExchangePages {
  static final String SESSION = "Rebasis-Session";
  static final String OVER = "Rebasis-Session-Over";

  private static final Logger LOG = LoggerFactory.getLogger(ExchangePages.class);
  private static final String CBOR = "application/vnd.rebasis.cbor-seq";
  private static final String JSON = "application/x-ndjson";
  /** Bytes of a post beyond its largest message: lengths, and small messages beside it. */
  private static final int BODY_SLACK = 64 << 10;

  private final WireCodec cbor;
  private final WireCodec json;
  private final int bodyMax;
  private final Executor core;
  private final Executor out;
  private final ServerMachine machine;
  private final ReceiveRoom room;
  private final SlowReaders slow;
  private final Map<String, ExchangeSession> sessions = new ConcurrentHashMap<>();

  ExchangePages(
      WireCodec cbor, WireCodec json, int messageMax, Executor core, Executor out, ServerMachine machine,
      ReceiveRoom room, SlowReaders slow) {
    this.room = room;
    this.slow = slow;
    this.cbor = cbor;
    this.json = json;
    this.bodyMax = messageMax + BODY_SLACK;
    this.core = core;
    this.out = out;
    this.machine = machine;
  }

  /** Serves one request. */
  void handle(Request request, Response response, Callback callback, Access access) {
    response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
    try {
      Fields parameters = Request.extractQueryParameters(request);
      String id = parameters.getValue("session");
      ExchangeSession session = id == null ? null : sessions.get(id);
      boolean post = request.getMethod().equals("POST");
      if (!post && !request.getMethod().equals("GET")) {
        Pages.error(response, callback, HttpStatus.METHOD_NOT_ALLOWED_405, ":rebasis.error/wrong-method",
            "Use POST to begin a session and to send, GET to wait for messages.");
      } else if (id == null && post) {
        open(request, response, callback, access);
      } else if (session == null || !session.isOf(access)) {
        endIfUnread(request, response);
        refuse(response, callback, ExchangeErrors.unknown());
      } else {
        long number = number(parameters.getValue("n"));
        Reply reply = new Reply(session, request, response, callback);
        if (post) {
          read(request, reply, messages -> session.post(number, messages, Instant.now(), reply), session, false);
        } else {
          core.execute(() -> session.poll(number, Instant.now(), reply));
        }
      }
    } catch (RebasisException e) {
      endIfUnread(request, response);
      refuse(response, callback, e);
    }
  }

  /** A post that is refused unread leaves its body in the connection, which the client must not use again then. */
  private static void endIfUnread(Request request, Response response) {
    if (request.getMethod().equals("POST")) {
      response.getHeaders().put(HttpHeader.CONNECTION, "close");
    }
  }

  private static long number(String text) {
    if (text == null || !text.matches("[1-9]\\d{0,17}")) {
      throw ExchangeErrors.argument("n");
    }
    return Long.parseLong(text);
  }

  private void open(Request request, Response response, Callback callback, Access access) {
    boolean asJson = String.valueOf(request.getHeaders().get(HttpHeader.CONTENT_TYPE)).contains("json");
    ExchangeSession session = new ExchangeSession(asJson ? json : cbor, access, core, Instant.now());
    Reply reply = new Reply(session, request, response, callback);
    read(request, reply, messages -> {
      response.getHeaders().put(SESSION, session.id());
      sessions.put(session.id(), session);
      if (!session.open(machine, access, messages, Instant.now(), reply)) {
        sessions.remove(session.id());
      }
    }, session, true);
  }

  /** Reads a body without holding a thread, and goes on with its messages on the core. */
  private void read(
      Request request, Reply reply, Consumer<List<Message.FromClient>> then, ExchangeSession session, boolean isNew) {
    WireCodec codec = session.codec();
    String encoding = request.getHeaders().get(HttpHeader.CONTENT_ENCODING);
    if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
      reply.lastOfConnection();
      reply.refused(ExchangeErrors.malformed("it has the Content-Encoding '" + encoding + "', and posts are taken as they are"));
      return;
    }
    if (request.getLength() > bodyMax) {
      // What is not read stays in the connection, which cannot be used again.
      reply.lastOfConnection();
      reply.refused(ExchangeErrors.tooLarge(bodyMax));
      return;
    }
    new ArrivingPost(request, new Arriving(bodyMax, room, session.userName()), slow).read((body, failure) -> {
      if (failure != null) {
        reply.lastOfConnection();
        reply.refused(failure.code() == ProtocolException.TOO_LARGE ? ExchangeErrors.tooLarge(bodyMax) : failure);
        return;
      }
      try {
        ByteBuffer bytes = ByteBuffer.wrap(body);
        List<Message.FromClient> messages = codec.isText() ? lines(bytes, codec) : records(bytes, codec);
        core.execute(() -> {
          room.give(session.userName(), body.length);
          then.accept(messages);
        });
      } catch (RebasisException e) {
        room.give(session.userName(), body.length);
        core.execute(() -> {
          reply.refused(e);
          if (!isNew) {
            session.malformed(e);
          }
        });
      }
    });
  }

  private static List<Message.FromClient> records(ByteBuffer body, WireCodec codec) {
    List<Message.FromClient> messages = new ArrayList<>();
    while (body.hasRemaining()) {
      if (body.remaining() < 4) {
        throw ExchangeErrors.malformed("it ends within the length of a message");
      }
      int length = body.getInt();
      if (length < 0 || length > body.remaining()) {
        throw ExchangeErrors.malformed("a message says that it has " + length + " bytes, and " + body.remaining()
            + " are there");
      }
      byte[] bytes = new byte[length];
      body.get(bytes);
      messages.add(fromClient(codec.decode(bytes)));
    }
    return messages;
  }

  private static List<Message.FromClient> lines(ByteBuffer body, WireCodec codec) {
    List<Message.FromClient> messages = new ArrayList<>();
    for (String line : StandardCharsets.UTF_8.decode(body).toString().split("\n")) {
      if (!line.isBlank()) {
        messages.add(fromClient(codec.decode(line)));
      }
    }
    return messages;
  }

  private static Message.FromClient fromClient(Message message) {
    return SyncSocket.fromClient(message);
  }

  private static void refuse(Response response, Callback callback, RebasisException reason) {
    Pages.refusal(response, callback, reason.code() == ReceiveRoom.BUSY ? HttpStatus.SERVICE_UNAVAILABLE_503
        : reason instanceof ProtocolException ? HttpStatus.BAD_REQUEST_400
        : switch (reason.category()) {
          case RETRY_LATER -> HttpStatus.GONE_410;
          default -> HttpStatus.BAD_REQUEST_400;
        }, reason);
  }

  /** To be called about once a second. */
  void tick(Instant now) {
    for (ExchangeSession session : sessions.values()) {
      core.execute(() -> {
        session.tick(now);
        if (session.isEnded()) {
          sessions.remove(session.id());
        }
      });
    }
  }

  /** Answers one request. */
  private final class Reply implements ExchangeSession.Answer {
    private final ExchangeSession session;
    private final Response response;
    private final Callback callback;
    private volatile boolean asked = true;

    Reply(ExchangeSession session, Request request, Response response, Callback callback) {
      this.session = session;
      this.response = response;
      this.callback = callback;
      // The client has hung up while it waited.
      request.addFailureListener(cause -> core.execute(() -> {
        if (asked && sessions.remove(session.id()) != null) {
          session.gone();
        }
      }));
    }

    void lastOfConnection() {
      response.getHeaders().put(HttpHeader.CONNECTION, "close");
    }

    @Override
    public void messages(List<Frame> frames, boolean over, Runnable sent) {
      asked = false;
      if (over) {
        response.getHeaders().put(OVER, "true");
        sessions.remove(session.id());
      }
      out.execute(() -> write(frames, Callback.from(sent, this::broken)));
    }

    private void write(List<Frame> frames, Callback done) {
      WireCodec codec = session.codec();
      ByteBuffer body;
      try {
        body = join(frames, codec);
      } catch (RebasisException e) {
        LOG.error("A message cannot be sent: {}", e.getMessage());
        core.execute(() -> session.malformed(e));
        refuse(response, callback, e);
        return;
      }
      response.getHeaders().put(HttpHeader.CONTENT_TYPE, codec.isText() ? JSON : CBOR);
      response.write(true, body, Callback.combine(done, callback));
    }

    private void broken(Throwable cause) {
      LOG.debug("Messages could not be sent: {}", cause.toString());
      core.execute(session::gone);
    }

    @Override
    public void taken() {
      asked = false;
      response.setStatus(HttpStatus.NO_CONTENT_204);
      out.execute(callback::succeeded);
    }

    @Override
    public void refused(RebasisException reason) {
      asked = false;
      out.execute(() -> refuse(response, callback, reason));
    }
  }

  private static ByteBuffer join(List<Frame> frames, WireCodec codec) {
    int length = 0;
    for (Frame frame : frames) {
      length = Math.addExact(length, frame.bytes(codec).length + (codec.isText() ? 1 : 4));
    }
    ByteBuffer body = ByteBuffer.allocate(length);
    for (Frame frame : frames) {
      byte[] bytes = frame.bytes(codec);
      if (codec.isText()) {
        body.put(bytes).put((byte) '\n');
      } else {
        body.putInt(bytes.length).put(bytes);
      }
    }
    return body.flip();
  }
}
