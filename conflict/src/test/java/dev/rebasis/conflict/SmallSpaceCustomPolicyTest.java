package dev.rebasis.conflict;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.data.Keyword;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.protocol.Terms;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Goal: whatever a custom policy answers becomes a decision that fits the attribute, and what it is shown is the entity as
 * base, local and remote have it. Method: every kind of answer on attributes of each shape, and a policy that looks at
 * everything.
 */
class SmallSpaceCustomPolicyTest {
  private static final Keyword CUSTOM = Keyword.of(":shop/custom");
  private static final Keyword ONE = Keyword.of(":s/one");
  private static final Keyword MANY = Keyword.of(":s/many");

  private final TestDatabase db = SmallSpace.database();
  private final long a = db.entity(":s/key", "A");
  private final long b = db.entity(":s/key", "B");

  private Decision meet(CustomPolicy policy, String attribute, String local, String remote) {
    return meet(policy, attribute, local, remote, Terms.NONE);
  }

  private Decision meet(CustomPolicy policy, String attribute, String local, String remote, Terms terms) {
    db.rules(SmallSpace.RULES.toBuilder().policy(CUSTOM, 0, policy).callsTwice().build());
    db.remote("[[:db/add " + attribute + " :rebasis/policy " + CUSTOM + "]]");
    Intent intent = db.intent("[" + local.replace("A", "" + a).replace("B", "" + b) + "]", db.basisT()).withTerms(terms);
    db.remote("[" + remote.replace("A", "" + a).replace("B", "" + b) + "]");
    return db.own(intent);
  }

  static Stream<Arguments> answers() {
    List<Object> none = Arrays.asList((Object) null);
    return Stream.of(
        answer(":s/one", OutcomeKind.PARKED, Codes.CONFLICT_PARKED, Set.of(7L), Resolved.park("why")),
        answer(":s/one", OutcomeKind.REJECTED, Codes.CONFLICT_REJECTED, Set.of(7L), Resolved.reject("why")),
        answer(":s/one", OutcomeKind.PARKED, Codes.POLICY_FAILED, Set.of(7L), new Resolved.Failed("why")),
        answer(":s/one", OutcomeKind.PARKED, Codes.POLICY_FAILED, Set.of(7L), null),
        answer(":s/one", OutcomeKind.PARKED, Codes.POLICY_FAILED, Set.of(7L), Resolved.values(List.of(1L, 2L))),
        answer(":s/one", OutcomeKind.PARKED, Codes.POLICY_FAILED, Set.of(7L), Resolved.value("text")),
        answer(":s/one", OutcomeKind.PARKED, Codes.POLICY_FAILED, Set.of(7L), Resolved.values(none)),
        answer(":s/one", OutcomeKind.MERGED, null, Set.of(3L), Resolved.value(3)),
        answer(":s/one", OutcomeKind.MERGED, null, Set.of(), Resolved.values(List.of())),
        answer(":s/one", OutcomeKind.MERGED, null, Set.of(7L), Resolved.value(7L)),
        answer(":s/one", OutcomeKind.MERGED, null, Set.of(3L), Resolved.value(3L).and(MANY, List.of(1L, 9L))),
        answer(":s/one", OutcomeKind.MERGED, null, Set.of(3L), Resolved.value(3L).and(Keyword.of(":s/text"), List.of())),
        answer(":s/one", OutcomeKind.MERGED, null, Set.of(3L), Resolved.value(3L).and(Keyword.of(":s/to"), List.of(10L))),
        answer(":s/one", OutcomeKind.PARKED, Codes.POLICY_FAILED, Set.of(7L),
            Resolved.value(3L).and(Keyword.of(":s/none"), List.of())),
        answer(":s/one", OutcomeKind.PARKED, Codes.POLICY_FAILED, Set.of(7L), Resolved.value(3L).and(MANY, null)),
        answer(":s/one", OutcomeKind.PARKED, Codes.POLICY_FAILED, Set.of(7L),
            Resolved.value(3L).and(Keyword.of(":s/to"), List.of("t"))),
        answer(":s/pair", OutcomeKind.MERGED, null, Set.of(List.of(3L, 3L)), Resolved.value(List.of(3L, 3L))),
        answer(":s/pair", OutcomeKind.PARKED, Codes.POLICY_FAILED, Set.of(List.of(2L, 2L)), Resolved.value(List.of(3L))));
  }

