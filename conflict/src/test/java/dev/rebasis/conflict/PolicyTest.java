package dev.rebasis.conflict;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.protocol.Terms;
import dev.rebasis.protocol.Terms.PolicyRef;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which policy applies, what each makes of two changes, and that a faulty one harms nothing but its transaction. */
class PolicyTest {
  private static final String SCHEMA = """
      [{:db/ident :x/key :db/valueType :db.type/string :db/cardinality :db.cardinality/one
        :db/unique :db.unique/identity}
       {:db/ident :x/long :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
       {:db/ident :x/bigint :db/valueType :db.type/bigint :db/cardinality :db.cardinality/one}
       {:db/ident :x/double :db/valueType :db.type/double :db/cardinality :db.cardinality/one}
       {:db/ident :x/bigdec :db/valueType :db.type/bigdec :db/cardinality :db.cardinality/one}
       {:db/ident :x/text :db/valueType :db.type/string :db/cardinality :db.cardinality/one}
       {:db/ident :x/start :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
       {:db/ident :x/end :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
       {:db/ident :x/tags :db/valueType :db.type/string :db/cardinality :db.cardinality/many}]""";
  private static final Keyword CUSTOM = Keyword.of(":shop/policy");

  private final TestDatabase db = new TestDatabase(SCHEMA).withPolicies();
  private final long base = db.remote("[{:x/key \"A\" :x/long 5 :x/bigint 5N :x/double 5.0 :x/bigdec 5.0M"
      + " :x/text \"one two\" :x/start 1 :x/end 3 :x/tags [\"x\" \"y\"]}]");
  private final long a = db.entity(":x/key", "A");

  private void policy(String attribute, String policy) {
    db.remote("[[:db/add " + attribute + " :rebasis/policy " + policy + "]]");
  }

