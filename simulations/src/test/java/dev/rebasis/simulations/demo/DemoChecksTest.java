package dev.rebasis.simulations.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.simulations.demo.DemoNode.Decided;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Goal: none of the demo's checks is empty. Method: what a good run leaves behind is made up without any process; it
 * passes, and each single fault in it is told in a sentence.
 */
class DemoChecksTest {
  private static final long SEED = 7;
  private static final long T = 1_100;

  /** What the demo has seen at its end, to be spoilt. The second client was decided last. */
  private static final class Seen {
    final EditPlan plan = EditPlan.of(SEED, DemoData.cities(), 12, 4);
    final DemoNode one = new DemoNode("c1", Path.of("c1"), "http://127.0.0.1:1/db/main", Path.of("c1.edits"));
    final DemoNode two = new DemoNode("c2", Path.of("c2"), "http://127.0.0.1:1/db/main", Path.of("c2.edits"));
    final List<String> server = new ArrayList<>(List.of("1\t10\t\"a\"\t100", "2\t10\t\"b\"\t100"));
    final List<String> confirmed = new ArrayList<>(server);
    final List<String> view = new ArrayList<>(server);
    final List<UUID> log = new ArrayList<>();
    final List<String> conflicts = new ArrayList<>();
    final Map<Edit, String[]> cities = new HashMap<>();
    int pending;
    long serverT = T;

    Seen() {
      decide(one, plan.first());
      decide(two, plan.second());
    }

    private void decide(DemoNode node, List<Edit> edits) {
      Set<Long> deleted = new HashSet<>();
      edits.stream().filter(e -> e.kind() == Edit.Kind.DELETE_OWN).forEach(e -> deleted.add(e.geonames()));
      for (int i = 0; i < edits.size(); i++) {
        Edit edit = edits.get(i);
        UUID id = new UUID(node == one ? 1 : 2, i);
        boolean late = edit.shared() && node == two;
        boolean swap = edit.kind() == Edit.Kind.COMPARE_AND_SWAP;
        String kind = !late ? "ACCEPTED" : swap ? "REJECTED" : "MERGED";
        node.editById().put(id, i + 1);
        node.outcomes().put(id, new Decided(kind, false, T, "null", "null"));
        log.add(id);
        // Of a pair the last writer's value stands, of a compare-and-set the first one's.
        Edit standing = edit.shared() && late == swap ? pairOf(edit, node) : edit;
        cities.put(edit, deleted.contains(edit.geonames()) ? new String[] {"saw", "(no such city)"} : city(standing));
        if (late) {
          conflicts.add(String.join("\t", id.toString(), kind, "" + edit.geonames(), ":city/x", "[\"base\"]",
              "[\"mine\"]", "[\"theirs\"]", "[" + standing.expected() + "]", ":policy", ""));
        }
      }
    }

    private Edit pairOf(Edit edit, DemoNode node) {
      return (node == one ? plan.second() : plan.first()).stream()
          .filter(e -> e.shared() && e.geonames() == edit.geonames()).findFirst().orElseThrow();
    }

    private static String[] city(Edit edit) {
      String text = edit.expected();
      return switch (edit.kind()) {
        case NAME -> new String[] {"saw", text, "1", "", ""};
        case POPULATION, COMPARE_AND_SWAP -> new String[] {"saw", "Name", text, "", ""};
        case TAG -> new String[] {"saw", "Name", "1", ":other " + text, ""};
        case NOTE -> new String[] {"saw", "Name", "1", "", text};
        case NEW_CITY, DELETE_OWN -> new String[] {"saw", "Camp", "1", ":camp", ""};
      };
    }

    /** The first edit of the first client of that sort, shared or not. */
    Edit edit(Edit.Kind kind, boolean shared) {
      return plan.first().stream().filter(e -> e.kind() == kind && e.shared() == shared).findFirst().orElseThrow();
    }

    UUID id(DemoNode node, Edit edit) {
      return new UUID(node == one ? 1 : 2, (node == one ? plan.first() : plan.second()).indexOf(edit));
    }

    DemoChecks verify() {
      DemoChecks checks = new DemoChecks(plan, one, two);
      String[] none = {"pending", "0", ""};
      checks.add(one, server, server, List.of(), new String[0], none);
      checks.add(two, confirmed, view, conflicts, new String[0], new String[] {"pending", "" + pending, ""});
      cities.forEach(checks::saw);
      checks.verify(new ServerDump(server, serverT, log), T);
      return checks;
    }
  }

  @Test
  void aGoodEndPassesAllChecks() {
    DemoChecks checks = new Seen().verify();
    assertThat(checks.failures()).isEmpty();
    assertThat(checks.merged()).isEqualTo(3);
    assertThat(checks.rejected()).isEqualTo(1);
    assertThat(print(checks)).contains("CONVERGED at T " + T).doesNotContain("NOT CONVERGED");
  }

