package dev.rebasis.simulations.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What happened in a simulation, in words, each with its moment. The same for equal plans, byte for byte. Confined. */
public final class Trace {
  /**
   * One thing that happened.
   *
   * @param millis since the beginning
   * @param node where
   * @param text what
   */
  public record Line(long millis, String node, String text) {
    @Override
    public String toString() {
      return String.format(Locale.ROOT, "%9d.%03d %-6s %s", millis / 1000, millis % 1000, node, text);
    }
  }

  private final List<Line> lines = new ArrayList<>();

  void add(long millis, String node, String text) {
    lines.add(new Line(millis, node, text));
  }

  List<Line> lines() {
    return lines;
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    lines.forEach(line -> text.append(line).append('\n'));
    return text.toString();
  }
}
