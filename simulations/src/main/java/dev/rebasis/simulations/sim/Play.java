package dev.rebasis.simulations.sim;

import dev.rebasis.client.Database;
import dev.rebasis.client.Verification;
import dev.rebasis.conflict.Rules;
import dev.rebasis.edn.Edn;
import dev.rebasis.error.RebasisException;
import dev.rebasis.simulations.check.Audit;
import dev.rebasis.simulations.check.KeptRecords;
import dev.rebasis.simulations.check.LocalWrite;
import dev.rebasis.simulations.check.Promise;
import dev.rebasis.simulations.check.Pushed;
import dev.rebasis.simulations.workload.GuardedWorkload;
import dev.rebasis.simulations.workload.Invariant;
import dev.rebasis.simulations.workload.Workload;
import dev.rebasis.simulations.workload.WorkloadFailed;
import dev.rebasis.simulations.world.ClientNode;
import dev.rebasis.simulations.world.Registered;
import dev.rebasis.simulations.world.ServerFacts;
import dev.rebasis.simulations.world.World;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Plays a plan: the faults while clients write; then those that the plan names are healed and have to converge in time
 * while the others stay away; then all are healed, and everything is compared. Equal plans give equal traces. Confined
 * to one thread; several plays may run at once.
 */
final class Play {
  /** Within so much virtual time after the heal the healed nodes must have converged. */
  static final Duration CONVERGENCE_MAX = Duration.ofMinutes(20);

  private static final Duration VERIFIED_MAX = Duration.ofSeconds(5);
  private static final long STEP_MILLIS = 250;
  private static final int FRAMES_MAX = 8;
  private static final int USUAL_WRITES = 60;
  private static final long SUPERVISOR_MILLIS_MIN = 5_000;
  private static final long SUPERVISOR_MILLIS_MAX = 80_000;

  private final Plan plan;
  private final Stage stage;
  private final Director director;
  private final Writer writer;
  private final Strikes strikes;
  private final Rules rules;
  /** The running clients that hold what the server holds, each with the T at which that was found. */
  private final Set<List<Object>> agreed = new HashSet<>();

  private Play(Plan plan, Stage stage, Recorder recorder, Rules rules) {
    this.plan = plan;
    this.rules = rules;
    this.stage = stage;
    this.writer = new Writer(stage, recorder);
    this.director = new Director(stage, new Restores(stage, writer));
    this.strikes = new Strikes(stage);
  }

  /**
   * Plays a plan.
   *
   * @param invariants what must hold beside the workload's own
   * @param sabotage what is broken on purpose, as a rule nothing
   */
  static Verdict play(Plan plan, Workload workload, List<Invariant> invariants, Sabotage sabotage) {
    return play(plan, workload, invariants, Registered.NOTHING, sabotage);
  }

  /**
   * The same with programs that have registered something.
   *
   * @param registered on clients and server
   */
  static Verdict play(
      Plan plan, Workload workload, List<Invariant> invariants, Registered registered, Sabotage sabotage) {
    return play(plan, workload, invariants, registered, sabotage, Looking.ONLY_CHECKED, points -> { });
  }

  /** The same, and for each moment it is counted in how many datoms clients and server differ. */
  static Verdict watch(
      Plan plan, Workload workload, List<Invariant> invariants, Registered registered, Sabotage sabotage) {
    return play(plan, workload, invariants, registered, sabotage, Looking.AT_DIVERGENCE, points -> { });
  }

  /** What is looked at beside what is checked. */
  private enum Looking {
    ONLY_CHECKED, AT_DIVERGENCE, AT_POINTS
  }

  /** The storage operations and messages of a plan, in order. */
  static List<Strikes.Point> points(Plan plan, Workload workload) {
    List<Strikes.Point> points = new ArrayList<>();
    play(plan, workload, List.of(), Registered.NOTHING, Sabotage.NONE, Looking.AT_POINTS, points::addAll);
    return points;
  }