  private static Arguments answer(String attribute, OutcomeKind kind, Keyword code, Set<Object> after, Resolved resolved) {
    return Arguments.of(attribute, kind, code, after, resolved);
  }

  @ParameterizedTest(name = "{0} {4}")
  @MethodSource("answers")
  void anAnswerFitsOrParks(String attribute, OutcomeKind kind, Keyword code, Set<Object> after, Resolved resolved) {
    boolean pair = attribute.equals(":s/pair");
    Decision decision = meet(meeting -> resolved, attribute, "[:db/add A " + attribute + (pair ? " [8 8]]" : " 8]"),
        "[:db/add A " + attribute + (pair ? " [2 2]]" : " 7]"));
    assertThat(decision.kind()).as("%s", decision.reason()).isEqualTo(kind);
    assertThat(db.values(a, attribute)).isEqualTo(after);
    assertThat(decision.reason() == null ? null : decision.reason().code()).isEqualTo(code);
    assertThat(decision.conflicts()).isNotEmpty().allSatisfy(c -> assertThat(c.policy()).isEqualTo(CUSTOM));
    if (resolved instanceof Resolved.Values values && code == null) {
      values.related().forEach((other, set) -> assertThat(db.values(a, other.toString())).isEqualTo(Set.copyOf(set)));
      assertThat(decision.conflicts()).hasSize(1 + values.related().size());
    }
  }

  static Stream<Throwable> thrown() {
    return Stream.of(new IllegalStateException("an exception"), new Error("not an exception"),
        new OutOfMemoryError("no memory"), new StackOverflowError("too deep"), new LinkageError("no class"),
        new AssertionError("not so"), new RuntimeException() {
          @Override
          public String toString() {
            throw new Error("no words");
          }
        });
  }

  @ParameterizedTest
  @MethodSource("thrown")
  void whateverAPolicyThrowsParksWithIt(Throwable thrown) {
    Decision decision = meet(meeting -> {
      throw SmallSpaceCustomPolicyTest.<RuntimeException>asIs(thrown);
    }, ":s/one", "[:db/add A :s/one 6]", "[:db/add A :s/one 7]");
    assertThat(decision.kind()).isEqualTo(OutcomeKind.PARKED);
    assertThat(decision.reason().code()).isEqualTo(Codes.POLICY_FAILED);
    assertThat(decision.reason().message()).contains(Guard.words(thrown));
  }

  @SuppressWarnings("unchecked")
  private static <T extends Throwable> T asIs(Throwable thrown) throws T {
    throw (T) thrown;
  }

  @Test
  void aPolicyOfASetSettlesOnlyWhatMet() {
    // 1 is added here and retracted there, 3 is retracted here and added there; 2 met nothing.
    Decision decision = meet(meeting -> Resolved.values(List.of(1L, 7L, 2L)), ":s/many",
        "[:db/add A :s/many 1] [:db/retract A :s/many]", "[:db/retract A :s/many 1] [:db/add A :s/many 3]");
    assertThat(decision.reason()).isNull();
    assertThat(decision.conflicts()).extracting(Conflict::kind)
        .containsExactly(ConflictKinds.ADDED_VALUE_RETRACTED, ConflictKinds.RETRACTED_VALUE_ADDED);
    assertThat(db.values(a, ":s/many")).containsExactlyInAnyOrder(1L, 7L);
  }

