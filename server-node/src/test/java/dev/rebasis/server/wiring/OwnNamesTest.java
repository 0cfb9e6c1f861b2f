package dev.rebasis.server.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.server.RebasisServer;
import dev.rebasis.server.access.User;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Goal: a page whose name was made to point to this machine reads and writes nothing, though it is of the server's own origin for the
 * browser. Method: the requests that a browser would send then, over real sockets.
 */
@Timeout(60)
class OwnNamesTest {
  private static final List<String> REQUESTS = List.of("GET /db/main/snapshot", "GET /db/main/q?query=%5B%5D", "GET /db/main/log",
      "GET /db/main/devices", "POST /db/main/exchange", "POST /db/main/excise", "GET /db/main/sync");
  private static final Pattern LENGTH = Pattern.compile("(?i)\r\ncontent-length: (\\d+)");
  private static final String UPGRADE = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
      + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: rebasis.cbor\r\n";

  /** The head of the answer and its body: a connection that asked for an upgrade and did not get it stays open after it. */
  private static String answer(int port, String request, String host) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.getOutputStream().write((request + " HTTP/1.1\r\nHost: " + host + "\r\nContent-Length: 0\r\n"
          + (request.startsWith("POST") ? "Origin: http://" + host + "\r\n" : "")
          + (request.endsWith("/sync") ? UPGRADE : "Connection: close\r\n") + "\r\n").getBytes(StandardCharsets.US_ASCII));
      byte[] start = new byte[1 << 16];
      int length = 0;
      for (int more = 0; more >= 0 && length < start.length; more = socket.getInputStream().read(start, length, start.length - length)) {
        length += more;
        if (isWhole(new String(start, 0, length, StandardCharsets.US_ASCII))) {
          break;
        }
      }
      return new String(start, 0, length, StandardCharsets.US_ASCII);
    }
  }

  private static boolean isWhole(String answer) {
    int head = answer.indexOf("\r\n\r\n");
    Matcher length = LENGTH.matcher(answer.substring(0, Math.max(0, head)));
    return answer.startsWith("HTTP/1.1 101") || length.find() && answer.length() >= head + 4 + Integer.parseInt(length.group(1));
  }

  private static void assertRefused(int port, String host, boolean refused) throws IOException {
    for (String request : REQUESTS) {
      String answer = answer(port, request, host);
      assertThat(answer).startsWith("HTTP/1.1 ");
      assertThat(answer.startsWith("HTTP/1.1 403") && answer.contains(":rebasis.error/foreign-host"))
          .as(request + " to " + host + ": " + answer).isEqualTo(refused);
    }
  }

  @Test
  void withoutTokens_onlyNamesOfItsOwnAreAnswered() throws Exception {
    try (RebasisServer server = RebasisServer.builder().inMemory().allowedHosts(Set.of("Db.example")).start()) {
      int port = server.port();
      assertRefused(port, "evil.example:" + port, true);
      assertRefused(port, "db.example:" + port, false);
    }
  }

  @Test
  void withTokens_theTokenDecides() throws Exception {
    try (RebasisServer server = RebasisServer.builder().inMemory().authenticator(token -> new User("ann", Set.of(), null)).start()) {
      assertRefused(server.port(), "any.example", false);
    }
  }

  @Test
  void addressesAndWhatTheOperatorSaysAreItsNames() {
    OwnNames names = new OwnNames("inside.example", Set.of("db.example"));
    for (String own : List.of("127.0.0.1:8484", "192.168.1.7", "[::1]:8484", "[fe80::1%eth0]", "localhost", "LocalHost:1",
        "inside.example:8484", "DB.example")) {
      assertThat(names.contain(own)).as(own).isTrue();
    }
    for (String other : List.of("evil.example", "127.0.0.1.evil.example:8484", "localhost.evil.example", "evil-localhost",
        "db.example.evil.example", "1.2.3.4evil.example", "[::1].evil.example", "", "evil.example:127.0.0.1")) {
      assertThat(names.contain(other)).as(other).isFalse();
    }
    assertThat(names.contain(null)).isTrue();
  }
}