  private static Verdict play(
      Plan plan, Workload unguarded, List<Invariant> invariants, Registered beside, Sabotage sabotage,
      Looking looking, Consumer<List<Strikes.Point>> points) {
    Registered registered = unguarded.registered().or(beside);
    Tally tally = new Tally();
    Workload workload = new GuardedWorkload(unguarded);
    List<Invariant> all = new ArrayList<>(workload.invariants());
    all.addAll(invariants);
    Witness witness = new Witness(workload, all, tally);
    try (World world = new World(plan.seed())) {
      Stage stage = new Stage(world, workload, witness, tally, sabotage);
      Random random = new Random(plan.seed());
      Recorder recorder = new Recorder(stage, sabotage, random, insideShare(plan, random), plan);
      world.tap(recorder);
      world.registered(registered);
      Play play = new Play(plan, stage, recorder, registered.rules());
      play.strikes.arm(plan, looking == Looking.AT_POINTS);
      if (looking == Looking.AT_DIVERGENCE) {
        stage.countsDivergence();
      }
      play.play();
      points.accept(play.strikes.seen());
      play.countAttempts();
      tally.time(stage.millis(), plan.clients());
      stage.story.ended(stage.millis());
      return new Verdict(plan, witness.findings(), stage.trace.lines(), stage.story, tally);
    }
  }

  /**
   * How often to look at everything inside a client that has handled a message: its cost grows with the database. What
   * is wrong in there stays wrong, so that a look now and then finds it, and whoever looks has the log written into its
   * tables, which has to wait its turn as well.
   */
  private static double insideShare(Plan plan, Random random) {
    double[] shares = {0, 0.03, 0.25};
    double size = Math.min(1, (double) USUAL_WRITES / Math.max(1, plan.writes()));
    return shares[random.nextInt(shares.length)] * size * size;
  }

  private void play() {
    try {
      begin();
      for (Step step : plan.steps()) {
        advanceTo(step.atMillis());
        if (step.isWrite()) {
          stage.faults.begins(step.node(), step);
          writer.write(step);
          stage.faults.ends(step.node(), step.fault());
          if (!step.isServer() && stage.isRunning(step.node())) {
            stage.lookAtLaws(stage.world.client(step.node()));
          }
        } else {
          director.act(step);
        }
        stage.note();
      }
      advanceTo(plan.millis());
      converge(plan.healed());
      if (!plan.healed().containsAll(plan.clientNames())) {
        converge(plan.clientNames());
      }
      compareDigests();
      compare();
    } catch (WorkloadFailed e) {
      stage.witness.report(Promise.WORKLOAD, e.getMessage());
    } catch (Recorder.EndlessTalk e) {
      stage.witness.report(Promise.CONVERGENCE, "the programs do not come to an end: " + e.getMessage());
    } catch (RuntimeException | Error e) {
      stage.witness.report(Promise.SOUNDNESS, unexpected(e));
    } finally {
      // Whatever state it is in, no program has to close in order any more.
      stage.endAll();
    }
  }

  /** What became of what transact had taken. */
  private void countAttempts() {
    Attempts attempts = stage.tally.attempts();
    for (LocalWrite write : stage.witness.writes()) {
      attempts.made(write.kind());
      if (write.outcome() == null) {
        attempts.undone(write.kind(), "not decided");
      } else if (write.outcome().isCommitted()) {
        attempts.committed(write.kind());
      } else {
        attempts.undone(write.kind(), write.outcome().kind().ident().name() + " "
            + (write.outcome().code() == null ? "" : write.outcome().code()));
      }
    }
    stage.witness.serverWrites().values().forEach(write -> {
      attempts.made(write.kind());
      attempts.committed(write.kind());
    });
    boolean all = plan.steps().stream().filter(Step::isWrite).map(Step::kind).toList().containsAll(stage.workload.kinds());
    if (all || !stage.workload.script().isEmpty()) {
      attempts.nothingLeftOut();
    }
  }

