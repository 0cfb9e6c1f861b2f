package dev.rebasis.simulations.cli;

import dev.rebasis.client.Outcome;
import dev.rebasis.conflict.Conflict;
import dev.rebasis.edn.Edn;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/** Prints what several commands show. Pure but for the output. */
final class ClientPrinter {
  private ClientPrinter() {}

  /** What became of a transaction, then a line for each conflict. */
  static void print(PrintWriter out, Outcome outcome) {
    StringBuilder line = new StringBuilder(outcome.kind().name().toLowerCase(Locale.ROOT));
    if (outcome.t() > 0) {
      line.append(" at T ").append(outcome.t());
    }
    if (outcome.code() != null) {
      line.append(", ").append(outcome.code());
    }
    if (outcome.message() != null) {
      line.append(": ").append(outcome.message());
    }
    out.println(line);
    outcome.conflicts().forEach(conflict -> out.println("  " + text(conflict)));
  }

  private static String text(Conflict conflict) {
    return conflict.kind().name() + " on entity " + conflict.e()
        + (conflict.attribute() == null ? "" : " " + conflict.attribute())
        + ": was " + Edn.write(conflict.base()) + ", here " + Edn.write(conflict.local()) + ", there "
        + Edn.write(conflict.remote()) + "; now " + Edn.write(conflict.resolved()) + " by " + conflict.policy().name();
  }

  /** A query's result: one line for each row or value, sorted by their texts where they have no order of their own. */
  static void printResult(PrintWriter out, Object result) {
    if (!(result instanceof Collection<?> rows)) {
      out.println(Edn.write(result));
      return;
    }
    List<String> lines = new ArrayList<>(rows.size());
    rows.forEach(row -> lines.add(Edn.write(row)));
    if (!(result instanceof List<?>)) {
      lines.sort(null);
    }
    lines.forEach(out::println);
  }
}