  @Test
  void aSetOfWhichNothingIsKept() {
    Decision decision = meet(meeting -> Resolved.values(List.of()), ":s/many",
        "[:db/add A :s/many 1] [:db/retract A :s/many 2] [:db/retract A :s/many 3] [:db/add A :s/one 6]",
        "[:db/retract A :s/many 1] [:db/add A :s/many 3]");
    assertThat(decision.reason()).isNull();
    assertThat(db.values(a, ":s/many")).isEmpty();
    assertThat(db.values(a, ":s/one")).containsExactly(6L);
  }

  @Test
  void twoRelatedAttributesThatMetAreSettledOnceAndRecordedOnce() {
    db.rules(SmallSpace.RULES.toBuilder().policy(CUSTOM, 0, meeting -> Resolved.value(1L)).build());
    db.remote("[[:db/add :s/code :rebasis/policy " + CUSTOM + "]]");
    CustomPolicy policy = meeting -> meeting.attribute().ident() == ONE
        ? Resolved.value(50L).and(Keyword.of(":s/code"), List.of(60L)) : Resolved.value(70L).and(ONE, List.of(80L));
    Decision decision = meet(policy, ":s/one", "{:db/id A :s/one 6 :s/code 6 :s/text \"x\"}", "{:db/id A :s/one 7 :s/code 7}");
    assertThat(decision.reason()).isNull();
    assertThat(db.values(a, ":s/one")).containsExactly(50L);
    assertThat(db.values(a, ":s/code")).containsExactly(60L);
    assertThat(db.values(a, ":s/text")).containsExactly("x");
    assertThat(decision.conflicts()).extracting(Conflict::attribute).containsExactly(ONE, Keyword.of(":s/code"));
  }

  @Test
  void relatedValuesLeaveOtherAttributesAndEntitiesAlone() {
    Decision decision = meet(meeting -> Resolved.value(50L).and(MANY, List.of(2L, 9L)), ":s/one",
        "[:db/add A :s/one 6] [:db/retract A :s/text \"one two\"] [:db/retract A :s/code] [:db/add B :s/many 7]"
            + " [:db/retract A :s/many 2] [:db/retractEntity [:s/key \"C\"]]",
        "[:db/add A :s/one 7]");
    assertThat(decision.reason()).isNull();
    assertThat(db.values(a, ":s/one")).containsExactly(50L);
    assertThat(db.values(a, ":s/many")).containsExactlyInAnyOrder(2L, 9L);
    assertThat(db.values(b, ":s/many")).containsExactly(7L);
    assertThat(db.values(a, ":s/text")).isEmpty();
    assertThat(db.values(a, ":s/code")).isEmpty();
  }

  @Test
  void aRelatedRecordThatIsThereAlreadyIsNotRepeated() {
    // The policy names its own attribute as related: one record is enough.
    Decision decision = meet(meeting -> Resolved.value(50L).and(ONE, List.of(50L)), ":s/one",
        "[:db/add A :s/one 6]", "[:db/add A :s/one 7]");
    assertThat(decision.conflicts()).hasSize(1);
    assertThat(db.values(a, ":s/one")).containsExactly(50L);
  }

  @Test
  void aPolicyThatAnswersDifferentlyEachTimeParks() {
    int[] calls = {0};
    Decision decision = meet(meeting -> Resolved.value(++calls[0]), ":s/one", "[:db/add A :s/one 6]", "[:db/add A :s/one 7]");
    assertThat(decision.reason().code()).isEqualTo(Codes.POLICY_FAILED);
    assertThat(decision.reason().message()).contains("differently each time");
    db.rules(SmallSpace.RULES.toBuilder().policy(CUSTOM, 0, meeting -> Resolved.value(++calls[0])).build());
    Intent intent = db.intent("[[:db/add " + a + " :s/one 6]]", db.basisT());
    db.remote("[[:db/add " + a + " :s/one 9]]");
    assertThat(db.decide(intent).kind()).as("called once").isEqualTo(OutcomeKind.MERGED);
  }

