package dev.rebasis.simulations.real;

import dev.rebasis.client.Durability;
import dev.rebasis.client.Scope;
import dev.rebasis.client.SyncClient;
import dev.rebasis.client.internal.core.ClientCore;
import dev.rebasis.client.internal.log.ClientLog;
import dev.rebasis.client.internal.log.StoreFiles;
import dev.rebasis.conflict.Rules;
import dev.rebasis.edn.Edn;
import dev.rebasis.executor.InlineExecutor;
import dev.rebasis.protocol.Intent;
import dev.rebasis.server.internal.master.EmbeddedMaster;
import dev.rebasis.server.internal.master.MasterSetup;
import dev.rebasis.simulations.check.Audit;
import dev.rebasis.simulations.check.Finding;
import dev.rebasis.simulations.check.KeptRecords;
import dev.rebasis.simulations.check.LocalWrite;
import dev.rebasis.simulations.check.Promise;
import dev.rebasis.simulations.check.Pushed;
import dev.rebasis.simulations.check.Replicas;
import dev.rebasis.simulations.check.ScopeContents;
import dev.rebasis.simulations.process.ServerProcess;
import dev.rebasis.simulations.sim.Plan;
import dev.rebasis.simulations.sim.Step;
import dev.rebasis.simulations.workload.DrawnScopes;
import dev.rebasis.simulations.workload.Workload;
import dev.rebasis.simulations.world.ServerFacts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.stream.Collectors;

/**
 * Plays a plan with real processes: each client and the server in a JVM of its own, connected through proxies that do to
 * their sockets what the plan says, killed with {@code kill -9} when it says so. In the end everything is healed, all
 * have to come to an end within two minutes, and the logs that the processes left are checked as those of simulations
 * are. Unlike a simulation it is not the same twice. Confined.
 */
public final class ProcessPlay {
  private static final List<String> QUICK_START = List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");
  /** It would take the processor from what is tested. */
  private static final List<String> NO_WARM_UP = List.of("--no-warm-up");

  private final Plan plan;
  private final Workload workload;
  private final Path folder;
  private final Consumer<String> told;
  private final Map<String, ChildNode> clients = new LinkedHashMap<>();
  private final List<Finding> findings = new ArrayList<>();
  private final long startNanos = System.nanoTime();
  private CompletableFuture<ServerProcess> server; // null while it is down
  private int port;
  private int serverLives;

  private ProcessPlay(Plan plan, Workload workload, Path folder, Consumer<String> told) {
    this.plan = plan;
    this.workload = workload;
    this.folder = folder;
    this.told = told;
  }

  /**
   * What came of a play. Immutable.
   *
   * @param findings the promises that were broken; empty if all held
   * @param made what {@code transact} returned for, on all clients
   * @param clientLives how often clients were started
   * @param serverLives how often the server was
   * @param carriedBytes what the proxies carried
   */
  public record Result(List<Finding> findings, List<LocalWrite> made, int clientLives, int serverLives, long carriedBytes) {
    /** Copies the lists. */
    public Result {
      findings = List.copyOf(findings);
      made = List.copyOf(made);
    }
  }

  /**
   * Plays a plan; takes as long as the plan says, and what starting, healing and checking take.
   *
   * @param workload the workload that it names; one of those that come with Rebasis
   * @param folder an empty one, where the stores and logs will be
   * @param told hears what happens, line by line
   */
  public static Result play(Plan plan, Workload workload, Path folder, Consumer<String> told) throws IOException {
    ProcessPlans.check(workload);
    ProcessPlay play = new ProcessPlay(plan, workload, folder, told);
    try {
      return play.play();
    } finally {
      play.endAll();
    }
  }

  private void tell(String what) {
    told.accept(String.format(Locale.ROOT, "%8.3f %s", (System.nanoTime() - startNanos) / 1e9, what));
  }

  private Result play() throws IOException {
    begin();
    long beginNanos = System.nanoTime();
    for (Step step : plan.steps()) {
      await(beginNanos + step.atMillis() * 1_000_000);
      clients.values().forEach(ChildNode::listen);
      act(step);
    }
    await(beginNanos + plan.millis() * 1_000_000);
    converge();
    check();
    return new Result(findings, clients.values().stream().flatMap(client -> client.writes().stream()).toList(),
        clients.values().stream().mapToInt(ChildNode::lives).sum(), serverLives,
        clients.values().stream().mapToLong(client -> client.proxy().carriedBytes()).sum());
  }

