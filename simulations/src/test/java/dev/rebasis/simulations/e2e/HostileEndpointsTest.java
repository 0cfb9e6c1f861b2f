package dev.rebasis.simulations.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.Pending;
import dev.rebasis.client.SyncClient;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Limits;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.ProtocolVersion;
import dev.rebasis.protocol.codec.WireCodec;
import dev.rebasis.simulations.process.ServerProcess;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/**
 * Goal: whatever bytes, texts and sequences of messages come, by every way into a server, it stays up, serves a good client
 * afterwards, answers what has no session with an error of its own, and keeps nothing of it. Method: property-based, on real
 * sockets of 127.0.0.1, against one server with small limits in a process of its own, whose small heap ends it if it keeps too much; each
 * try does some hostile things and then looks, and at the end what the heap holds is compared with the beginning.
 */
class HostileEndpointsTest {
  private static final int TRIES = 25;
  private static final int STEPS = Integer.getInteger("rebasis.fuzz.steps", 6);
  private static final int MESSAGE_BYTES_MAX = 64 << 10;
  private static final int SESSIONS_MAX = 50;
  private static final int HEAP_MEGABYTES = 256;
  /** Fifty sessions of a hundred kilobytes, code that was loaded meanwhile, and Datomic's own caches. */
  private static final long KEPT_BYTES_MAX = 24L << 20;
  private static final WireCodec CBOR = WireCodec.cbor(Limits.client());
  private static final WireCodec JSON = WireCodec.json(Limits.client());
  private static final String[] EDN = {
      "[:find ?e :where [?e :order/number]]", "[:find ?e :where", "[:find", "{", "#inst \"x\"", "[[[[[[[[", "nil", "42", "\"\\u00",
      "[:find ?e :where [(java.lang.System/exit 1) ?e]]", "[:find (pull ?e [*]) :where [?e]]", "[*]", "[{:order/lines ...}]",
      "[:order/number \"A-1\"]", "[:find ?e :in $ % :where (r ?e)]", "##NaN", "-9223372036854775809", "#{1 1}", "\u0000", "%"};

  private static Path folder;
  private static ServerProcess server;
  private static URI uri;
  private static HttpClient http;
  private static SyncClient good;
  private static long heldAtFirst;
  private static int made;

