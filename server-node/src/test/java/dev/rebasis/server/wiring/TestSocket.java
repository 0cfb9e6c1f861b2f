package dev.rebasis.server.wiring;

import dev.rebasis.protocol.Limits;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.codec.WireCodec;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A client of the JDK's own, over a real socket. */
final class TestSocket implements WebSocket.Listener, AutoCloseable {
  private static final long PATIENCE_SECONDS = 30;

  final CompletableFuture<Integer> closed = new CompletableFuture<>();
  private final LinkedBlockingQueue<Message> received = new LinkedBlockingQueue<>();
  private final ByteArrayOutputStream parts = new ByteArrayOutputStream();
  private final WireCodec codec;
  private WebSocket socket;

  private TestSocket(WireCodec codec) {
    this.codec = codec;
  }

  static TestSocket connect(HttpClient http, URI database, String subprotocol) {
    return connect(http, database, subprotocol, null);
  }

  static TestSocket connect(HttpClient http, URI database, String subprotocol, String token) {
    TestSocket client = new TestSocket(subprotocol.equals("rebasis.json")
        ? WireCodec.json(Limits.client()) : WireCodec.cbor(Limits.client()));
    WebSocket.Builder builder = http.newWebSocketBuilder().subprotocols(subprotocol);
    if (token != null) {
      builder.header("Authorization", "Bearer " + token);
    }
    client.socket = builder
        .buildAsync(URI.create(database.toString().replace("http:", "ws:") + "/sync"), client).join();
    return client;
  }

  void send(Message.FromClient message) {
    byte[] bytes = codec.encode(message);
    if (codec.isText()) {
      socket.sendText(new String(bytes, StandardCharsets.UTF_8), true).join();
    } else {
      socket.sendBinary(ByteBuffer.wrap(bytes), true).join();
    }
  }

  void sendRaw(byte[] bytes) {
    socket.sendBinary(ByteBuffer.wrap(bytes), true).join();
  }

  /** One message in several frames. */
  void sendRawInFrames(byte[]... frames) {
    for (int i = 0; i < frames.length; i++) {
      socket.sendBinary(ByteBuffer.wrap(frames[i]), i == frames.length - 1).join();
    }
  }

  /** The next message of this kind; others are skipped. */
  <M extends Message> M next(Class<M> type) throws InterruptedException {
    while (true) {
      Message message = received.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (message == null) {
        throw new AssertionError("no " + type.getSimpleName() + " came within " + PATIENCE_SECONDS + " s");
      }
      if (type.isInstance(message)) {
        return type.cast(message);
      }
    }
  }

  /** What has come and was not asked for with {@link #next}, once the server has closed; nothing more comes after it. */
  List<Message> untilClosed() {
    closeCode();
    return List.copyOf(received);
  }

  int closeCode() {
    return closed.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
  }

  @Override
  public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
    return collect(data.toString().getBytes(StandardCharsets.UTF_8), last);
  }

  @Override
  public CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
    byte[] bytes = new byte[data.remaining()];
    data.get(bytes);
    return collect(bytes, last);
  }

  private CompletionStage<?> collect(byte[] bytes, boolean last) {
    parts.writeBytes(bytes);
    if (last) {
      received.add(codec.decode(parts.toByteArray()));
      parts.reset();
    }
    socket.request(1);
    return null;
  }

  @Override
  public void onOpen(WebSocket opened) {
    socket = opened;
    opened.request(1);
  }

  @Override
  public CompletionStage<?> onClose(WebSocket from, int status, String reason) {
    closed.complete(status);
    return null;
  }

  @Override
  public void onError(WebSocket from, Throwable error) {
    closed.completeExceptionally(error);
  }

  @Override
  public void close() {
    socket.abort();
  }
}
