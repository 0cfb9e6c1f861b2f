package dev.rebasis.simulations.demo;

import dev.rebasis.client.ConflictRecord;
import dev.rebasis.client.Database;
import dev.rebasis.client.Outcome;
import dev.rebasis.client.Pending;
import dev.rebasis.client.SyncClient;
import dev.rebasis.conflict.Conflict;
import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import dev.rebasis.simulations.demo.DemoData.City;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * One client of the demo, the main class of a child process. It reads commands from standard input, one a line, and
 * answers on standard output, one or more lines each; outcomes arrive in between. Cells are separated by tabs.
 */
final class DemoClient {
  private static final int CITIES_PER_TRANSACTION = 50;
  private static final long WAIT_SECONDS_MAX = 120;

  private final SyncClient client;
  private final List<Edit> edits;
  private final PrintStream out;

  private DemoClient(SyncClient client, List<Edit> edits, PrintStream out) {
    this.client = client;
    this.edits = edits;
    this.out = out;
  }

  /** Arguments: the store's folder, the server's URI, the file with the edits. */
  public static void main(String[] args) throws Exception {
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    List<Edit> edits = Files.readAllLines(Path.of(args[2])).stream().map(Edit::parse).toList();
    try (SyncClient client =
        SyncClient.builder().store(Path.of(args[0])).server(URI.create(args[1])).open()) {
      client.onOutcome(outcome -> print(out, outcomeLine(outcome)));
      print(out, "ready\t" + client.status().pendingCount());
      new DemoClient(client, edits, out).serve();
    }
  }

  // One write per line, so that a line of the notification thread never stands inside another.
  private static void print(PrintStream out, String line) {
    synchronized (out) {
      out.println(line);
      out.flush();
    }
  }

  private static String outcomeLine(Outcome outcome) {
    return String.join("\t", "outcome", outcome.id().toString(), outcome.kind().name(),
        Boolean.toString(outcome.duplicate()), Long.toString(outcome.t()),
        String.valueOf(outcome.code()), String.valueOf(outcome.message()).replaceAll("\\s+", " "));
  }

