package dev.rebasis.simulations.bench;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * The questions of {@link MbrainzCommand} for JMH. Public, and not final, only because JMH makes classes from it. JMH makes
 * its instances too, so what all share, a million datoms on each side, is given beforehand: {@link #uses}. Confined to the thread
 * of JMH.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class MbrainzBenchmark {
  /** The questions, with which JMH fills {@link #question}. */
  static final List<String> QUESTIONS = List.of("look-up by unique attribute", MbrainzAsking.NAVIGATION, "two clauses",
      "three clauses", "five clauses, up from a track", "five clauses, down to the tracks", "recursive rule",
      "aggregate over an attribute");

  private static volatile List<MbrainzAsking> all = List.of();

  /** What is asked; set by JMH. */
  @Param("")
  public String question;

  private IntFunction<Object> ours;
  private IntFunction<Object> theirs;
  private int count;

  /** JMH makes it. */
  public MbrainzBenchmark() {}

  /** The data that all instances ask, from now on. */
  static void uses(MbrainzData data, MbrainzPair pair) {
    all = Stream.concat(MbrainzQuery.all(data).stream().map(query -> MbrainzAsking.of(query, pair)),
        Stream.of(MbrainzAsking.navigation(data, pair))).toList();
  }

  /** Finds what is asked; JMH calls it before it measures. */
  @Setup
  public void choose() {
    MbrainzAsking asking = all.stream().filter(one -> one.name().equals(question)).findFirst()
        .orElseThrow(() -> new IllegalStateException("There is no question \"" + question
            + "\": this benchmark runs inside `rebasis bench jmh`, which loads the data."));
    ours = asking.ours();
    theirs = asking.theirs();
  }

  /** Asks the client once. */
  @Benchmark
  public Object rebasis() {
    return ours.apply(count++);
  }

  /** Asks Datomic once. */
  @Benchmark
  public Object datomic() {
    return theirs.apply(count++);
  }
}
