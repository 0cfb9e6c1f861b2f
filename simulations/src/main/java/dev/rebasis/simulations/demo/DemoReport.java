package dev.rebasis.simulations.demo;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;

/** Prints what the demo saw. */
final class DemoReport {
  private static final int CONFLICTS_MAX = 20;
  private static final int FAILURES_MAX = 20;

  private DemoReport() {}

  static void print(
      PrintWriter out, EditPlan plan, List<Long> cities, List<String[]> before, List<List<String[]>> during,
      List<String[]> after, DemoChecks checks, double reconnectSeconds) {
    printCities(out, cities, before, during, after);
    printConflicts(out, checks);
    out.println();
    out.printf(Locale.ROOT, "pending before reconnecting %d, accepted %d, merged %d, rejected %d, parked %d;"
            + " duplicate %d (their first answer was lost)%n",
        plan.first().size() + plan.second().size(), checks.count("ACCEPTED"), checks.merged(), checks.rejected(),
        checks.count("PARKED"), checks.duplicates());
    out.printf(Locale.ROOT, "reconnecting took %.1f s, a killed and restarted server included%n", reconnectSeconds);
    if (checks.failures().isEmpty()) {
      out.printf(Locale.ROOT, "CONVERGED at T %d: server, c1 and c2 hold the same %d datoms%n", checks.t(), checks.datoms());
    } else {
      out.println("NOT CONVERGED: " + checks.failures().size() + " checks failed");
      checks.failures().stream().limit(FAILURES_MAX).forEach(failure -> out.println("  " + failure));
    }
    out.flush();
  }

  private static void printCities(
      PrintWriter out, List<Long> cities, List<String[]> before, List<List<String[]>> during, List<String[]> after) {
    out.println();
    out.println("What the clients saw (name, population, tags, notes):");
    for (int i = 0; i < cities.size(); i++) {
      out.println("  city " + cities.get(i));
      out.println("    both, before       " + text(before.get(i)));
      out.println("    c1, offline        " + text(during.get(0).get(i)));
      out.println("    c2, offline        " + text(during.get(1).get(i)));
      out.println("    both, after        " + text(after.get(i)));
    }
  }

  private static String text(String[] cells) {
    return String.join(" | ", List.of(cells).subList(1, cells.length).stream().filter(c -> !c.isEmpty()).toList());
  }

  private static void printConflicts(PrintWriter out, DemoChecks checks) {
    String row = "  %-10s %-17s %-24s %-30s %-30s %-30s %-5s %s%n";
    out.println();
    out.println("Conflicts (" + checks.conflicts().size() + "):");
    out.printf(row, "city", "attribute", "base", "this client's value", "the other's value", "result",
        "won", "why");
    checks.conflicts().stream().limit(CONFLICTS_MAX).forEach(c -> out.printf(row,
        c.geonames() < 0 ? "" : c.geonames(), c.attribute(), c.base(), c.client() + " " + c.local(), c.remote(),
        c.kind().equals("REJECTED") ? "rejected" : c.resolved(), winner(c),
        c.message().isEmpty() ? c.policy() : c.message()));
    if (checks.conflicts().size() > CONFLICTS_MAX) {
      out.println("  ... and " + (checks.conflicts().size() - CONFLICTS_MAX) + " more");
    }
  }

  /** Two clients write in the demo, so whose value does not stand is the other's. */
  private static String winner(DemoChecks.ConflictLine conflict) {
    if (conflict.kind().equals("PARKED")) {
      return "-";
    }
    if (conflict.kind().equals("REJECTED") || conflict.resolved().equals(conflict.remote())) {
      return conflict.client().equals("c1") ? "c2" : "c1";
    }
    return conflict.resolved().equals(conflict.local()) ? conflict.client() : "both";
  }
}
