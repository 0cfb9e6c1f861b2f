package dev.rebasis.simulations.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What cannot be simulated is said before anything runs. */
class SimulateOptionsTest {
  @TempDir private Path folder;

  @Test
  void processesTakeOnlyWhatGoesWithThem() throws Exception {
    Path schema = Files.writeString(folder.resolve("s.edn"), "[]");
    CommandRun.of("simulate", "--processes", "--schema", schema.toString()).misused("--processes", "--schema");
    CommandRun.of("simulate", "--processes", "--fail-at-n").misused("--processes", "--fail-at-n");
    CommandRun.of("simulate", "--processes", "--seconds", "0").misused("--seconds is a number from 1 to 3600.");
  }

  @Test
  void anUnknownFaultIsNamedWithThoseThatThereAre() {
    CommandRun.of("simulate", "--faults", "partition,flood")
        .misused("There is no fault 'flood'", "old-backup", "copied-store", "server-backup");
    CommandRun.of("simulate", "--workload", "gardening").misused("There is no workload 'gardening'");
  }
}
