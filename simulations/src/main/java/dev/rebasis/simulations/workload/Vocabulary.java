package dev.rebasis.simulations.workload;

import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The names that a workload may give: they stand in plans, which are lines of words. Thread-safe.
 */
public final class Vocabulary {
  /** What the simulator itself does to clients under these names. */
  private static final Set<String> RESERVED = Set.of("undo", "retry", "edit", "discard", "bind", "schema");

  private static final int CLIENTS_MAX = 32;
  private static final Pattern NAME = Pattern.compile("[a-z0-9-]+");
  private static final Pattern KIND = Pattern.compile("[^\\s;]+");
  private static final Pattern TEMPID = Pattern.compile("[A-Za-z0-9_-]+");
  private static final Pattern NODE = Pattern.compile("server|c[1-9]\\d?");

  private Vocabulary() {}

  /**
   * Checks all names of a workload.
   *
   * @throws RebasisException if one cannot stand in a plan
   */
  public static void check(Workload workload) {
    name(workload.name());
    if (workload.kinds().isEmpty()) {
      throw wrong("The workload '" + workload.name() + "' has no kinds of operations: kinds() names at least one.");
    }
    for (String kind : workload.kinds()) {
      kind(kind);
      workload.tempids(kind).forEach(tempid -> tempid(kind, tempid));
    }
    workload.script().forEach(moment -> node(moment.node()));
  }

  static void name(String name) {
    if (name == null || !NAME.matcher(name).matches()) {
      throw wrong("The workload's name '" + name + "' is not made of lower case letters, digits and '-'.");
    }
  }

  static void kind(String kind) {
    if (RESERVED.contains(kind)) {
      throw wrong("An operation cannot be called '" + kind + "': that is what simulations themselves do. Taken are "
          + String.join(", ", RESERVED.stream().sorted().toList()) + ".");
    }
    if (kind == null || !KIND.matcher(kind).matches()) {
      throw wrong("The operation's name '" + kind + "' is not one word without ';'.");
    }
  }

  static void tempid(String kind, String tempid) {
    if (tempid == null || !TEMPID.matcher(tempid).matches()) {
      throw wrong("The tempid '" + tempid + "' of the operation '" + kind
          + "' cannot be referred to: it is not made of letters, digits, '-' and '_'.");
    }
  }

  static void node(String node) {
    if (node == null || !NODE.matcher(node).matches() || node.startsWith("c") && number(node) > CLIENTS_MAX) {
      throw wrong("A script has \"server\" and clients \"c1\" to \"c" + CLIENTS_MAX + "\", not \"" + node + "\".");
    }
  }

  private static int number(String client) {
    return Integer.parseInt(client.substring(1));
  }

  /** How many clients a script needs: as many as the highest number of one; at least 1. */
  public static int clients(Workload workload) {
    return workload.script().stream().map(Workload.Moment::node).filter(node -> node.startsWith("c"))
        .mapToInt(Vocabulary::number).max().orElse(1);
  }

  private static RebasisException wrong(String why) {
    return new RebasisException(Keyword.of(":rebasis.error/wrong-workload"), ErrorCategory.FIX_REQUEST,
        why + " docs/simulations.md says more of workloads.");
  }
}
