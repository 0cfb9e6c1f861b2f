package dev.rebasis.simulations.cli;

import dev.rebasis.client.ConflictRecord;
import dev.rebasis.client.Outcome;
import dev.rebasis.client.Pending;
import dev.rebasis.client.RemoteWriter;
import dev.rebasis.client.SyncClient;
import dev.rebasis.conflict.Conflict;
import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import dev.rebasis.protocol.OutcomeKind;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.ExitCode;

/** Prints what several commands show. Pure but for the output. */
final class ClientPrinter {
  private ClientPrinter() {}

  /** A transaction that was merged, parked or rejected: what it was, and what became of it. */
  static void print(PrintWriter out, SyncClient client, ConflictRecord record) {
    out.println(record.seq() + " " + record.id() + " " + record.forms());
    print(out, client, record.outcome());
  }

  /** What became of a transaction, then a line for each conflict. */
  static void print(PrintWriter out, SyncClient client, Outcome outcome) {
    print(out, client, outcome.kind(), outcome.t(), outcome.code(), outcome.message(), outcome.conflicts());
  }

  /** The same; {@code t} is 0 if there is none, {@code code} and {@code message} may be null. */
  static void print(PrintWriter out, SyncClient client, OutcomeKind kind, long t, Keyword code, String message,
      List<Conflict> conflicts) {
    StringBuilder line = new StringBuilder(kind.name().toLowerCase(Locale.ROOT));
    if (t > 0) {
      line.append(" at T ").append(t);
    }
    if (code != null) {
      line.append(", ").append(code);
    }
    if (message != null) {
      line.append(": ").append(message);
    }
    out.println(line);
    conflicts.forEach(conflict -> out.println("  " + text(conflict) + client.writer(conflict).map(ClientPrinter::text)
        .orElse("")));
  }

  /**
   * A transaction that was just made: what it is, and what the server decided if there is one.
   *
   * @return the exit status: not 0 if the server did not commit it
   */
  static int printDecision(PrintWriter out, StoreOptions options, SyncClient client, Pending pending) {
    out.println("transaction " + pending.seq() + " of this store, id " + pending.id());
    int status = ExitCode.OK;
    if (options.hasServer()) {
      Outcome outcome = options.await(client, pending.outcome(),
          " The transaction is stored and pending; `rebasis client sync` sends it.");
      print(out, client, outcome);
      status = outcome.isCommitted() ? ExitCode.OK : ExitCode.SOFTWARE;
    } else {
      out.println("pending, made on T " + pending.basisT());
    }
    out.println("tempids " + Edn.write(pending.tempids()));
    return status;
  }

  private static String text(RemoteWriter writer) {
    String who = writer.client() == 0 ? "the server's own program" : "client " + writer.client();
    return "; written there by " + who + (writer.user() == null ? "" : " of " + writer.user()) + " at " + writer.at();
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
