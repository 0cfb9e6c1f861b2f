package dev.rebasis.simulations.sim;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which faults hold which node of a play, from the moment they strike until they are mended, or until the node that died of
 * them is up again. Confined to its {@link Stage}.
 */
final class LastingFaults {
  private final Stage stage;
  private final Map<String, EnumMap<Fault, Integer>> active = new HashMap<>();
  /** The faults that each node is dead of, with those that struck it while it was. */
  private final Map<String, List<Fault>> deaths = new HashMap<>();

  LastingFaults(Stage stage) {
    this.stage = stage;
  }

  /** The kinds of faults that hold a node, or the server it depends on, at this moment. */
  Set<Fault> activeAt(String node) {
    Set<Fault> now = EnumSet.noneOf(Fault.class);
    now.addAll(active.getOrDefault(node, new EnumMap<>(Fault.class)).keySet());
    now.addAll(active.getOrDefault(Step.SERVER, new EnumMap<>(Fault.class)).keySet());
    return now;
  }

  /** A step's fault strikes a node: from now on it is counted and told, if the step has one. */
  void begins(String node, Step step) {
    if (step.fault() != null) {
      stage.tally.fault(step);
      stage.story.struck(stage.millis(), node, step.fault());
      stage.witness.struck(node, step.fault());
      active.computeIfAbsent(node, made -> new EnumMap<>(Fault.class)).merge(step.fault(), 1, Integer::sum);
    }
  }

  /** One of the faults of this kind that hold a node is mended. */
  void ends(String node, Fault fault) {
    if (fault != null && active.containsKey(node)) {
      active.get(node).computeIfPresent(fault, (kind, count) -> count == 1 ? null : count - 1);
    }
  }

  /** A fault that lasts until the node is up again, whoever or whatever starts it. */
  void dies(String node, Step step) {
    begins(node, step);
    deaths.computeIfAbsent(node, made -> new ArrayList<>()).add(step.fault());
  }

  /** A node is up again: what it was dead of is over. */
  void isUp(String node) {
    deaths.getOrDefault(node, List.of()).forEach(fault -> ends(node, fault));
    deaths.remove(node);
  }

  /** These faults have one state of a node between them: whatever of it was so no longer is. */
  void over(String node, Set<Fault> faults) {
    active.getOrDefault(node, new EnumMap<>(Fault.class)).keySet().removeAll(faults);
  }

  /** Whether a fault of this kind holds this very node. */
  boolean holds(String node, Fault fault) {
    return active.getOrDefault(node, new EnumMap<>(Fault.class)).containsKey(fault);
  }
}
