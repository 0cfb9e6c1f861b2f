package dev.rebasis.simulations.demo;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code rebasis demo}. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description = {
      "Two programs edit the cities of the world offline, are killed, reconnect and agree.",
      "Exit status 0 only if every check held."
    })
public final class DemoCommand implements Callable<Integer> {
  /** What the command runs. */
  interface Story {
    /**
     * Runs it in an empty folder.
     *
     * @return the checks that failed, in words
     */
    List<String> tell(DemoOptions options, Path folder, PrintWriter out) throws IOException;
  }

  private final Story story;

  @Spec private CommandSpec spec;

  @Option(names = "--seed", paramLabel = "N", defaultValue = "1",
      description = "Decides all edits and kills (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(names = "--edits", paramLabel = "N", defaultValue = "300",
      description = "Edits of each client (default: ${DEFAULT-VALUE}).")
  private int edits;

  @Option(names = "--overlap", paramLabel = "N", defaultValue = "40",
      description = "Edits of each client that touch the same fact as one of the other's (default: ${DEFAULT-VALUE}).")
  private int overlap;

  @Option(names = "--keep", paramLabel = "DIR",
      description = "Leaves the stores in this new or empty folder, to look at.")
  private Path keep;

  /** The command with the demo's own story. */
  public DemoCommand() {
    this((options, folder, out) -> new DemoRun(options, folder, out).run());
  }

  /** With another story, for tests of what becomes of its answer. */
  DemoCommand(Story story) {
    this.story = story;
  }

  @Override
  public Integer call() throws IOException {
    int editsMax = EditPlan.editsMax(DemoData.cities());
    require(edits >= 10 && edits <= editsMax, "--edits is a number from 10 to " + editsMax + ".");
    require(overlap >= 0 && overlap <= edits, "--overlap is a number from 0 to --edits.");
    Path folder = folder();
    boolean done = false;
    try {
      List<String> failures =
          story.tell(new DemoOptions(seed, edits, overlap, keep), folder, spec.commandLine().getOut());
      done = failures.isEmpty();
      return done ? 0 : 1;
    } finally {
      if (keep == null && done) {
        deleteAll(folder);
      } else {
        spec.commandLine().getErr().println("The stores and logs are in " + folder);
      }
    }
  }

  private Path folder() throws IOException {
    if (keep == null) {
      return Files.createTempDirectory("rebasis-demo");
    }
    Files.createDirectories(keep);
    try (Stream<Path> files = Files.list(keep)) {
      require(files.findAny().isEmpty(), "--keep " + keep + " is not empty. Name a new folder.");
    }
    return keep;
  }

  private void require(boolean holds, String message) {
    if (!holds) {
      throw new ParameterException(spec.commandLine(), message);
    }
  }

  private static void deleteAll(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
