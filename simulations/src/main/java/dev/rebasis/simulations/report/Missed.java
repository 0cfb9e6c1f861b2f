package dev.rebasis.simulations.report;

import dev.rebasis.simulations.sim.FailAtN;
import dev.rebasis.simulations.sim.Verdict;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** The points of <i>fail at n</i> at which nothing struck when it was their turn: they were not tested. Confined. */
final class Missed {
  private final List<String> pages = new ArrayList<>();
  private final List<String> others = new ArrayList<>();
  private int plays;

  void note(Verdict verdict) {
    plays++;
    if (!FailAtN.wasReached(verdict)) {
      (FailAtN.isOfPages(verdict) ? pages : others).add(FailAtN.strike(verdict));
    }
  }

  /** Says what was missed; gives that, but for pages of H2, whose number varies with its clock. */
  List<String> tell(PrintWriter out) {
    if (plays > 0) {
      out.println("  struck     at " + (plays - pages.size() - others.size()) + " of " + plays + " points"
          + (pages.isEmpty() ? "" : "; H2 did not come by " + pages.size() + " of its pages again"));
    }
    List<String> missed = others.stream().map(strike -> "Not reached again: " + strike).toList();
    missed.forEach(out::println);
    return missed;
  }
}