  private Decision meet(String local, String remote) {
    Intent intent = db.intent(local, db.basisT());
    db.remote(remote);
    return db.own(intent);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "last-writer-wins | :x/long | 7 | 9 | 7",
      "first-writer-wins | :x/long | 7 | 9 | 9",
      "server-wins | :x/long | 7 | 9 | 9",
      "client-wins | :x/long | 7 | 9 | 7",
      "max | :x/long | 7 | 9 | 9",
      "max | :x/long | 9 | 7 | 9",
      "min | :x/long | 7 | 9 | 7",
      "min | :x/text | \"b\" | \"a\" | \"a\"",
      "counter | :x/long | 7 | 9 | 11",
      "counter | :x/long | 7 | 7 | 9",
      "counter | :x/long | 4 | 9 | 8",
      "counter | :x/bigint | 7N | 9N | 11N",
      "counter | :x/double | 7.0 | 9.0 | 11.0",
      "counter | :x/bigdec | 7.5M | 9.0M | 11.5M",
      "add-wins | :x/long | 7 | 9 | 7",
      "union | :x/long | 7 | 9 | 7",
      "remove-wins | :x/long | 7 | 9 | 7",
      "text-merge | :x/text | \"one 1 two\" | \"one two 2\" | \"one 1 two 2\"",
      "text-merge-marked | :x/text | \"one 2\" | \"one 3\" | \"one <<<<<<< 3 ======= 2 >>>>>>>\""})
  void twoValuesOfOnePlace(String policy, String attribute, String local, String remote, String expected) {
    policy(attribute, ":rebasis.policy/" + policy);
    Decision decision = meet("[[:db/add " + a + " " + attribute + " " + local + "]]",
        "[[:db/add " + a + " " + attribute + " " + remote + "]]");
    Object value = Edn.read(expected);
    assertThat(decision.reason()).isNull();
    assertThat(db.values(a, attribute)).containsExactly(value);
    assertThat(decision.kind()).isEqualTo(OutcomeKind.MERGED);
    assertThat(decision.conflicts()).singleElement().satisfies(conflict -> {
      assertThat(conflict.policy()).isEqualTo(Keyword.of(":rebasis.policy/" + policy));
      assertThat(conflict.resolved()).containsExactly(value);
    });
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      // A value retracted here and replaced or kept there, and the other way round.
      "last-writer-wins | [:db/retract E :x/long] | [:db/add E :x/long 9] | ",
      "server-wins | [:db/retract E :x/long] | [:db/add E :x/long 9] | 9",
      "add-wins | [:db/retract E :x/long] | [:db/add E :x/long 9] | 9",
      "remove-wins | [:db/retract E :x/long] | [:db/add E :x/long 9] | ",
      "max | [:db/retract E :x/long] | [:db/add E :x/long 9] | 9",
      "counter | [:db/retract E :x/long] | [:db/add E :x/long 9] | 4",
      "last-writer-wins | [:db/retract E :x/long 5] | [:db/add E :x/long 9] | 9",
      "client-wins | [:db/retract E :x/long 5] | [:db/add E :x/long 9] | 9",
      "remove-wins | [:db/retract E :x/long 5] | [:db/add E :x/long 9] | ",
      "last-writer-wins | [:db/add E :x/long 7] | [:db/retract E :x/long] | 7",
      "server-wins | [:db/add E :x/long 7] | [:db/retract E :x/long] | ",
      "add-wins | [:db/add E :x/long 7] | [:db/retract E :x/long] | 7",
      "remove-wins | [:db/add E :x/long 7] | [:db/retract E :x/long] | ",
      "min | [:db/add E :x/long 7] | [:db/retract E :x/long] | 7",
      "counter | [:db/add E :x/long 7] | [:db/retract E :x/long] | 2"})
  void valuesAndRetractionsOfOnePlace(String policy, String local, String remote, Long expected) {
    policy(":x/long", ":rebasis.policy/" + policy);
    Decision decision = meet(on(local), on(remote));
    assertThat(decision.kind()).isEqualTo(OutcomeKind.MERGED);
    assertThat(db.values(a, ":x/long")).isEqualTo(expected == null ? Set.of() : Set.of(expected));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "add-wins | [:db/add E :x/tags \"x\"] | [:db/retract E :x/tags \"x\"] | x y",
      "union | [:db/add E :x/tags \"x\"] | [:db/retract E :x/tags \"x\"] | x y",
      "last-writer-wins | [:db/add E :x/tags \"x\"] | [:db/retract E :x/tags \"x\"] | x y",
      "remove-wins | [:db/add E :x/tags \"x\"] | [:db/retract E :x/tags \"x\"] | y",
      "server-wins | [:db/add E :x/tags \"x\"] | [:db/retract E :x/tags \"x\"] | y",
      "add-wins | [:db/retract E :x/tags] | [:db/add E :x/tags \"z\"] | z",
      "client-wins | [:db/retract E :x/tags] | [:db/add E :x/tags \"z\"] | ''",
      "remove-wins | [:db/retract E :x/tags] | [:db/add E :x/tags \"z\"] | ''",
      "first-writer-wins | [:db/retract E :x/tags] | [:db/add E :x/tags \"z\"] | z"})
  void valuesOfCardinalityMany(String policy, String local, String remote, String expected) {
    policy(":x/tags", ":rebasis.policy/" + policy);
    assertThat(meet(on(local), on(remote)).kind()).isEqualTo(OutcomeKind.MERGED);
    assertThat(db.values(a, ":x/tags")).isEqualTo(expected.isEmpty() ? Set.of() : Set.of((Object[]) expected.split(" ")));
  }

  private String on(String form) {
    return "[" + form.replace("E", Long.toString(a)) + "]";
  }

  @ParameterizedTest
  @CsvSource({"park, PARKED, :rebasis.error/conflict-parked", "reject, REJECTED, :rebasis.error/conflict-rejected"})
  void parkAndRejectKeepTheThreeValues(String policy, OutcomeKind kind, String code) {
    policy(":x/long", ":rebasis.policy/" + policy);
    Decision decision = meet("[[:db/add " + a + " :x/long 7]]", "[[:db/add " + a + " :x/long 9]]");
    assertThat(decision.kind()).isEqualTo(kind);
    assertThat(decision.reason().code()).isEqualTo(Keyword.of(code));
    assertThat(decision.conflicts()).singleElement().satisfies(conflict -> {
      assertThat(conflict.base()).containsExactly(5L);
      assertThat(conflict.local()).containsExactly(7L);
      assertThat(conflict.remote()).containsExactly(9L);
    });
    assertThat(db.values(a, ":x/long")).containsExactly(9L);
  }

  @Test
  void textThatBothChangedInTheSameWordsIsParked() {
    policy(":x/text", ":rebasis.policy/text-merge");
    Decision decision = meet("[[:db/add " + a + " :x/text \"one 2\"]]", "[[:db/add " + a + " :x/text \"one 3\"]]");
    assertThat(decision.kind()).isEqualTo(OutcomeKind.PARKED);
    assertThat(decision.reason().message()).contains("the same words");
  }

  @Test
  void theTransactionsPolicyGoesBeforeTheSchemas() {
    policy(":x/long", ":rebasis.policy/server-wins");
    assertThat(asking(Policies.counter()).kind()).isEqualTo(OutcomeKind.MERGED);
    assertThat(db.values(a, ":x/long")).containsExactly(11L);
  }

  @Test
  void aPolicyThatTheOperatorDoesNotAllowIsPassedOver() {
    policy(":x/long", ":rebasis.policy/server-wins");
    db.rules(Rules.builder().mayAsk(asked -> false).build());
    Decision decision = asking(Policies.counter());
    assertThat(db.values(a, ":x/long")).containsExactly(9L);
    assertThat(decision.conflicts()).extracting(Conflict::policy).containsExactly(Policies.serverWins().name());
  }

  @Test
  void aCustomPolicyOfAnotherVersionIsPassedOver() {
    db.rules(Rules.builder().policy(CUSTOM, 2, meeting -> Resolved.value(77L)).build());
    asking(new PolicyRef(CUSTOM, 1));
    assertThat(db.values(a, ":x/long")).containsExactly(7L);
    asking(new PolicyRef(CUSTOM, 2));
    assertThat(db.values(a, ":x/long")).containsExactly(77L);
  }

  /** 7 here, 9 there, under a policy that the transaction asks for. */
  private Decision asking(PolicyRef policy) {
    Intent intent = db.intent("[[:db/add " + a + " :x/long 7]]", db.basisT());
    db.remote("[[:db/add " + a + " :x/long 9]]");
    return db.own(intent.withTerms(new Terms(
        Map.of(Keyword.of(":x/long"), policy), List.of(), List.of(), List.of(), null, null, null)));
  }

  @Test
  void unknownAndUnfitPoliciesAreErrors() {
    assertRejected("[[:db/add :x/long :rebasis/policy :rebasis.policy/nonsense]]", ":rebasis.error/unknown-policy");
    assertRejected("[[:db/add :x/long :rebasis/policy :shop/nobody]]", ":rebasis.error/unknown-policy");
    assertRejected("[[:db/add :x/text :rebasis/policy :rebasis.policy/counter]]", ":rebasis.error/policy-does-not-fit");
    assertRejected("[[:db/add :x/tags :rebasis/policy :rebasis.policy/max]]", ":rebasis.error/policy-does-not-fit");
    assertRejected("[[:db/add " + a + " :rebasis/policy :rebasis.policy/max]]", ":rebasis.error/policy-does-not-fit");
    assertRejected("[{:db/ident :x/new :db/valueType :db.type/string :db/cardinality :db.cardinality/many"
        + " :rebasis/policy :rebasis.policy/text-merge}]", ":rebasis.error/policy-does-not-fit");
    db.rules(Rules.builder().leavesUnknownToServer().build());
    assertThat(db.decide("[[:db/add :x/long :rebasis/policy :shop/nobody]]").kind()).isEqualTo(OutcomeKind.ACCEPTED);
    assertRejected("[[:db/add :x/long :rebasis/policy :rebasis.policy/nonsense]]", ":rebasis.error/unknown-policy");
  }

  private void assertRejected(String forms, String code) {
    Decision decision = db.decide(forms);
    assertThat(decision.kind()).as(forms).isEqualTo(OutcomeKind.REJECTED);
    assertThat(decision.reason().code()).as(forms).isEqualTo(Keyword.of(code));
  }

  @Test
  void aPolicyThatIsNotRegisteredHereParks() {
    db.rules(Rules.builder().leavesUnknownToServer().build());
    policy(":x/long", ":shop/nobody");
    Decision decision = meet("[[:db/add " + a + " :x/long 7]]", "[[:db/add " + a + " :x/long 9]]");
    assertThat(decision.kind()).isEqualTo(OutcomeKind.PARKED);
    assertThat(decision.reason().message()).contains("not registered here");
  }

  @Test
  void aCustomPolicySeesTheWholeEntityAndSettlesRelatedAttributes() {
    CustomPolicy interval = meeting -> {
      long start = Math.min((Long) meeting.local(Keyword.of(":x/start")).get(0),
          (Long) meeting.remote(Keyword.of(":x/start")).get(0));
      long end = Math.max((Long) meeting.local(Keyword.of(":x/end")).get(0),
          (Long) meeting.remote(Keyword.of(":x/end")).get(0));
      assertThat(meeting.base(Keyword.of(":x/start"))).containsExactly(1L);
      return Resolved.value(start).and(Keyword.of(":x/end"), List.of(end));
    };
    db.rules(Rules.builder().policy(CUSTOM, 0, interval).callsTwice().build());
    policy(":x/start", CUSTOM.toString());
    Decision decision = meet("[{:db/id " + a + " :x/start 2 :x/end 9}]", "[{:db/id " + a + " :x/start 0 :x/end 4}]");
    assertThat(decision.reason()).isNull();
    assertThat(db.values(a, ":x/start")).containsExactly(0L);
    assertThat(db.values(a, ":x/end")).containsExactly(9L);
    assertThat(decision.conflicts()).extracting(Conflict::attribute)
        .containsExactly(Keyword.of(":x/start"), Keyword.of(":x/end"));
  }

  @Test
  void whatGoesWrongInACustomPolicyParksItsTransactionWithTheError() {
    AtomicInteger calls = new AtomicInteger();
    Map<CustomPolicy, String> faults = Map.of(
        meeting -> {
          throw new IllegalStateException("no idea");
        }, "no idea",
        meeting -> null, "null",
        meeting -> Resolved.value("text"), "not a valid long",
        meeting -> Resolved.value(null), "Nil",
        meeting -> Resolved.values(List.of(1L, 2L)), "takes one value",
        meeting -> Resolved.value(1L).and(Keyword.of(":x/nothing"), List.of()), ":x/nothing",
        meeting -> Resolved.value((long) calls.incrementAndGet()), "differently each time",
        meeting -> deep(0), "StackOverflow");
    faults.forEach((policy, part) -> {
      db.rules(Rules.builder().policy(CUSTOM, 0, policy).callsTwice().build());
      policy(":x/long", CUSTOM.toString());
      Decision decision = meet("[[:db/add " + a + " :x/long 17]]", "[[:db/add " + a + " :x/long 1" + part.length() + "]]");
      assertThat(decision.kind()).as(part).isEqualTo(OutcomeKind.PARKED);
      assertThat(decision.reason().code()).as(part).isEqualTo(Codes.POLICY_FAILED);
      assertThat(decision.reason().message()).contains(part);
      assertThat(decision.conflicts()).hasSize(1);
    });
  }

  private static Resolved deep(int depth) {
    return deep(depth + 1);
  }

  @Test
  void aCounterRaisedTwiceByItsOwnClientCountsTwice() {
    policy(":x/long", ":rebasis.policy/counter");
    long from = db.basisT();
    Intent first = db.intent("[[:db/add " + a + " :x/long 6]]", from);
    Intent second = db.intent("[[:db/add " + a + " :x/long 7]]", from).withTerms(
        Terms.NONE.withSeen(List.of(new Terms.Seen(a, Keyword.of(":x/long"), List.of(6L)))));
    db.remote("[[:db/add " + a + " :x/long 15]]");
    assertThat(db.own(first).kind()).isEqualTo(OutcomeKind.MERGED);
    assertThat(db.values(a, ":x/long")).containsExactly(16L);
    Decision decision = db.own(second);
    assertThat(db.values(a, ":x/long")).containsExactly(17L);
    assertThat(decision.kind()).as("a client's own transaction is never its conflict").isEqualTo(OutcomeKind.ACCEPTED);
  }

  @Test
  void aCounterBeyondItsTypeIsParked() {
    policy(":x/long", ":rebasis.policy/counter");
    Decision decision = meet("[[:db/add " + a + " :x/long " + Long.MAX_VALUE + "]]", "[[:db/add " + a + " :x/long 9]]");
    assertThat(decision.kind()).isEqualTo(OutcomeKind.PARKED);
    assertThat(decision.reason().message()).contains("64 bits");
  }
}
