package dev.rebasis.conflict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.protocol.Terms;
import dev.rebasis.protocol.Terms.PolicyRef;
import dev.rebasis.protocol.Terms.Seen;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Goal: what an intent says beside its forms (premises, groups, predecessors, policies, what its author saw) bears on the
 * decision as docs/conflicts.md says. Method: each term in each of its states, on its own.
 */
class SmallSpaceTermsTest {
  private static final Keyword ONE = Keyword.of(":s/one");
  private static final UUID OTHER = new UUID(7, 7);
  private static final Instant NOON = Instant.parse("2020-01-01T12:00:00Z");

  private final TestDatabase db = SmallSpace.database();
  private final long a = db.entity(":s/key", "A");
  private final long b = db.entity(":s/key", "B");

  private Intent intent(String forms, Terms terms) {
    return db.intent(forms, db.basisT()).withTerms(terms);
  }

  /** What a client knows of its own transactions. */
  private static LocalIds ids(boolean failed) {
    return new LocalIds() {
      @Override
      public long resolve(long localId) {
        return localId;
      }

      @Override
      public boolean hasFailed(UUID transaction) {
        return failed && transaction.equals(OTHER);
      }

      @Override
      public boolean isGroupFailing(UUID group) {
        return failed && group.equals(OTHER);
      }
    };
  }

  private Decision decide(Intent intent, LocalIds ids) {
    return Decider.decide(intent, db.now(), db.remote(intent.basisT()), ids, Rules.BUILT_IN);
  }

  @Test
  void aPredecessorOrAGroupThatFailedParks() {
    String forms = "[[:db/add " + a + " :s/one 6]]";
    Intent after = intent(forms, Terms.NONE.withAfter(List.of(new UUID(1, 1), OTHER)));
    Intent grouped = intent(forms, Terms.NONE.withGroup(new Terms.Group(OTHER, 2, 0)));
    Intent alone = intent(forms, Terms.NONE.withGroup(new Terms.Group(new UUID(1, 1), 2, 0)));
    assertThat(decide(after, ids(false)).kind()).isEqualTo(OutcomeKind.ACCEPTED);
    assertThat(decide(after, ids(true)).reason().code()).isEqualTo(Codes.PREDECESSOR);
    assertThat(decide(after, ids(true)).kind()).isEqualTo(OutcomeKind.PARKED);
    assertThat(decide(after, ids(true)).reason().data()).containsEntry(Problem.PREDECESSOR, OTHER);
    assertThat(decide(grouped, ids(false)).kind()).isEqualTo(OutcomeKind.ACCEPTED);
    assertThat(decide(grouped, ids(true)).reason().code()).isEqualTo(Codes.GROUP);
    assertThat(decide(grouped, ids(true)).reason().data()).containsEntry(Problem.PREDECESSOR, OTHER);
    assertThat(decide(alone, ids(true)).kind()).isEqualTo(OutcomeKind.ACCEPTED);
    Intent byKey = intent("[[:db/add [:s/key \"N\"] :s/one 6]]", Terms.NONE.withAfter(List.of(OTHER)));
    assertThat(decide(byKey, ids(false)).kind()).isEqualTo(OutcomeKind.REJECTED);
    assertThat(decide(byKey, ids(true)).kind()).as("what it lacks the predecessor made").isEqualTo(OutcomeKind.PARKED);
    assertThat(decide(byKey, ids(true)).reason().code()).isEqualTo(Codes.PREDECESSOR);
    LocalIds simple = id -> id;
    assertThat(decide(after, simple).kind()).as("who knows of no failures").isEqualTo(OutcomeKind.ACCEPTED);
    assertThat(decide(grouped, simple).kind()).isEqualTo(OutcomeKind.ACCEPTED);
    assertThat(Decider.decide(after, db.now(), RemoteChanges.NONE, simple).kind()).isEqualTo(OutcomeKind.ACCEPTED);
  }

