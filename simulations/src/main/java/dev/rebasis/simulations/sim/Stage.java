package dev.rebasis.simulations.sim;

import dev.rebasis.client.Status;
import dev.rebasis.data.Keyword;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Message;
import dev.rebasis.simulations.check.Promise;
import dev.rebasis.simulations.check.Replicas;
import dev.rebasis.simulations.workload.Workload;
import dev.rebasis.simulations.world.ClientNode;
import dev.rebasis.simulations.world.ServerFacts;
import dev.rebasis.simulations.world.VirtualTime;
import dev.rebasis.simulations.world.World;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The world of one play with what belongs to it: trace, witness, and the nodes' lives, which end and begin here so that
 * whatever must be looked at then is looked at. Confined.
 */
final class Stage {
  private static final String STORE_FAILED = ":rebasis.error/store-failed";

  final World world;
  final Workload workload;
  final Witness witness;
  final Tally tally;
  final Trace trace = new Trace();
  final Story story = new Story();
  final Parts parts = new Parts(this);
  final Disks disks;
  final LastingFaults faults = new LastingFaults(this);
  private final Sabotage sabotage;
  private final Map<String, Keyword> startErrors = new HashMap<>();
  private final Set<String> killedBetween = new HashSet<>();
  private boolean forked;
  private boolean clockWasWrong;
  private Divergence divergence;

  Stage(World world, Workload workload, Witness witness, Tally tally, Sabotage sabotage) {
    this.world = world;
    this.workload = workload;
    this.witness = witness;
    this.tally = tally;
    this.sabotage = sabotage;
    this.disks = new Disks(world);
  }

  long millis() {
    return world.now().toEpochMilli() - VirtualTime.START.toEpochMilli();
  }

  /** What happened by itself. Names of disks differ from world to world in one process; they mean nothing here. */
  void tellEvents() {
    world.takeEvents().forEach(event -> tell(Step.SERVER, event.replaceAll("world\\d+-", "")));
    RebasisException failure = world.server().takeFailure();
    if (failure != null) {
      excuse(Step.SERVER, failure);
    }
  }

  void tell(String node, String text) {
    trace.add(millis(), node, text);
  }

  boolean isRunning(String node) {
    return node.equals(Step.SERVER) ? world.server().isRunning() : world.client(node).isRunning();
  }

  // ---- lives ----

  /** Starts a node if it does not run; whether it runs then. */
  boolean start(String node) {
    if (isRunning(node)) {
      return true;
    }
    killedBetween.remove(node);
    try {
      tellEvents();
      disks.begins(node);
      disks.limitSpace(node);
      startAt(node);
      startErrors.remove(node);
      if (isRunning(node)) {
        faults.isUp(node);
      }
      return isRunning(node);
    } catch (RebasisException e) {
      if (!e.code().equals(startErrors.put(node, e.code()))) {
        tell(node, "does not start: " + e.code());
      }
      excuse(node, e);
      if (isRunning(node)) {
        crash(node);
      }
      return false;
    }
  }

  private void startAt(String node) {
    if (node.equals(Step.SERVER)) {
      sabotage.disk(node, world.server().disk());
      world.server().start();
      if (diesAtOnce(node)) {
        return;
      }
      tell(node, "starts at T " + world.server().master().forcedT());
      witness.server.returned(world.server());
    } else {
      ClientNode client = world.client(node);
      parts.starts(client);
      sabotage.disk(node, client.disk());
      client.start();
      if (diesAtOnce(node)) {
        return;
      }
      tell(node, "starts at T " + client.client().confirmed().basisT() + " with "
          + client.client().status().pendingCount() + " pending");
      sabotage.client(client);
      witness.opened(client);
      lookAtLaws(client);
    }
  }

  /** A program that was killed while it started may have taken no notice of that. */
  private boolean diesAtOnce(String node) {
    boolean dead = killedBetween.remove(node);
    if (dead && isRunning(node)) {
      crash(node);
    }
    return dead;
  }

  /** Kills a node, also one that is just starting or stopping; the caller is a step of this node. */
  void killAnywhere(String node, boolean power) {
    // What the dying program says of its disk is no news.
    disks.spoil(node);
    if (isRunning(node)) {
      if (power) {
        powerLoss(node);
      } else {
        crash(node);
      }
      return;
    }
    tell(node, power ? "loses power between two lives" : "is killed between two lives");
    killedBetween.add(node);
    if (power) {
      disks.of(node).powerLoss();
    } else {
      disks.of(node).processCrash();
    }
  }

  /** Kills a node, as {@code kill -9} does. */
  void crash(String node) {
    if (node.equals(Step.SERVER)) {
      witness.server.remember(world.server());
      world.server().crash();
    } else {
      world.client(node).crash();
    }
    tell(node, "is killed");
  }

  /** Takes a node's power away. */
  void powerLoss(String node) {
    if (node.equals(Step.SERVER)) {
      witness.server.remember(world.server());
      world.server().powerLoss();
    } else {
      world.client(node).powerLoss();
    }
    tell(node, "loses power");
  }

  /** Stops a node in order; on a bad disk that may fail, and then it is dead all the same. */
  void stop(String node) {
    try {
      if (node.equals(Step.SERVER)) {
        witness.server.remember(world.server());
        world.server().stop();
      } else {
        world.client(node).stop();
      }
      tell(node, "stops");
    } catch (RebasisException e) {
      tell(node, "fails as it stops: " + e.code());
      excuse(node, e);
      if (node.equals(Step.SERVER)) {
        world.server().disk().processCrash();
      } else {
        world.client(node).disk().processCrash();
      }
    }
  }

