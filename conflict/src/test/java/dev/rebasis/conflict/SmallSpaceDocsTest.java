package dev.rebasis.conflict;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.protocol.Terms;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * Goal: the worked examples in docs/conflicts.md are cases of the small space, one for each kind of conflict under each
 * policy that can meet it. Method: the first case of each is run, compared with the model as {@link SmallSpaceTest} does,
 * and written as a row; run with {@code -Drebasis.docs.write=true} to write the table anew.
 */
class SmallSpaceDocsTest {
  private static final String BEGIN = "<!-- cases: generated, see SmallSpaceDocsTest -->\n";
  private static final String END = "<!-- end of cases -->";
  private static final Keyword TEXT = Keyword.of(":s/text");
  private static final Keyword MANY = Keyword.of(":s/many");

  /** No decision finds it: the client sets such transactions aside itself, as CustodyTest of the client holds. */
  private static final String WITHDRAWN = "| withdrawn | `park` | `[:db/add A :s/one 9]` | the client may see `A` no more |"
      + " parked | `5` | `9` |  |  |\n";

  @Test
  void theDocumentedCasesAreThese() throws IOException {
    Path file = docs().resolve("conflicts.md");
    String text = Files.readString(file);
    int begin = text.indexOf(BEGIN) + BEGIN.length();
    int end = text.indexOf(END);
    assertThat(end).as("the marks of the table in " + file).isGreaterThanOrEqualTo(begin);
    String table = table();
    if (Boolean.getBoolean("rebasis.docs.write")) {
      Files.writeString(file, text.substring(0, begin) + table + text.substring(end), StandardCharsets.UTF_8);
      return;
    }
    assertThat(text.substring(begin, end)).isEqualTo(table);
  }

  @Test
  void everyKindAndEveryPolicyHasAnExample() throws IOException {
    String text = Files.readString(docs().resolve("conflicts.md"));
    String table = text.substring(text.indexOf(BEGIN), text.indexOf(END));
    for (Keyword kind : kinds()) {
      assertThat(table).contains("| " + kind.name() + " |");
    }
    assertThat(table).as("client's own").contains("| withdrawn |");
    BuiltInPolicy.all().forEach(policy -> assertThat(table).contains("| `" + policy.ident().name() + "` |"));
    assertThat(table).as("a policy of a program").contains("| `" + MIDDLE.name() + "` |");
  }

  /** All that there are: those that somebody adds as well. */
  private static List<Keyword> kinds() {
    List<Keyword> kinds = new ArrayList<>();
    for (Field field : ConflictKinds.class.getDeclaredFields()) {
      try {
        if (field.get(null) instanceof Keyword kind && kind.namespace().equals("rebasis.conflict")) {
          kinds.add(kind);
        }
      } catch (IllegalAccessException e) {
        throw new AssertionError(e);
      }
    }
    assertThat(kinds).hasSizeGreaterThan(15);
    return kinds;
  }

  private static String table() {
    StringBuilder table = new StringBuilder(
        "| kind | policy | here | others meanwhile | outcome | base | local | remote | resolved |\n"
            + "|---|---|---|---|---|---|---|---|---|\n");
    Set<String> rows = new LinkedHashSet<>();
    Map<Keyword, List<String>> policies = new LinkedHashMap<>();
    List<String> all = BuiltInPolicy.all().stream().map(policy -> policy.ident().name()).toList();
    policies.put(SmallSpace.ONE, all);
    policies.put(TEXT, List.of("text-merge", "text-merge-marked"));
    policies.put(MANY, all);
    policies.forEach((attribute, names) -> {
      for (String policy : names) {
        if (SmallSpacePolicies.fits(policy, attribute)) {
          List<String> operations = SmallSpace.operations().get(attribute);
          rows.addAll(rows(operations, operations, attribute, policy));
        }
      }
    });
    List<String> whole = SmallSpace.allOperations();
    rows.addAll(rows(whole, whole, null, null));
    rows.add(premise());
    rows.add(attributeChanged());
    rows.add(functionFailed());
    rows.add(custom());
    rows.add(predecessor());
    rows.add(group());
    rows.add(text("text-merge"));
    rows.add(text("text-merge-marked"));
    rows.add(WITHDRAWN);
    rows.forEach(table::append);
    return table.toString();
  }

