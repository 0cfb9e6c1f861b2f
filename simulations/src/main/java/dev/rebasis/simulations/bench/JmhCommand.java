package dev.rebasis.simulations.bench;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code rebasis bench jmh}: the questions of {@code query-mbrainz}, measured by JMH, with its bounds of error. */
@Command(
    name = "jmh",
    mixinStandardHelpOptions = true,
    description = {
      "Measures the questions of query-mbrainz with JMH: mean and 99.9 %% bounds, in microseconds. Both sides are loaded",
      "once, in this process. Give the JVM enough heap for Datomic: about 300 MB for each million datoms."
    })
final class JmhCommand implements Callable<Integer> {
  private static final int WARM_UPS = 2;

  @Spec private CommandSpec spec;

  @Mixin private MbrainzOptions wanted;

  @Option(names = "--iterations", paramLabel = "N", defaultValue = "5",
      description = "Iterations of JMH for each side, after " + WARM_UPS + " that warm up (default: ${DEFAULT-VALUE}).")
  private int iterations;

  @Option(names = "--millis", paramLabel = "MS", defaultValue = "500",
      description = "How long an iteration asks (default: ${DEFAULT-VALUE}).")
  private int millis;

  @Override
  public Integer call() throws IOException, RunnerException {
    // Its lock is for the whole machine; this command measures in its own process and may run in several tests at once.
    System.setProperty("jmh.ignoreLock", "true");
    PrintWriter out = spec.commandLine().getOut();
    Path folder = Files.createTempDirectory("rebasis-jmh");
    MbrainzData data = wanted.data();
    try (MbrainzPair pair = new MbrainzPair(data, folder.resolve("store"))) {
      MbrainzBenchmark.uses(data, pair);
      out.printf(Locale.ROOT, "%,d datoms%n%n%-36s %24s %28s %8s%n", pair.datoms(), "", "rebasis µs", "Datomic µs", "ratio");
      for (String question : MbrainzBenchmark.QUESTIONS) {
        if (wanted.wants(question)) {
          measure(question, out);
        }
      }
      out.printf("%nmean and the bounds in which JMH is 99.9 %% sure of it; ratio: Datomic's time over ours%n");
      out.flush();
    } finally {
      BenchRun.deleteAll(folder);
    }
    return 0;
  }

  /** One question on both sides, one right after the other. */
  private void measure(String question, PrintWriter out) throws RunnerException {
    Collection<RunResult> results = new Runner(new OptionsBuilder()
        .include(MbrainzBenchmark.class.getName() + "\\..*").param("question", question).forks(0)
        .warmupIterations(WARM_UPS).warmupTime(TimeValue.milliseconds(millis))
        .measurementIterations(iterations).measurementTime(TimeValue.milliseconds(millis))
        .shouldFailOnError(true).verbosity(VerboseMode.SILENT).build()).run();
    Result<?> ours = result(results, "rebasis");
    Result<?> theirs = result(results, "datomic");
    out.printf(Locale.ROOT, "%-36s %12.1f ± %9.1f %16.1f ± %9.1f %8.2f%n", question, ours.getScore(), ours.getScoreError(),
        theirs.getScore(), theirs.getScoreError(), theirs.getScore() / ours.getScore());
    out.flush();
  }

  private static Result<?> result(Collection<RunResult> results, String method) {
    return results.stream().filter(result -> result.getParams().getBenchmark().endsWith("." + method))
        .findFirst().orElseThrow().getPrimaryResult();
  }
}
