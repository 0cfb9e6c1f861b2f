package dev.rebasis.simulations.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.function.UnaryOperator;

/**
 * Everything that will happen in one simulation, step by step, written down before it begins: what is random is decided
 * when the plan is made, except for delays on bad lines and what a power loss takes, which come from {@code seed} as it
 * is played. Since it is plain data it can be shrunk, kept as text ({@link PlanText}) and played again. Immutable.
 *
 * @param seed the seed of what is decided while it is played
 * @param workload the name of the workload whose operations the writes are
 * @param clients how many clients, named {@code c1}, {@code c2}, ...
 * @param millis how long the faults last, in virtual time; then the healed nodes have to converge
 * @param healed the clients that are healed first, and have to converge while the others stay away; the others are healed
 *     afterwards
 * @param steps by rising time
 */
public record Plan(long seed, String workload, int clients, long millis, List<String> healed, List<Step> steps) {
  /** Copies and checks. */
  public Plan {
    Objects.requireNonNull(workload, "workload");
    healed = List.copyOf(healed);
    steps = List.copyOf(steps);
  }

  Plan withSteps(List<Step> others) {
    return new Plan(seed, workload, clients, millis, healed, others);
  }

  Plan withClients(int count) {
    List<String> left = clientNames(count);
    return new Plan(seed, workload, count, millis, healed.stream().filter(left::contains).toList(),
        steps.stream().filter(step -> step.isServer() || left.contains(step.node()))
            .filter(step -> step.verb() != Verb.CLONE || left.contains(step.argument())).toList());
  }

  /** Only the clients to which something happens, under the first names. */
  Plan withoutIdleClients() {
    List<String> busy = clientNames().stream().filter(name -> steps.stream().anyMatch(step ->
        step.node().equals(name) || step.verb() == Verb.CLONE && step.argument().equals(name))).toList();
    if (busy.isEmpty()) {
      return this;
    }
    List<String> names = clientNames(busy.size());
    UnaryOperator<String> renamed = name -> busy.contains(name) ? names.get(busy.indexOf(name)) : name;
    return new Plan(seed, workload, busy.size(), millis, healed.stream().filter(busy::contains).map(renamed).toList(),
        steps.stream().map(step -> new Step(step.atMillis(), renamed.apply(step.node()), step.verb(),
            step.verb() == Verb.CLONE ? renamed.apply(step.argument()) : step.argument(), step.fault())).toList());
  }

  Plan withHealed(List<String> names) {
    return new Plan(seed, workload, clients, millis, names, steps);
  }

  Plan withMillis(long duration) {
    return new Plan(seed, workload, clients, duration, healed, steps);
  }

  /** The names of its clients. */
  public List<String> clientNames() {
    return clientNames(clients);
  }

  private static List<String> clientNames(int count) {
    List<String> names = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      names.add("c" + i);
    }
    return names;
  }

  /** How many writes. */
  public int writes() {
    return (int) steps.stream().filter(Step::isWrite).count();
  }

  /** The kinds of faults in it. */
  public TreeSet<Fault> faults() {
    TreeSet<Fault> kinds = new TreeSet<>();
    steps.stream().filter(step -> step.fault() != null).forEach(step -> kinds.add(step.fault()));
    return kinds;
  }
}
