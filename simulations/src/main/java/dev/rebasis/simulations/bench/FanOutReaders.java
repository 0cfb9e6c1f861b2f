package dev.rebasis.simulations.bench;

import dev.rebasis.client.SyncClient;
import dev.rebasis.client.TxReport;
import dev.rebasis.data.Datom;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Some of the clients that see the writes of {@link FanOutProcesses}, in a process of their own, as a program is that has one.
 * Says on standard output when all are there, when they have seen the warm-up, and then when each write was seen.
 */
final class FanOutReaders {
  static final String READY = "READY";
  static final String WARM = "WARM";
  static final String SEEN = "SEEN";
  static final String PROCESSOR = "PROCESSOR";

  private final int readers;
  private final Semaphore warm = new Semaphore(0);
  private final Semaphore seen = new Semaphore(0);
  private final AtomicIntegerArray counts;
  /** By write, and within it by who saw it first. */
  private final AtomicLongArray at;

  private FanOutReaders(BenchOptions options) {
    readers = options.clients() / options.processes();
    counts = new AtomicIntegerArray(options.n());
    at = new AtomicLongArray(Math.multiplyExact(options.n(), readers));
  }

  static Figures run(BenchOptions options, String uri) throws Exception {
    return new FanOutReaders(options).read(options, uri);
  }

  private Figures read(BenchOptions options, String uri) throws Exception {
    List<SyncClient> clients = new ArrayList<>();
    try {
      for (int i = 0; i < readers; i++) {
        SyncClient client = SyncClient.builder().inMemory().server(URI.create(uri)).open();
        clients.add(client);
        ClientTasks.await(client.sync());
        client.onTxReport(report -> {
          if (report.kind() == TxReport.Kind.CONFIRMED) {
            report.datoms().forEach(this::saw);
          }
        });
      }
      say(READY);
      await(warm, options.warmUpSeconds() * options.rate());
      long processorNanos = FanOutTask.processorNanos();
      say(WARM);
      await(seen, options.n());
      double processorMs = (FanOutTask.processorNanos() - processorNanos) / 1e6;
      for (int i = 0; i < options.n(); i++) {
        StringBuilder line = new StringBuilder(SEEN);
        for (int k = 0; k < readers; k++) {
          line.append(' ').append(at.get(i * readers + k));
        }
        say(line.toString());
      }
      say(String.format(Locale.ROOT, "%s %.3f", PROCESSOR, processorMs));
      return Figures.ofProcess();
    } finally {
      clients.forEach(SyncClient::close);
    }
  }

  private static void say(String line) {
    System.out.println(line);
    System.out.flush();
  }

  private void await(Semaphore sights, int writes) throws InterruptedException {
    if (!sights.tryAcquire(writes * readers, 300, TimeUnit.SECONDS)) {
      throw new IllegalStateException("not every write reached every client");
    }
  }

  private void saw(Datom datom) {
    if (!datom.added() || !(datom.v() instanceof String text)) {
      return;
    }
    if (text.startsWith("fan-")) {
      int i = Integer.parseInt(text.substring("fan-".length()));
      at.set(i * readers + counts.getAndIncrement(i), System.nanoTime());
      seen.release();
    } else if (text.startsWith("warm-")) {
      warm.release();
    }
  }
}