  @Test
  void agreementUnderACustomPolicyIsNoConflict() {
    Decision decision = meet(meeting -> Resolved.values(meeting.local()), ":s/one", "[:db/add A :s/one 7]",
        "[:db/add A :s/one 7]");
    assertThat(decision.kind()).isEqualTo(OutcomeKind.ACCEPTED);
    Decision other = meet(meeting -> Resolved.value(77L), ":s/one", "[:db/add A :s/one 8]", "[:db/add A :s/one 8]");
    assertThat(other.kind()).isEqualTo(OutcomeKind.MERGED);
    assertThat(db.values(a, ":s/one")).containsExactly(77L);
  }

  @Test
  void aPolicyLearnsEverythingAboutTheMeeting() {
    List<String> seen = new ArrayList<>();
    meet(meeting -> {
      seen.clear();
      seen.add(meeting.kind() + " " + meeting.attribute().ident() + " " + (meeting.entity() == a) + " " + meeting.base()
          + meeting.local() + meeting.remote());
      return Resolved.park("");
    }, ":s/one", "[:db/add A :s/one 6]", "[:db/add A :s/one 7]");
    assertThat(seen).containsExactly(":rebasis.conflict/same-value-changed :s/one true [5][6][7]");
  }

  static Stream<Arguments> sides() {
    return Stream.of(
        // local change of another attribute; its values on base, local, remote
        Arguments.of(":s/text", "[:db/add A :s/text \"l\"]", "[:db/add A :s/text \"r\"]", "[one two]", "[l]", "[r]"),
        Arguments.of(":s/text", "[:db/add A :s/text \"l\"]", "", "[one two]", "[l]", "[one two]"),
        Arguments.of(":s/text", "", "[:db/add A :s/text \"r\"]", "[one two]", "[one two]", "[r]"),
        Arguments.of(":s/text", "[:db/retract A :s/text \"one two\"]", "", "[one two]", "[]", "[one two]"),
        Arguments.of(":s/text", "[:db/retract A :s/text]", "", "[one two]", "[]", "[one two]"),
        Arguments.of(":s/text", "[:db/cas A :s/text \"one two\" \"l\"]", "", "[one two]", "[l]", "[one two]"),
        Arguments.of(":s/text", "[:db/cas A :s/code 1 9]", "", "[one two]", "[one two]", "[one two]"),
        Arguments.of(":s/text", "[:db/retract A :s/code]", "", "[one two]", "[one two]", "[one two]"),
        Arguments.of(":s/text", "[:db/retract A :s/code 1]", "", "[one two]", "[one two]", "[one two]"),
        Arguments.of(":s/text", "[:db/add B :s/text \"b\"]", "", "[one two]", "[one two]", "[one two]"),
        Arguments.of(":s/text", "[:db/retractEntity A]", "", "[one two]", "[]", "[one two]"),
        Arguments.of(":s/many", "[:db/add A :s/many 3]", "[:db/retract A :s/many 1]", "[1, 2]", "[1, 2, 3]", "[2]"),
        Arguments.of(":s/many", "[:db/retract A :s/many 2]", "[:db/add A :s/many 4]", "[1, 2]", "[1]", "[1, 2, 4]"),
        Arguments.of(":s/none", "", "", "[]", "[]", "[]"));
  }

  @ParameterizedTest(name = "{1} | {2}")
  @MethodSource("sides")
  void aPolicySeesTheWholeEntityOnAllThreeSides(
      String attribute, String local, String remote, String base, String wanted, String left) {
    Keyword other = Keyword.of(attribute);
    List<String> seen = new ArrayList<>();
    Consumer<Meeting> look = meeting -> {
      seen.clear();
      seen.addAll(List.of(meeting.base(other).toString(), meeting.local(other).toString(), meeting.remote(other).toString()));
    };
    meet(meeting -> {
      look.accept(meeting);
      return Resolved.park("");
    }, ":s/one", "[:db/add A :s/one 6] " + local, "[:db/add A :s/one 7] " + remote);
    assertThat(seen).containsExactly(base, wanted, left);
  }

