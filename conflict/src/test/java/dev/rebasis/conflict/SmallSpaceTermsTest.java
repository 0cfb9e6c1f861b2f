package dev.rebasis.conflict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.protocol.Terms.PolicyRef;
import dev.rebasis.protocol.Terms;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * Goal: what an intent says beside its forms (groups, predecessors, deadlines, policies) bears on the
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
    };
  }

  private Decision decide(Intent intent, LocalIds ids) {
    return Decider.decide(intent, db.now(), db.remote(intent.basisT()), ids, Rules.BUILT_IN);
  }

  @Test
  void aPredecessorThatFailedParks() {
    String forms = "[[:db/add " + a + " :s/one 6]]";
    Intent after = intent(forms, Terms.NONE.withAfter(List.of(new UUID(1, 1), OTHER)));
    assertThat(decide(after, ids(false)).kind()).isEqualTo(OutcomeKind.ACCEPTED);
    assertThat(decide(after, ids(true)).reason().code()).isEqualTo(Codes.PREDECESSOR);
    assertThat(decide(after, ids(true)).kind()).isEqualTo(OutcomeKind.PARKED);
    assertThat(decide(after, ids(true)).reason().data()).containsEntry(Problem.PREDECESSOR, OTHER);
    assertThat(decide(after, ids(true)).conflicts()).containsExactly(
        Conflict.waiting(ConflictKinds.PREDECESSOR, after.txLocalId(), OTHER));
    Intent both = intent("[[:db/add -500 :s/one 6]]", Terms.NONE.withAfter(List.of(OTHER)));
    assertThat(decide(both, ids(true)).conflicts()).as("the transaction says more than its entity").containsExactly(
        Conflict.waiting(ConflictKinds.PREDECESSOR, both.txLocalId(), OTHER));
    Intent byKey = intent("[[:db/add [:s/key \"N\"] :s/one 6]]", Terms.NONE.withAfter(List.of(OTHER)));
    assertThat(decide(byKey, ids(false)).kind()).isEqualTo(OutcomeKind.REJECTED);
    assertThat(decide(byKey, ids(true)).kind()).as("what it lacks the predecessor made").isEqualTo(OutcomeKind.PARKED);
    assertThat(decide(byKey, ids(true)).reason().code()).isEqualTo(Codes.PREDECESSOR);
    LocalIds simple = id -> id;
    assertThat(decide(after, simple).kind()).as("who knows of no failures").isEqualTo(OutcomeKind.ACCEPTED);
    assertThat(Decider.decide(after, db.now(), RemoteChanges.NONE, simple).kind()).isEqualTo(OutcomeKind.ACCEPTED);
  }

  @Test
  void ofAGroupTheFirstThatFailsIsParkedForItsOwnReasonAndTheOthersBecauseOfIt() {
    Intent failing = intent("[[:db/cas " + a + " :s/one 4 6]]", Terms.NONE);
    Decision tried = decide(failing, id -> id);
    assertThat(tried.kind()).isEqualTo(OutcomeKind.REJECTED);
    Conflict met = Conflict.waiting(ConflictKinds.PREDECESSOR, -1, OTHER);
    GroupFate fate = new GroupFate(failing.id(), tried.reason(), List.of(met));
    Decision own = fate.of(failing, tried.footprint());
    assertThat(own.kind()).as("it may be wanted again, with the others").isEqualTo(OutcomeKind.PARKED);
    assertThat(own.reason()).isEqualTo(tried.reason());
    assertThat(own.conflicts()).containsExactly(met);
    assertThat(new GroupFate(failing.id(), tried.reason(), List.of()).of(failing, tried.footprint()).conflicts())
        .as("where nothing met").containsExactly(Conflict.waiting(ConflictKinds.GROUP, failing.txLocalId(), failing.id()));
    assertThat(own.footprint()).isEqualTo(new Footprint(tried.footprint().reads(), Set.of()));
    Intent other = intent("[[:db/add " + b + " :s/one 6]]", Terms.NONE);
    Decision kept = fate.of(other, Footprint.EMPTY);
    assertThat(kept.kind()).isEqualTo(OutcomeKind.PARKED);
    assertThat(kept.datoms()).isEmpty();
    assertThat(kept.reason().code()).isEqualTo(Codes.GROUP);
    assertThat(kept.reason().message()).contains(failing.id().toString(), tried.reason().message());
    assertThat(kept.reason().data()).containsEntry(Problem.PREDECESSOR, failing.id());
    assertThat(kept.conflicts()).containsExactly(
        Conflict.waiting(ConflictKinds.GROUP, other.txLocalId(), failing.id()));
  }

  @Test
  void anEntityThatNoTransactionMadeParksWhatNamesIt() {
    Intent intent = intent("[[:db/add -500 :s/one 6]]", Terms.NONE);
    assertThat(decide(intent, id -> id).reason().code()).isEqualTo(Codes.PREDECESSOR);
    assertThat(decide(intent, id -> id).conflicts()).containsExactly(
        Conflict.waiting(ConflictKinds.PREDECESSOR, intent.txLocalId(), -500L));
    assertThat(decide(intent, id -> a).datoms()).hasSize(2);
    Decision decision = decide(intent, PendingIds.MADE);
    assertThat(decision.datoms()).singleElement().satisfies(d -> assertThat(d.e()).isEqualTo(-500));
    assertThat(decision.needs()).contains(new FootprintKey.Entity(-500));
    Decision referring = decide(intent("[[:db/add " + b + " :s/to -500]]", Terms.NONE), PendingIds.MADE);
    assertThat(referring.needs()).contains(new FootprintKey.Entity(-500));
    Decision lookup = decide(intent("[[:db/add -500 :s/code 1]]", Terms.NONE), PendingIds.MADE);
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

  // ---- policies that are asked for ----

  private void policy(String attribute, String policy) {
    db.remote("[[:db/add " + attribute + " :rebasis/policy :rebasis.policy/" + policy + "]]");
  }

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
  void whoAsksForAPolicyThatDoesNotFitIsTold() {
    Rules rules = Rules.builder().policy(Keyword.of(":shop/x"), 1, meeting -> null).build();
    Keyword many = Keyword.of(":s/many");
    assertThat(Decider.unfitPolicy(Map.of(ONE, Policies.counter()), db.now().schema(), rules)).isNull();
    assertThat(Decider.unfitPolicy(Map.of(many, Policies.custom(":shop/unknown", 1)), db.now().schema(), rules))
        .as("that is told in other words").isNull();
    assertThat(Decider.unfitPolicy(Map.of(many, Policies.counter()), db.now().schema(), rules).code())
        .isEqualTo(Codes.POLICY_UNFIT);
    assertThat(Decider.unfitPolicy(Map.of(Keyword.of(":s/nothing"), Policies.max()), db.now().schema(), rules))
        .hasMessageContaining("There is no attribute :s/nothing");
  }

  @Test
  void whatWaitsAndIsWrongBesideHasBothOnRecord() {
    Rules rules = Rules.builder().premises((premise, view, ids) -> new PremiseCheck.Broken(5L, 7L)).build();
    Terms terms = Terms.NONE.withAfter(List.of(OTHER)).withPremises(
        List.of(new Terms.Premise(List.of(Keyword.of(":find")), List.of(), "")));
    Intent intent = intent("[[:db/add -500 :s/one 6]]", terms);
    Decision decision = Decider.decide(intent, db.now(), RemoteChanges.NONE, ids(true), rules);
    assertThat(decision.kind()).isEqualTo(OutcomeKind.PARKED);
    assertThat(decision.conflicts()).extracting(Conflict::kind)
        .containsExactlyInAnyOrder(ConflictKinds.PREDECESSOR, ConflictKinds.PREMISE_CHANGED);
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
  void rulesThatAreAddedToKeepWhatTheyHad() {
    Keyword custom = Keyword.of(":shop/x");
    Rules rules = Rules.builder().policy(custom, 3, meeting -> null).build();
    Rules more = rules.toBuilder().policy(Keyword.of(":shop/y"), 0, meeting -> null).build();
    assertThat(more.knows(new PolicyRef(custom, 3))).isTrue();
    assertThat(more.knows(new PolicyRef(custom, 2))).as("another version").isFalse();
    assertThat(more.policyNames()).contains(custom, Keyword.of(":shop/y"), Policies.counter().name())
        .containsAll(Rules.BUILT_IN.policyNames()).hasSize(BuiltInPolicy.all().size() + 2);
    assertThat(rules.policyNames()).as("these are as they were").doesNotContain(Keyword.of(":shop/y"));
    assertThat(more.function(Keyword.of(":shop/f"))).as("nothing was registered").isNull();
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