  @Test
  void anEntityThatNoTransactionMadeParksWhatNamesIt() {
    Intent intent = intent("[[:db/add -500 :s/one 6]]", Terms.NONE);
    assertThat(decide(intent, id -> id).reason().code()).isEqualTo(Codes.PREDECESSOR);
    assertThat(decide(intent, id -> a).datoms()).hasSize(2);
    LocalIds pending = new LocalIds() {
      @Override
      public long resolve(long localId) {
        return localId;
      }

      @Override
      public boolean isMade(long localId) {
        return true;
      }
    };
    Decision decision = decide(intent, pending);
    assertThat(decision.datoms()).singleElement().satisfies(d -> assertThat(d.e()).isEqualTo(-500));
    assertThat(decision.needs()).contains(new FootprintKey.Entity(-500));
    Decision referring = decide(intent("[[:db/add " + b + " :s/to -500]]", Terms.NONE), pending);
    assertThat(referring.needs()).contains(new FootprintKey.Entity(-500));
    Decision lookup = decide(intent("[[:db/add -500 :s/code 1]]", Terms.NONE), pending);
    assertThat(lookup.reason().code()).isEqualTo(Codes.UNIQUE_CONFLICT);
  }

  @Test
  void anIntentWhoseTempidsDoNotFitIsRejected() {
    Intent good = intent("[]", Terms.NONE);
    for (Map<String, Long> wrong : List.of(Map.<String, Long>of(), Map.of("t", 1L), Map.of("datomic.tx", 0L),
        Map.of("datomic.tx", 1L, "t", -5L))) {
      Decision decision = db.decide(new Intent(good.id(), 1, db.basisT(), good.madeAt(), good.forms(), wrong));
      assertThat(decision.kind()).as("%s", wrong).isEqualTo(OutcomeKind.REJECTED);
      assertThat(decision.reason().code()).isEqualTo(Codes.MALFORMED_INTENT);
      assertThat(decision.footprint()).isEqualTo(Footprint.EMPTY);
    }
  }

  @Test
  void whatComesLaterThanItsAuthorWantedIsRejected() {
    Intent open = intent("[]", Terms.NONE);
    Intent byNoon = intent("[]", new Terms(Map.of(), List.of(), List.of(), List.of(), null, NOON, null));
    assertThat(Decider.tooLate(open, NOON)).isNull();
    assertThat(Decider.tooLate(byNoon, NOON)).as("just in time").isNull();
    Decision late = Decider.tooLate(byNoon, NOON.plusMillis(1));
    assertThat(late.kind()).isEqualTo(OutcomeKind.REJECTED);
    assertThat(late.reason().code()).isEqualTo(Decider.TOO_LATE);
    assertThat(late.reason().message()).contains("2020-01-01T12:00:00Z").contains("2020-01-01T12:00:00.001Z");
  }

  // ---- premises ----

  static Stream<Arguments> premises() {
    PremiseCheck broken = (premise, now, ids) -> new PremiseCheck.Broken(null, 7L);
    PremiseCheck both = (premise, now, ids) -> new PremiseCheck.Broken(5L, null);
    PremiseCheck failing = (premise, now, ids) -> {
      throw new IllegalStateException("no such query");
    };
    return Stream.of(
        Arguments.of((PremiseCheck) (premise, now, ids) -> null, null, List.of(), List.of()),
        Arguments.of(PremiseCheck.UNCHECKED, null, List.of(), List.of()),
        Arguments.of(broken, "is now 7.", List.of(), List.of("7")),
        Arguments.of(both, "is now nil, then 5.", List.of("5"), List.of()),
        Arguments.of((PremiseCheck) (premise, now, ids) -> {
          throw new ArithmeticException();
        }, "cannot be checked: java.lang.ArithmeticException", null, null),
        Arguments.of((PremiseCheck) (premise, now, ids) -> {
          throw new OutOfMemoryError("no memory");
        }, "cannot be checked: java.lang.OutOfMemoryError: no memory", null, null),
        Arguments.of(failing, "cannot be checked: no such query", null, null));
  }