  private static void await(long nanos) {
    for (long left = nanos - System.nanoTime(); left > 0; left = nanos - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  private void begin() throws IOException {
    List<?> beginning = (List<?>) Edn.read(workload.beginning());
    List<Object> vectors = new ArrayList<>(workload.installation());
    if (!beginning.isEmpty()) {
      vectors.add(beginning);
    }
    Path schema = Files.writeString(folder.resolve("schema.edn"),
        vectors.stream().map(Edn::write).collect(Collectors.joining("\n", "", "\n")));
    ServerProcess first = startServer(schema);
    server = CompletableFuture.completedFuture(first);
    port = first.port();
    for (String name : plan.clientNames()) {
      FaultProxy proxy = new FaultProxy(name, port);
      clients.put(name, new ChildNode(name, folder, proxy,
          first.uri().replace(":" + port + "/", ":" + proxy.port() + "/"), workload, scopes(name)));
    }
    tell("the server is up");
    clients.values().forEach(ChildNode::start);
    // Whoever has not met the server yet knows no schema to write in.
    clients.values().forEach(ChildNode::sync);
    tell("all clients are up");
  }

  /** The first client holds everything; the others want one scope at least, for without any a client would hold everything too. */
  private String scopes(String name) {
    List<Scope> all = workload.scopes();
    if (all.isEmpty() || name.equals(plan.clientNames().get(0))) {
      return null;
    }
    List<Scope> drawn = DrawnScopes.atFirst(all, plan.seed(), name);
    return String.join(",", (drawn.isEmpty() ? all.subList(0, 1) : drawn).stream().map(Scope::name).toList());
  }

  private ServerProcess startServer(Path schema) {
    serverLives++;
    return ServerProcess.start(
        folder.resolve("server"), port, schema, folder.resolve("server.log"), QUICK_START, NO_WARM_UP);
  }

  // ---- what the plan says ----

  private void act(Step step) throws IOException {
    if (step.isWrite()) {
      write(step);
      return;
    }
    tell(step.node() + " " + step.verb().word() + " " + step.argument());
    if (step.isServer()) {
      actOnServer(step);
      return;
    }
    ChildNode client = clients.get(step.node());
    FaultProxy proxy = client.proxy();
    switch (step.verb()) {
      case CUT -> proxy.cut();
      case HEAL, UNSILENCE -> proxy.heal();
      case SILENCE -> proxy.hold(step.argument().equals("both") ? EnumSet.allOf(FaultProxy.Direction.class)
          : EnumSet.of(FaultProxy.Direction.valueOf(step.argument().toUpperCase(Locale.ROOT))));
      case RESET -> proxy.reset();
      case HALFOPEN -> proxy.halfOpen();
      case THROTTLE -> proxy.throttle(Long.parseLong(step.argument()));
      case LINE -> line(proxy, step.argument());
      case CRASH -> {
        if (client.isRunning()) {
          client.kill();
        }
      }
      case STOP -> {
        if (client.isRunning()) {
          client.quit();
        }
      }
      case START -> {
        if (!client.isRunning()) {
          client.start();
        }
      }
      case BACKUP -> {
        if (client.isRunning()) {
          client.backup();
        }
      }
      case RESTORE -> client.restore();
      case SCOPES -> client.scopes(step.argument());
      default -> tell("  (only simulations can do that)");
    }
  }

  /** A proxy above TCP cannot lose or double packets; their effect on a stream is delay. */
  private static void line(FaultProxy proxy, String argument) {
    if (argument.equals("usual")) {
      proxy.heal();
    } else {
      String[] span = argument.split(" ")[0].split("-");
      proxy.delay((Long.parseLong(span[0]) + Long.parseLong(span[1])) / 2);
    }
  }

  private void actOnServer(Step step) {
    switch (step.verb()) {
      case CRASH -> {
        if (server != null) {
          server.join().kill();
          server = null;
        }
      }
      case STOP -> stopServer();
      case START -> {
        if (server == null) {
          // It takes seconds to start; the clients go on meanwhile.
          server = CompletableFuture.supplyAsync(() -> startServer(null));
        }
      }
      default -> tell("  (only simulations can do that)");
    }
  }

  private void stopServer() {
    if (server != null) {
      int status = server.join().terminate();
      server = null;
      if (status != 0) {
        findings.add(new Finding(Promise.SOUNDNESS, "the server ended with status " + status + "; see server.log"));
      }
    }
  }

  private void write(Step step) {
    ChildNode client = step.isServer() ? null : clients.get(step.node());
    if (client == null || !client.isRunning()) {
      return; // Nobody stands beside the server here, and who is down cannot write.
    }
    Matcher matcher = Step.REFERENCE.matcher(step.operation());
    StringBuilder argument = new StringBuilder();
    while (matcher.find()) {
      Long id = client.resolve(Integer.parseInt(matcher.group(1)), matcher.group(2));
      if (id == null) {
        return;
      }
      matcher.appendReplacement(argument, Long.toString(id));
    }
    client.write(step.label(), step.kind(), matcher.appendTail(argument).toString());
  }

  // ---- the end ----

  private void converge() {
    tell("everything heals");
    clients.values().forEach(client -> client.proxy().heal());
    if (server == null) {
      server = CompletableFuture.completedFuture(startServer(null));
    }
    server.join();
    for (ChildNode client : clients.values()) {
      if (!client.isRunning()) {
        client.start();
      }
    }
    // Twice: what a later one pushes is news for those before it.
    for (int round = 0; round < 2; round++) {
      for (ChildNode client : clients.values()) {
        try {
          client.sync();
        } catch (IllegalStateException e) {
          findings.add(new Finding(Promise.CONVERGENCE, "not converged after everything was healed: " + e.getMessage()));
          return;
        }
      }
    }
    clients.values().forEach(ChildNode::verify);
    tell("all have converged");
    clients.values().forEach(ChildNode::quit);
    stopServer();
  }

  private void check() {
    clients.values().forEach(client -> findings.addAll(client.findings()));
    if (clients.values().stream().anyMatch(ChildNode::isRunning) || server != null) {
      return; // It did not converge, which was said; the logs are in use.
    }
    Map<String, Integer> lost = new HashMap<>();
    clients.forEach((name, client) -> lost.put(name, client.lost()));
    findings.addAll(check(folder, workload,
        clients.values().stream().flatMap(client -> client.writes().stream()).toList(), lost));
    tell("the logs are checked");
  }

  /**
   * Checks the logs that processes have left, each opened anew in this process.
   *
   * @param lost by each client, how many transactions may be on the server of which nobody heard
   */
  static List<Finding> check(Path folder, Workload workload, List<LocalWrite> writes, Map<String, Integer> lost) {
    List<Finding> findings = new ArrayList<>();
    Path log = folder.resolve("server").resolve("log");
    InlineExecutor inline = new InlineExecutor();
    EmbeddedMaster master = EmbeddedMaster.open(new MasterSetup(log.toString(), log + ".mv.db", Clock.systemUTC(),
        UUID::randomUUID, inline, inline, failed -> {
          throw failed;
        }, (done, total) -> { }));
    try {
      ServerFacts facts = ServerFacts.of(master);
      boolean audited = false;
      Pushed pushed = pushed(folder, writes);
      for (String name : lost.keySet()) {
        try (SyncClient client = SyncClient.builder().store(folder.resolve(name)).open()) {
          findings.addAll(contents(name, client, facts, master, writes));
          ((ClientCore) client).audit().forEach(difference ->
              findings.add(new Finding(Promise.SOUNDNESS, "inside of " + name + ": " + difference)));
          findings.addAll(KeptRecords.check(name, client, writes, facts));
          workload.wrong(client.db()).forEach(wrong -> findings.add(new Finding(Promise.MONOTONIC, name + ": " + wrong)));
          workload.invariants().stream()
              .filter(invariant -> !((Collection<?>) client.confirmed().q(invariant.query())).isEmpty())
              .forEach(broken -> findings.add(new Finding(Promise.INTENTION, broken.name() + " does not hold on " + name)));
          if (!audited && client.scopes() == null) {
            audited = true;
            findings.addAll(Audit.check(writes, lost, pushed, Map.of(), List.of(), facts, workload, client.confirmed(), why -> { }));
          }
        }
      }
    } finally {
      master.close();
    }
    return findings;
  }

  private static List<Finding> contents(
      String name, SyncClient client, ServerFacts facts, EmbeddedMaster master, List<LocalWrite> writes) {
    if (client.scopes() == null) {
      return Replicas.compare(name, client.confirmed(), facts);
    }
    Set<UUID> others = writes.stream().filter(write -> !write.client().equals(name)).map(LocalWrite::id)
        .collect(Collectors.toSet());
    return ScopeContents.compare(name, client.confirmed(), client.scopes(), facts, master.database(), id -> !others.contains(id));
  }

  /** What the clients pushed, as their stores keep it: nothing of what the server says is believed. */
  private static Pushed pushed(Path folder, List<LocalWrite> writes) {
    Map<UUID, Set<Intent>> intents = new HashMap<>();
    Map<String, List<LocalWrite>> byClient = new LinkedHashMap<>();
    writes.forEach(write -> byClient.computeIfAbsent(write.client(), made -> new ArrayList<>()).add(write));
    byClient.forEach((name, own) -> {
      try (ClientLog log = ClientLog.open(StoreFiles.folder(folder.resolve(name)), Durability.POWER_LOSS, UUID::randomUUID)) {
        for (LocalWrite write : own) {
          // Under which number it was pushed nobody knows of what a backup may have brought back.
          Intent intent = write.isReturnAllowed() ? null : log.reads().decided(write.id());
          if (intent != null) {
            intents.put(write.id(), Set.of(intent));
          }
        }
      }
    });
    return new Pushed(intents, Map.of(), Rules.BUILT_IN);
  }

  private void endAll() {
    clients.values().forEach(ChildNode::close);
    if (server != null) {
      server.join().close();
    }
  }
}
