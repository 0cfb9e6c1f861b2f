package dev.rebasis.simulations.bench;

import dev.rebasis.data.Keyword;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Limits;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.ProtocolVersion;
import dev.rebasis.protocol.ScopeSpec;
import dev.rebasis.protocol.Standing;
import dev.rebasis.protocol.codec.WireCodec;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * A client that speaks the protocol and keeps nothing, so that many of them load a server and not the machine beside it.
 * Sends from one thread at a time; hears on a thread of the HTTP client.
 */
final class WireClient implements WebSocket.Listener {
  private static final WireCodec CODEC = WireCodec.cbor(Limits.client());
  /** For a client that takes all that comes. */
  static final long ALL = 1L << 50;

  private final UUID store;
  private final List<ScopeSpec> scopes;
  private final long credit;
  private final Consumer<Message> heard;
  private final CompletableFuture<Message.Welcome> welcome = new CompletableFuture<>();
  private final ByteArrayOutputStream parts = new ByteArrayOutputStream();
  private WebSocket socket;
  private CompletableFuture<?> sent = CompletableFuture.completedFuture(null);
  private long seq;

  private WireClient(int number, List<ScopeSpec> scopes, long credit, Consumer<Message> heard) {
    this.store = new UUID(0x6f1a_0000_0000_4000L + number, 0x8000_0000_0000_0000L + number);
    this.scopes = scopes;
    this.credit = credit;
    this.heard = heard;
  }

  /**
   * Begins to connect and to say hello.
   *
   * @param number tells it from the others
   * @param scopes null for the whole database
   * @param credit how many datoms it takes; 0 for a client that only pushes
   * @param heard told each message after the welcome
   */
  static CompletableFuture<WireClient> connect(
      HttpClient http, String uri, int number, List<ScopeSpec> scopes, long credit, Consumer<Message> heard) {
    WireClient client = new WireClient(number, scopes, credit, heard);
    return http.newWebSocketBuilder().subprotocols("rebasis.cbor")
        .buildAsync(URI.create(uri.replaceFirst("^http", "ws") + "/sync"), client)
        .thenCompose(opened -> client.welcome).thenApply(ignored -> client);
  }

  /** Sends after what was sent before. */
  synchronized void send(Message.FromClient message) {
    byte[] bytes = CODEC.encode(message);
    sent = sent.thenCompose(before -> socket.sendBinary(ByteBuffer.wrap(bytes), true));
  }

  /** The next transaction of this client, on the forms of one map or list. */
  Intent intent(Object form) {
    seq++;
    return new Intent(new UUID(store.getLeastSignificantBits(), seq), seq, 0, Instant.EPOCH, List.of(form),
        Map.of(Intent.TX_TEMPID, 2 * seq, "x", 2 * seq + 1));
  }

  /** One that makes the same entity as {@link BenchEntities#forms}. */
  Intent entity(String prefix, long number) {
    Map<Object, Object> form = new LinkedHashMap<>();
    form.put(Keyword.of(":db/id"), "x");
    ((Map<?, ?>) BenchEntities.forms(prefix, number).get(0))
        .forEach((name, value) -> form.put(Keyword.of(name.toString()), value));
    return intent(form);
  }

  @Override
  public void onOpen(WebSocket opened) {
    socket = opened;
    send(new Message.Hello(ProtocolVersion.CURRENT, scopes == null ? Set.of() : Set.of("part"), store, 0, null, 0, credit,
        Standing.NONE, scopes, null));
    opened.request(1);
  }

  @Override
  public CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
    byte[] bytes = new byte[data.remaining()];
    data.get(bytes);
    parts.writeBytes(bytes);
    if (last) {
      Message message = CODEC.decode(parts.toByteArray());
      parts.reset();
      if (message instanceof Message.Welcome w) {
        welcome.complete(w);
      } else if (message instanceof Message.Failed failed) {
        welcome.completeExceptionally(new IllegalStateException(failed.message()));
        heard.accept(message);
      } else {
        heard.accept(message);
      }
    }
    from.request(1);
    return null;
  }

  @Override
  public void onError(WebSocket from, Throwable error) {
    welcome.completeExceptionally(error);
  }

  void close() {
    socket.abort();
  }
}