  @Test
  void aPolicyCanListTheAttributesOfAllThreeSides() {
    List<String> seen = new ArrayList<>();
    CustomPolicy look = meeting -> {
      seen.clear();
      meeting.attributes().forEach(other -> seen.add(
          other + " " + meeting.base(other) + meeting.local(other) + meeting.remote(other)));
      return Resolved.park("");
    };
    meet(look, ":s/one", "[:db/add A :s/one 6] [:db/add A :s/double 2.5] [:db/cas A :s/code 1 2] [:db/add B :s/refs B]"
            + " [:db/retract A :s/float 1.5]",
        "[:db/add A :s/one 7] [:db/retract A :s/text \"one two\"] [:db/add A :s/to B]");
    assertThat(seen).contains(":s/one [5][6][7]", ":s/text [one two][one two][]", ":s/double [1.5][2.5][1.5]",
        ":s/code [1][2][1]", ":s/many [1, 2][1, 2][1, 2]", ":s/key [A][A][A]")
        .anyMatch(line -> line.startsWith(":s/to "))
        .noneMatch(line -> line.startsWith(":s/refs "))
        .contains(":s/float [1.5][][1.5]")
        .isSorted();
  }

  @Test
  void whatOthersAddedAndRetractedAgainIsOnNoSide() {
    List<Object> seen = new ArrayList<>();
    db.rules(SmallSpace.RULES.toBuilder().policy(CUSTOM, 0, meeting -> {
      seen.addAll(meeting.attributes());
      return Resolved.park("");
    }).build());
    db.remote("[[:db/add :s/one :rebasis/policy " + CUSTOM + "]]");
    Intent intent = db.intent("[[:db/add " + a + " :s/one 6]]", db.basisT());
    db.remote("[[:db/add " + a + " :s/one 7] [:db/add " + a + " :s/to " + b + "]]");
    db.remote("[[:db/retract " + a + " :s/to " + b + "]]");
    db.decide(intent);
    assertThat(seen).contains(ONE, MANY).doesNotContain(Keyword.of(":s/to"));
  }

  @Test
  void whatTheAuthorSawOfAnotherAttributeIsItsBase() {
    Keyword text = Keyword.of(":s/text");
    Terms terms = Terms.NONE.withSeen(List.of(new Terms.Seen(a, text, List.of("seen"))));
    List<Object> seen = new ArrayList<>();
    meet(meeting -> {
      seen.clear();
      seen.addAll(meeting.base(text));
      return Resolved.park("");
    }, ":s/one", "[:db/add A :s/one 6]", "[:db/add A :s/one 7]", terms);
    assertThat(seen).containsExactly("seen");
  }

  @Test
  void anAttributeWhosePolicyFitsNoMoreParks() {
    db.remote("[[:db/add :s/one :rebasis/policy :rebasis.policy/counter]]");
    Intent intent = db.intent("[[:db/retract " + a + " :s/one 5]]", db.basisT());
    Map<Keyword, Terms.PolicyRef> asked = Map.of(Keyword.of(":s/to"), Policies.max());
    Intent other = db.intent("[[:db/add " + b + " :s/to " + b + "]]", db.basisT())
        .withTerms(new Terms(asked, List.of(), List.of(), List.of(), null, null, null));
    db.remote("[[:db/add " + b + " :s/to 10] [:db/add " + a + " :s/one 7]]");
    assertThat(db.decide(other).reason().code()).isEqualTo(Codes.POLICY_FAILED);
    assertThat(db.decide(intent).kind()).isEqualTo(OutcomeKind.MERGED);
  }

  // ---- attributes that are decided together ----