  /** The first case of each kind that the policy settles; without a policy, of each kind that no policy settles. */
  private static List<String> rows(List<String> here, List<String> there, Keyword attribute, String policy) {
    Map<Keyword, String> rows = new LinkedHashMap<>();
    TestDatabase start = SmallSpace.database();
    if (policy != null) {
      start.remote("[[:db/add " + attribute + " :rebasis/policy :rebasis.policy/" + policy + "]]");
    }
    Map<String, TestDatabase> after = new LinkedHashMap<>();
    for (String remote : tellingFirst(there, 2, 4)) {
      after.put(remote, new TestDatabase(start));
      after.get(remote).tryRemote(SmallSpace.named(remote, start));
    }
    for (String local : tellingFirst(here, 4, 2)) {
      Intent intent = start.intent(SmallSpace.named(local, start), start.basisT());
      for (String remote : after.keySet()) {
        TestDatabase db = after.get(remote);
        Decision decision = db.decide(intent);
        for (Conflict conflict : decision.conflicts()) {
          boolean wanted = policy == null ? ofEntities(conflict.kind())
              : conflict.policy().name().equals(policy) && !ofEntities(conflict.kind());
          if (wanted && !rows.containsKey(conflict.kind())) {
            SmallSpaceTest.check(local + ", " + remote, db, start, intent, policy, attribute);
            rows.put(conflict.kind(), row(conflict, local, remote, decision, start));
          }
        }
      }
    }
    return new ArrayList<>(rows.values());
  }

  private static boolean ofEntities(Keyword kind) {
    return !List.of(ConflictKinds.SAME_VALUE_CHANGED, ConflictKinds.RETRACTED_VALUE_CHANGED,
        ConflictKinds.ADDED_VALUE_RETRACTED, ConflictKinds.RETRACTED_VALUE_ADDED).contains(kind);
  }

  /** An operation that says what is there already makes a poor example. */
  private static List<String> tellingFirst(List<String> operations, int first, int second) {
    Set<String> ordered = new LinkedHashSet<>(List.of(operations.get(first), operations.get(second)));
    ordered.addAll(operations.subList(2, operations.size()));
    ordered.addAll(operations);
    return List.copyOf(ordered);
  }

  /** Both sides changed the same word. */
  private static String text(String policy) {
    TestDatabase start = SmallSpace.database();
    start.remote("[[:db/add " + TEXT + " :rebasis/policy :rebasis.policy/" + policy + "]]");
    TestDatabase db = new TestDatabase(start);
    String local = "[:db/add A :s/text \"one 2\"]";
    String remote = "[:db/add A :s/text \"one zwei\"]";
    Intent intent = db.intent(SmallSpace.named(local, start), db.basisT());
    db.remote(SmallSpace.named(remote, start));
    Decision decision = db.decide(intent);
    assertThat(decision.kind()).isEqualTo(
        policy.equals("text-merge") ? OutcomeKind.PARKED : OutcomeKind.MERGED);
    return row(decision.conflicts().get(0), local, remote, decision, start);
  }

  private static String premise() {
    TestDatabase db = SmallSpace.database();
    TestDatabase start = new TestDatabase(db);
    long a = db.entity(":s/key", "A");
    db.rules(SmallSpace.RULES.toBuilder().premises((premise, now, ids) -> {
      Object found = db.values(a, ":s/one").iterator().next();
      return found.equals(5L) ? null : new PremiseCheck.Broken(5L, found);
    }).build());
    Terms terms = Terms.NONE.withPremises(List.of(new Terms.Premise(
        Edn.read("[:find ?n . :in $ ?e :where [?e :s/one ?n]]"), List.of(a), "")));
    Intent intent = db.intent("[[:db/add " + a + " :s/many 3]]", db.basisT()).withTerms(terms);
    db.remote("[[:db/add " + a + " :s/one 7]]");
    Decision decision = db.decide(intent);
    return row(decision.conflicts().get(0), "[:db/add A :s/many 3]", "[:db/add A :s/one 7]", decision, start);
  }

