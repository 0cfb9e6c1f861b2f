package dev.rebasis.simulations.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.simulations.cli.CommandRun;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/**
 * {@code rebasis demo} as a person runs it, with few edits: real processes, real kills. Beside it what the command makes
 * of its options and of a story that ends badly. That a check can fail is {@link DemoChecksTest}'s part.
 */
class DemoTest {
  @TempDir private Path folder;

  @Test
  @Timeout(300)
  void theDemoConvergesAndSaysWhatBecameOfEveryEdit() {
    Path kept = folder.resolve("kept");
    CommandRun run = CommandRun.of("demo", "--seed", "7", "--edits", "12", "--overlap", "4", "--keep", kept.toString());

    assertThat(run.status()).as(run.out() + run.err()).isZero();
    // Of four pairs on one fact, three are written and one is compared and set; both clients make twelve edits.
    assertThat(run.out())
        .contains("both edit offline, 12 edits each, 4 of them on the same facts; c1 is killed (kill -9) after edit ")
        .contains("pending before reconnecting 24, accepted 20, merged 3, rejected 1, parked 0;")
        .contains("Conflicts (4):")
        .containsPattern("CONVERGED at T \\d+: server, c1 and c2 hold the same \\d{4,} datoms")
        .doesNotContain("NOT CONVERGED");
    assertThat(run.err()).contains("The stores and logs are in " + kept);
    assertThat(kept.resolve("server/log.mv.db")).isNotEmptyFile();
    assertThat(kept.resolve("c1.datoms")).isNotEmptyFile().hasSameTextualContentAs(kept.resolve("c2.datoms"));
  }

  @Test
  void aStoryWhoseChecksFailGivesAStatusThatIsNotZeroAndKeepsTheStores() {
    StringWriter err = new StringWriter();
    Path kept = folder.resolve("kept");
    CommandLine command = new CommandLine(new DemoCommand((options, where, out) -> {
      Files.writeString(where.resolve("c1.log"), "what went wrong");
      return List.of("transaction 1 is in the server's log twice");
    })).setErr(new PrintWriter(err, true));

    assertThat(command.execute("--keep", kept.toString())).isEqualTo(1);
    assertThat(err.toString()).contains("The stores and logs are in " + kept);
    assertThat(kept.resolve("c1.log")).exists();
  }

  @Test
  void theOptionsReachTheStoryAndAnUnkeptFolderGoesWhenAllIsWell() {
    DemoOptions[] seen = new DemoOptions[1];
    Path[] used = new Path[1];
    CommandLine command = new CommandLine(new DemoCommand((options, where, out) -> {
      seen[0] = options;
      used[0] = Files.writeString(where.resolve("file"), "x").getParent();
      return List.of();
    }));

    assertThat(command.execute("--seed", "3", "--edits", "20", "--overlap", "5")).isZero();
    assertThat(seen[0]).isEqualTo(new DemoOptions(3, 20, 5, null));
    assertThat(used[0]).doesNotExist();

    assertThat(command.execute()).isZero();
    assertThat(seen[0]).isEqualTo(new DemoOptions(1, 300, 40, null));
  }

  @Test
  void whatCannotBeToldIsRefused() throws Exception {
    Path used = Files.createDirectory(folder.resolve("used"));
    Files.writeString(used.resolve("letter.txt"), "Dear");
    int most = EditPlan.editsMax(DemoData.cities());

    CommandRun.of("demo", "--edits", "9").misused("--edits is a number from 10 to " + most);
    CommandRun.of("demo", "--edits", Integer.toString(most + 1)).misused("--edits is a number from 10 to " + most);
    CommandRun.of("demo", "--edits", "12", "--overlap", "13").misused("--overlap is a number from 0 to --edits");
    CommandRun.of("demo", "--overlap", "-1").misused("--overlap");
    CommandRun.of("demo", "--seed", "x").misused("--seed");
    CommandRun.of("demo", "--keep", used.toString()).misused("is not empty");
    assertThat(used.toFile().list()).containsExactly("letter.txt");
  }
}
