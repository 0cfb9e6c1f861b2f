package dev.rebasis.simulations.e2e;

import static dev.rebasis.simulations.e2e.EndToEnd.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.protocol.Limits;
import dev.rebasis.server.RebasisServer;
import dev.rebasis.server.ServerLimits;
import dev.rebasis.simulations.inside.Alone;
import java.io.DataInputStream;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Goal: loads need little heap of the server beside what Datomic holds anyway, however large the database: less than 64 MB
 * for eight at once. Method: eight readers that stop in the middle; the heap after collections, before and meanwhile. A copy
 * of the facts for each of them would take about 200 MB.
 */
@Alone
class ServerHeapTest {
  private static final int LOADS = 8;
  private static final int TRANSACTIONS = 120;
  private static final long BYTES_MAX = 64L << 20;

  private final HttpClient http = HttpClient.newHttpClient();

  @Test
  void loadsThatAreUnderWayHoldNoCopies() throws Exception {
    // A user gets a quarter of the loads.
    ServerLimits limits = new ServerLimits(
        Limits.server().receiveBytesMax(), 100, 100, 0, Duration.ZERO, 4 * LOADS, 2, 2, null, 0, 64 << 20);
    try (RebasisServer server = RebasisServer.builder().inMemory().database("orders").schema("orders", EndToEnd.SCHEMA)
        .limits(limits).start()) {
      fill(server);
      stopInTheMiddle(server).close();
      long before = usedHeap();
      List<InputStream> loads = new ArrayList<>();
      for (int i = 0; i < LOADS; i++) {
        loads.add(stopInTheMiddle(server));
      }
      long meanwhile = usedHeap();
      for (InputStream load : loads) {
        load.close();
      }
      assertThat(meanwhile - before).as("bytes beyond Datomic's own").isLessThan(BYTES_MAX);
    }
  }

  private static void fill(RebasisServer server) {
    for (int i = 0; i < TRANSACTIONS; i++) {
      StringBuilder forms = new StringBuilder("[");
      for (int k = 0; k < 1_000; k++) {
        forms.append("{:order/number \"N-").append(i).append('-').append(k).append("\" :order/note \"")
            .append(Integer.toString(i * 1_000 + k, 36).repeat(60)).append("\"}");
      }
      get(server.transact(forms.append("]").toString()));
    }
  }

  /** A load of which the first message was read, and no more. */
  private InputStream stopInTheMiddle(RebasisServer server) throws Exception {
    HttpResponse<InputStream> answer = http.send(
        HttpRequest.newBuilder(URI.create(server.uri() + "/snapshot")).build(), HttpResponse.BodyHandlers.ofInputStream());
    assertThat(answer.statusCode()).isEqualTo(200);
    DataInputStream in = new DataInputStream(answer.body());
    in.readFully(new byte[in.readInt()]);
    return in;
  }

  private static long usedHeap() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}