  @ParameterizedTest
  @MethodSource("premises")
  void aPremiseHoldsOrParks(PremiseCheck check, String said, List<Object> then, List<Object> now) {
    db.rules(Rules.builder().premises((premise, view, ids) -> {
      view.datoms(IndexOrder.EAVT, b);
      return check.check(premise, view, ids);
    }).build());
    Terms terms = Terms.NONE.withPremises(List.of(new Terms.Premise(Edn.read("[:find ?x]"), List.of(), "")));
    Decision decision = db.decide(intent("[[:db/add " + a + " :s/one 6]]", terms));
    if (said == null) {
      assertThat(decision.kind()).isEqualTo(OutcomeKind.ACCEPTED);
      assertThat(decision.needs()).contains(new FootprintKey.Entity(b));
      return;
    }
    assertThat(decision.kind()).isEqualTo(OutcomeKind.PARKED);
    assertThat(decision.reason().code()).isEqualTo(Codes.PREMISE_FAILED);
    assertThat(decision.reason().message()).contains(said).contains("[:find ?x]");
    if (then == null) {
      assertThat(decision.conflicts()).isEmpty();
    } else {
      assertThat(decision.conflicts()).singleElement().satisfies(c -> {
        assertThat(c.kind()).isEqualTo(ConflictKinds.PREMISE_CHANGED);
        assertThat(c.base()).isEqualTo(then);
        assertThat(c.local()).containsExactly("[:find ?x]");
        assertThat(c.remote()).isEqualTo(now).isEqualTo(c.resolved());
      });
    }
  }

  // ---- what the author saw ----

  private Terms saw(Object... values) {
    return Terms.NONE.withSeen(List.of(new Seen(a, ONE, List.of(values))));
  }

  private void policy(String attribute, String policy) {
    db.remote("[[:db/add " + attribute + " :rebasis/policy :rebasis.policy/" + policy + "]]");
  }

  @Test
  void aPolicyThatWorksFromTheBaseFollowsAPredecessorThatCameOutDifferently() {
    policy(":s/one", "counter");
    String forms = "[[:db/add " + a + " :s/one 8]]";
    assertThat(value(intent(forms, saw(5L)), ":s/one")).as("saw what is there").containsExactly(8L);
    assertThat(value(intent(forms, saw(6L)), ":s/one")).as("saw 6, and it is 5").containsExactly(7L);
    assertThat(value(intent(forms, saw()), ":s/one")).as("saw nothing").containsExactly(13L);
    assertThat(value(intent(forms, saw("six")), ":s/one")).as("not a number").containsExactly(13L);
    Decision decision = db.decide(intent(forms, saw(6L)));
    assertThat(decision.kind()).as("it is no conflict").isEqualTo(OutcomeKind.ACCEPTED);
    assertThat(decision.conflicts()).isEmpty();
  }

  @Test
  void whatWasSeenOfOtherAttributesAndUnderOtherPoliciesChangesNothing() {
    String forms = "[[:db/add " + a + " :s/one 8]]";
    assertThat(value(intent(forms, saw(6L)), ":s/one")).as("no policy").containsExactly(8L);
    policy(":s/one", "max");
    assertThat(value(intent(forms, saw(6L)), ":s/one")).as("a policy without base").containsExactly(8L);
    Terms other = Terms.NONE.withSeen(List.of(new Seen(a, Keyword.of(":s/nothing"), List.of(1L)),
        new Seen(b, Keyword.of(":s/to"), List.of(a, -77L))));
    policy(":s/one", "counter");
    assertThat(value(intent(forms, other), ":s/one")).containsExactly(8L);
    assertThat(db.decide(intent("[[:db/retract " + a + " :s/one 5]]", saw(6L))).datoms()).hasSize(1);
    assertThat(db.decide(intent("[[:db/add " + b + " :s/to " + b + "]]", other)).datoms()).hasSize(2);
  }

  @Test
  void aPolicyMayRefuseWhatMovedUnderAnIntent() {
    policy(":s/text", "text-merge");
    Terms saw = Terms.NONE.withSeen(List.of(new Seen(a, Keyword.of(":s/text"), List.of("one 2"))));
    Decision decision = db.decide(intent("[[:db/add " + a + " :s/text \"one 3\"]]", saw));
    assertThat(decision.kind()).isEqualTo(OutcomeKind.PARKED);
    assertThat(decision.reason().code()).isEqualTo(Codes.CONFLICT_PARKED);
    assertThat(decision.conflicts()).singleElement().satisfies(c -> assertThat(c.remoteTx()).isZero());
  }

