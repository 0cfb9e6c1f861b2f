package dev.rebasis.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.server.ServerLimits;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Goal: each option sets the limit that it is named for. Method: values that all differ. */
class LimitOptionsTest {
  @Command
  private static final class Limited {
    @Mixin private final LimitOptions options = new LimitOptions();
  }

  private static ServerLimits limits(String... args) {
    Limited limited = new Limited();
    new CommandLine(limited).parseArgs(args);
    return limited.options.limits();
  }

  @Test
  void eachOptionSetsItsLimit() {
    assertThat(limits("--max-message-bytes", "70001", "--max-sessions", "11", "--max-sessions-per-user", "12", "--max-push-rate", "13",
        "--idle-timeout", "14", "--max-loads", "15", "--max-queries", "16", "--min-protocol", "7", "--min-client-version", "2.3",
        "--disk-reserve-bytes", "17", "--max-scope-bytes", "2000018"))
        .isEqualTo(new ServerLimits(70_001, 11, 12, 13, Duration.ofSeconds(14), 15, 16, 7, "2.3", 17, 2_000_018));
  }

  @Test
  void whatIsNotGivenIsTheDefaultOfTheLibrary() {
    assertThat(limits()).isEqualTo(ServerLimits.DEFAULT);
  }
}
