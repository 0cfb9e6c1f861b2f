package dev.rebasis.server.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.server.RebasisServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Goal: what a post says that it will send takes nobody's room, what it has sent does. Method: as many posts as would fill the room,
 * that claim the most and send a few bytes, and one of somebody else.
 */
@Timeout(60)
class ClaimingPostsTest {
  private static final int CLAIMED = 4 << 20;

  /** A post that is read by the server already: it was told to go on. */
  private static Socket claim(int port) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.getOutputStream().write(("POST /db/main/exchange HTTP/1.1\r\nHost: 127.0.0.1:" + port
        + "\r\nContent-Type: application/x-ndjson\r\nContent-Length: " + CLAIMED + "\r\nExpect: 100-continue\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
    String answer = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII)).readLine();
    assertThat(answer).startsWith("HTTP/1.1 100");
    socket.getOutputStream().write('\n');
    return socket;
  }

  @Test
  void claimsTakeNoRoom() throws Exception {
    long room = Math.max(64L << 20, Runtime.getRuntime().maxMemory() / 8);
    List<Socket> claims = new ArrayList<>();
    try (RebasisServer server = RebasisServer.builder().inMemory().start()) {
      for (long claimed = 0; claimed < room; claimed += CLAIMED - ReceiveRoom.FREE_BYTES) {
        claims.add(claim(server.port()));
      }
      HttpResponse<String> answer = HttpClient.newHttpClient().send(
          HttpRequest.newBuilder(URI.create(server.uri() + "/exchange")).header("Content-Type", "application/x-ndjson")
              .POST(HttpRequest.BodyPublishers.ofString("\n".repeat(100_000))).build(),
          HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).as(answer.body()).isLessThan(300);
      assertThat(answer.headers().firstValue("Rebasis-Session")).isPresent();
    } finally {
      for (Socket claim : claims) {
        claim.close();
      }
    }
  }
}
