package dev.rebasis.simulations.scenario;

import dev.rebasis.client.ConflictRecord;
import dev.rebasis.client.Database;
import dev.rebasis.client.Durability;
import dev.rebasis.client.Outcome;
import dev.rebasis.client.Pending;
import dev.rebasis.client.Scope;
import dev.rebasis.client.Status;
import dev.rebasis.client.SyncClient;
import dev.rebasis.client.Tuning;
import dev.rebasis.conflict.Conflict;
import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.edn.Edn;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.ScopeSpec;
import dev.rebasis.server.internal.master.Master;
import dev.rebasis.server.internal.scope.PartRule;
import dev.rebasis.server.internal.scope.ScopeState;
import dev.rebasis.simulations.workload.SchemaShorthand;
import dev.rebasis.simulations.world.ClientNode;
import dev.rebasis.simulations.world.ServerFacts;
import dev.rebasis.simulations.world.World;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Predicate;

/** The steps that begin with a client's name. Confined. */
final class ClientCommands {
  private final World world;
  private final ServerCommands server;
  private final Map<String, History> histories = new LinkedHashMap<>();
  private final Map<String, List<ScopeSpec>> starts = new LinkedHashMap<>();

  /** What a client's programs made and heard, over all its lives. */
  private static final class History {
    private final Map<Long, String> outcomes = new TreeMap<>();
    private final List<CompletableFuture<Database>> syncs = new ArrayList<>();
  }

  ClientCommands(World world, ServerCommands server) {
    this.world = world;
    this.server = server;
  }

  List<String> run(String name, Words words) {
    ClientNode node = world.client(name);
    Printer printer = new Printer(name);
    String verb = words.next();
    return switch (verb) {
      case "start", "restart" -> start(node, words);
      case "backup" -> done(() -> node.backup(words.next()));
      case "restore" -> done(() -> node.restore(words.next()));
      case "stop" -> done(node::stop);
      case "schema" -> transact(node, printer, SchemaShorthand.forms(words.rest()));
      case "transact" -> transact(node, printer, Edn.read(words.rest()));
      case "repeat" -> repeat(node, printer, words);
      case "db" -> query(node.client().db(), printer, words.rest());
      case "confirmed" -> query(node.client().confirmed(), printer, words.rest());
      case "datoms" -> datoms(node.client().db(), printer);
      case "status" -> status(node.client().status(), printer);
      case "counters" -> counters(node.client().status().counters());
      case "pending" -> pending(node, printer);
      case "outcomes" -> outcomes(name);
      case "conflicts" -> conflicts(node, printer);
      case "sync" -> sync(node, words);
      case "syncs" -> syncs(name, printer);
      case "same" -> List.of(String.valueOf(
          node.client().sameEntity(Long.parseLong(words.next()), Long.parseLong(words.next()))));
      case "scope" -> scope(node, words);
      case "unscope" -> unscope(node, words.next());
      case "scopes" -> List.of(node.client().scopes() == null ? "everything"
          : String.join(" ", node.client().scopes().stream().map(Scope::name).toList()));
      case "attempts" -> List.of(node.takeAttempts() + " attempts to connect");
      case "traffic" -> List.of(node.takeSent(words.next()) + " sent");
      case "offline" -> done(node.client()::goOffline);
      case "online" -> done(node.client()::goOnline);
      default -> throw new IllegalArgumentException("a client has no step: " + verb);
    };
  }

  private static List<String> done(Runnable step) {
    step.run();
    return List.of();
  }

  private History history(String name) {
    return histories.computeIfAbsent(name, made -> new History());
  }