  @Test
  void theBaseOfAMeetingIsWhatTheAuthorSaw() {
    policy(":s/one", "counter");
    Intent intent = intent("[[:db/add " + a + " :s/one 8]]", saw(6L));
    db.remote("[[:db/add " + a + " :s/one 20]]");
    Decision decision = db.decide(intent);
    assertThat(decision.conflicts()).singleElement().satisfies(c -> assertThat(c.base()).containsExactly(6L));
    assertThat(db.shown(decision)).contains(List.of(a, ":s/one", 22L, true));
  }

  @Test
  void aCounterOfAPendingEntityIsSeenToo() {
    policy(":s/one", "counter");
    LocalIds pending = new LocalIds() {
      @Override
      public long resolve(long localId) {
        return localId == -40 ? a : localId;
      }

      @Override
      public boolean isMade(long localId) {
        return true;
      }
    };
    Terms terms = Terms.NONE.withSeen(List.of(new Seen(-40, ONE, List.of(4L)), new Seen(-50, ONE, List.of(1L))));
    Decision known = decide(intent("[[:db/add -40 :s/one 8]]", terms), pending);
    assertThat(db.shown(known)).contains(List.of(a, ":s/one", 9L, true));
    Decision unknown = decide(intent("[[:db/add -50 :s/one 8]]", terms), pending);
    assertThat(db.shown(unknown)).containsExactly(List.of(-50L, ":s/one", 7L, true));
  }

  @Test
  void aCustomPolicyCanListTheAttributesOfAPendingEntity() {
    Keyword custom = Keyword.of(":shop/custom");
    List<Object> listed = new ArrayList<>();
    Rules rules = Rules.builder().policy(custom, 0, meeting -> {
      listed.addAll(meeting.attributes());
      return Resolved.values(meeting.local());
    }).build();
    db.rules(rules);
    db.remote("[[:db/add :s/one :rebasis/policy " + custom + "]]");
    Terms terms = Terms.NONE.withSeen(List.of(new Seen(-50, ONE, List.of(1L))));
    LocalIds pending = new LocalIds() {
      @Override
      public long resolve(long localId) {
        return localId;
      }

      @Override
      public boolean isMade(long localId) {
        return true;
      }
    };
    Intent intent = intent("[[:db/add -50 :s/one 8]]", terms);
    Decision decision = Decider.decide(intent, db.now(), db.remote(intent.basisT()), pending, rules);
    assertThat(decision.reason()).isNull();
    assertThat(listed).containsExactly(ONE);
  }

  @Test
  void whatAnAuthorSawIsNotedWhateverThePolicy() {
    policy(":s/one", "counter");
    policy(":s/code", "max");
    Intent intent = intent(Edn.write(List.of(Edn.read("[:db/add " + b + " :s/one 1]"),
        Edn.read("[:db/add " + a + " :s/one 6]"), Edn.read("[:db/add " + a + " :s/code 9]"),
        Edn.read("[:db/add " + a + " :s/many 9]"), Edn.read("[:db/add " + a + " :s/text \"x\"]"),
        Edn.read("[:db/retractEntity " + db.entity(":s/key", "C") + "]"))), Terms.NONE);
    Decision decision = db.decide(intent);
    assertThat(Decider.seen(decision, intent, db.now(), place -> place.e() == a || place.e() == b))
        .containsExactly(new Seen(a, Keyword.of(":s/code"), List.of(1L)), new Seen(a, ONE, List.of(5L)),
            new Seen(b, ONE, List.of()), new Seen(a, Keyword.of(":s/text"), List.of("one two")));
    assertThat(Decider.seen(decision, intent, db.now(), place -> place.e() == b)).hasSize(1);
    assertThat(Decider.seen(decision, intent, db.now(), place -> false)).isEmpty();
    Intent undo = intent.withTerms(Terms.NONE.undoing(OTHER));
    assertThat(Decider.seen(decision, undo, db.now(), place -> true)).as("its base is what it undoes").isEmpty();
  }

  private Set<Object> value(Intent intent, String attribute) {
    TestDatabase copy = new TestDatabase(db);
    assertThat(copy.own(intent).reason()).isNull();
    return copy.values(a, attribute);
  }

  // ---- policies that are asked for ----