  @BeforeContainer
  static void start() throws IOException, InterruptedException {
    folder = Files.createTempDirectory("rebasis-hostile");
    Path schema = Files.writeString(folder.resolve("orders.edn"), EndToEnd.SCHEMA);
    Path errors = folder.resolve("errors.log");
    try {
      server = ServerProcess.start(folder.resolve("data"), 0, schema, errors,
          List.of("-Xmx" + HEAP_MEGABYTES + "m", "-XX:+ExitOnOutOfMemoryError", "-XX:TieredStopAtLevel=1"),
          List.of("--db", "orders", "--no-warm-up", "--max-message-bytes", Integer.toString(MESSAGE_BYTES_MAX), "--max-sessions",
              Integer.toString(SESSIONS_MAX), "--max-sessions-per-user", Integer.toString(SESSIONS_MAX), "--max-loads", "2",
              "--max-queries", "2"));
    } catch (IllegalStateException e) {
      throw new IllegalStateException(Files.readString(errors), e);
    }
    uri = URI.create(server.uri());
    http = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(20)).build();
    good = SyncClient.builder().inMemory().server(uri).open();
    EndToEnd.get(good.sync());
    for (int i = 0; i < 20; i++) {
      assertServes();
    }
    heldAtFirst = heldBytes();
  }

  @AfterContainer
  static void stop() throws IOException, InterruptedException {
    try (ServerProcess last = server; SyncClient client = good) {
      if (heldAtFirst > 0) {
        assertThat(heldBytes() - heldAtFirst).as("bytes that live on in the server").isLessThan(KEPT_BYTES_MAX);
      }
    } finally {
      try (Stream<Path> files = Files.walk(folder)) {
        files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
      }
    }
  }

  /** What the server's heap holds after a collection. */
  private static long heldBytes() throws IOException, InterruptedException {
    Process histogram = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
        Long.toString(server.pid()), "GC.class_histogram").redirectErrorStream(true).start();
    String text = new String(histogram.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(histogram.waitFor()).as(text).isZero();
    Matcher total = Pattern.compile("(?m)^Total +\\d+ +(\\d+)").matcher(text);
    assertThat(total.find()).as(text).isTrue();
    return Long.parseLong(total.group(1));
  }

  /** A client that behaves is served, and nothing is left of the others. */
  private static void assertServes() throws IOException, InterruptedException {
    Pending pending = good.transact("[{:order/number \"good-" + made++ + "\"}]");
    assertThat(EndToEnd.get(pending.outcome()).isCommitted()).isTrue();
    HttpResponse<String> health = http.send(HttpRequest.newBuilder(uri.resolve("/health"))
        .timeout(Duration.ofSeconds(30)).build(), HttpResponse.BodyHandlers.ofString());
    assertThat(health.statusCode()).isEqualTo(200);
    assertThat(health.body()).contains("\"status\":\"up\"").contains("\"queued\":0");
    assertThat(health.body()).as("no more sessions than the limit").matches("(?s).*\"sessions\":([1-4]?\\d|50),.*");
  }

  // ---- what is sent ----

  private static byte[] noise(Random random) {
    byte[] bytes = new byte[random.nextInt(300)];
    random.nextBytes(bytes);
    return bytes;
  }

  private static long number(Random random) {
    return switch (random.nextInt(5)) {
      case 0 -> 0;
      case 1 -> -1;
      case 2 -> Long.MAX_VALUE;
      case 3 -> Long.MIN_VALUE;
      default -> random.nextInt(2_000);
    };
  }

  private static Message message(Random random) {
    UUID id = new UUID(random.nextInt(3), random.nextInt(3));
    Object form = List.of("x", number(random), List.of(), Map.of("k", number(random)));
    return switch (random.nextInt(11)) {
      case 0, 1, 2 -> new Message.Hello(random.nextInt(3) == 0 ? random.nextInt(9) : ProtocolVersion.CURRENT, Set.of("load"), id, number(random),
          random.nextBoolean() ? null : id, number(random), number(random));
      case 3 -> new Message.PullCredit(number(random));
      case 4 -> new Message.Sync(number(random), number(random));
      case 5 -> new Message.Loaded(number(random), number(random));
      case 6 -> new Message.Verify(number(random), number(random), List.of());
      case 7 -> new Message.Scope(number(random), List.of());
      case 8 -> new Message.Bye("x".repeat(random.nextInt(200)));
      case 9 -> new Message.Basis(number(random));
      default -> new Message.Push(List.of(new Intent(id, number(random), number(random), Instant.EPOCH,
          List.of(form), Map.of())), Map.of(number(random), number(random)));
    };
  }

  /** Noise, a message, or a message that something has bitten. */
  private static byte[] bytes(Random random, WireCodec codec) {
    if (random.nextInt(4) == 0) {
      return noise(random);
    }
    byte[] bytes = codec.encode(message(random));
    for (int bites = random.nextInt(3); bites > 0; bites--) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
    }
    return random.nextInt(5) == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length + 1)) : bytes;
  }

  private static String text(Random random) {
    return random.nextInt(3) == 0 ? new String(noise(random), StandardCharsets.ISO_8859_1) : EDN[random.nextInt(EDN.length)];
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  // ---- the ways in ----

  @Property(tries = TRIES, shrinking = ShrinkingMode.OFF)
  void bytesThatAreNoHttp(@ForAll long seed) throws IOException, InterruptedException {
    Random random = new Random(seed);
    for (int i = 0; i < STEPS; i++) {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
        String head = switch (random.nextInt(4)) {
          case 0 -> "";
          case 1 -> "POST /db/orders/exchange HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + number(random) + "\r\n\r\n";
          case 2 -> "GET /db/orders/sync HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
          default -> "POST /db/orders/exchange HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nfffffff0\r\n";
        };
        socket.getOutputStream().write(head.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().write(noise(random));
      }
    }
    assertServes();
  }

  @Property(tries = TRIES, shrinking = ShrinkingMode.OFF)
  void messagesByWebSocket(@ForAll long seed) throws IOException, InterruptedException {
    Random random = new Random(seed);
    boolean json = random.nextBoolean();
    WebSocket socket = http.newWebSocketBuilder().subprotocols(json ? "rebasis.json" : "rebasis.cbor")
        .buildAsync(URI.create(uri.toString().replace("http:", "ws:") + "/sync"), new Ignoring()).join();
    try {
      for (int i = 0; i < STEPS && !socket.isOutputClosed(); i++) {
        byte[] bytes = bytes(random, json ? JSON : CBOR);
        CompletableFuture<WebSocket> sent = json && random.nextInt(5) > 0
            ? socket.sendText(new String(bytes, StandardCharsets.UTF_8), true)
            : socket.sendBinary(ByteBuffer.wrap(bytes), true);
        sent.join();
      }
    } catch (CompletionException e) {
      // The server has hung up, as it may.
      assertThat(e).hasCauseInstanceOf(IOException.class);
    } finally {
      socket.abort();
    }
    assertServes();
  }

  @Property(tries = TRIES, shrinking = ShrinkingMode.OFF)
  void messagesByExchange(@ForAll long seed) throws IOException, InterruptedException {
    Random random = new Random(seed);
    boolean json = random.nextBoolean();
    String session = null;
    int number = 2;
    for (int i = 0; i < STEPS; i++) {
      String query = session == null || random.nextInt(6) == 0 ? random.nextInt(4) == 0 ? "?session=" + encoded(text(random)) : ""
          : "?session=" + session + "&n=" + (random.nextInt(5) == 0 ? encoded(text(random)) : number++);
      byte[] body = body(random, json);
      HttpResponse<byte[]> answer;
      try {
        answer = post("/exchange" + query, json, body);
      } catch (IOException e) {
        // Of a body that is too large it need not take more than it wants.
        assertThat(body.length).isGreaterThan(MESSAGE_BYTES_MAX);
        continue;
      }
      assertThat(answer.statusCode()).isIn(200, 204, 400, 410);
      session = answer.headers().firstValue("Rebasis-Session").orElse(session);
      if (answer.statusCode() >= 400) {
        assertThat(new String(answer.body(), StandardCharsets.UTF_8)).contains("\"code\":\":rebasis.error/");
      }
    }
    if (session != null) {
      // An end, so that the place is free again: a poll that is out of order.
      assertThat(get("/exchange?session=" + session + "&n=77", "*/*").statusCode()).isIn(200, 410);
    }
    assertServes();
  }

  private static byte[] body(Random random, boolean json) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (int i = random.nextInt(3); i >= 0; i--) {
      byte[] bytes = bytes(random, json ? JSON : CBOR);
      if (!json) {
        int length = random.nextInt(6) == 0 ? random.nextInt() : bytes.length;
        body.write(ByteBuffer.allocate(4).putInt(length).array());
      }
      body.write(bytes);
      if (json) {
        body.write('\n');
      }
    }
    return random.nextInt(12) == 0 ? new byte[200_000] : body.toByteArray();
  }

  @Property(tries = TRIES, shrinking = ShrinkingMode.OFF)
  void questionsAndLoads(@ForAll long seed) throws IOException, InterruptedException {
    Random random = new Random(seed);
    for (int i = 0; i < STEPS; i++) {
      String page = switch (random.nextInt(3)) {
        case 0 -> "/q?query=" + encoded(text(random)) + "&args=" + encoded(text(random)) + "&t=" + encoded(text(random));
        case 1 -> "/pull?pattern=" + encoded(text(random)) + "&entity=" + encoded(text(random));
        default -> "/snapshot?after=" + (random.nextBoolean() ? number(random) : encoded(text(random))) + "&store="
            + encoded(text(random));
      };
      HttpResponse<byte[]> answer = get(page, random.nextBoolean() ? "application/json" : "*/*");
      assertThat(answer.statusCode()).as(page).isIn(200, 400, 409, 503);
    }
    assertServes();
  }

  private static HttpResponse<byte[]> get(String page, String accept) throws IOException, InterruptedException {
    return http.send(HttpRequest.newBuilder(URI.create(uri + page)).timeout(Duration.ofSeconds(60))
        .header("Accept", accept).build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  private static HttpResponse<byte[]> post(String page, boolean json, byte[] body)
      throws IOException, InterruptedException {
    return http.send(HttpRequest.newBuilder(URI.create(uri + page)).timeout(Duration.ofSeconds(60))
        .header("Content-Type", json ? "application/x-ndjson" : "application/vnd.rebasis.cbor-seq")
        .POST(HttpRequest.BodyPublishers.ofByteArray(body)).build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  private static final class Ignoring implements WebSocket.Listener {
    @Override
    public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
      socket.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
      socket.request(1);
      return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable error) {
      // Being cut is what it asked for.
    }
  }
}
