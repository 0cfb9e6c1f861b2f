package dev.rebasis.simulations.bench;

import datomic.Peer;
import dev.rebasis.client.Database;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.IntFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code rebasis bench query-mbrainz}: the client's queries beside Datomic's on the same data. */
@Command(
    name = "query-mbrainz",
    mixinStandardHelpOptions = true,
    description = {
      "Asks a data set in the shape of MusicBrainz, in the client's store and in datomic:mem, in turns in one process,",
      "and compares answers and times. Give the JVM enough heap for Datomic: about 300 MB for each million datoms."
    })
final class MbrainzCommand implements Callable<Integer> {
  private static final int SHUFFLES = 10;

  /** Takes every answer, so that no compiler may leave out the work that made it. */
  private static volatile Object sink;

  /**
   * The figures of one question, in microseconds.
   *
   * @param lowest the smallest ratio of a round
   * @param highest the largest
   */
  private record Line(String name, double ours, double theirs, double lowest, double highest, double slowestOrder) {
    double ratio() {
      return theirs / ours;
    }
  }

  @Spec private CommandSpec spec;

  @Mixin private MbrainzOptions wanted;

  @Option(names = "--rounds", paramLabel = "N", defaultValue = "7",
      description = "Rounds of both in turns; figures are medians (default: ${DEFAULT-VALUE}).")
  private int rounds;

  @Option(names = "--millis", paramLabel = "MS", defaultValue = "300",
      description = "How long each asks in a round (default: ${DEFAULT-VALUE}).")
  private int millis;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    Path folder = Files.createTempDirectory("rebasis-mbrainz");
    MbrainzData data = wanted.data();
    try (MbrainzPair pair = new MbrainzPair(data, folder.resolve("store"))) {
      out.printf(Locale.ROOT, "%,d datoms; loaded into the client's store at %,.0f datoms a second%n%n",
          pair.datoms(), pair.datoms() * 1e9 / pair.loadNanos());
      out.printf(Locale.ROOT, "%-36s %12s %12s %8s %16s %16s%n", "", "rebasis µs", "Datomic µs", "ratio", "of the rounds",
          "slowest order");
      List<Line> lines = new ArrayList<>();
      for (MbrainzQuery query : MbrainzQuery.all(data)) {
        if (wanted.wants(query.name())) {
          lines.add(print(measure(query, pair), out));
        }
      }
      MbrainzAsking navigation = MbrainzAsking.navigation(data, pair);
      if (wanted.wants(navigation.name())) {
        lines.add(print(inTurns(navigation), out));
      }
      double[] ratios = lines.stream().mapToDouble(Line::ratio).toArray();
      out.printf(Locale.ROOT, "%nmedian ratio %.2f, smallest %.2f; ratio: Datomic's time over ours%n",
          median(ratios), Arrays.stream(ratios).min().orElse(Double.NaN));
      out.println("of the rounds: the smallest and the largest ratio of a round");
      out.println("slowest order: of ten random orders of the clauses, the slowest over the fastest");
      out.flush();
    } finally {
      BenchRun.deleteAll(folder);
    }
    return 0;
  }

  private static Line print(Line line, PrintWriter out) {
    String order = Double.isNaN(line.slowestOrder) ? "" : String.format(Locale.ROOT, "%.2f", line.slowestOrder);
    String rounds = String.format(Locale.ROOT, "%.2f to %.2f", line.lowest, line.highest);
    out.printf(Locale.ROOT, "%-36s %12.1f %12.1f %8.2f %16s %16s%n",
        line.name, line.ours, line.theirs, line.ratio(), rounds, order);
    out.flush();
    return line;
  }

  private Line measure(MbrainzQuery query, MbrainzPair pair) {
    Database ours = pair.ours();
    datomic.Database theirs = pair.theirs();
    compare(query, ours, theirs);
    Line line = inTurns(MbrainzAsking.of(query, pair));
    return query.isJoin()
        ? new Line(line.name, line.ours, line.theirs, line.lowest, line.highest, slowestOrder(query, ours)) : line;
  }

  private static void compare(MbrainzQuery query, Database ours, datomic.Database theirs) {
    for (int i = 0; i < 5; i++) {
      List<Object> inputs = query.inputs().apply(i);
      Object us = plain(ours.query(query.text(), inputs.toArray()));
      Object them = plain(Peer.query(query.text(), MbrainzAsking.withDatabase(theirs, inputs)));
      if (!us.equals(them)) {
        throw new IllegalStateException(query.name() + " with " + inputs + ": Datomic says " + them + ", Rebasis " + us);
      }
    }
  }

  // Datomic counts with an Integer, and rows come in no order.
  private static Object plain(Object result) {
    if (result instanceof Set<?> || result instanceof List<?> list && list.stream().allMatch(List.class::isInstance)) {
      Set<Object> rows = new HashSet<>();
      ((Collection<?>) result).forEach(row -> rows.add(String.valueOf(new ArrayList<>((Collection<?>) row))));
      return rows;
    }
    return String.valueOf(result);
  }

  private double slowestOrder(MbrainzQuery query, Database ours) {
    List<String> texts = query.shuffled(SHUFFLES);
    double[][] micros = new double[texts.size()][rounds];
    for (int round = 0; round < rounds; round++) {
      for (int t = 0; t < texts.size(); t++) {
        String text = texts.get(t);
        micros[t][round] = micros(i -> ours.query(text, query.inputs().apply(i).toArray()), millis / 3);
      }
    }
    double[] medians = Arrays.stream(micros).mapToDouble(MbrainzCommand::median).toArray();
    return Arrays.stream(medians).max().orElseThrow() / Arrays.stream(medians).min().orElseThrow();
  }

  private Line inTurns(MbrainzAsking asking) {
    double[] us = new double[rounds];
    double[] them = new double[rounds];
    // The first round warms up.
    for (int round = -1; round < rounds; round++) {
      double one = micros(asking.ours(), millis);
      double other = micros(asking.theirs(), millis);
      if (round >= 0) {
        us[round] = one;
        them[round] = other;
      }
    }
    double[] ratios = new double[rounds];
    Arrays.setAll(ratios, round -> them[round] / us[round]);
    return new Line(asking.name(), median(us), median(them), Arrays.stream(ratios).min().orElse(Double.NaN),
        Arrays.stream(ratios).max().orElse(Double.NaN), Double.NaN);
  }

  private static double micros(IntFunction<Object> asking, int millis) {
    long start = System.nanoTime();
    long end = start + millis * 1_000_000L;
    int count = 0;
    long now = start;
    while (now < end || count == 0) {
      sink = asking.apply(count++);
      now = System.nanoTime();
    }
    return (now - start) / 1e3 / count;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length == 0 ? Double.NaN
        : sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
