package dev.rebasis.simulations.bench;

import dev.rebasis.client.SyncClient;
import dev.rebasis.client.TxReport;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** One client writes, many others see it: from {@code transact} to the report on the last of them. */
final class FanOutTask {
  private static final int WARM_UP = 20;

  private FanOutTask() {}

  static Figures run(Path folder, BenchOptions options, String uri) throws Exception {
    List<SyncClient> readers = new ArrayList<>();
    Semaphore seen = new Semaphore(0);
    try (SyncClient writer = ClientTasks.open(folder.resolve("writer"), options, uri)) {
      ClientTasks.await(writer.sync());
      for (int i = 0; i < options.clients(); i++) {
        SyncClient reader = SyncClient.builder().inMemory().server(URI.create(uri)).open();
        readers.add(reader);
        ClientTasks.await(reader.sync());
        reader.onTxReport(report -> {
          if (report.kind() == TxReport.Kind.CONFIRMED) {
            seen.release((int) report.datoms().stream().filter(FanOutTask::isKey).count());
          }
        });
      }
      long[] nanos = new long[options.n()];
      for (int i = -Math.min(WARM_UP, options.n()); i < options.n(); i++) {
        List<Object> forms = BenchEntities.forms("fan", i);
        long start = System.nanoTime();
        writer.transact(forms);
        if (!seen.tryAcquire(options.clients(), 60, TimeUnit.SECONDS)) {
          throw new IllegalStateException("a write did not reach every client within 60 s");
        }
        if (i >= 0) {
          nanos[i] = System.nanoTime() - start;
        }
      }
      return ClientTasks.withTraffic(Figures.ofEach(nanos), writer);
    } finally {
      readers.forEach(SyncClient::close);
    }
  }

  private static boolean isKey(dev.rebasis.data.Datom datom) {
    return datom.added() && datom.v() instanceof String text && text.startsWith("fan-");
  }
}