  private static String attributeChanged() {
    TestDatabase db = SmallSpace.database();
    TestDatabase start = new TestDatabase(db);
    Intent intent = db.intent(SmallSpace.named("[:db/add A :s/one 7]", db), db.basisT());
    db.remote("[[:db/add :s/one :db/cardinality :db.cardinality/many]]");
    Decision decision = db.decide(intent);
    return row(decision.conflicts().get(0), "[:db/add A :s/one 7]",
        "[:db/add :s/one :db/cardinality :db.cardinality/many]", decision, start);
  }

  private static String functionFailed() {
    TestDatabase db = SmallSpace.database();
    db.rules(Rules.builder().function(Keyword.of(":shop/raise"), (view, args) -> {
      throw new NoClassDefFoundError("Prices");
    }).build());
    Decision decision = db.decide(db.intent("[[:shop/raise 3]]", db.basisT()));
    return row(decision.conflicts().get(0), "[:shop/raise 3]", "nothing; the function threw an error", decision, db);
  }

  private static final Keyword MIDDLE = Keyword.of(":shop/middle");

  /** A policy that a program registered: here the middle of the two values. */
  private static String custom() {
    TestDatabase db = SmallSpace.database();
    db.rules(Rules.builder().policy(MIDDLE, 0, meeting -> Resolved.value(
        ((Long) meeting.local().get(0) + (Long) meeting.remote().get(0)) / 2)).build());
    db.remote("[[:db/add :s/one :rebasis/policy " + MIDDLE + "]]");
    TestDatabase start = new TestDatabase(db);
    Intent intent = db.intent(SmallSpace.named("[:db/add A :s/one 7]", db), db.basisT());
    db.remote(SmallSpace.named("[:db/add A :s/one 9]", db));
    Decision decision = db.decide(intent);
    assertThat(decision.kind()).isEqualTo(OutcomeKind.MERGED);
    return row(decision.conflicts().get(0), "[:db/add A :s/one 7]", "[:db/add A :s/one 9]", decision, start);
  }

  private static final UUID EARLIER = new UUID(0x1111_1111_1111_1111L, 0x1111_1111_1111_1111L);

  private static String predecessor() {
    TestDatabase db = SmallSpace.database();
    Intent intent = db.intent("[[:db/cas " + db.entity(":s/key", "A") + " :s/one 5 6]]", db.basisT())
        .withTerms(Terms.NONE.withAfter(List.of(EARLIER)));
    Decision decision = Decider.decide(intent, db.now(), RemoteChanges.NONE, new LocalIds() {
      @Override
      public long resolve(long localId) {
        return localId;
      }

      @Override
      public boolean hasFailed(UUID transaction) {
        return transaction.equals(EARLIER);
      }
    });
    return row(decision.conflicts().get(0), "[:db/cas A :s/one 5 6], made after another set 5",
        "that other one was parked", decision, db);
  }

  private static String group() {
    TestDatabase db = SmallSpace.database();
    Intent intent = db.intent("[[:db/add " + db.entity(":s/key", "A") + " :s/one 6]]", db.basisT());
    GroupFate fate = new GroupFate(EARLIER, new Reason(Codes.CAS_FAILED, "", Map.of()), List.of());
    Decision decision = fate.of(intent, Footprint.EMPTY);
    return row(decision.conflicts().get(0), "[:db/add A :s/one 6], in one group with another",
        "that other one cannot be committed", decision, db);
  }

  private static String row(Conflict conflict, String local, String remote, Decision decision, TestDatabase start) {
    return "| " + conflict.kind().name() + " | `" + conflict.policy().name() + "` | `" + local + "` | `" + remote + "` | "
        + decision.kind().name().toLowerCase(Locale.ROOT) + " | " + values(conflict.base(), start) + " | "
        + values(conflict.local(), start) + " | " + values(conflict.remote(), start) + " | "
        + values(conflict.resolved(), start) + " |\n";
  }

  private static String values(List<Object> values, TestDatabase start) {
    List<String> shown = new ArrayList<>();
    for (Object value : values) {
      String name = new TreeSet<>(List.of("A", "B", "C", "P", "M")).stream()
          .filter(key -> value.equals(start.entity(":s/key", key))).findFirst()
          // Of entities, only the one that the others make with the key "N" is not there at the start.
          .orElse(value instanceof Long id && id > 1_000_000 ? "N" : Edn.write(value));
      shown.add("`" + name + "`");
    }
    return String.join(" ", shown);
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
