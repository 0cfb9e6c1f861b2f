package dev.rebasis.simulations.bench;

import dev.rebasis.client.SyncClient;
import dev.rebasis.simulations.process.JavaProcess;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * As {@link FanOutTask} at a steady rate, with the receiving clients shared out among several processes: what one collects is no
 * matter to those of another, as where each client is a program of its own. Their clock is the system's monotonic one, which all
 * processes of a machine share.
 */
final class FanOutProcesses {
  private static final long SECONDS_MAX = 300;

  private FanOutProcesses() {}

  static Figures run(Path folder, BenchOptions options, String uri) throws Exception {
    List<JavaProcess> readers = new ArrayList<>();
    try (SyncClient writer = ClientTasks.open(folder.resolve("writer"), options, uri)) {
      ClientTasks.await(writer.sync());
      for (int i = 0; i < options.processes(); i++) {
        readers.add(start(options, uri));
      }
      readers.forEach(one -> one.awaitLine(FanOutReaders.READY::equals, SECONDS_MAX));
      write(writer, "warm", options.warmUpSeconds() * options.rate(), options.rate());
      readers.forEach(one -> one.awaitLine(FanOutReaders.WARM::equals, SECONDS_MAX));
      System.err.println("fan-out: warmed up");
      long processorNanos = FanOutTask.processorNanos();
      long[] starts = write(writer, "fan", options.n(), options.rate());
      double processorMs = (FanOutTask.processorNanos() - processorNanos) / 1e6;
      return ClientTasks.withTraffic(collected(readers, options, starts, processorMs), writer);
    } finally {
      readers.forEach(JavaProcess::close);
    }
  }

  private static JavaProcess start(BenchOptions options, String uri) {
    List<String> arguments = new ArrayList<>(options.toArguments());
    arguments.addAll(List.of("task=fan-out-readers", "folder=.", "uri=" + uri));
    // What the user asked for of the clients' JVM holds for each.
    return JavaProcess.start("fan-out-readers", null, ManagementFactory.getRuntimeMXBean().getInputArguments(),
        BenchWorker.class.getName(), arguments);
  }

  /** When each was due, whether the one before has been seen or not. */
  private static long[] write(SyncClient writer, String word, int n, int rate) {
    long every = TimeUnit.SECONDS.toNanos(1) / rate;
    long begin = System.nanoTime();
    long[] due = new long[n];
    for (int i = 0; i < n; i++) {
      due[i] = begin + i * every;
      FanOutTask.awaitNanos(due[i]);
      writer.transact(BenchEntities.forms(word, i));
    }
    return due;
  }

  private static Figures collected(List<JavaProcess> readers, BenchOptions options, long[] starts, double ownProcessorMs) {
    long[] last = new long[options.n()];
    long[] each = new long[Math.multiplyExact(options.n(), options.clients())];
    int count = 0;
    double processorMs = ownProcessorMs;
    for (JavaProcess reader : readers) {
      for (int i = 0; i < options.n(); i++) {
        String[] seen = reader.awaitLine(line -> line.startsWith(FanOutReaders.SEEN), SECONDS_MAX).split(" ");
        for (int k = 1; k < seen.length; k++) {
          long took = Long.parseLong(seen[k]) - starts[i];
          each[count++] = took;
          last[i] = Math.max(last[i], took);
        }
      }
      processorMs += Double.parseDouble(reader.awaitLine(line -> line.startsWith(FanOutReaders.PROCESSOR), SECONDS_MAX).split(" ")[1]);
      reader.awaitLine(Figures::isLine, SECONDS_MAX);
      reader.awaitExit(60);
    }
    FanOutTask.tell(each, processorMs / options.n());
    return Figures.ofEach(last);
  }
}
