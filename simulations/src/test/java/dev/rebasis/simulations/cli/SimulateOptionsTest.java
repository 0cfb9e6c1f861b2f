package dev.rebasis.simulations.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What cannot be simulated is said before anything runs. */
class SimulateOptionsTest {
  @TempDir private Path folder;

  @Test
  void processesTakeOnlyWhatGoesWithThem() throws Exception {
    Path schema = Files.writeString(folder.resolve("s.edn"), "[]");
    CommandRun.of("simulate", "--processes", "--schema", schema.toString()).misused("--processes", "--schema");
    CommandRun.of("simulate", "--processes", "--fail-at-n").misused("--processes", "--fail-at-n");
    CommandRun.of("simulate", "--processes", "--faults", "power-loss,clock")
        .misused("Nothing of power-loss, clock can be done to real processes", "partition");
    CommandRun.of("simulate", "--processes", "--workload", "own-rules").misused("take another one for --processes");
    Path disk = Files.writeString(schema.resolveSibling("disk.txt"),
        "plan seed 1 workload counters clients 1 millis 900 healed c1\n500 c1 powerloss ; power-loss\n");
    CommandRun.of("simulate", "--processes", "--plan", disk.toString())
        .misused("Only simulations can do what the plan asks for at 500: c1 powerloss");
    CommandRun.of("simulate", "--processes", "--seconds", "0").misused("--seconds is a number from 1 to 3600.");
  }

  /** Each option that would do nothing is refused, with the other one that makes it do nothing. */
  @ParameterizedTest
  @ValueSource(strings = {
      "--seed 1 --seeds 2", "--seed 1 --from 2", "--seed 1 --minutes 1", "--seed 1 --coverage", "--fail-at-n --seed 1",
      "--fail-at-n --seeds 2", "--fail-at-n --minutes 1", "--fail-at-n --clients 2", "--fail-at-n --ops 2", "--fail-at-n --faults crash",
      "--fail-at-n --pace 1", "--fail-at-n --hash", "--fail-at-n --coverage", "--fail-at-n --trace", "--fail-at-n --seconds 1",
      "--processes --report x.html", "--processes --json x", "--processes --hash", "--processes --coverage", "--processes --threads 1",
      "--processes --pace 1"})
  void anOptionThatWouldDoNothingIsRefused(String line) {
    String[] words = line.split(" ");
    CommandRun.of(Stream.concat(Stream.of("simulate"), Stream.of(words)).toArray(String[]::new)).misused("do not go together",
        Stream.of(words).filter(word -> word.startsWith("--")).toList().get(0),
        Stream.of(words).filter(word -> word.startsWith("--")).toList().get(1));
  }

  @Test
  void aPlanTakesNothingThatMakesPlans() throws Exception {
    String plan = plan("plan seed 1 workload counters clients 1 millis 10 healed c1\n");
    for (String option : List.of("--seeds", "--seed", "--from", "--minutes", "--clients", "--ops", "--pace")) {
      CommandRun.of("simulate", "--plan", plan, option, "2").misused("--plan and " + option + " do not go together");
    }
    CommandRun.of("simulate", "--plan", plan, "--faults", "crash").misused("--plan and --faults do not go together");
    CommandRun.of("simulate", "--seconds", "5").misused("--seconds goes with --processes");
    CommandRun.of("simulate", "--seeds", "5", "--trace").misused("--trace goes with --seed");
    CommandRun.of("simulate", "--faults", "").misused("There is no fault ''");
  }

  @Test
  void aPlanThatCannotBePlayedIsRefused() throws Exception {
    CommandRun.of("simulate", "--plan", plan("plan seed 1 workload gardens clients 1 millis 10 healed c1\n"))
        .misused("'gardens' is not here: give --schema or --workload");
    CommandRun.of("simulate", "--plan", plan("plan seed 1 workload counters clients 99999999999 millis 10 healed c1\n"))
        .misused("A plan has");
    CommandRun.of("simulate", "--plan", plan("plan seed 1 workload counters clients 1 millis 10 healed c1\n5 c1 slow abc\n"))
        .misused("5 c1 slow abc");
    CommandRun.of("simulate", "--plan", folder.toString()).misused("cannot be read: it is a folder");
    CommandRun.of("simulate", "--schema", folder.toString()).misused("cannot be read: it is a folder");
    Path binary = Files.write(folder.resolve("binary.edn"), new byte[] {(byte) 0xff, (byte) 0xfe, 0});
    CommandRun.of("simulate", "--workload", binary.toString()).misused("it is not text in UTF-8");
  }

  @Test
  void whereNothingCanBeWrittenIsSaidBeforeAnythingRuns() {
    CommandRun.of("simulate", "--seeds", "100000", "--report", folder.resolve("absent").resolve("x.html").toString())
        .misused("cannot be written: there is no folder");
    CommandRun.of("simulate", "--seeds", "100000", "--json", folder.toString()).misused("cannot be written: it is a folder");
  }

  private String plan(String text) throws IOException {
    return Files.writeString(folder.resolve("kept.txt"), text).toString();
  }

  @Test
  void anUnknownFaultIsNamedWithThoseThatThereAre() {
    CommandRun.of("simulate", "--faults", "partition,flood")
        .misused("There is no fault 'flood'", "old-backup", "copied-store", "server-backup");
    CommandRun.of("simulate", "--workload", "gardening").misused("There is no workload 'gardening'");
  }
}