  /** Kills whatever still runs; nothing is looked at any more. */
  void endAll() {
    for (ClientNode client : world.clients()) {
      disks.mend(client.name());
      if (client.isRunning()) {
        client.crash();
      }
    }
    disks.mend(Step.SERVER);
    if (world.server().isRunning()) {
      world.server().crash();
    }
  }

  /** A program that has met a bad disk has stopped working; its user kills it. */
  void buryFailed() {
    for (ClientNode client : world.clients()) {
      RebasisException failure = client.isRunning() ? failureOf(client) : null;
      if (failure != null) {
        tell(client.name(), "has failed: " + failure.code());
        excuse(client.name(), failure);
        crash(client.name());
      }
    }
  }

  /** What it says when it is read, or tells those who listen to its state: after a failed write it can still be read. */
  private static RebasisException failureOf(ClientNode client) {
    try {
      client.client().db();
      RebasisException last = client.client().status().lastError();
      return last != null && last.code().toString().equals(STORE_FAILED) ? last : null;
    } catch (RebasisException e) {
      return e;
    }
  }

  // ---- errors ----

  /** The disk is a good one again; what a program said of it until now has that for its reason. */
  void mendDisk(String node) {
    tellEvents();
    disks.mend(node);
  }

  /** From now on the server's time may be behind what it wrote. */
  void clockIsWrong() {
    clockWasWrong = true;
  }

  /** An error that a bad disk or a wrong clock explains is none of the program's. */
  void excuse(String node, RebasisException error) {
    String code = error.code().toString();
    boolean disk = disks.isBad(node) && (code.startsWith(":rebasis.error/store-") || code.startsWith(":rebasis.error/log-"));
    boolean clock = code.equals(":rebasis.error/clock-behind") && clockWasWrong;
    boolean dead = code.equals(":rebasis.error/server-died") && disks.isBad(Step.SERVER);
    if (!disk && !clock && !dead) {
      witness.report(Promise.SOUNDNESS, node + " fails: " + error.getMessage().replaceAll("world\\d+-", ""));
    }
  }

  // ---- looking ----

  /** Looks inside a client, which writes what waits for its tables: on a bad disk it may die of that. */
  void lookInside(ClientNode client) {
    looking(client, () -> {
      witness.laws.lookInside(client);
      sameAsServer(client);
    });
  }

  /** What must hold at every moment, and what is pending, is asked when somebody has written, and when a store was opened again. */
  void lookAtLaws(ClientNode client) {
    looking(client, () -> {
      witness.laws.lookAtLaws(client);
      witness.lookAtPending(client);
    });
  }

  private void looking(ClientNode client, Runnable look) {
    try {
      look.run();
    } catch (RebasisException e) {
      if (client.isRunning()) {
        tell(client.name(), "has failed: " + e.code());
        excuse(client.name(), e);
        crash(client.name());
      }
    }
  }

  /** The server went back in time: until all have met it again, an equal T means nothing. */
  void forkedServer() {
    forked = true;
  }

  /** Whether an equal T may mean other data, since the server went back. */
  boolean isForked() {
    return forked;
  }

  /** From now on an equal T means equal data again, for those who are live. */
  void comparesAgain() {
    forked = false;
  }

  /** The server says that a client holds other datoms at a T than it does itself: nothing that a plan does excuses that. */
  void digestsDiffer(String client, Message.Verified verified) {
    if (!forked) {
      witness.report(Promise.CONVERGENCE, "the digests of " + client + " and of the server differ at T " + verified.t() + " for "
          + verified.different().size() + " attributes, the first of which is " + verified.different().get(0).a());
    }
  }

  /** Who stands at the server's T holds what the server holds, at every moment. */
  private void sameAsServer(ClientNode client) {
    // What a client holds of a part it may be about to change.
    if (!forked && world.server().isRunning() && client.client().scopes() == null
        && client.client().confirmed().basisT() == world.server().master().forcedT()) {
      Replicas.compare(client.name(), client.client().confirmed(), ServerFacts.of(world.server().master()))
          .forEach(finding -> witness.report(finding.promise(), finding.what()));
    }
  }

  /** From now on it is counted how far clients and server are apart, for people to look at. */
  void countsDivergence() {
    divergence = new Divergence();
  }

  /** Notes how every node fares. */
  void note() {
    long now = millis();
    if (world.server().isRunning()) {
      story.add(new Story.Moment(now, Step.SERVER, "live", world.server().master().forcedT(), 0, 0));
    } else {
      story.add(new Story.Moment(now, Step.SERVER, "down", 0, 0, 0));
    }
    for (ClientNode client : world.clients()) {
      if (!client.isRunning()) {
        story.add(new Story.Moment(now, client.name(), "down", 0, 0, -1));
        continue;
      }
      Status status = client.client().status();
      boolean cut = world.network().isCut(client.name()) || world.network().isSilent(client.name());
      String state = cut ? "cut" : switch (status.state()) {
        case LIVE -> "live";
        case OFFLINE -> "offline";
        default -> "syncing";
      };
      story.add(new Story.Moment(now, client.name(), state.toLowerCase(Locale.ROOT), status.basisT(), status.pendingCount(),
          divergence == null ? -1 : divergence.of(client, world.server(), now)));
    }
  }
}
