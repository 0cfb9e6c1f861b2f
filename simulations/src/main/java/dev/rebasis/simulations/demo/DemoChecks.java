package dev.rebasis.simulations.demo;

import dev.rebasis.simulations.demo.DemoNode.Decided;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** The demo's checks: each that fails is a sentence with both values. Confined. */
final class DemoChecks {
  /** One row of a client's conflicts: see {@link DemoClient} for the cells. */
  record ConflictLine(String client, String kind, long geonames, String attribute, String base, String local,
      String remote, String resolved, String policy, String message) {}

  /** What was collected of one client at the end. */
  private record Collected(
      DemoNode node, List<String> datoms, List<String> view, String[] status, int pending) {}

  private final EditPlan plan;
  private final DemoNode one;
  private final DemoNode two;
  private final List<Collected> clients = new ArrayList<>();
  private final List<ConflictLine> conflicts = new ArrayList<>();
  private final Map<Edit, String[]> seen = new HashMap<>();
  private final List<String> failures = new ArrayList<>();
  private long t;

  DemoChecks(EditPlan plan, DemoNode one, DemoNode two) {
    this.plan = plan;
    this.one = one;
    this.two = two;
  }

  void require(boolean holds, String otherwise) {
    if (!holds) {
      failures.add(otherwise);
    }
  }

  void add(DemoNode node, List<String> datoms, List<String> view, List<String> conflictLines, String[] status,
      String[] pending) {
    clients.add(new Collected(node, datoms, view, status, Integer.parseInt(pending[1])));
    for (String line : conflictLines) {
      String[] c = line.split("\t", -1);
      conflicts.add(new ConflictLine(
          node.name(), c[1], Long.parseLong(c[2]), c[3], c[4], c[5], c[6], c[7], c[8], c[9]));
    }
  }

  /** Notes how a city looks in the end on the client that made the edit. */
  void saw(Edit edit, String[] cells) {
    seen.put(edit, cells);
  }

  /** Runs all checks against what the server's log holds. */
  void verify(ServerDump server, long commonT) {
    t = commonT;
    require(server.t() == commonT, "the server's log ends at T " + server.t() + ", the clients stand at T " + commonT);
    for (Collected client : clients) {
      String name = client.node().name();
      failures.addAll(DatomDump.differences("the server", server.lines(), name, client.datoms()));
      failures.addAll(
          DatomDump.differences(name + "'s confirmed database", client.datoms(), name + "'s view", client.view()));
      require(client.pending() == 0, name + " still has " + client.pending() + " pending transactions");
    }
    verifyOnce(server);
    verifyOutcomes();
    verifyEffects(one, plan.first());
    verifyEffects(two, plan.second());
    verifyRecords();
  }

  /** Each transaction that a client made is in the server's log exactly once. */
  private void verifyOnce(ServerDump server) {
    Set<UUID> ids = new HashSet<>();
    for (UUID id : server.transactionIds()) {
      require(ids.add(id), "transaction " + id + " is in the server's log twice");
    }
    for (DemoNode node : List.of(one, two)) {
      for (Map.Entry<UUID, Integer> made : node.editById().entrySet()) {
        require(ids.contains(made.getKey()),
            node.name() + "'s edit " + made.getValue() + " (" + made.getKey() + ") is not in the server's log");
      }
    }
  }

  private void verifyOutcomes() {
    for (DemoNode node : List.of(one, two)) {
      List<Edit> edits = node == one ? plan.first() : plan.second();
      require(node.editById().size() == edits.size(),
          node.name() + " made " + node.editById().size() + " edits, not " + edits.size());
      for (Map.Entry<UUID, Integer> made : node.editById().entrySet()) {
        Decided outcome = node.outcomes().get(made.getKey());
        Edit edit = edits.get(made.getValue() - 1);
        String what = node.name() + "'s edit " + made.getValue() + " (" + edit.kind() + ")";
        if (outcome == null) {
          failures.add(what + " has no outcome");
        } else if (!edit.shared()) {
          require(outcome.kind().equals("ACCEPTED"), what + " met nothing and was " + outcome);
        }
      }
    }
  }

  /** An edit that met nothing has had its effect. */
  private void verifyEffects(DemoNode node, List<Edit> edits) {
    Set<Long> deleted = new HashSet<>();
    edits.stream().filter(e -> e.kind() == Edit.Kind.DELETE_OWN).forEach(e -> deleted.add(e.geonames()));
    for (Edit edit : edits) {
      String[] city = seen.get(edit);
      boolean there = city.length > 2;
      boolean holds = switch (edit.kind()) {
        case POPULATION, COMPARE_AND_SWAP -> there && (edit.shared() || city[2].equals(edit.expected()));
        case NAME -> there && (edit.shared() || city[1].equals(edit.expected()));
        case TAG -> there && List.of(city[3].split(" ")).contains(edit.expected());
        case NOTE -> there && city[4].contains(edit.expected());
        case NEW_CITY -> there != deleted.contains(edit.geonames());
        case DELETE_OWN -> !there;
      };
      require(holds, node.name() + "'s edit " + edit.forms() + " has left " + String.join(" | ", city));
    }
  }

  /** Of each pair that met, one was accepted and the other merged with a record, or refused if it was a cas. */
  private void verifyRecords() {
    for (int i = 0; i < plan.first().size(); i++) {
      Edit mine = plan.first().get(i);
      if (mine.shared()) {
        verifyPair(mine);
      }
    }
    require(merged() == plan.lastWriterPairs(),
        merged() + " transactions were merged, " + plan.lastWriterPairs() + " pairs met");
    require(rejected() == plan.compareAndSwapPairs(),
        rejected() + " transactions were rejected, " + plan.compareAndSwapPairs() + " pairs compared and swapped");
    require(count("PARKED") == 0, count("PARKED") + " transactions were parked");
  }

  private void verifyPair(Edit mine) {
    Edit other = plan.second().stream()
        .filter(e -> e.shared() && e.geonames() == mine.geonames()).findFirst().orElseThrow();
    String[] city = seen.get(mine);
    String found = mine.kind() == Edit.Kind.NAME ? city[1] : city[2];
    require(found.equals(mine.expected()) || found.equals(other.expected()),
        "city " + mine.geonames() + " has " + found + ", not " + mine.expected() + " or " + other.expected());
    List<ConflictLine> lines = conflicts.stream().filter(c -> c.geonames() == mine.geonames()).toList();
    require(lines.size() == 1, "city " + mine.geonames() + " has " + lines.size() + " conflict records, not 1");
    require(lines.stream().allMatch(c -> c.resolved().contains(found)),
        "city " + mine.geonames() + " has " + found + ", but the record says " + lines);
  }

  long merged() {
    return count("MERGED");
  }

  long rejected() {
    return count("REJECTED");
  }

  long count(String kind) {
    return one.outcomesOf(kind).size() + two.outcomesOf(kind).size();
  }

  long duplicates() {
    return List.of(one, two).stream().flatMap(n -> n.outcomes().values().stream()).filter(Decided::duplicate).count();
  }

  List<ConflictLine> conflicts() {
    return conflicts;
  }

  List<String> failures() {
    return failures;
  }

  int datoms() {
    return clients.get(0).datoms().size();
  }

  long t() {
    return t;
  }
}
