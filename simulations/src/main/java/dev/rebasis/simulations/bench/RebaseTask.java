package dev.rebasis.simulations.bench;

import dev.rebasis.client.ConnectionState;
import dev.rebasis.client.Database;
import dev.rebasis.client.SyncClient;
import dev.rebasis.simulations.process.JavaProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Remote transactions arrive at a client on which many wait: from the server's first message, the welcome, until its
 * optimistic view stands on the last remote transaction. How long connecting took before that is told on standard error. The pending edits are made in this JVM; the entities and the remote
 * edits are made by others, so that nothing of receiving is warm but the first load.
 */
final class RebaseTask {
  private static final long OTHERS_SECONDS_MAX = 300;
  private static final String BASIS = "BASIS ";

  private RebaseTask() {}

  static Figures run(Path folder, BenchOptions options, String uri) throws Exception {
    inAnotherJvm("rebase-fill", folder.resolve("loader"), options, uri);
    try (SyncClient client = ClientTasks.open(folder.resolve("client"), options, uri)) {
      ClientTasks.await(client.sync());
      client.goOffline();
      for (int i = 0; i < options.pending(); i++) {
        client.transact(edit(i, -1));
      }
      long remoteT = inAnotherJvm("rebase-remote", folder.resolve("other"), options, uri);
      CompletableFuture<Long> welcomed = new CompletableFuture<>();
      client.onStateChange(status -> {
        if (status.state() == ConnectionState.CATCHING_UP) {
          welcomed.complete(System.nanoTime());
        }
      });
      long start = System.nanoTime();
      client.goOnline();
      Database db = ClientTasks.await(client.sync(remoteT));
      long nanos = System.nanoTime() - ClientTasks.await(welcomed);
      System.err.printf(Locale.ROOT, "  the welcome came %.1f ms after going online, %.1f ms before the view was merged%n",
          (ClientTasks.await(welcomed) - start) / 1e6, nanos / 1e6);
      if (db.basisT() < remoteT) {
        throw new IllegalStateException("the view stands on " + db.basisT() + ", not on " + remoteT);
      }
      checkMeetings(client, options);
      return ClientTasks.withTraffic(Figures.ofTotal(options.remote(), nanos), client);
    }
  }

  /** What was measured is what was asked for: so many of the edits have met one of the others. */
  private static void checkMeetings(SyncClient client, BenchOptions options) throws Exception {
    ClientTasks.await(client.sync());
    int met = client.conflicts().size();
    if (met != Math.min(options.pending(), meeting(options))) {
      throw new IllegalStateException(met + " edits met one of the others, not " + meeting(options));
    }
  }

  /** Puts the entities on the server: one for each pending edit, and further ones for the remote edits that meet nothing. */
  static Figures fill(Path folder, BenchOptions options, String uri) throws Exception {
    long start = System.nanoTime();
    ClientTasks.fill(folder, options, uri, entities(options));
    System.out.println(BASIS + 0);
    return Figures.ofTotal(entities(options), System.nanoTime() - start);
  }

  /** Makes the remote edits and prints the T of the last. */
  static Figures remote(Path folder, BenchOptions options, String uri) throws Exception {
    long start = System.nanoTime();
    int meeting = meeting(options);
    try (SyncClient other = ClientTasks.open(folder, options, uri)) {
      ClientTasks.await(other.sync());
      for (int i = 0; i < options.remote(); i++) {
        other.transact(edit(i < meeting ? i : entities(options) - 1 - (i - meeting), -2));
      }
      System.out.println(BASIS + ClientTasks.await(other.sync()).basisT());
    }
    return Figures.ofTotal(options.remote(), System.nanoTime() - start);
  }

  private static int meeting(BenchOptions options) {
    return (int) Math.round(options.remote() * options.overlap());
  }

  private static int entities(BenchOptions options) {
    return Math.max(options.pending(), meeting(options)) + options.remote();
  }

  private static long inAnotherJvm(String task, Path folder, BenchOptions options, String uri) {
    List<String> arguments = new ArrayList<>(options.toArguments());
    arguments.addAll(List.of("task=" + task, "folder=" + folder, "uri=" + uri));
    try (JavaProcess other = JavaProcess.start(task, null, List.of(), BenchWorker.class.getName(), arguments)) {
      long t = Long.parseLong(other.awaitLine(line -> line.startsWith(BASIS), OTHERS_SECONDS_MAX).substring(BASIS.length()));
      other.awaitExit(60);
      return t;
    }
  }

  private static List<Object> edit(int item, long count) {
    return List.of(Map.of(":item/key", BenchEntities.key("item", item), ":item/count", count));
  }
}