  /** {@code start}, {@code start local}, {@code start credit 500 process-crash}. */
  private List<String> start(ClientNode node, Words words) {
    while (!words.isEmpty()) {
      String setting = words.next();
      switch (setting) {
        case "credit" -> node.tuning(Tuning.DEFAULT.withCreditDatoms(Long.parseLong(words.next())));
        case "local" -> node.withServer(false);
        case "connected" -> node.withServer(true);
        case "process-crash" -> node.durability(Durability.PROCESS_CRASH);
        case "power-loss" -> node.durability(Durability.POWER_LOSS);
        default -> throw new IllegalArgumentException("a client cannot start with: " + setting);
      }
    }
    node.start();
    node.scopes(null);
    starts.remove(node.name());
    server.named(node.client().status().storeId(), node.name());
    node.client().pending().forEach(pending -> follow(node.name(), pending));
    return List.of();
  }

  /** {@code scope NAME QUERY [PULL]}: from the next start on, or at once. */
  private List<String> scope(ClientNode node, Words words) {
    String name = words.next();
    List<Object> parts = Edn.readAll(words.rest());
    Scope scope = Scope.named(name, parts.get(0));
    Scope whole = parts.size() > 1 ? scope.pull(parts.get(1)) : scope;
    if (node.isRunning()) {
      node.client().addScope(whole);
    } else {
      starts.computeIfAbsent(node.name(), any -> new ArrayList<>()).add(whole.spec());
      node.scopes(starts.get(node.name()));
    }
    return List.of();
  }

  private static List<String> unscope(ClientNode node, String name) {
    node.client().removeScope(name);
    return List.of();
  }

  private void follow(String name, Pending pending) {
    Map<Long, String> outcomes = history(name).outcomes;
    outcomes.put(pending.seq(), "pending");
    pending.outcome().whenComplete((outcome, failure) -> {
      if (failure == null) {
        outcomes.put(pending.seq(), outcome(outcome, new Printer(name)));
      }
    });
  }

  private static String outcome(Outcome outcome, Printer printer) {
    return outcome.kind().name().toLowerCase(java.util.Locale.ROOT) + (outcome.duplicate() ? " (duplicate)" : "") + " "
        + printer.t(outcome.t()) + (outcome.code() == null ? "" : " " + outcome.code() + " " + Printer.message(outcome.message()));
  }

  private List<String> transact(ClientNode node, Printer printer, Object forms) {
    Pending pending = node.client().transact(forms);
    follow(node.name(), pending);
    return List.of("ok " + pending.seq() + tempids(pending, printer, forms));
  }

  private static String tempids(Pending pending, Printer printer, Object forms) {
    Map<String, Long> ids = new TreeMap<>();
    collectTempids(forms, ids);
    ids.replaceAll((tempid, none) -> pending.resolve(tempid));
    return ids.isEmpty() ? "" : " " + printer.tempids(ids);
  }

  /** The strings in the place of entities: those under {@code :db/id} and second in list forms. */
  private static void collectTempids(Object form, Map<String, Long> ids) {
    if (form instanceof Map<?, ?> map) {
      map.forEach((key, value) -> {
        if (key.toString().equals(":db/id") && value instanceof String tempid && !tempid.equals(Intent.TX_TEMPID)) {
          ids.put(tempid, 0L);
        }
        collectTempids(value, ids);
      });
    } else if (form instanceof List<?> list) {
      if (list.size() > 2 && list.get(1) instanceof String tempid && !tempid.equals(Intent.TX_TEMPID)) {
        ids.put(tempid, 0L);
      }
      list.forEach(element -> collectTempids(element, ids));
    }
  }

  /** {@code repeat 300 [...]}: so many transactions, with {@code #} replaced by the number in the text. */
  private List<String> repeat(ClientNode node, Printer printer, Words words) {
    int times = Integer.parseInt(words.next());
    String text = words.rest();
    for (int i = 1; i <= times; i++) {
      follow(node.name(), node.client().transact(text.replace("#", Integer.toString(i))));
    }
    return List.of("ok " + times);
  }

  private static List<String> query(Database db, Printer printer, String query) {
    return printer.result(db.<Object>query(query));
  }

  private static List<String> datoms(Database db, Printer printer) {
    List<String> lines = new ArrayList<>();
    for (Datom datom : db.datoms(IndexOrder.EAVT)) {
      if (UserFacts.isUsers(datom, db.schema())) {
        lines.add(printer.datom(datom, db.schema()));
      }
    }
    return lines;
  }