  static Stream<Arguments> faults() {
    return Stream.of(
        fault("c2 lacks a datom", seen -> seen.confirmed.remove(0), "only on the server: 1\t10"),
        fault("c2 has a datom too many", seen -> seen.confirmed.add("3\t10\t\"c\"\t100"), "only on c2: 3\t10"),
        fault("c2's view is not its confirmed database", seen -> seen.view.remove(1), "only on c2's confirmed database: 2\t10"),
        fault("the server's log ends elsewhere", seen -> seen.serverT++, "the server's log ends at T 1101"),
        fault("something is pending", seen -> seen.pending = 2, "c2 still has 2 pending"),
        fault("a transaction was done twice", seen -> seen.log.add(seen.log.get(3)), "is in the server's log twice"),
        fault("a transaction was lost", seen -> seen.log.remove(5), "c1's edit 6", "is not in the server's log"),
        fault("an edit was never made", seen -> seen.one.editById().remove(seen.log.get(0)), "c1 made 11 edits, not 12"),
        fault("an edit has no outcome", seen -> seen.one.outcomes().remove(seen.log.get(0)), "has no outcome"),
        fault("what met nothing was not accepted", seen -> seen.one.outcomes().put(
            seen.id(seen.one, seen.edit(Edit.Kind.TAG, false)), new Decided("PARKED", false, T, ":c", "m")),
            "(TAG) met nothing and was Decided[kind=PARKED", "1 transactions were parked"),
        fault("a pair met and nobody was told", seen -> seen.two.outcomes().replaceAll((id, decided) ->
            decided.kind().equals("MERGED") ? new Decided("ACCEPTED", false, T, "null", "null") : decided),
            "0 transactions were merged, 3 pairs met"),
        fault("both compared and set", seen -> seen.two.outcomes().replaceAll((id, decided) ->
            decided.kind().equals("REJECTED") ? new Decided("ACCEPTED", false, T, "null", "null") : decided),
            "0 transactions were rejected, 1 pairs compared and swapped"),
        noEffect(Edit.Kind.POPULATION, "saw", "Name", "5", "", ""),
        noEffect(Edit.Kind.COMPARE_AND_SWAP, "saw", "Name", "5", "", ""),
        noEffect(Edit.Kind.NAME, "saw", "Old name", "5", "", ""),
        noEffect(Edit.Kind.TAG, "saw", "Name", "5", ":other", ""),
        noEffect(Edit.Kind.NOTE, "saw", "Name", "5", "", "another note"),
        noEffect(Edit.Kind.DELETE_OWN, "saw", "Camp", "1", ":camp", ""),
        fault("a pair has neither value", seen -> seen.cities.put(
            seen.edit(Edit.Kind.NAME, true), new String[] {"saw", "A third", "1", "", ""}), "has A third, not "),
        fault("a record is missing", seen -> seen.conflicts.remove(0), "has 0 conflict records, not 1"),
        fault("a record tells another value", seen -> seen.conflicts.replaceAll(line -> {
          String[] cells = line.split("\t", -1);
          cells[7] = "[-1]";
          return String.join("\t", cells);
        }), "but the record says"));
  }

  private static Arguments noEffect(Edit.Kind kind, String... city) {
    return fault("a " + kind + " had no effect",
        seen -> seen.cities.put(seen.edit(kind, false), city), "c1's edit ", "has left saw | ");
  }

  private static Arguments fault(String name, Consumer<Seen> fault, String... sentences) {
    return Arguments.of(name, fault, sentences);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("faults")
  void eachFaultIsTold(String name, Consumer<Seen> fault, String[] sentences) {
    Seen seen = new Seen();
    fault.accept(seen);
    DemoChecks checks = seen.verify();
    assertThat(String.join("\n", checks.failures())).contains(sentences);
    assertThat(print(checks)).contains("NOT CONVERGED: " + checks.failures().size() + " checks failed").contains(sentences[0]);
  }

  private static String print(DemoChecks checks) {
    StringWriter text = new StringWriter();
    DemoReport.print(new PrintWriter(text), EditPlan.of(SEED, DemoData.cities(), 12, 4), List.of(), List.of(),
        List.of(), List.of(), checks, 1.5);
    return text.toString();
  }

  @Test
  void aSeedDecidesAllEdits() {
    EditPlan plan = EditPlan.of(SEED, DemoData.cities(), 40, 10);
    assertThat(EditPlan.of(SEED, DemoData.cities(), 40, 10).first()).isEqualTo(plan.first()).hasSize(40);
    assertThat(EditPlan.of(SEED, DemoData.cities(), 40, 10).second()).isEqualTo(plan.second()).hasSize(40);
    assertThat(EditPlan.of(SEED + 1, DemoData.cities(), 40, 10).first()).isNotEqualTo(plan.first());
    assertThat(plan.lastWriterPairs() + plan.compareAndSwapPairs()).isEqualTo(10);
  }
}