  @Test
  void thePolicyOfTheTransactionGoesBeforeTheSchemaIfItMay() {
    policy(":s/one", "server-wins");
    PolicyRef max = Policies.max();
    PolicyRef newer = new PolicyRef(Policies.max().name(), 1);
    PolicyRef nobody = Policies.custom(":shop/nobody", 0);
    assertThat(asking(Map.of(ONE, max), Rules.BUILT_IN)).isEqualTo("max");
    assertThat(asking(Map.of(ONE, newer), Rules.BUILT_IN)).isEqualTo("server-wins");
    assertThat(asking(Map.of(ONE, nobody), Rules.BUILT_IN)).isEqualTo("server-wins");
    assertThat(asking(Map.of(ONE, max), Rules.builder().mayAsk(p -> false).build())).isEqualTo("server-wins");
    assertThat(asking(Map.of(Keyword.of(":s/text"), max), Rules.BUILT_IN)).isEqualTo("server-wins");
    assertThat(asking(Map.of(), Rules.BUILT_IN)).isEqualTo("server-wins");
    Rules preview = Rules.builder().instead(Map.of(ONE, Policies.min())).build();
    assertThat(asking(Map.of(ONE, max), preview)).isEqualTo("min");
    assertThat(asking(Map.of(ONE, max), Rules.builder().instead(Map.of(ONE, nobody)).build())).isEqualTo("max");
    assertThat(asking(Map.of(), preview.toBuilder().build())).isEqualTo("min");
  }

  /** The policy that settles 6 here and 9 there. */
  private String asking(Map<Keyword, PolicyRef> policies, Rules rules) {
    return asking(new Terms(policies, List.of(), List.of(), List.of(), null, null, null), rules);
  }

  private String asking(Terms terms, Rules rules) {
    TestDatabase copy = new TestDatabase(db);
    copy.rules(rules);
    Intent intent = copy.intent("[[:db/add " + a + " :s/one 6]]", copy.basisT()).withTerms(terms);
    copy.remote("[[:db/add " + a + " :s/one 9]]");
    return copy.decide(intent).conflicts().get(0).policy().name();
  }

  @Test
  void whatTakesBackNeverHasTheLastWordWhateverTheListAllows() {
    Rules closed = Rules.builder().mayAsk(p -> false).build();
    Map<Keyword, PolicyRef> none = Map.of();
    assertThat(undoing(none, closed)).isEqualTo("server-wins");
    assertThat(undoing(none, Rules.BUILT_IN)).isEqualTo("server-wins");
    assertThat(undoing(Map.of(ONE, Policies.clientWins()), Rules.BUILT_IN)).isEqualTo("server-wins");
    assertThat(undoing(Map.of(ONE, Policies.max()), Rules.BUILT_IN)).isEqualTo("max");
    assertThat(undoing(Map.of(ONE, Policies.max()), closed)).isEqualTo("server-wins");
    policy(":s/one", "last-writer-wins");
    assertThat(undoing(none, Rules.BUILT_IN)).isEqualTo("server-wins");
    policy(":s/one", "counter");
    assertThat(undoing(none, closed)).isEqualTo("counter");
  }

  @Test
  void aPolicyFollowsItsAttributeThatOthersRenamed() {
    Keyword renamed = Keyword.of(":s/uno");
    for (Keyword name : List.of(ONE, renamed)) {
      Map<Keyword, PolicyRef> asked = new LinkedHashMap<>();
      asked.put(Keyword.of(":s/nothing"), Policies.min());
      asked.put(Keyword.of(":s/text"), Policies.park());
      asked.put(name, Policies.max());
      Terms terms = new Terms(asked, List.of(), List.of(), List.of(), null, null, null);
      Rules preview = Rules.builder().instead(asked).build();
      assertThat(decidedAfterRename(terms, Rules.BUILT_IN)).as("%s", name).isEqualTo("max");
      assertThat(decidedAfterRename(Terms.NONE, preview)).as("%s", name).isEqualTo("max");
    }
    assertThat(decidedAfterRename(Terms.NONE, Rules.BUILT_IN)).isEqualTo("last-writer-wins");
  }

