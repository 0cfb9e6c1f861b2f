package dev.rebasis.conflict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.Keyword;
import dev.rebasis.protocol.Intent;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Goal: no pair of operations is left to chance, and a conflict is reported if and only if docs/conflicts.md defines one.
 * Method: one client and another that made one operation each on the same base, every pair of them in both orders, on an
 * attribute of every shape, under every policy that fits it; what the module decides about the second must be, field by
 * field, what {@link SmallSpaceModel} says, and so must the facts afterwards. Together with the other tests whose names
 * begin with SmallSpace it runs every branch of the module; how to measure that stands at the profile {@code coverage}
 * in the pom.
 */
@Order(2)
class SmallSpaceTest {
  /** For mutation testing, which runs the tests for each of thousands of mutants: the same space, thinned out. */
  private static final boolean QUICK = Boolean.getBoolean("rebasis.space.quick");

  /** One decision of the space: what was said, and the world that it was said in. */
  private record Case(String what, TestDatabase db, Set<SmallSpaceWorld.Fact> left, SmallSpaceWorld world) {}

  static Stream<Keyword> attributes() {
    return SmallSpace.SHAPES.keySet().stream();
  }

  @ParameterizedTest
  @MethodSource("attributes")
  void everyPairUnderEveryPolicy(Keyword attribute) {
    List<String> operations = SmallSpace.operations().get(attribute);
    int ran = everyPair(operations, operations, attribute, null);
    for (Policy policy : BuiltInPolicy.all()) {
      boolean fits = SmallSpacePolicies.fits(policy.ident().name(), attribute);
      String why = policy.unfit(new TestDatabase(SmallSpace.SCHEMA).now().schema().attribute(attribute));
      assertThat(why == null).as("%s of %s: %s", policy, attribute, why).isEqualTo(fits);
      if (fits && (!QUICK || List.of("one", "many", "text").contains(attribute.name()))) {
        ran += everyPair(operations, operations, attribute, policy.ident().name());
      }
    }
    assertThat(ran).as("decisions about " + attribute).isGreaterThan(operations.size() * operations.size());
  }

  @Test
  void everyPairOfOperationsOnAnyAttributes() {
    assumeThat(QUICK).isFalse();
    List<String> all = SmallSpace.allOperations();
    assertThat(everyPair(all, all, null, null)).isGreaterThan(10_000);
  }

  private static int everyPair(List<String> here, List<String> there, Keyword attribute, String policy) {
    TestDatabase start = SmallSpace.database();
    if (policy != null) {
      start.remote("[[:db/add " + attribute + " :rebasis/policy :rebasis.policy/" + policy + "]]");
    }
    List<Intent> intents = new ArrayList<>();
    here.forEach(local -> intents.add(start.intent(SmallSpace.named(local, start), start.basisT())));
    Set<SmallSpaceWorld.Fact> base = facts(start.now().all(), start);
    int ran = 0;
    for (String remote : there) {
      TestDatabase db = new TestDatabase(start);
      db.tryRemote(SmallSpace.named(remote, start));
      List<SmallSpaceWorld.Change> log = log(db, start.basisT(), Set.of());
      if (log.isEmpty()) {
        continue; // impossible, or there already
      }
      Set<SmallSpaceWorld.Fact> left = facts(db.now().all(), db);
      SmallSpaceWorld world = new SmallSpaceWorld(base, log);
      SmallSpaceWorld seen = new SmallSpaceWorld(left, List.of());
      for (int i = 0; i < here.size(); i++) {
        String what = here.get(i) + " here, " + remote + " there, " + policy;
        check(new Case(what, db, left, world), intents.get(i), policy, attribute);
        ran++;
        if (policy != null) {
          continue; // whoever has seen it meets nothing, under any policy
        }
        Intent later = new Intent(intents.get(i).id(), intents.get(i).seq(), db.basisT(), intents.get(i).madeAt(),
            intents.get(i).forms(), intents.get(i).tempids());
        check(new Case(what + ", seen", db, left, seen), later, policy, attribute);
        ran++;
      }
    }
    return ran;
  }

  static Stream<Arguments> triples() {
    if (QUICK) {
      return Stream.of(Arguments.of(Keyword.of(":s/many"), null));
    }
    return Stream.of(Arguments.of(SmallSpace.ONE, null), Arguments.of(SmallSpace.ONE, "counter"),
        Arguments.of(Keyword.of(":s/many"), null), Arguments.of(Keyword.of(":s/code"), null),
        Arguments.of(Keyword.of(":s/to"), null), Arguments.of(Keyword.of(":s/part"), null));
  }

