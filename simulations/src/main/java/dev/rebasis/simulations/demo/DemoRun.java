package dev.rebasis.simulations.demo;

import dev.rebasis.simulations.process.ServerProcess;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * The demo's story, phase by phase: load, catch up, cut off, edit, kill, restart, reconnect, agree. What was seen on the
 * way is checked by {@link DemoChecks}. Confined.
 */
final class DemoRun {
  /** Processes that live for seconds start sooner without the optimising compiler. */
  static final List<String> JVM_OPTIONS = List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

  private final DemoOptions options;
  private final Path folder;
  private final PrintWriter out;
  private final long start = System.nanoTime();
  private final EditPlan plan;
  private final Path schema;

  DemoRun(DemoOptions options, Path folder, PrintWriter out) throws IOException {
    this.options = options;
    this.folder = folder;
    this.out = out;
    this.plan = EditPlan.of(options.seed(), DemoData.cities(), options.edits(), options.overlap());
    this.schema = Files.writeString(folder.resolve("schema.edn"), DemoData.SCHEMA);
  }

  /** Runs the story; returns the checks that failed, in words. */
  List<String> run() throws IOException {
    Path data = folder.resolve("server");
    ServerProcess server = null;
    try {
      phase("starting a server in a process of its own");
      server = ServerProcess.start(data, 0, schema, folder.resolve("server.log"), JVM_OPTIONS, List.of());
      int port = server.port();
      try (DemoNode one = node("c1", server.uri(), plan.first()); DemoNode two = node("c2", server.uri(), plan.second())) {
        loadAndCatchUp(one, two);
        List<Long> watched = watchedCities();
        List<String[]> before = see(one, watched);

        phase("cutting both clients off: the server is killed (kill -9)");
        one.tell("offline");
        two.tell("offline");
        server.kill();

        // The server comes back while the clients edit; they were told to stay offline.
        CompletableFuture<ServerProcess> restarted = CompletableFuture.supplyAsync(() -> start(data, port));
        editOffline(one, two);
        List<List<String[]>> during = List.of(see(one, watched), see(two, watched));
        server = restarted.join();
        phase("the server is back, its log replayed and verified");
        long reconnect = System.nanoTime();
        server = reconnect(one, two, server, data, port);
        double reconnectSeconds = (System.nanoTime() - reconnect) / 1e9;

        phase("all decided; comparing");
        long t = agree(one, two);
        List<String[]> after = see(one, watched);
        DemoChecks checks = collect(one, two);
        int exit = server.terminate();
        checks.require(exit == 0, "the server ended with status " + exit + " after SIGTERM");
        one.quit();
        two.quit();
        phase("replaying the server's log in this process and comparing datom by datom");
        checks.verify(ServerDump.read(data), t);
        DemoReport.print(out, plan, watched, before, during, after, checks, reconnectSeconds);
        return checks.failures();
      }
    } finally {
      if (server != null) {
        server.close();
      }
    }
  }

  private ServerProcess start(Path data, int port) {
    return ServerProcess.start(data, port, null, folder.resolve("server.log"), JVM_OPTIONS, List.of());
  }

  private DemoNode node(String name, String uri, List<Edit> edits) throws IOException {
    Path file = folder.resolve(name + ".edits");
    Files.write(file, edits.stream().map(Edit::toLine).toList());
    return new DemoNode(name, folder.resolve(name), uri, file);
  }

  private void loadAndCatchUp(DemoNode one, DemoNode two) {
    one.start();
    two.start();
    phase("client c1 loads " + DemoData.cities().size() + " cities and their countries");
    String[] loaded = one.ask("load", "loaded");
    phase("both clients catch up to T " + loaded[2]);
    one.ask("reach\t" + loaded[2], "reached");
    two.ask("reach\t" + loaded[2], "reached");
    one.outcomes().clear();
  }

