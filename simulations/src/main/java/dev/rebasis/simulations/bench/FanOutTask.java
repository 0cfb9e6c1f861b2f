package dev.rebasis.simulations.bench;

import dev.rebasis.client.SyncClient;
import dev.rebasis.client.TxReport;
import dev.rebasis.data.Datom;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;

/**
 * One client writes, many others see it: from {@code transact} to the report on the last of them. How long it takes to each of
 * them is told on standard error, and how much processor time the clients took together, which other programs change little.
 */
final class FanOutTask {
  private static final int WARM_UP = 20;

  private FanOutTask() {}

  static Figures run(Path folder, BenchOptions options, String uri) throws Exception {
    List<SyncClient> readers = new ArrayList<>();
    Sights sights = new Sights(options);
    try (SyncClient writer = ClientTasks.open(folder.resolve("writer"), options, uri)) {
      ClientTasks.await(writer.sync());
      for (int i = 0; i < options.clients(); i++) {
        SyncClient reader = SyncClient.builder().inMemory().server(URI.create(uri)).open();
        readers.add(reader);
        ClientTasks.await(reader.sync());
        reader.onTxReport(report -> {
          if (report.kind() == TxReport.Kind.CONFIRMED) {
            report.datoms().forEach(sights::saw);
          }
        });
      }
      warmUp(writer, options, sights);
      System.err.println("fan-out: warmed up");
      long processorNanos = processorNanos();
      long[] nanos = options.rate() > 0 ? paced(writer, options, sights) : oneByOne(writer, options, sights);
      double processorMs = (processorNanos() - processorNanos) / 1e6 / options.n();
      tell(sights.eachNanos(), processorMs);
      return ClientTasks.withTraffic(Figures.ofEach(nanos), writer);
    } finally {
      readers.forEach(SyncClient::close);
    }
  }

  /** Says what stands in no table: how long it took to each client, and what that cost. */
  static void tell(long[] eachNanos, double processorMs) {
    Figures each = Figures.ofEach(eachNanos);
    System.err.printf(Locale.ROOT, "fan-out: to each client %.2f ms at the median, %.2f ms at p99; %.2f ms of processor time"
        + " a write by the clients%n", each.p50Ms(), each.p99Ms(), processorMs);
  }

  static long processorNanos() {
    return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
  }

  private static void warmUp(SyncClient writer, BenchOptions options, Sights sights) throws InterruptedException {
    int paced = options.warmUpSeconds() * options.rate();
    long begin = System.nanoTime();
    for (int i = 0; i < paced; i++) {
      awaitNanos(begin + i * TimeUnit.SECONDS.toNanos(1) / options.rate());
      writer.transact(BenchEntities.forms("warm", WARM_UP + i));
    }
    sights.await(paced * options.clients());
    for (int i = 0; i < Math.min(WARM_UP, options.n()); i++) {
      writer.transact(BenchEntities.forms("warm", i));
      sights.await(options.clients());
    }
  }

  private static long[] oneByOne(SyncClient writer, BenchOptions options, Sights sights) throws InterruptedException {
    for (int i = 0; i < options.n(); i++) {
      List<Object> forms = BenchEntities.forms("fan", i);
      sights.start(i, System.nanoTime());
      writer.transact(forms);
      sights.await(options.clients());
    }
    return sights.nanos();
  }

  /** At so many writes a second, whether the one before has been seen or not; each is timed from when it was due. */
  private static long[] paced(SyncClient writer, BenchOptions options, Sights sights) throws InterruptedException {
    long every = TimeUnit.SECONDS.toNanos(1) / options.rate();
    long begin = System.nanoTime();
    for (int i = 0; i < options.n(); i++) {
      long due = begin + i * every;
      awaitNanos(due);
      sights.start(i, due);
      writer.transact(BenchEntities.forms("fan", i));
    }
    sights.await(options.n() * options.clients());
    return sights.nanos();
  }

  static void awaitNanos(long due) {
    while (System.nanoTime() < due) {
      LockSupport.parkNanos(due - System.nanoTime());
    }
  }

  /** Who has seen what. Thread-safe. */
  private static final class Sights {
    private final Semaphore all = new Semaphore(0);
    private final int clients;
    private final AtomicLongArray starts;
    private final AtomicLongArray nanos;
    private final AtomicIntegerArray seen;
    /** By write, and within it by who saw it first. */
    private final AtomicLongArray each;

    Sights(BenchOptions options) {
      clients = options.clients();
      starts = new AtomicLongArray(options.n());
      nanos = new AtomicLongArray(options.n());
      seen = new AtomicIntegerArray(options.n());
      each = new AtomicLongArray(Math.multiplyExact(options.n(), clients));
    }

    void start(int i, long at) {
      starts.set(i, at);
    }

    void saw(Datom datom) {
      if (!datom.added() || !(datom.v() instanceof String text)) {
        return;
      }
      if (text.startsWith("fan-")) {
        int i = Integer.parseInt(text.substring("fan-".length()));
        int before = seen.getAndIncrement(i);
        long took = System.nanoTime() - starts.get(i);
        each.set(i * clients + before, took);
        if (before == clients - 1) {
          nanos.set(i, took);
        }
        all.release();
      } else if (text.startsWith("warm-")) {
        all.release();
      }
    }

    void await(int sights) throws InterruptedException {
      if (!all.tryAcquire(sights, 60, TimeUnit.SECONDS)) {
        throw new IllegalStateException("a write did not reach every client within 60 s");
      }
    }

    /** To the last client, of each write. */
    long[] nanos() {
      return array(nanos);
    }

    /** To each client, of each write. */
    long[] eachNanos() {
      return array(each);
    }

    private static long[] array(AtomicLongArray values) {
      return LongStream.range(0, values.length()).map(i -> values.get((int) i)).toArray();
    }
  }
}
