package dev.rebasis.conflict;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.data.Keyword;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.OutcomeKind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * Goal: no pair of operations is left to chance. Method: one operation here and one there, every pair of them, on a place
 * of cardinality one and of cardinality many, on unique places and on entities with components, under every policy that
 * fits; each is decided twice and compared with what any decision must hold to. The pairs whose sides differ in a value
 * also make the table in docs/conflicts.md; run with {@code -Drebasis.docs.write=true} to write it anew.
 */
class SmallSpaceTest {
  private static final String SCHEMA = """
      [{:db/ident :s/key :db/valueType :db.type/string :db/cardinality :db.cardinality/one
        :db/unique :db.unique/identity}
       {:db/ident :s/one :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
       {:db/ident :s/text :db/valueType :db.type/string :db/cardinality :db.cardinality/one}
       {:db/ident :s/many :db/valueType :db.type/long :db/cardinality :db.cardinality/many}
       {:db/ident :s/code :db/valueType :db.type/long :db/cardinality :db.cardinality/one :db/unique :db.unique/value}
       {:db/ident :s/part :db/valueType :db.type/ref :db/cardinality :db.cardinality/many :db/isComponent true}
       {:db/ident :s/to :db/valueType :db.type/ref :db/cardinality :db.cardinality/one}]""";
  private static final String FIRST = """
      [{:db/id "a" :s/key "A" :s/one 5 :s/text "one two" :s/many [1 2] :s/code 1 :s/part [{:s/one 1 :s/key "P"}]}
       {:s/key "B" :s/code 2 :s/to "a"} {:s/key "C"}]""";

  private static final List<String> ONE = List.of("[:db/add A :s/one 5]", "[:db/add A :s/one 7]", "[:db/add A :s/one 9]",
      "[:db/retract A :s/one 5]", "[:db/retract A :s/one 7]", "[:db/retract A :s/one]", "[:db/cas A :s/one 5 7]",
      "[:db/cas A :s/one 5 5]", "[:db/retractEntity A]", "{:s/key \"A\" :s/one 8}");
  private static final List<String> TEXT = List.of("[:db/add A :s/text \"one two 2\"]", "[:db/add A :s/text \"0 one two\"]",
      "[:db/add A :s/text \"one 2\"]", "[:db/retract A :s/text]", "[:db/add A :s/text \"one two\"]");
  private static final List<String> MANY = List.of("[:db/add A :s/many 1]", "[:db/add A :s/many 3]",
      "[:db/retract A :s/many 1]", "[:db/retract A :s/many 3]", "[:db/retract A :s/many]", "[:db/retractEntity A]",
      "{:s/key \"A\" :s/many [3 4]}");
  private static final List<String> WHOLE = List.of("[:db/retractEntity A]", "[:db/retractEntity P]",
      "[:db/retractEntity C]", "[:db/add P :s/one 2]", "[:db/retract A :s/part P]", "[:db/add A :s/part C]",
      "[:db/add C :s/to A]", "[:db/add C :s/to P]", "[:db/add B :s/to C]", "[:db/add C :s/code 1]",
      "[:db/add C :s/code 3]", "[:db/add B :s/code 3]", "[:db/retract A :s/code 1]", "[:db/add A :s/key \"N\"]",
      "{:s/key \"N\" :s/one 1}", "{:s/key \"N\" :s/one 2}", "[:db/add A :s/one 7]", "[:db/cas C :s/code nil 3]");

  private record Case(String attribute, String policy, String local, String remote) {}

  private record Ran(long a, Decision decision, Set<Object> before, Set<Object> after) {}

