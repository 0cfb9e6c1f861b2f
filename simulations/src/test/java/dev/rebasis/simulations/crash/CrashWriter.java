package dev.rebasis.simulations.crash;

import dev.rebasis.client.Durability;
import dev.rebasis.client.Pending;
import dev.rebasis.client.SyncClient;
import dev.rebasis.client.Tuning;
import dev.rebasis.client.internal.core.ClientCore;
import dev.rebasis.data.LookupRef;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * The victim of the crash test, the main class of a child process: a client that writes without end, says what it was
 * promised, and is killed. Whenever it has opened its store it looks into it, and says what it finds. It stops to write when
 * it reads {@code stop}, and ends when it reads {@code quit}.
 */
final class CrashWriter {
  /** A server that was killed is back after a second or two: to wait longer for it tests nothing. */
  private static final Tuning QUICK = Tuning.DEFAULT.withBackoff(Duration.ofMillis(20), Duration.ofMillis(250));
  /** What waits while a server is away is decided one after the other: more of it shows no more. */
  private static final int PENDING_MAX = 100;
  private static final long ALWAYS_AUDITED_T = 20_000;

  private CrashWriter() {}

  /** Arguments: the store's folder, the server's URI, the durability, the number of the next transaction. */
  public static void main(String[] args) throws Exception {
    try (SyncClient client = SyncClient.builder().store(Path.of(args[0])).server(URI.create(args[1]))
        .durability(Durability.valueOf(args[2])).tuning(QUICK).open()) {
      client.onOutcome(o -> say("outcome " + o.id() + " " + o.kind() + " " + o.t() + " " + o.duplicate()));
      // To read all of a store takes longer with each life: where there are hundreds, one of ten has to do.
      if (client.confirmed().basisT() < ALWAYS_AUDITED_T || Long.parseLong(args[3]) % 10 == 0) {
        ((ClientCore) client).audit().forEach(finding -> say("finding " + finding));
      }
      // A new store knows neither the schema nor the counter until it has met the server.
      if (client.db().attribute(":item/key") == null
          || client.db().entid(LookupRef.of(":item/key", "counter")) == null) {
        client.sync().get(120, TimeUnit.SECONDS);
      }
      long next = Math.max(Long.parseLong(args[3]), 1 + highest(client));
      say("ready " + next + " " + client.status().pendingCount());
      BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      while (!in.ready()) {
        Pending pending = client.transact(forms(next));
        say("made " + next + " " + pending.id());
        next++;
        if (client.status().pendingCount() > PENDING_MAX) {
          // So many wait that the server is down or busy; the queue need not grow for ever.
          client.pending().get(0).outcome().get(120, TimeUnit.SECONDS);
        }
      }
      in.readLine();
      long t = client.sync().get(120, TimeUnit.SECONDS).basisT();
      say("stopped " + t + " " + client.status().pendingCount() + " " + highest(client));
      in.readLine();
    }
  }

  /** An entity of its own, and one step of a counter that fails if it is done twice or one is missing. */
  private static String forms(long n) {
    return "[{:item/key \"crash-" + n + "\" :item/count " + n + "}"
        + " [:db/cas [:item/key \"counter\"] :item/count " + (n - 1) + " " + n + "]]";
  }

  private static long highest(SyncClient client) {
    Object count = client.db().query("[:find ?n . :where [?c :item/key \"counter\"] [?c :item/count ?n]]");
    return count instanceof Long number ? number : 0;
  }

  private static void say(String line) {
    synchronized (System.out) {
      System.out.println(line);
      System.out.flush();
    }
  }
}