  private static List<String> status(Status status, Printer printer) {
    List<String> lines = new ArrayList<>();
    lines.add(status.state().name().toLowerCase(java.util.Locale.ROOT) + " at " + printer.t(status.basisT())
        + ", pending " + status.pendingCount() + ", parked " + status.parkedCount());
    RebasisException error = status.lastError();
    if (error != null) {
      lines.add("last error " + error.code());
    }
    return lines;
  }

  private static List<String> counters(Status.Counters counters) {
    return List.of("accepted " + counters.accepted() + ", merged " + counters.merged() + ", duplicate "
        + counters.duplicate() + ", parked " + counters.parked() + ", rejected " + counters.rejected());
  }

  private static List<String> pending(ClientNode node, Printer printer) {
    return node.client().pending().stream()
        .map(pending -> pending.seq() + " on " + printer.t(pending.basisT()) + " " + printer.value(pending.forms())).toList();
  }

  private List<String> outcomes(String name) {
    return history(name).outcomes.entrySet().stream().map(entry -> entry.getKey() + " " + entry.getValue()).toList();
  }

  private static List<String> conflicts(ClientNode node, Printer printer) {
    List<String> lines = new ArrayList<>();
    for (ConflictRecord conflict : node.client().conflicts()) {
      lines.add(conflict.seq() + " " + outcome(conflict.outcome(), printer));
      for (Conflict met : conflict.outcome().conflicts()) {
        lines.add("met " + met.kind().name() + " " + printer.value(met.e())
            + (met.attribute() == null ? "" : " " + met.attribute())
            + " base " + printer.value(met.base()) + " local " + printer.value(met.local())
            + " remote " + printer.value(met.remote()) + " resolved " + printer.value(met.resolved())
            + " by " + met.policy().name());
      }
    }
    return lines;
  }

  private List<String> sync(ClientNode node, Words words) {
    SyncClient client = node.client();
    history(node.name()).syncs.add(words.isEmpty() ? client.sync() : client.sync(Long.parseLong(words.next())));
    return List.of();
  }

  private List<String> syncs(String name, Printer printer) {
    return history(name).syncs.stream().map(sync -> {
      if (!sync.isDone()) {
        return "waiting";
      }
      return sync.handle((db, failure) -> failure == null ? "reached " + printer.t(db.basisT())
          : unwrapped(failure) instanceof RebasisException e ? "error " + e.code() : "error " + failure).join();
    }).toList();
  }

  private static Throwable unwrapped(Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
  }

  // ---- all together ----

  /** Every client that is up to date holds the same datoms as the server, pending ones not counted. */
  List<String> agree() {
    ServerFacts facts = ServerFacts.of(world.server().master());
    for (ClientNode node : world.clients()) {
      if (node.isRunning() && node.hasServer()) {
        Agreement.check(node.name(), node.client().confirmed(), facts, part(node.client().scopes()));
      }
    }
    return List.of("all agree at " + new Printer("server").t(world.server().master().forcedT()));
  }

  /** What of the server's datoms a client with scopes holds, evaluated anew; everything for one without. */
  private Predicate<Datom> part(List<Scope> scopes) {
    if (scopes == null) {
      return datom -> true;
    }
    Master master = world.server().master();
    PartRule rule = new PartRule(scopes.stream().map(Scope::spec).toList(), null, Set.of());
    ScopeState state = new ScopeState(rule, master.database(), master.forcedT(), master::schema);
    return datom -> state.has(datom) && !EntityIds.isTx(datom.e());
  }

  /** The inside of every running client is in order. */
  List<String> audit() {
    List<String> findings = new ArrayList<>();
    for (ClientNode node : world.clients()) {
      if (node.isRunning()) {
        // It may have become a client of its own, with another store id.
        server.named(node.client().status().storeId(), node.name());
        node.audit().forEach(finding -> findings.add(node.name() + ": " + finding));
      }
    }
    return findings;
  }
}