  private static List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    Map<String, List<String>> byAttribute = new LinkedHashMap<>();
    byAttribute.put(":s/one", ONE);
    byAttribute.put(":s/text", TEXT);
    byAttribute.put(":s/many", MANY);
    byAttribute.forEach((attribute, operations) -> {
      List<String> policies = new ArrayList<>();
      policies.add(null);
      BuiltInPolicy.all().forEach(policy -> policies.add(policy.ident().toString()));
      for (String policy : policies) {
        operations.forEach(local -> operations.forEach(
            remote -> cases.add(new Case(attribute, policy, local, remote))));
      }
    });
    WHOLE.forEach(local -> WHOLE.forEach(remote -> cases.add(new Case(":s/one", null, local, remote))));
    return cases;
  }

  @Test
  void everyPairIsDecidedByTheRules() {
    int ran = 0;
    for (Case one : cases()) {
      Ran result = run(one);
      if (result != null) {
        check(one, result);
        ran++;
      }
    }
    assertThat(ran).isGreaterThan(1_500);
  }

  /** Null if the policy cannot be set for the attribute, or the others' operation is impossible. */
  private static Ran run(Case one) {
    TestDatabase db = new TestDatabase(SCHEMA).withPolicies();
    db.remote(FIRST);
    if (one.policy != null) {
      Decision setting = db.decide("[[:db/add " + one.attribute + " :rebasis/policy " + one.policy + "]]");
      if (!setting.kind().isCommitted()) {
        assertThat(setting.reason().code()).isEqualTo(Codes.POLICY_UNFIT);
        return null;
      }
      db.remote("[[:db/add " + one.attribute + " :rebasis/policy " + one.policy + "]]");
    }
    long a = db.entity(":s/key", "A");
    Intent intent = db.intent(named(one.local, db), db.basisT());
    long basis = db.basisT();
    db.tryRemote(named(one.remote, db));
    if (db.basisT() == basis) {
      return null;
    }
    Set<Object> before = db.values(a, one.attribute);
    Decision decision = db.decide(intent);
    assertThat(db.decide(intent)).as("%s decided twice", one).isEqualTo(decision);
    db.own(intent);
    return new Ran(a, decision, before, db.values(a, one.attribute));
  }

  private static String named(String form, TestDatabase db) {
    String text = form;
    for (String key : List.of("A", "B", "C", "P")) {
      text = text.replaceAll(" " + key + "(?=[ \\]])", " " + db.entity(":s/key", key));
    }
    return "[" + text + "]";
  }

  private static void check(Case one, Ran ran) {
    Decision decision = ran.decision;
    String what = one + ": " + decision.kind() + " " + decision.conflicts();
    if (!decision.kind().isCommitted()) {
      assertThat(decision.reason()).as(what).isNotNull();
      assertThat(decision.datoms()).as(what).isEmpty();
      assertThat(ran.after).as(what).isEqualTo(ran.before);
    } else {
      assertThat(decision.kind() == OutcomeKind.MERGED).as(what).isEqualTo(!decision.conflicts().isEmpty());
    }
    for (Conflict conflict : decision.conflicts()) {
      if (conflict.attribute() == Keyword.of(one.attribute) && one.policy != null
          && conflict.policy() != ConflictKinds.PARK) {
        assertThat(conflict.policy()).as(what).isEqualTo(Keyword.of(one.policy));
      }
      boolean isHere = conflict.e() == ran.a && conflict.attribute() == Keyword.of(one.attribute);
      if (decision.kind() == OutcomeKind.MERGED && isHere) {
        assertThat(ran.after).as(what).containsAll(conflict.resolved());
        Set<Object> overridden = new TreeSet<>(conflict.remote());
        overridden.removeAll(conflict.resolved());
        overridden.retainAll(ran.after);
        assertThat(overridden).as(what).isEmpty();
      }
    }
  }

  // ---- the table of the documentation ----

  private static final String BEGIN = "<!-- cases: generated, see SmallSpaceTest -->\n";
  private static final String END = "<!-- end of cases -->";

  @Test
  void theDocumentedCasesAreThese() throws IOException {
    Path file = docs().resolve("conflicts.md");
    String text = Files.readString(file);
    int begin = text.indexOf(BEGIN) + BEGIN.length();
    int end = text.indexOf(END);
    assertThat(end).as("the marks of the table in " + file).isGreaterThanOrEqualTo(begin);
    if (Boolean.getBoolean("rebasis.docs.write")) {
      text = text.substring(0, begin) + table() + text.substring(end);
      Files.writeString(file, text, StandardCharsets.UTF_8);
      end = text.indexOf(END);
    }
    assertThat(text.substring(begin, end)).isEqualTo(table());
  }

  private static String table() {
    StringBuilder table = new StringBuilder("| policy | here | others meanwhile | outcome | stands then | kind |\n"
        + "|---|---|---|---|---|---|\n");
    List<String> seen = new ArrayList<>();
    for (Case one : cases()) {
      Ran ran = one.policy == null ? null : run(one);
      if (ran == null || ran.decision.conflicts().isEmpty()) {
        continue;
      }
      Conflict conflict = ran.decision.conflicts().get(0);
      String example = one.policy + one.attribute + conflict.kind();
      if (conflict.policy() == Keyword.of(one.policy) && !seen.contains(example)) {
        seen.add(example);
        table.append("| `").append(Keyword.of(one.policy).name()).append("` | `").append(one.local).append("` | `")
            .append(one.remote).append("` | ").append(ran.decision.kind().name().toLowerCase(Locale.ROOT))
            .append(" | `").append(new TreeSet<>(ran.after)).append("` | ").append(conflict.kind().name()).append(" |\n");
      }
    }
    return table.toString();
  }

  private static Path docs() {
    for (Path dir = Path.of("").toAbsolutePath(); dir != null; dir = dir.getParent()) {
      if (Files.isDirectory(dir.resolve("docs/protocol"))) {
        return dir.resolve("docs");
      }
    }
    throw new IllegalStateException("The folder docs is in no folder above this one.");
  }
}