  private String decidedAfterRename(Terms terms, Rules rules) {
    TestDatabase copy = new TestDatabase(db);
    copy.rules(rules);
    Intent intent = copy.intent("[[:db/add " + a + " :s/one 6]]", copy.basisT()).withTerms(terms);
    copy.remote("[[:db/add :s/one :db/ident :s/uno]]");
    copy.remote("[[:db/add " + a + " :s/uno 9]]");
    Decision decision = copy.decide(intent);
    assertThat(decision.conflicts()).as("%s", decision.reason()).hasSize(1);
    return decision.conflicts().get(0).policy().name();
  }

  private String undoing(Map<Keyword, PolicyRef> policies, Rules rules) {
    return asking(new Terms(policies, List.of(), List.of(), List.of(), null, null, null).undoing(OTHER), rules);
  }

  @Test
  void aSchemaMayNameWhatIsNotKnownHere() {
    db.rules(Rules.builder().leavesUnknownToServer().build());
    db.remote("[[:db/add :s/one :rebasis/policy :shop/nobody]]");
    Intent intent = intent("[[:db/add " + a + " :s/one 6]]", Terms.NONE);
    db.remote("[[:db/add " + a + " :s/one 9]]");
    assertThat(db.decide(intent).reason().code()).isEqualTo(Codes.POLICY_FAILED);
    assertThat(db.decide(intent).reason().message()).contains("not registered here");
    assertThat(db.decide("[[:db/add :s/one :rebasis/policy :rebasis.policy/nobody]]").reason().code())
        .isEqualTo(Codes.POLICY_UNKNOWN);
    assertThat(db.decide("[[:db/add " + a + " :rebasis/policy :shop/nobody]]").reason().code())
        .isEqualTo(Codes.POLICY_UNFIT);
    TestDatabase without = new TestDatabase(SmallSpace.SCHEMA);
    assertThat(new PolicyChoice(Rules.BUILT_IN, Terms.NONE, without.now()).of(without.now().schema().attribute(ONE)))
        .isNull();
  }

  @Test
  void whoAsksForAPolicyThatNobodyKnowsIsTold() {
    assertThat(Decider.unknownPolicy(List.of(Policies.max(), Policies.custom(":shop/x", 1)), Rules.BUILT_IN).code())
        .isEqualTo(Codes.POLICY_UNKNOWN);
    assertThat(Decider.unknownPolicy(List.of(Policies.max()), Rules.BUILT_IN)).isNull();
    Rules rules = Rules.builder().policy(Keyword.of(":shop/x"), 1, meeting -> null).build();
    assertThat(rules.knows(Policies.custom(":shop/x", 1))).isTrue();
    assertThat(rules.knows(Policies.custom(":shop/x", 2))).isFalse();
  }

  @Test
  void schemaAndPoliciesBearOnEveryDecision() {
    Datom policy = new Datom(1, db.now().schema().entid(Keyword.of(":rebasis/policy")), ONE, 1, true);
    assertThat(Decider.bearsOnAll(policy, db.now().schema())).isTrue();
    assertThat(Decider.bearsOnAll(policy, new TestDatabase(SmallSpace.SCHEMA).now().schema())).isFalse();
    assertThat(Decider.bearsOnAll(new Datom(1, 10, ONE, 1, true), db.now().schema())).isTrue();
    assertThat(Decider.bearsOnAll(new Datom(1, 62, "doc", 1, true), db.now().schema())).isFalse();
  }

  @Test
  void namesThatBelongToOthersCannotBeRegistered() {
    for (String name : List.of(":bare", ":db/x", ":db.x/y", ":rebasis/x", ":rebasis.policy/x")) {
      Keyword keyword = Keyword.of(name);
      assertThatThrownBy(() -> Rules.builder().policy(keyword, 0, meeting -> null)).hasMessageContaining(name);
      assertThatThrownBy(() -> Rules.builder().function(keyword, (view, args) -> null)).hasMessageContaining(name);
    }
    TransactionFunction own = (view, args) -> List.of();
    TransactionFunction others = (view, args) -> List.of();
    Rules rules = Rules.builder().function(Keyword.of(":f/own"), own).functions(name -> others).build();
    assertThat(rules.registered(Keyword.of(":f/own"))).isSameAs(own);
    assertThat(rules.registered(Keyword.of(":f/other"))).isSameAs(others);
    assertThat(rules.toBuilder().build().registered(Keyword.of(":f/own"))).isSameAs(own);
  }
}
