package dev.rebasis.simulations.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

/** A line for whoever looks at the terminal, and nothing for a file. */
class ProgressTest {
  private static String shown(long total, boolean isTerminal, int times) {
    StringWriter out = new StringWriter();
    Progress progress = new Progress(new PrintWriter(out), total, isTerminal);
    for (int i = 0; i < times; i++) {
      progress.show(new RunSummary());
    }
    progress.end();
    return out.toString();
  }

  @Test
  void aTerminalIsToldHowFarItIs() {
    assertThat(shown(50, true, 1)).startsWith("\r0 of 50 seeds, 0 writes, 0 faults").endsWith("\r");
    assertThat(shown(Long.MAX_VALUE / 2, true, 1)).as("nobody knows how many it will be").startsWith("\r0 seeds, ");
    assertThat(shown(50, true, 1_000).split("of 50")).as("it does not flicker").hasSizeLessThan(20);
  }

  @Test
  void aFileIsToldNothing() {
    assertThat(shown(50, false, 3)).isEmpty();
  }
}
