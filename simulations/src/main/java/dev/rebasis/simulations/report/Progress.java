package dev.rebasis.simulations.report;

import java.io.PrintWriter;
import java.util.Locale;

/** A line on the terminal that says how far a run is; nothing if there is no terminal. Confined. */
final class Progress {
  private static final long EVERY_NANOS = 500_000_000L;

  private final PrintWriter terminal;
  private final long total;
  private long shownNanos;

  Progress(PrintWriter terminal, long total) {
    this(terminal, total, System.console() != null);
  }

  Progress(PrintWriter terminal, long total, boolean isTerminal) {
    this.terminal = isTerminal ? terminal : null;
    this.total = total;
    this.shownNanos = System.nanoTime() - EVERY_NANOS;
  }

  void show(RunSummary summary) {
    if (terminal == null || System.nanoTime() - shownNanos < EVERY_NANOS) {
      return;
    }
    shownNanos = System.nanoTime();
    String of = total > 1_000_000_000L ? "" : " of " + total;
    terminal.print(String.format(Locale.ROOT, "\r%d%s seeds, %,d writes, %,d faults, %.0f client-hours   ",
        summary.seeds(), of, summary.tally().writes(), summary.faults(), summary.clientHours()));
    terminal.flush();
  }

  void end() {
    if (terminal != null) {
      terminal.print("\r" + " ".repeat(78) + "\r");
      terminal.flush();
    }
  }
}
