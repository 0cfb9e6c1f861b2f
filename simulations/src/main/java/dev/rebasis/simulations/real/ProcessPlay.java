package dev.rebasis.simulations.real;

import dev.rebasis.client.Scope;
import dev.rebasis.edn.Edn;
import dev.rebasis.error.RebasisException;
import dev.rebasis.simulations.check.Finding;
import dev.rebasis.simulations.check.LocalWrite;
import dev.rebasis.simulations.check.Promise;
import dev.rebasis.simulations.process.ServerProcess;
import dev.rebasis.simulations.sim.Plan;
import dev.rebasis.simulations.sim.Step;
import dev.rebasis.simulations.workload.DrawnScopes;
import dev.rebasis.simulations.workload.Workload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Predicate;
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
  private final ChildServer server;
  /** What the server is started with; changes once it has come up for the first time. */
  private int port;
  private Path schema;
  private String judged = "";

  private ProcessPlay(Plan plan, Workload workload, Path folder, Consumer<String> told) {
    this.plan = plan;
    this.workload = workload;
    this.folder = folder;
    this.told = told;
    this.server = new ChildServer(() -> ServerProcess.start(
        folder.resolve("server"), port, schema, folder.resolve("server.log"), QUICK_START, NO_WARM_UP));
  }

  /**
   * What came of a play. Immutable.
   *
   * @param findings the promises that were broken; empty if all held
   * @param made what {@code transact} returned for, on all clients
   * @param clientLives how often clients were started
   * @param serverLives how often the server was
   * @param carriedBytes what the proxies carried
   * @param judged whether the workload was asked if all ended as its operations say ({@code judged}), or why not
   */
  public record Result(
      List<Finding> findings, List<LocalWrite> made, int clientLives, int serverLives, long carriedBytes, String judged) {
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
    if (begin()) {
      long beginNanos = System.nanoTime();
      for (Step step : plan.steps()) {
        await(beginNanos + step.atMillis() * 1_000_000);
        listen();
        act(step);
      }
      await(beginNanos + plan.millis() * 1_000_000);
      listen();
      boolean converged = converge();
      end();
      gather();
      if (converged) {
        check();
      }
    } else {
      gather();
    }
    return new Result(findings, clients.values().stream().flatMap(client -> client.writes().stream()).toList(),
        clients.values().stream().mapToInt(ChildNode::lives).sum(), server.lives(),
        clients.values().stream().mapToLong(client -> client.proxy().carriedBytes()).sum(), judged);
  }

  /** Nobody but the plan may end a process. */
  private void listen() {
    server.listen();
    clients.values().forEach(ChildNode::listen);
  }

  private static void await(long nanos) {
    for (long left = nanos - System.nanoTime(); left > 0; left = nanos - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  /** Whether all have met the server. */
  private boolean begin() throws IOException {
    List<?> beginning = (List<?>) Edn.read(workload.beginning());
    List<Object> vectors = new ArrayList<>(workload.installation());
    if (!beginning.isEmpty()) {
      vectors.add(beginning);
    }
    schema = Files.writeString(folder.resolve("schema.edn"),
        vectors.stream().map(Edn::write).collect(Collectors.joining("\n", "", "\n")));
    server.start();
    ServerProcess first = server.awaitUp();
    if (first == null) {
      return false;
    }
    port = first.port();
    schema = null;
    for (String name : plan.clientNames()) {
      FaultProxy proxy = new FaultProxy(name, port);
      clients.put(name, new ChildNode(name, folder, proxy,
          first.uri().replace(":" + port + "/", ":" + proxy.port() + "/"), workload, scopes(name)));
    }
    tell("the server is up");
    clients.values().forEach(ChildNode::start);
    // Whoever has not met the server yet knows no schema to write in.
    boolean met = all(ChildNode::sync);
    tell(met ? "all clients are up" : "a client has not come up");
    return met;
  }

  /** Asks one client after the other, until one says no: who waits for a dead server waits for minutes. */
  private boolean all(Predicate<ChildNode> question) {
    return clients.values().stream().allMatch(question);
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
      case CRASH -> server.kill();
      case STOP -> server.stop();
      case START -> server.start();
      default -> tell("  (only simulations can do that)");
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

  /** Whether all have come to the same; if not, a finding says who has not. */
  private boolean converge() {
    tell("everything heals");
    clients.values().forEach(client -> client.proxy().heal());
    server.start();
    if (server.awaitUp() == null) {
      return false;
    }
    for (ChildNode client : clients.values()) {
      if (!client.isRunning()) {
        client.start();
      }
    }
    // Twice: what a later one pushes is news for those before it.
    boolean converged = all(ChildNode::sync) && all(ChildNode::sync) && all(ChildNode::verify);
    tell(converged ? "all have converged" : "not all have converged");
    return converged;
  }

  /** Has all end in order that still can. */
  private void end() {
    clients.values().stream().filter(ChildNode::isRunning).forEach(ChildNode::quit);
    server.stop();
  }

  private void gather() {
    findings.addAll(server.findings());
    clients.values().forEach(client -> findings.addAll(client.findings()));
  }

  private void check() {
    Map<String, Integer> lost = new HashMap<>();
    clients.forEach((name, client) -> lost.put(name, client.lost()));
    try {
      findings.addAll(LeftLogs.check(folder, workload,
          clients.values().stream().flatMap(client -> client.writes().stream()).toList(), lost, why -> judged = why));
    } catch (RebasisException e) {
      findings.add(new Finding(Promise.SOUNDNESS, "what the processes left cannot be read: " + e.getMessage()));
    }
    tell("the logs are checked");
  }

  /** What went wrong before is what is told, and not that a process would not go. */
  private void endAll() {
    List<AutoCloseable> all = new ArrayList<>(clients.values());
    all.add(server);
    for (AutoCloseable each : all) {
      try {
        each.close();
      } catch (Exception e) {
        tell("a process does not go: " + e.getMessage());
      }
    }
  }
}
