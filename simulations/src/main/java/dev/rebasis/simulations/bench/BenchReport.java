package dev.rebasis.simulations.bench;

import java.io.PrintWriter;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.IntStream;
import tools.jackson.databind.json.JsonMapper;

/** Turns the figures of several runs into medians and prints them. */
final class BenchReport {
  private final Workload workload;
  private final BenchOptions options;
  private final BenchRun run;
  private final int heapMegabytes;
  private final String clientJvm;

  BenchReport(Workload workload, BenchOptions options, BenchRun run, int heapMegabytes, List<String> clientJvm) {
    this.heapMegabytes = heapMegabytes;
    this.clientJvm = String.join(" ", clientJvm);
    this.workload = workload;
    this.options = options;
    this.run = run;
  }

  /** Exactly one line of JSON. */
  String json() {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("workload", workload.word());
    line.put("n", options.n());
    line.put("clients", options.clients());
    line.put("processes", options.processes());
    line.put("pending", options.pending());
    line.put("remote", options.remote());
    line.put("overlap", options.overlap());
    line.put("durability", options.durability().name());
    line.put("heap_mb", heapMegabytes == 0 ? null : heapMegabytes);
    line.put("client_jvm", clientJvm);
    line.put("runs", run.ours().size());
    putFigures(line, run.ours());
    Map<String, Object> limits = new LinkedHashMap<>();
    run.limits().forEach((limit, figures) -> {
      Map<String, Object> entry = new LinkedHashMap<>();
      putFigures(entry, figures);
      entry.put("ratio", medianRatio(limit, figures));
      entry.put("beyond_us", medianBeyond(limit, figures));
      limits.put(limit.task(), entry);
    });
    line.put("limits", limits);
    return JsonMapper.shared().writeValueAsString(line);
  }

  private static void putFigures(Map<String, Object> line, List<Figures> figures) {
    line.put("ms", median(figures, Figures::ms));
    line.put("ops_s", median(figures, Figures::opsPerSecond));
    line.put("p50_ms", median(figures, Figures::p50Ms));
    line.put("p99_ms", median(figures, Figures::p99Ms));
    line.put("up_mb", median(figures, Figures::upMb));
    line.put("down_mb", median(figures, Figures::downMb));
    line.put("client_rss_mb", median(figures, Figures::clientRssMb));
    line.put("server_rss_mb", median(figures, Figures::serverRssMb));
    line.put("server_heap_mb", median(figures, Figures::serverHeapMb));
  }

  /** A table for a person. */
  void print(PrintWriter out) {
    out.printf(Locale.ROOT, "%s, n=%d, %s%s%s, median of %d run(s)%n", workload.word(), options.n(),
        options.durability(), heapMegabytes == 0 ? "" : ", heap of " + heapMegabytes + " MB",
        clientJvm.isEmpty() ? "" : ", client with " + clientJvm, run.ours().size());
    String row = "  %-62s %12s %12s %10s %10s %8s%n";
    out.printf(Locale.ROOT, row, "", "ms", "ops/s", "p50 ms", "p99 ms", "ratio");
    out.printf(Locale.ROOT, row, cells("rebasis", run.ours(), null));
    run.limits().forEach((limit, figures) ->
        out.printf(Locale.ROOT, row, cells(limit.description(), figures, medianRatio(limit, figures))));
    run.limits().forEach((limit, figures) -> {
      Double beyond = medianBeyond(limit, figures);
      if (beyond != null) {
        out.printf(Locale.ROOT, "  at the median %.0f µs more than %s%n", beyond, limit.description());
      }
    });
    Double up = median(run.ours(), Figures::upMb);
    if (up != null) {
      out.printf(Locale.ROOT, "  sent %s MB, received %s MB%n", number(up), number(median(run.ours(), Figures::downMb)));
    }
    out.printf(Locale.ROOT, "  memory: client %s MB, server %s MB%n",
        number(median(run.ours(), Figures::clientRssMb)), number(median(run.ours(), Figures::serverRssMb)));
    Double heap = median(run.ours(), Figures::serverHeapMb);
    if (heap != null) {
      out.printf(Locale.ROOT, "  server's heap: at most %s MB more in use while it sends a load (another one, which is not timed)%n", number(heap));
    }
    out.println("  ratio: rebasis over the limit, the median of the runs' own ratios");
    out.flush();
  }

  private Object[] cells(String name, List<Figures> figures, Double ratio) {
    return new Object[] {
      name, number(median(figures, Figures::ms)), number(median(figures, Figures::opsPerSecond)),
      number(median(figures, Figures::p50Ms)), number(median(figures, Figures::p99Ms)), number(ratio)
    };
  }

  private Double medianRatio(Workload.Limit limit, List<Figures> figures) {
    return median(IntStream.range(0, figures.size())
        .mapToObj(i -> limit.ratio(run.ours().get(i), figures.get(i))).toList());
  }

  private Double medianBeyond(Workload.Limit limit, List<Figures> figures) {
    List<Double> each = IntStream.range(0, figures.size())
        .mapToObj(i -> limit.beyondMicros(run.ours().get(i), figures.get(i))).filter(Objects::nonNull).toList();
    return median(each);
  }

  private static Double median(List<Figures> figures, Function<Figures, Double> which) {
    return figures.stream().anyMatch(f -> which.apply(f) == null) ? null : median(figures.stream().map(which).toList());
  }

  static Double median(List<Double> values) {
    if (values.isEmpty()) {
      return null;
    }
    List<Double> sorted = values.stream().sorted(Comparator.naturalOrder()).toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }

  private static String number(Double value) {
    if (value == null) {
      return "-";
    }
    return String.format(Locale.ROOT, Math.abs(value) >= 100 ? "%.0f" : Math.abs(value) >= 1 ? "%.2f" : "%.3f", value);
  }
}
