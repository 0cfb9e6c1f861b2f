package dev.rebasis.simulations.bench;

import java.util.Arrays;

/**
 * What one run of a workload or of a limit measured. Null where a figure does not apply. Immutable.
 *
 * @param ms wall time of the measured part, in milliseconds
 * @param opsPerSecond operations a second
 * @param p50Ms median time of one operation, in milliseconds
 * @param p99Ms 99th percentile of one operation, in milliseconds
 * @param upMb what the client sent, in millions of bytes
 * @param downMb what the client received, in millions of bytes
 * @param clientRssMb resident memory of the client's process at the end, in millions of bytes
 * @param serverRssMb resident memory of the server's process at the end, in millions of bytes
 * @param serverHeapMb how much more of the server's heap was in use meanwhile than before, in millions of bytes
 */
record Figures(
    Double ms,
    Double opsPerSecond,
    Double p50Ms,
    Double p99Ms,
    Double upMb,
    Double downMb,
    Double clientRssMb,
    Double serverRssMb,
    Double serverHeapMb) {

  /** Says that the parent is to time the whole process. */
  static Figures ofProcess() {
    return new Figures(null, null, null, null, null, null, null, null, null);
  }

  static Figures ofTotal(long operations, long nanos) {
    return new Figures(nanos / 1e6, operations / (nanos / 1e9), null, null, null, null, null, null, null);
  }

  /** Figures of single operations. */
  static Figures ofEach(long[] nanosEach) {
    long[] sorted = nanosEach.clone();
    Arrays.sort(sorted);
    long total = Arrays.stream(sorted).sum();
    return new Figures(
        total / 1e6, sorted.length / (total / 1e9), percentile(sorted, 50), percentile(sorted, 99),
        null, null, null, null, null);
  }

  private static double percentile(long[] sorted, int percent) {
    int index = (int) Math.ceil(percent / 100.0 * sorted.length) - 1;
    return sorted[Math.max(0, index)] / 1e6;
  }

  Figures withTraffic(long upBytes, long downBytes) {
    return new Figures(ms, opsPerSecond, p50Ms, p99Ms, upBytes / 1e6, downBytes / 1e6, clientRssMb, serverRssMb, serverHeapMb);
  }

  Figures withMemory(Double client, Double server) {
    return new Figures(ms, opsPerSecond, p50Ms, p99Ms, upMb, downMb, client, server, serverHeapMb);
  }

  Figures withServerHeap(double more) {
    return new Figures(ms, opsPerSecond, p50Ms, p99Ms, upMb, downMb, clientRssMb, serverRssMb, more);
  }

  /** As one line that {@link #parse} reads back. */
  String toLine() {
    StringBuilder line = new StringBuilder("FIGURES");
    for (Double value : new Double[] {ms, opsPerSecond, p50Ms, p99Ms, upMb, downMb, clientRssMb, serverRssMb, serverHeapMb}) {
      line.append(' ').append(value == null ? "-" : value.toString());
    }
    return line.toString();
  }

  static boolean isLine(String line) {
    return line.startsWith("FIGURES ");
  }

  static Figures parse(String line) {
    Double[] values = Arrays.stream(line.split(" ")).skip(1)
        .map(text -> text.equals("-") ? null : Double.valueOf(text)).toArray(Double[]::new);
    return new Figures(
        values[0], values[1], values[2], values[3], values[4], values[5], values[6], values[7], values[8]);
  }
}
