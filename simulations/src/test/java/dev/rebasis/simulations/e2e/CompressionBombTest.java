package dev.rebasis.simulations.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.SyncClient;
import dev.rebasis.error.RebasisException;
import dev.rebasis.server.RebasisServer;
import dev.rebasis.simulations.inside.Alone;
import dev.rebasis.simulations.inside.InsideCheck;
import dev.rebasis.simulations.inside.Opened;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okio.ByteString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Goal: small frames that unpack to large messages do no harm. Method: several connections that agree on compression each send
 * 15 MB of zeros, which are some kilobytes on the wire; each must be ended by the server, which must have met no fault and go on
 * serving. By HTTP the same is sent with a {@code Content-Encoding}, which is not undone.
 */
@Alone
@ExtendWith(InsideCheck.class)
@Timeout(120)
class CompressionBombTest {
  private static final int BOMBS = 8;

  @Test
  void bombsEndTheirOwnSessions_andNothingElse(Opened opened) throws Exception {
    OkHttpClient http = new OkHttpClient();
    List<RebasisException> faults = new CopyOnWriteArrayList<>();
    try (RebasisServer server = RebasisServer.builder().inMemory().port(0).onFatal(faults::add).start()) {
      List<CompletableFuture<String>> ends = new ArrayList<>();
      for (int i = 0; i < BOMBS; i++) {
        CompletableFuture<String> end = new CompletableFuture<>();
        ends.add(end);
        http.newWebSocket(new Request.Builder().url(server.uri() + "/sync")
            .header("Sec-WebSocket-Protocol", "rebasis.cbor").build(), new WebSocketListener() {
              @Override
              public void onOpen(WebSocket socket, Response response) {
                if (!String.valueOf(response.header("Sec-WebSocket-Extensions")).contains("permessage-deflate")) {
                  end.completeExceptionally(new AssertionError("the connection does not compress"));
                }
                socket.send(ByteString.of(new byte[15 << 20]));
              }

              @Override
              public void onClosing(WebSocket socket, int code, String reason) {
                socket.close(code, null);
                end.complete("closed " + code);
              }

              @Override
              public void onFailure(WebSocket socket, Throwable cause, Response response) {
                end.complete("cut: " + cause);
              }
            });
      }
      for (CompletableFuture<String> end : ends) {
        // The server closes with bytes unread, so that its last words may be lost on the way.
        assertThat(end.get(60, TimeUnit.SECONDS)).matches("closed 1009|cut: java\\.(net\\.SocketException|io\\.EOFException).*");
      }
      assertThat(faults).as("the server ended them because it wanted to").isEmpty();
      try (SyncClient client = opened.watched("client", SyncClient.builder().inMemory().server(server.uri()).open())) {
        assertThat(client.sync().get(60, TimeUnit.SECONDS).basisT()).isPositive();
        // It hears of the others' ends before the client's beginning.
        try (Response metrics = http.newCall(new Request.Builder().url(server.uri().resolve("/metrics").toString()).build()).execute()) {
          assertThat(metrics.body().string()).contains("rebasis_sessions{database=\"main\"} 1.0");
        }
      }
    } finally {
      http.dispatcher().executorService().shutdown();
      http.connectionPool().evictAll();
    }
  }

  @Test
  void whatIsPostedIsNotUnpacked() throws Exception {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write(new byte[15 << 20]);
    }
    List<RebasisException> faults = new CopyOnWriteArrayList<>();
    try (RebasisServer server = RebasisServer.builder().inMemory().port(0).onFatal(faults::add).start()) {
      for (String type : new String[] {"application/x-ndjson", "application/vnd.rebasis.cbor-seq"}) {
        HttpResponse<String> answer = HttpClient.newHttpClient().send(HttpRequest.newBuilder(URI.create(server.uri() + "/exchange"))
            .header("Content-Type", type).header("Content-Encoding", "gzip")
            .POST(HttpRequest.BodyPublishers.ofByteArray(packed.toByteArray())).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("Content-Encoding");
      }
      assertThat(faults).isEmpty();
    }
  }
}