  /** A third operation comes between: another one of others (which may undo the first), or an own one. */
  @ParameterizedTest
  @MethodSource("triples")
  void everyPairAndAThird(Keyword attribute, String policy) {
    TestDatabase start = SmallSpace.database();
    if (policy != null) {
      start.remote("[[:db/add " + attribute + " :rebasis/policy :rebasis.policy/" + policy + "]]");
    }
    List<String> operations = SmallSpace.operations().get(attribute);
    List<Intent> intents = new ArrayList<>();
    operations.forEach(local -> intents.add(start.intent(SmallSpace.named(local, start), start.basisT())));
    Set<SmallSpaceWorld.Fact> base = facts(start.now().all(), start);
    for (String first : operations) {
      for (int second = 0; second < operations.size(); second++) {
        for (int order = 0; order < 3; order++) {
          TestDatabase db = new TestDatabase(start);
          Set<Long> own = new HashSet<>();
          if (order == 0) {
            db.tryRemote(SmallSpace.named(first, start));
          }
          if (order == 2) {
            db.tryRemote(SmallSpace.named(first, start));
            db.tryRemote(SmallSpace.named(operations.get(second), start));
          } else if (db.own(intents.get(second)).kind().isCommitted()) {
            own.add(EntityIds.txOf(db.basisT()));
          }
          if (order == 1) {
            db.tryRemote(SmallSpace.named(first, start));
          }
          Set<SmallSpaceWorld.Fact> left = facts(db.now().all(), db);
          SmallSpaceWorld world = new SmallSpaceWorld(base, log(db, start.basisT(), own));
          for (int i = 0; i < operations.size(); i++) {
            String what = List.of("theirs, ours: ", "ours, theirs: ", "theirs, theirs: ").get(order) + first + ", "
                + operations.get(second) + "; then " + operations.get(i) + ", " + policy;
            if (order == 2 || i != second) {
              check(new Case(what, db, left, world), intents.get(i), policy, attribute);
            }
          }
        }
      }
    }
  }

  /** One case that others take as an example. */
  static void check(String what, TestDatabase db, TestDatabase start, Intent intent, String policy, Keyword attribute) {
    SmallSpaceWorld world = new SmallSpaceWorld(facts(start.now().all(), start), log(db, start.basisT(), Set.of()));
    Case one = new Case(what, db, facts(db.now().all(), db), world);
    check(one, intent, policy, attribute);
  }

  private static void check(Case one, Intent intent, String policy, Keyword attribute) {
    SmallSpaceModel.Verdict verdict = new SmallSpaceModel(one.world, policy, attribute).decide(intent);
    Decision decision = one.db.decide(intent);
    List<Keyword> codes = codes(decision);
    List<Keyword> expected = verdict.codes().stream().sorted().toList();
    Set<Conflict> conflicts = new HashSet<>(decision.conflicts());
    Set<SmallSpaceWorld.Fact> after = new HashSet<>(one.left);
    boolean isNews = true;
    for (Datom datom : decision.datoms()) {
      SmallSpaceWorld.Fact fact = fact(datom, one.db);
      isNews &= datom.added() ? after.add(fact) : after.remove(fact);
    }
    // Compared twice, for there are hundreds of thousands, and a description costs more than the decision.
    if (decision.kind() == verdict.kind() && codes.equals(expected) && conflicts.equals(verdict.conflicts()) && isNews
        && conflicts.size() == decision.conflicts().size() && after.equals(verdict.after())) {
      return;
    }
    String what = one.what + ": " + decision.reason() + " " + decision.conflicts();
    assertThat(decision.kind()).as(what).isEqualTo(verdict.kind());
    assertThat(codes).as(what).isEqualTo(expected);
    assertThat(conflicts).as(what).isEqualTo(verdict.conflicts());
    assertThat(decision.conflicts()).as(what).doesNotHaveDuplicates();
    assertThat(after).as(what).isEqualTo(verdict.after());
    assertThat(isNews).as("%s: every datom changes something: %s", what, decision.datoms()).isTrue();
  }

  private static List<Keyword> codes(Decision decision) {
    if (decision.reason() == null) {
      return List.of();
    }
    if (decision.reason().data().get(Keyword.of(":problems")) instanceof List<?> problems) {
      return problems.stream().map(problem -> (Keyword) ((Map<?, ?>) problem).get(Keyword.of(":code"))).sorted().toList();
    }
    return List.of(decision.reason().code());
  }

  private static List<SmallSpaceWorld.Change> log(TestDatabase db, long basisT, Set<Long> own) {
    return db.history().stream().filter(d -> d.t() > basisT)
        .map(d -> new SmallSpaceWorld.Change(fact(d, db), d.added(), d.tx(), own.contains(d.tx()))).toList();
  }

  private static Set<SmallSpaceWorld.Fact> facts(List<Datom> datoms, TestDatabase db) {
    Set<SmallSpaceWorld.Fact> facts = new HashSet<>();
    for (Datom datom : datoms) {
      SmallSpaceWorld.Fact fact = fact(datom, db);
      if (SmallSpace.SHAPES.containsKey(fact.a())) {
        facts.add(fact);
      }
    }
    return facts;
  }

  private static SmallSpaceWorld.Fact fact(Datom datom, TestDatabase db) {
    return new SmallSpaceWorld.Fact(datom.e(), db.now().schema().ident(datom.a()), datom.v());
  }
}