  private static final String INTERVALS = """
      [{:db/ident :x/key :db/valueType :db.type/string :db/cardinality :db.cardinality/one :db/unique :db.unique/identity}
       {:db/ident :x/start :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
       {:db/ident :x/end :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
       {:db/ident :x/days :db/valueType :db.type/long :db/cardinality :db.cardinality/many}
       {:db/ident :x/note :db/valueType :db.type/string :db/cardinality :db.cardinality/one}]""";
  private static final Keyword START = Keyword.of(":x/start");
  private static final Keyword END = Keyword.of(":x/end");

  /** Keeps the length that the one side left, from the start that the other wants. */
  private static Resolved keepOrder(Meeting meeting) {
    long start = (Long) (meeting.attribute().ident() == START ? meeting.local() : meeting.remote(START)).get(0);
    long end = (Long) (meeting.attribute().ident() == END ? meeting.local() : meeting.remote(END)).get(0);
    Resolved.Values value = Resolved.values(meeting.local());
    return start <= end ? value : meeting.attribute().ident() == START
        ? value.and(END, List.of(start)) : value.and(START, List.of(end));
  }

  private static TestDatabase intervals(CustomPolicy policy) {
    TestDatabase intervals = new TestDatabase(INTERVALS).withPolicies();
    intervals.rules(Rules.builder().policy(CUSTOM, 0, policy).callsTwice().build());
    intervals.remote("[{:x/key \"K\" :x/start 1 :x/end 10 :x/note \"n\"}]");
    for (String attribute : List.of(":x/start", ":x/end", ":x/days")) {
      intervals.remote("[[:db/add " + attribute + " :rebasis/policy " + CUSTOM + "]]");
    }
    return intervals;
  }

  @Test
  void attributesThatAreDecidedTogetherMeetEachOther() {
    CustomPolicy together = CustomPolicy.over(
        List.of(":x/start", ":x/end", ":x/nothing"), SmallSpaceCustomPolicyTest::keepOrder);
    assertThat(moved(together, "[:db/add K :x/start 8]", "[:db/add K :x/end 5]")).containsExactly(8L, 8L);
    assertThat(moved(together, "[:db/add K :x/end 2]", "[:db/add K :x/start 6]")).containsExactly(2L, 2L);
    assertThat(moved(together, "[:db/add K :x/start 3]", "[:db/add K :x/end 5]")).containsExactly(3L, 5L);
    assertThat(moved(together, "[:db/add K :x/start 7] [:db/cas K :x/note \"n\" \"p\"]", "[:db/add K :x/end 5]"))
        .as("a compare-and-set meets nothing, but the start does").containsExactly(7L, 7L);
    assertThat(moved(together, "[:db/add K :x/start 8] [:db/add K :x/days 1] [:db/add K :x/note \"m\"]",
        "[:db/add K :x/note \"o\"]")).as("nothing of theirs goes together with it").containsExactly(8L, 10L);
    assertThat(moved(SmallSpaceCustomPolicyTest::keepOrder, "[:db/add K :x/start 8]", "[:db/add K :x/end 5]"))
        .as("a policy that does not ask for it").containsExactly(8L, 5L);
  }

  private static List<Object> moved(CustomPolicy policy, String here, String there) {
    TestDatabase intervals = intervals(policy);
    long k = intervals.entity(":x/key", "K");
    Intent intent = intervals.intent("[" + here.replace("K", "" + k) + "]", intervals.basisT());
    Decision alone = intervals.decide(intent);
    intervals.remote("[" + there.replace("K", "" + k) + "]");
    Decision decision = intervals.own(intent);
    assertThat(decision.reason()).isNull();
    if (!policy.together().isEmpty()) {
      long other = intervals.now().schema().attribute(here.contains(":x/start") ? END : START).id();
      assertThat(alone.footprint().reads()).as("whoever changes the other one has it decided anew")
          .contains(new FootprintKey.EntityAttribute(k, other));
    }
    return List.of(intervals.values(k, ":x/start").iterator().next(), intervals.values(k, ":x/end").iterator().next());
  }
}
