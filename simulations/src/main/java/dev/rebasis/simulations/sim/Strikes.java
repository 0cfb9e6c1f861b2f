package dev.rebasis.simulations.sim;

import dev.rebasis.simulations.disk.DiskOperation;
import dev.rebasis.simulations.world.Traps;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Faults that wait for a certain storage operation or a certain message, counted from the beginning of a play on: the
 * operation fails, the message is lost with its connection, or the program dies exactly there. Whatever was struck is
 * repaired and started again at the plan's next step. Confined to one play.
 */
final class Strikes {
  /**
   * A storage operation or a moment of a message at which something can strike.
   *
   * @param node whose disk, or the client whose line it is
   * @param name what happens there, the same in each play of the plan
   * @param verb {@link Verb#POINT} or {@link Verb#MESSAGE}
   * @param isRead whether the operation only reads
   */
  record Point(String node, String name, Verb verb, boolean isRead) {}

  private static final String FAIL = "fail";
  private static final String CUT = "cut";
  private static final String POWERLOSS = "powerloss";

  private final Stage stage;
  private final Map<String, Step> armed = new HashMap<>();
  private final List<Point> seen = new ArrayList<>();
  private final Map<String, Integer> messages = new HashMap<>();
  private final Set<String> struck = new LinkedHashSet<>();
  private boolean paused;

  Strikes(Stage stage) {
    this.stage = stage;
  }

  /** Watches the disks and the lines of a plan, if it has anything to strike with or someone wants to know the points. */
  void arm(Plan plan, boolean always) {
    for (Step step : plan.steps()) {
      if (step.verb() == Verb.POINT || step.verb() == Verb.MESSAGE) {
        armed.put(step.node() + " " + step.argument().substring(0, step.argument().lastIndexOf(' ')), step);
      }
    }
    if (!armed.isEmpty() || always) {
      watchDisk(Step.SERVER);
      plan.clientNames().forEach(this::watchDisk);
      stage.world.traps().watch(this::passing);
    }
  }

  private void watchDisk(String node) {
    StoragePoints points = new StoragePoints();
    stage.disks.of(node).watch((operation, file) -> {
      String name = paused ? null : points.next(operation, file);
      if (name != null) {
        seen.add(new Point(node, name, Verb.POINT, operation == DiskOperation.READ));
        Step step = armed.remove(node + " " + name);
        if (step != null) {
          strike(step, node);
          throw new IOException("planned fault: " + step.argument());
        }
      }
    });
  }

  private void passing(String client, boolean atServer, Traps.Moment moment, String type) {
    String name = Integer.toString(messages.merge(client, 1, Integer::sum));
    seen.add(new Point(client, name, Verb.MESSAGE, false));
    Step step = armed.remove(client + " " + name);
    if (step != null) {
      stage.tell(client, "the moment has come: " + type + " " + moment.name().toLowerCase(Locale.ROOT)
          + (atServer ? " at the server" : ""));
      strike(step, atServer ? Step.SERVER : client);
    }
  }

  private void strike(Step step, String victim) {
    String mode = step.argument().substring(step.argument().lastIndexOf(' ') + 1);
    stage.tally.struck(step);
    stage.faults.begins(victim, step);
    stage.faults.ends(victim, step.fault());
    struck.add(mode.equals(CUT) ? step.node() : victim);
    switch (mode) {
      case FAIL -> {
        stage.disks.spoil(victim);
        stage.tell(victim, step.argument());
      }
      case CUT -> {
        stage.tell(step.node(), "is cut off at this message");
        stage.world.cut(step.node());
      }
      default -> {
        stage.tell(victim, step.argument());
        stage.killAnywhere(victim, mode.equals(POWERLOSS));
      }
    }
  }

  /** Whether something was struck and not repaired yet. */
  boolean hasStruck() {
    return !struck.isEmpty();
  }

  /** Repairs what was struck and starts it again. Not to be called from within a step of a node. */
  void revive() {
    for (String node : List.copyOf(struck)) {
      struck.remove(node);
      stage.mendDisk(node);
      if (!node.equals(Step.SERVER)) {
        stage.world.heal(node);
      }
      stage.start(node);
    }
  }

  /** What is read for the sake of a check is no operation of the program; the check must be able to read. */
  void pause(boolean now) {
    paused = now;
  }

  /** The points that were passed, in order. */
  List<Point> seen() {
    return List.copyOf(seen);
  }
}