  /** Both edit; c1 is killed in the middle and goes on where its store says that it was. */
  private void editOffline(DemoNode one, DemoNode two) {
    int edits = options.edits();
    int killAfter = edits / 3 + new Random(options.seed()).nextInt(edits / 3);
    phase("both edit offline, " + edits + " edits each, " + options.overlap() + " of them on the same facts;"
        + " c1 is killed (kill -9) after edit " + killAfter);
    two.tell("edit\t1\t" + edits);
    one.tell("edit\t1\t" + edits);
    while (one.editById().size() < killAfter) {
      one.await("made");
    }
    one.kill();
    int acknowledged = one.editById().size();
    int found = one.start();
    phase("c1 is back: " + acknowledged + " edits had been acknowledged, " + found + " are in its store");
    if (found < acknowledged) {
      throw new IllegalStateException(
          "c1 lost " + (acknowledged - found) + " acknowledged transactions when it was killed");
    }
    one.tell("offline");
    nameFound(one);
    one.ask("edit\t" + (found + 1) + "\t" + edits, "edited");
    two.await("edited");
  }

  // The last edit may have become durable without the killed process getting to say so.
  private static void nameFound(DemoNode node) {
    String[] cells = node.ask("pending", "pending");
    String[] ids = cells[2].isEmpty() ? new String[0] : cells[2].split(" ");
    for (int i = 0; i < ids.length; i++) {
      node.found(UUID.fromString(ids[i]), i + 1);
    }
  }

  /** Both push; in the middle of it the server is killed and started again. */
  private ServerProcess reconnect(DemoNode one, DemoNode two, ServerProcess server, Path data, int port) {
    int killAfter = options.edits() / 4;
    phase("both reconnect and push; the server is killed (kill -9) after " + killAfter + " outcomes of c2");
    one.tell("online");
    two.tell("online");
    two.awaitOutcomes(killAfter);
    server.kill();
    phase("starting the server again; the clients find it by themselves");
    ServerProcess again = start(data, port);
    one.tell("online");
    two.tell("online");
    one.awaitOutcomes(options.edits());
    two.awaitOutcomes(options.edits());
    return again;
  }

  private static long agree(DemoNode one, DemoNode two) {
    long t = Math.max(Long.parseLong(one.ask("catch-up", "caught-up")[1]), Long.parseLong(two.ask("catch-up", "caught-up")[1]));
    one.ask("reach\t" + t, "reached");
    two.ask("reach\t" + t, "reached");
    return t;
  }

  private DemoChecks collect(DemoNode one, DemoNode two) throws IOException {
    DemoChecks checks = new DemoChecks(plan, one, two);
    for (DemoNode node : List.of(one, two)) {
      Path dump = folder.resolve(node.name() + ".datoms");
      Path view = folder.resolve(node.name() + ".view");
      Path conflicts = folder.resolve(node.name() + ".conflicts");
      node.ask("dump\t" + dump, "dumped");
      node.ask("dump-view\t" + view, "dumped");
      node.ask("conflicts\t" + conflicts, "conflicts");
      checks.add(node, Files.readAllLines(dump), Files.readAllLines(view), Files.readAllLines(conflicts),
          node.ask("status", "status"), node.ask("pending", "pending"));
      List<Edit> edits = node == one ? plan.first() : plan.second();
      for (Edit edit : edits) {
        checks.saw(edit, node.ask("see\t" + edit.geonames(), "saw"));
      }
    }
    return checks;
  }

  /** A few cities of each story: one that both change, one of each client's own. */
  private List<Long> watchedCities() {
    List<Long> watched = new ArrayList<>();
    for (List<Edit> edits : Arrays.asList(plan.first(), plan.second())) {
      for (Edit.Kind kind : List.of(Edit.Kind.POPULATION, Edit.Kind.NAME, Edit.Kind.TAG)) {
        edits.stream().filter(e -> e.kind() == kind && !watched.contains(e.geonames()))
            .findFirst().ifPresent(e -> watched.add(e.geonames()));
      }
    }
    plan.first().stream().filter(Edit::shared).limit(2).map(Edit::geonames)
        .filter(id -> !watched.contains(id)).forEach(watched::add);
    return watched;
  }

  private static List<String[]> see(DemoNode node, List<Long> cities) {
    List<String[]> seen = new ArrayList<>();
    for (Long city : cities) {
      seen.add(node.ask("see\t" + city, "saw"));
    }
    return seen;
  }

  private void phase(String what) {
    out.printf(Locale.ROOT, "[%5.1f s] %s%n", (System.nanoTime() - start) / 1e9, what);
    out.flush();
  }
}
