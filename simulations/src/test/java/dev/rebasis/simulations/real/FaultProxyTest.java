package dev.rebasis.simulations.real;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.EnumSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Each fault of the proxy, seen from both ends of a plain socket. */
@Timeout(60)
class FaultProxyTest {
  private static final int SILENT_MILLIS = 150;

  private ServerSocket listening;
  private FaultProxy proxy;
  private Socket client;
  private Socket server;

  @BeforeEach
  void connect() throws Exception {
    listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    proxy = new FaultProxy("test", listening.getLocalPort());
    client = dial();
    server = listening.accept();
    // Until something was carried the proxy may not know of the connection yet.
    send(client, 0);
    assertThat(server.getInputStream().read()).isZero();
  }

  @AfterEach
  void close() throws IOException {
    client.close();
    server.close();
    proxy.close();
    listening.close();
  }

  private Socket dial() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
    socket.setSoTimeout(20_000);
    return socket;
  }

  private static void send(Socket from, int value) throws IOException {
    from.getOutputStream().write(value);
  }

  private static void assertSilent(Socket at) throws IOException {
    at.setSoTimeout(SILENT_MILLIS);
    assertThatThrownBy(() -> at.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
    at.setSoTimeout(20_000);
  }

  private static boolean isReset(Socket at) throws IOException {
    try {
      return at.getInputStream().read() < 0;
    } catch (SocketException e) {
      return true;
    }
  }

  @Test
  void carriesBothWaysAndCounts() throws IOException {
    send(client, 1);
    assertThat(server.getInputStream().read()).isEqualTo(1);
    send(server, 2);
    assertThat(client.getInputStream().read()).isEqualTo(2);
    server.close();
    assertThat(isReset(client)).isTrue();
    assertThat(proxy.carriedBytes()).isEqualTo(3);
  }

  @Test
  void aCutBreaksBothEndsAndEveryNewConnectionUntilItHeals() throws IOException {
    proxy.cut();
    assertThat(isReset(client)).isTrue();
    assertThat(isReset(server)).isTrue();
    try (Socket refused = dial()) {
      assertThat(isReset(refused)).isTrue();
    }
    proxy.heal();
    try (Socket again = dial(); Socket other = listening.accept()) {
      send(again, 3);
      assertThat(other.getInputStream().read()).isEqualTo(3);
    }
  }

  @Test
  void whatIsHeldInOneDirectionArrivesWhenItHeals() throws IOException {
    proxy.hold(EnumSet.of(FaultProxy.Direction.UP));
    send(client, 4);
    send(server, 5);
    assertThat(client.getInputStream().read()).as("the other direction goes on").isEqualTo(5);
    assertSilent(server);
    proxy.heal();
    assertThat(server.getInputStream().read()).isEqualTo(4);
  }

  @Test
  void aHalfOpenConnectionIsSilentForTheClientUntilItHeals() throws IOException {
    proxy.halfOpen();
    assertThat(isReset(server)).isTrue();
    assertSilent(client);
    proxy.heal();
    assertThat(isReset(client)).isTrue();
  }

  @Test
  void aResetBreaksWhatIsOpenAndNothingElse() throws IOException {
    proxy.reset();
    assertThat(isReset(client)).isTrue();
    try (Socket again = dial(); Socket other = listening.accept()) {
      send(again, 6);
      assertThat(other.getInputStream().read()).isEqualTo(6);
    }
  }

  @Test
  void aSlowLineTakesItsTimeAndANarrowOneToo() throws Exception {
    proxy.delay(120);
    long start = System.nanoTime();
    send(client, 7);
    assertThat(server.getInputStream().read()).isEqualTo(7);
    assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(120));
    proxy.heal();
    proxy.throttle(1_000);
    start = System.nanoTime();
    client.getOutputStream().write(new byte[300]);
    assertThat(server.getInputStream().readNBytes(300)).hasSize(300);
    assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(250));
  }
}