  private void serve() throws Exception {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] cells = line.split("\t");
      switch (cells[0]) {
        case "load" -> load();
        case "edit" -> edit(Integer.parseInt(cells[1]), Integer.parseInt(cells[2]));
        case "offline" -> client.goOffline();
        case "online" -> client.goOnline();
        case "catch-up" -> answer("caught-up\t" + await(client.sync()).basisT());
        case "reach" -> answer("reached\t" + await(client.sync(Long.parseLong(cells[1]))).basisT());
        case "see" -> answer("saw\t" + see(Long.parseLong(cells[1])));
        case "pending" -> pending();
        case "dump" -> answer("dumped\t" + DatomDump.write(client.confirmed(), Path.of(cells[1])));
        case "dump-view" -> answer("dumped\t" + DatomDump.write(client.db(), Path.of(cells[1])));
        case "conflicts" -> conflicts(Path.of(cells[1]));
        case "status" -> status();
        case "quit" -> {
          return;
        }
        default -> throw new IllegalArgumentException("unknown command: " + line);
      }
    }
  }

  private void answer(String line) {
    print(out, line);
  }

  private static <T> T await(java.util.concurrent.CompletableFuture<T> future) throws Exception {
    return future.get(WAIT_SECONDS_MAX, TimeUnit.SECONDS);
  }

  private void load() throws Exception {
    client.transact(DemoData.SCHEMA);
    client.transact(DemoData.countryForms());
    List<City> cities = DemoData.cities();
    for (int first = 0; first < cities.size(); first += CITIES_PER_TRANSACTION) {
      List<City> some = cities.subList(first, Math.min(cities.size(), first + CITIES_PER_TRANSACTION));
      List<Object> forms = new ArrayList<>(some.stream().map(City::form).toList());
      client.transact(forms);
    }
    answer("loaded\t" + cities.size() + "\t" + await(client.sync()).basisT());
  }

  private void edit(int from, int to) {
    for (int i = from; i <= to; i++) {
      Pending pending = client.transact(edits.get(i - 1).forms());
      answer("made\t" + i + "\t" + pending.id());
    }
    answer("edited\t" + to);
  }

  private void pending() {
    String ids = client.pending().stream().map(p -> p.id().toString()).collect(Collectors.joining(" "));
    answer("pending\t" + client.status().pendingCount() + "\t" + ids);
  }

  /** Name, population, tags and notes of a city on the optimistic view. */
  private String see(long geonames) {
    Database db = client.db();
    Collection<List<Object>> rows = db.q(
        "[:find ?name ?n :in $ ?g :where [?c :city/geonames ?g] [?c :city/name ?name] [?c :city/population ?n]]",
        geonames);
    if (rows.isEmpty()) {
      return "(no such city)";
    }
    List<Object> row = rows.iterator().next();
    TreeSet<String> tags = db.q("[:find ?t :in $ ?g :where [?c :city/geonames ?g] [?c :city/tag ?t]]", geonames)
        .stream().map(r -> r.get(0).toString()).collect(Collectors.toCollection(TreeSet::new));
    TreeSet<String> notes = db.q(
        "[:find ?x :in $ ?g :where [?c :city/geonames ?g] [?c :city/note ?n] [?n :note/text ?x]]", geonames)
        .stream().map(r -> r.get(0).toString()).collect(Collectors.toCollection(TreeSet::new));
    return row.get(0) + "\t" + row.get(1) + "\t" + String.join(" ", tags) + "\t" + String.join("; ", notes);
  }

  /** Writes one line per conflict of each of this client's transactions that met one. */
  private void conflicts(Path file) throws IOException {
    List<String> lines = new ArrayList<>();
    for (ConflictRecord record : client.conflicts()) {
      Outcome outcome = record.outcome();
      for (Conflict conflict : outcome.conflicts()) {
        lines.add(String.join("\t", outcome.id().toString(), outcome.kind().name(),
            Long.toString(cityOf(conflict.e())), String.valueOf(conflict.attribute()),
            Edn.write(conflict.base()), Edn.write(conflict.local()), Edn.write(conflict.remote()),
            Edn.write(conflict.resolved()), conflict.policy().toString(), ""));
      }
      if (outcome.conflicts().isEmpty()) {
        lines.add(String.join("\t", outcome.id().toString(), outcome.kind().name(), refusedCells(record),
            String.valueOf(outcome.code()), String.valueOf(outcome.message()).replaceAll("\\s+", " ")));
      }
    }
    Files.write(file, lines);
    answer("conflicts\t" + lines.size());
  }

  /** What a refused compare-and-set wanted, what is there instead, and that nothing of it came of it. */
  private String refusedCells(ConflictRecord record) {
    if (Edn.read(record.forms()) instanceof List<?> forms && forms.size() == 1 && forms.get(0) instanceof List<?> form
        && form.get(0).equals(Keyword.of(":db/cas")) && form.get(1) instanceof List<?> city) {
      Object now = client.db().entity(city).get(form.get(2));
      return String.join("\t", city.get(1).toString(), form.get(2).toString(), Edn.write(List.of(form.get(3))),
          Edn.write(List.of(form.get(4))), Edn.write(List.of(now)), Edn.write(List.of(now)));
    }
    return "-1\t-\t-\t-\t-\t-";
  }

  private long cityOf(long entity) {
    Object geonames = client.db().entity(entity).get(":city/geonames");
    return geonames instanceof Long number ? number : -1;
  }

  private void status() {
    var status = client.status();
    var c = status.counters();
    answer(String.join("\t", "status", status.state().name(), "" + status.basisT(), "" + status.pendingCount(),
        "" + status.parkedCount(), "" + c.accepted(), "" + c.merged(), "" + c.duplicate(), "" + c.parked(),
        "" + c.rejected(), String.valueOf(status.lastError())));
  }
}