  private static String unexpected(Throwable e) {
    StringBuilder text = new StringBuilder("an error that nobody expected: ").append(e);
    Arrays.stream(e.getStackTrace()).limit(FRAMES_MAX).forEach(frame -> text.append("\n      at ").append(frame));
    for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
      text.append("\n      caused by ").append(cause);
    }
    return text.toString();
  }

  private void begin() {
    stage.start(Step.SERVER);
    stage.workload.installation().forEach(this::install);
    List<?> beginning = (List<?>) Edn.read(stage.workload.beginning());
    if (!beginning.isEmpty()) {
      install(beginning);
    }
    stage.parts.begin(plan);
    plan.clientNames().forEach(stage::start);
    stage.world.settle();
  }

  /** What an operator installs. A server that dies of it is started again, and then asked whether it did. */
  private void install(List<?> forms) {
    strikes.revive();
    long before = stage.world.server().master().forcedT();
    try {
      stage.world.server().transact(forms);
    } catch (RebasisException e) {
      stage.excuse(Step.SERVER, e);
      stage.world.clearGraves();
      strikes.revive();
      if (stage.world.server().master().forcedT() == before) {
        stage.world.server().transact(forms);
      }
    }
  }

  private void advanceTo(long millis) {
    if (millis > stage.millis()) {
      stage.world.advance(Duration.ofMillis(millis - stage.millis()));
    }
    afterTime();
  }

  private void afterTime() {
    stage.world.clearGraves();
    stage.tellEvents();
    stage.buryFailed();
    strikes.revive();
  }

  /** Heals these clients and the server, keeps the others away, and waits until the healed ones agree. */
  private void converge(List<String> healed) {
    stage.tell(Step.SERVER, "everything heals for " + String.join(" ", healed));
    for (String client : plan.clientNames()) {
      if (!healed.contains(client)) {
        stage.world.cut(client);
      }
    }
    director.mendServer();
    healed.forEach(director::mend);
    long begin = stage.millis();
    stage.story.healed(begin);
    long tried = begin;
    long patience = SUPERVISOR_MILLIS_MIN;
    // Who has not heard yet that the server went may look as if all were well.
    stage.world.advance(Duration.ofMillis(STEP_MILLIS));
    while (!isConverged(healed)) {
      if (stage.millis() - begin > CONVERGENCE_MAX.toMillis()) {
        reportStuck(healed);
        stage.story.stuck();
        return;
      }
      stage.world.clearGraves();
      stage.world.advance(Duration.ofMillis(STEP_MILLIS));
      stage.tellEvents();
      stage.buryFailed();
      strikes.revive();
      if (stage.millis() - tried >= patience) {
        tried = stage.millis();
        patience = Math.min(SUPERVISOR_MILLIS_MAX, patience * 2);
        director.mendServer();
        healed.stream().filter(client -> !stage.isRunning(client)).forEach(director::mend);
      }
    }
    if (healed.containsAll(plan.clientNames())) {
      stage.comparesAgain();
    }
    stage.story.converged(stage.millis());
    stage.note();
    strikes.pause(true);
    agree(healed);
    strikes.pause(false);
  }

  private boolean isConverged(List<String> healed) {
    return stage.world.server().isRunning() && stage.world.network().underWay() == 0
        && healed.stream().map(stage.world::client).allMatch(client -> client.isRunning() && client.isUpToDate());
  }

  private void reportStuck(List<String> healed) {
    StringBuilder told = new StringBuilder("not converged ").append(CONVERGENCE_MAX.toMinutes())
        .append(" minutes after everything was healed:");
    told.append(stage.world.server().isRunning() ? " the server is at T " + stage.world.server().master().forcedT()
        : " the server is down");
    for (String name : healed) {
      ClientNode client = stage.world.client(name);
      told.append("; ").append(name).append(' ').append(!client.isRunning() ? "is down"
          : client.client().status().state() + " at T " + client.client().status().basisT() + " with "
              + client.client().status().pendingCount() + " pending"
              + (client.client().status().lastError() == null ? ""
                  : ", " + client.client().status().lastError().code()));
    }
    stage.witness.report(Promise.CONVERGENCE, told.toString());
  }

  private void agree(List<String> healed) {
    ServerFacts facts = ServerFacts.of(stage.world.server().master());
    for (String name : healed) {
      ClientNode client = stage.world.client(name);
      if (healed.containsAll(plan.clientNames())) {
        stage.witness.laws.lookAtTheEnd(client);
      }
      if (!agreed.add(List.of(client.client(), client.client().status().basisT()))) {
        // Looked at after the first healing, and nothing has come since.
        continue;
      }
      stage.tally.check();
      stage.witness.findings().addAll(stage.parts.compare(name, client, client.client().confirmed(), facts));
      if (client.client().status().pendingCount() == 0) {
        stage.parts.compare(name + "'s optimistic view", client, client.client().db(), facts)
            .forEach(finding -> stage.witness.report(Promise.PREDICTION, finding.what()));
      }
      stage.witness.laws.lookInside(client);
    }
  }

  /** Every client asks the server whether both hold the same, which also has it read its own index as a whole. */
  private void compareDigests() {
    Map<String, CompletableFuture<Verification>> asked = askForDigests();
    if (strikes.hasStruck()) {
      // A fault waited for these very messages. It is repaired like any other, and everyone asks anew.
      afterTime();
      converge(plan.clientNames());
      asked = askForDigests();
    }
    asked.forEach((name, answer) -> {
      stage.tally.check();
      if (!answer.isDone()) {
        stage.witness.report(Promise.CONVERGENCE, name + " was not told within " + VERIFIED_MAX.toSeconds()
            + " seconds whether its digests are those of the server");
      } else if (!answer.join().isSame()) {
        stage.witness.report(Promise.CONVERGENCE, "the digests of " + name + " and of the server differ: "
            + answer.join().differences());
      }
    });
  }

  private Map<String, CompletableFuture<Verification>> askForDigests() {
    Map<String, CompletableFuture<Verification>> asked = new LinkedHashMap<>();
    for (String name : plan.clientNames()) {
      ClientNode client = stage.world.client(name);
      if (stage.world.server().isRunning() && client.isRunning() && client.isUpToDate()) {
        asked.put(name, client.client().verify());
      }
    }
    stage.world.advance(VERIFIED_MAX);
    return asked;
  }

  private void compare() {
    if (!stage.world.server().isRunning()) {
      return;
    }
    stage.witness.server.remember(stage.world.server());
    ServerFacts facts = ServerFacts.of(stage.world.server().master());
    Database database = null;
    for (String name : plan.clientNames()) {
      ClientNode client = stage.world.client(name);
      if (client.isRunning() && client.isUpToDate()) {
        stage.witness.keptAside(client);
        if (client.client().status().pendingCount() == 0) {
          stage.tally.check();
          KeptRecords.check(name, client.client(), stage.witness.writes(), facts)
              .forEach(finding -> stage.witness.report(finding.promise(), finding.what()));
        }
        database = client.client().scopes() == null ? Audit.fuller(database, client.client().confirmed()) : database;
      }
    }
    stage.tally.check();
    Audit.check(stage.witness.writes(), stage.witness.lost().transactions(), new Pushed(stage.witness.pushed(), stage.witness.known(), rules, true),
            stage.witness.serverWrites(), stage.witness.lost().unknown(), facts,
            stage.workload, database, why -> stage.tally.judged(stage.workload.name(), why))
        .forEach(finding -> stage.witness.report(finding.promise(), finding.what()));
  }
}
