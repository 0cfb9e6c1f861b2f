package dev.rebasis.simulations.real;

import dev.rebasis.client.ClientBuilder;
import dev.rebasis.client.Outcome;
import dev.rebasis.client.Pending;
import dev.rebasis.client.SyncClient;
import dev.rebasis.client.TransactionOptions;
import dev.rebasis.client.Tuning;
import dev.rebasis.client.TxReport;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.edn.Edn;
import dev.rebasis.error.RebasisException;
import dev.rebasis.error.TransactionException;
import dev.rebasis.simulations.workload.DrawnScopes;
import dev.rebasis.simulations.workload.Workload;
import dev.rebasis.simulations.workload.Workloads;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * A client in a process of its own, the main class of a child. It reads commands from standard input, one a line, and
 * says on standard output everything that its program was told, so that others can judge it after it was killed.
 */
final class ClientChild {
  static final String TAB = "\t";
  private static final long WAIT_SECONDS_MAX = 120;
  private static final Tuning QUICK =
      Tuning.DEFAULT.withBackoff(Duration.ofMillis(50), Duration.ofSeconds(1)).withHandshakeTimeout(Duration.ofSeconds(3));

  private final SyncClient client;
  private final Workload workload;
  private final PrintStream out;

  private ClientChild(SyncClient client, Workload workload, PrintStream out) {
    this.client = client;
    this.workload = workload;
    this.out = out;
  }

  /** Arguments: the store's folder, the server's address, the workload, the scopes that it wants; without these it holds everything. */
  public static void main(String[] args) throws Exception {
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    Workload workload = Workloads.named(args[2]);
    ClientBuilder builder = SyncClient.builder().store(Path.of(args[0])).server(URI.create(args[1])).tuning(QUICK);
    if (args.length > 3) {
      DrawnScopes.named(workload.scopes(), args[3]).forEach(builder::scope);
    }
    try (SyncClient client = builder.open()) {
      ClientChild child = new ClientChild(client, workload, out);
      client.onTxReport(child::predicted);
      client.onOutcome(child::decided);
      child.serve();
    }
  }

  /** One line at a time: the notification thread speaks too. */
  private void say(String... cells) {
    synchronized (out) {
      out.println(String.join(TAB, cells));
      out.flush();
    }
  }

  private void serve() throws Exception {
    say("opened", Long.toString(client.confirmed().basisT()), Edn.write(client.pending().stream().map(ToldPending::tell).toList()));
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] cells = line.split(TAB);
      switch (cells[0]) {
        case "write" -> write(cells[1], cells[2], cells[3]);
        case "holds" -> say("missing", String.join(" ", missing(cells.length < 2 ? "" : cells[1])));
        case "sync" -> say("synced", Long.toString(client.sync().get(WAIT_SECONDS_MAX, TimeUnit.SECONDS).basisT()),
            Integer.toString(client.status().pendingCount()));
        case "verify" -> say("verified", client.verify().get(WAIT_SECONDS_MAX, TimeUnit.SECONDS).differences().toString());
        // Nobody waits for these: a kill may come first.
        case "scopes" -> client.scopes(DrawnScopes.named(workload.scopes(), cells[1]));
        case "backup" -> {
          client.backup(Path.of(cells[1]));
          say("copied");
        }
        case "quit" -> {
          return;
        }
        default -> throw new IllegalArgumentException("unknown command: " + line);
      }
    }
  }

  private void write(String label, String kind, String argument) {
    try {
      Object forms = kind.equals("schema") ? argument : workload.forms(kind, argument, client.db());
      if (forms == null) {
        say("nothing", label);
        return;
      }
      say("writing", label, Integer.toString(((List<?>) (forms instanceof String edn ? Edn.read(edn) : forms)).size()));
      List<Pending> made = transact(kind, argument, forms);
      say("made", label, Edn.write(made.stream().map(ToldPending::tell).toList()), Long.toString(client.confirmed().basisT()));
    } catch (TransactionException e) {
      say("refused", label, e.code().toString());
    } catch (RebasisException e) {
      // Its store has failed, or it has: nobody asked for that, and whoever listens says so.
      say("fails", label, e.code().toString(), e.getMessage());
    }
  }

  private List<Pending> transact(String kind, String argument, Object forms) {
    if (kind.equals("schema")) {
      return List.of(client.transact(forms));
    }
    TransactionOptions options = workload.options(kind, argument);
    return workload.isTogether(kind) ? client.transactTogether((List<?>) forms, options)
        : List.of(client.transact(forms, options));
  }

  /** Those of these transactions of which the store knows nothing. */
  private List<String> missing(String ids) {
    List<String> known = new ArrayList<>();
    client.pending().forEach(each -> known.add(each.id().toString()));
    client.conflicts().forEach(each -> known.add(each.id().toString()));
    return Arrays.stream(ids.split(" ")).filter(id -> !id.isEmpty() && !known.contains(id) && !isConfirmed(id)).toList();
  }

  private boolean isConfirmed(String id) {
    return client.confirmed().attribute(":rebasis.tx/id") != null
        && client.confirmed().datoms(IndexOrder.AVET, ":rebasis.tx/id", UUID.fromString(id)).iterator().hasNext();
  }

  private void predicted(TxReport report) {
    if (report.kind() == TxReport.Kind.OPTIMISTIC) {
      List<Object> datoms = new ArrayList<>();
      for (Datom datom : report.datoms()) {
        datoms.add(List.of(datom.e(), datom.a(), datom.v(), datom.tx(), datom.added()));
      }
      say("predicted", report.pending().id().toString(), Edn.write(datoms));
    }
  }

  private void decided(Outcome outcome) {
    say("outcome", outcome.id().toString(), outcome.kind().name(), Boolean.toString(outcome.duplicate()),
        Long.toString(outcome.t()), String.valueOf(outcome.code()));
  }
}
