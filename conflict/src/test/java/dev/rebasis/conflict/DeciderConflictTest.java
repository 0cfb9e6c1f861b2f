package dev.rebasis.conflict;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.data.EntityIds;
import dev.rebasis.data.Keyword;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.OutcomeKind;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What becomes of an intent that meets what others confirmed after its base: one test per rule of docs/conflicts.md. */
class DeciderConflictTest {
  private static final String SCHEMA = """
      [{:db/ident :item/key :db/valueType :db.type/string :db/cardinality :db.cardinality/one
        :db/unique :db.unique/identity}
       {:db/ident :item/code :db/valueType :db.type/string :db/cardinality :db.cardinality/one
        :db/unique :db.unique/value}
       {:db/ident :item/count :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
       {:db/ident :item/note :db/valueType :db.type/string :db/cardinality :db.cardinality/one}
       {:db/ident :item/tags :db/valueType :db.type/string :db/cardinality :db.cardinality/many}
       {:db/ident :item/owner :db/valueType :db.type/ref :db/cardinality :db.cardinality/one}
       {:db/ident :item/parts :db/valueType :db.type/ref :db/cardinality :db.cardinality/many
        :db/isComponent true}]""";

  private final TestDatabase db = new TestDatabase(SCHEMA);
  private final long base = db.remote("""
      [{:item/key "A" :item/count 1 :item/tags ["x" "y"] :item/parts [{:item/note "part"}]}
       {:item/key "B" :item/count 2 :item/note "b"}]""");
  private final long a = db.entity(":item/key", "A");
  private final long b = db.entity(":item/key", "B");

  @Test
  void theLaterDecidedValueWinsAndTheLoserIsRecorded() {
    Intent intent = db.intent("[[:db/add [:item/key \"A\"] :item/count 5]]", base);
    db.remote("[[:db/add [:item/key \"A\"] :item/count 7]]");
    Decision decision = db.own(intent);
    assertThat(decision.kind()).isEqualTo(OutcomeKind.MERGED);
    assertThat(db.values(a, ":item/count")).containsExactly(5L);
    assertThat(decision.conflicts()).singleElement().satisfies(conflict -> {
      assertThat(conflict.kind()).isEqualTo(ConflictKinds.SAME_VALUE_CHANGED);
      assertThat(conflict.e()).isEqualTo(a);
      assertThat(conflict.attribute()).isEqualTo(Keyword.of(":item/count"));
      assertThat(conflict.base()).containsExactly(1L);
      assertThat(conflict.local()).containsExactly(5L);
      assertThat(conflict.remote()).containsExactly(7L);
      assertThat(conflict.resolved()).containsExactly(5L);
      assertThat(conflict.policy()).isEqualTo(Keyword.of(":rebasis.policy/last-writer-wins"));
      assertThat(conflict.remoteTx()).isEqualTo((3L << 42) + base + 2);
    });
  }

  private long part() {
    return (Long) db.values(a, ":item/parts").iterator().next();
  }

  @Test
  void anEditOfAComponentThatWasCutFromItsParentIsParked() {
    long part = part();
    Intent intent = db.intent("[[:db/add " + part + " :item/note \"mine\"]]", base);
    db.remote("[[:db/retract " + a + " :item/parts " + part + "]]");
    Decision decision = db.own(intent);
    assertThat(decision.kind()).isEqualTo(OutcomeKind.PARKED);
    assertThat(decision.reason().code()).isEqualTo(Codes.COMPONENT_CUT);
    assertThat(decision.reason().message()).contains("cut it from the entity " + a);
    assertThat(decision.conflicts()).singleElement().satisfies(conflict -> {
      assertThat(conflict.kind()).isEqualTo(ConflictKinds.COMPONENT_CUT);
      assertThat(conflict.e()).isEqualTo(part);
      assertThat(conflict.base()).containsExactly("part");
      assertThat(conflict.local()).containsExactly("mine");
      assertThat(conflict.remote()).containsExactly("part");
    });
  }

  @Test
  void aTreeThatWasCutFurtherUpIsFoundToo() {
    long now = db.remote("[{:db/id " + part() + " :item/parts [{:item/note \"leaf\"}]}]");
    long leaf = (Long) db.values(part(), ":item/parts").iterator().next();
    Intent edit = db.intent("[[:db/cas " + leaf + " :item/note \"leaf\" \"mine\"]]", now);
    Intent moved = db.intent("[[:db/add " + leaf + " :item/count 1] [:db/add " + b + " :item/parts " + leaf + "]]", now);
    db.remote("[[:db/retract " + a + " :item/parts " + part() + "]]");
    Decision decision = db.decide(edit);
    assertThat(decision.reason().code()).isEqualTo(Codes.COMPONENT_CUT);
    assertThat(decision.reason().message()).contains("which holds it");
    assertThat(db.decide(moved).kind()).as("the intent itself hangs it elsewhere").isEqualTo(OutcomeKind.ACCEPTED);
  }

  @Test
  void aComponentThatHangsElsewhereByNowIsNotCut() {
    long part = part();
    Intent intent = db.intent("[[:db/add " + part + " :item/note \"mine\"]]", base);
    db.remote("[[:db/retract " + a + " :item/parts " + part + "] [:db/add " + b + " :item/parts " + part + "]]");
    assertThat(db.own(intent).kind()).isEqualTo(OutcomeKind.ACCEPTED);
  }

  @Test
  void anEntityThatNeverHungAnywhereIsNotCut() {
    Intent intent = db.intent("[[:db/add [:item/key \"B\"] :item/note \"mine\"]]", base);
    db.remote("[[:db/add [:item/key \"A\"] :item/parts [:item/key \"B\"]]]");
    db.remote("[[:db/retract [:item/key \"A\"] :item/parts [:item/key \"B\"]]]");
    assertThat(db.own(intent).kind()).isEqualTo(OutcomeKind.ACCEPTED);
  }

  @Test
  void theSameValueIsNoConflict() {
    assertNothingMeets("[[:db/add [:item/key \"A\"] :item/count 7]]", "[[:db/add [:item/key \"A\"] :item/count 7]]");
  }

  @Test
  void anotherAttributeIsNoConflict() {
    assertNothingMeets(
        "[[:db/add [:item/key \"A\"] :item/count 7]]", "[[:db/add [:item/key \"A\"] :item/note \"n\"]]");
  }

  @Test
  void ownEarlierWritesAreNoConflict() {
    Intent first = db.intent("[[:db/add [:item/key \"A\"] :item/count 5]]", base);
    Intent second = db.intent("[[:db/add [:item/key \"A\"] :item/count 6]]", base);
    db.remote("[[:db/add [:item/key \"A\"] :item/count 7]]");
    assertThat(db.own(first).kind()).isEqualTo(OutcomeKind.MERGED);
    assertThat(db.own(second).kind()).isEqualTo(OutcomeKind.ACCEPTED);
    assertThat(db.values(a, ":item/count")).containsExactly(6L);
  }

  @Test
  void aRetractionOfAWholeAttributeWinsOverAChangedValue() {
    Decision decision = meet("[[:db/retract [:item/key \"A\"] :item/count]]",
        "[[:db/add [:item/key \"A\"] :item/count 7]]", ConflictKinds.SAME_VALUE_CHANGED);
    assertThat(db.values(a, ":item/count")).isEmpty();
    assertThat(decision.conflicts().get(0).resolved()).isEmpty();
  }

  @Test
  void aChangedValueSurvivesTheRetractionOfTheOldOne() {
    Decision decision = meet("[[:db/retract [:item/key \"A\"] :item/count 1]]",
        "[[:db/add [:item/key \"A\"] :item/count 7]]", ConflictKinds.RETRACTED_VALUE_CHANGED);
    assertThat(db.values(a, ":item/count")).containsExactly(7L);
    assertThat(decision.conflicts().get(0).resolved()).containsExactly(7L);
  }

  @Test
  void aFailedCompareAndSetIsRejectedWithTheValueFound() {
    Intent intent = db.intent("[[:db/cas [:item/key \"A\"] :item/count 1 5]]", base);
    db.remote("[[:db/add [:item/key \"A\"] :item/count 7]]");
    Decision decision = db.own(intent);
    assertThat(decision.kind()).isEqualTo(OutcomeKind.REJECTED);
    assertThat(decision.reason().code()).isEqualTo(Codes.CAS_FAILED);
    assertThat(decision.reason().data()).containsEntry(Problem.VALUE, 7L);
  }

  @Test
  void aValueAddedHereAndRetractedThereIsAddedAgain() {
    meet("[[:db/add [:item/key \"A\"] :item/tags \"x\"]]",
        "[[:db/retract [:item/key \"A\"] :item/tags \"x\"]]", ConflictKinds.ADDED_VALUE_RETRACTED);
    assertThat(db.values(a, ":item/tags")).containsExactlyInAnyOrder("x", "y");
  }

  @Test
  void aValueRetractedHereAndAddedThereStays() {
    db.remote("[[:db/retract [:item/key \"A\"] :item/tags \"y\"]]");
    Intent intent = db.intent("[[:db/retract [:item/key \"A\"] :item/tags \"y\"]]", db.basisT());
    db.remote("[[:db/add [:item/key \"A\"] :item/tags \"y\"]]");
    Decision decision = db.own(intent);
    assertThat(decision.conflicts()).extracting(Conflict::kind).containsExactly(ConflictKinds.RETRACTED_VALUE_ADDED);
    assertThat(db.values(a, ":item/tags")).containsExactlyInAnyOrder("x", "y");
  }

  @Test
  void valuesAddedThereSurviveTheRetractionOfTheWholeAttribute() {
    Decision decision = meet("[[:db/retract [:item/key \"A\"] :item/tags]]",
        "[[:db/add [:item/key \"A\"] :item/tags \"z\"]]", ConflictKinds.RETRACTED_VALUE_ADDED);
    assertThat(db.values(a, ":item/tags")).containsExactly("z");
    assertThat(decision.conflicts().get(0).remote()).containsExactly("z");
  }

  @Test
  void differentValuesOfASetDoNotMeet() {
    assertNothingMeets("[[:db/add [:item/key \"A\"] :item/tags \"z\"]]",
        "[[:db/retract [:item/key \"A\"] :item/tags \"x\"]]");
    assertThat(db.values(a, ":item/tags")).containsExactlyInAnyOrder("y", "z");
  }

  @Test
  void aChangeOfAnEntityThatIsGoneIsParked() {
    Intent intent = db.intent("[[:db/add " + a + " :item/note \"n\"]]", base);
    db.remote("[[:db/retractEntity [:item/key \"A\"]]]");
    assertParked(intent, Codes.ENTITY_GONE, ConflictKinds.ENTITY_GONE);
  }

  @Test
  void aReferenceToAnEntityThatIsGoneIsParked() {
    Intent intent = db.intent("[[:db/add " + b + " :item/owner " + a + "]]", base);
    db.remote("[[:db/retractEntity [:item/key \"A\"]]]");
    assertParked(intent, Codes.ENTITY_GONE, ConflictKinds.REFERENCE_GONE);
  }

  @Test
  void aLookupRefWhoseEntityIsGoneIsParked() {
    Intent intent = db.intent("[[:db/add [:item/key \"A\"] :item/note \"n\"]]", base);
    long t = db.remote("[[:db/retractEntity [:item/key \"A\"]]]");
    assertParked(intent, Codes.ENTITY_GONE, ConflictKinds.ENTITY_GONE);
    assertThat(db.decide(intent).conflicts()).singleElement().satisfies(conflict -> {
      assertThat(conflict.e()).isEqualTo(a);
      assertThat(conflict.base()).containsExactly("A");
      assertThat(conflict.local()).containsExactly("[:db/add [:item/key \"A\"] :item/note \"n\"]");
      assertThat(EntityIds.tOf(conflict.remoteTx())).isEqualTo(t);
    });
  }

  @Test
  void aLookupRefThatNeverResolvedIsRejected() {
    Intent intent = db.intent("[[:db/add [:item/key \"none\"] :item/note \"n\"]]", base);
    db.remote("[[:db/retractEntity [:item/key \"A\"]]]");
    Decision decision = db.own(intent);
    assertThat(decision.kind()).isEqualTo(OutcomeKind.REJECTED);
    assertThat(decision.reason().code()).isEqualTo(Codes.NOT_AN_ENTITY);
  }

  @Test
  void theRetractionOfAnEntityThatOthersChangedIsParked() {
    Intent intent = db.intent("[[:db/retractEntity [:item/key \"A\"]]]", base);
    db.remote("[[:db/add [:item/key \"A\"] :item/note \"n\"]]");
    assertParked(intent, Codes.ENTITY_CHANGED, ConflictKinds.RETRACTED_ENTITY_CHANGED);
  }

  @Test
  void theRetractionOfAnEntityWhoseComponentOthersChangedIsParked() {
    long part = (Long) db.values(a, ":item/parts").iterator().next();
    Intent intent = db.intent("[[:db/retractEntity [:item/key \"A\"]]]", base);
    db.remote("[[:db/add " + part + " :item/note \"n\"]]");
    assertParked(intent, Codes.ENTITY_CHANGED, ConflictKinds.RETRACTED_ENTITY_CHANGED);
  }

  @Test
  void theRetractionOfAnEntityThatOthersReferToIsParked() {
    Intent intent = db.intent("[[:db/retractEntity [:item/key \"A\"]]]", base);
    db.remote("[[:db/add [:item/key \"B\"] :item/owner [:item/key \"A\"]]]");
    assertParked(intent, Codes.ENTITY_CHANGED, ConflictKinds.RETRACTED_ENTITY_REFERRED);
  }

  @Test
  void anEntityRetractedOnBothSidesIsNoConflict() {
    Intent intent = db.intent("[[:db/retractEntity " + a + "]]", base);
    db.remote("[[:db/retractEntity [:item/key \"A\"]]]");
    Decision decision = db.own(intent);
    assertThat(decision.kind()).isEqualTo(OutcomeKind.ACCEPTED);
    assertThat(decision.datoms()).isEmpty();
  }

  @Test
  void aUniqueValueThatOthersClaimedIsParked() {
    Intent intent = db.intent("[[:db/add [:item/key \"A\"] :item/code \"C\"]]", base);
    db.remote("[[:db/add [:item/key \"B\"] :item/code \"C\"]]");
    assertParked(intent, Codes.UNIQUE_CONFLICT, ConflictKinds.UNIQUE_CLAIMED);
  }

  @Test
  void aUniqueValueThatWasTakenOnTheBaseIsRejected() {
    long t = db.remote("[[:db/add [:item/key \"B\"] :item/code \"C\"]]");
    Intent intent = db.intent("[[:db/add [:item/key \"A\"] :item/code \"C\"]]", t);
    db.remote("[[:db/add [:item/key \"B\"] :item/note \"other\"]]");
    Decision decision = db.own(intent);
    assertThat(decision.kind()).isEqualTo(OutcomeKind.REJECTED);
    assertThat(decision.reason().code()).isEqualTo(Codes.UNIQUE_CONFLICT);
  }

  @Test
  void twoThatCreateTheSameIdentityMakeOneEntity() {
    Intent intent = db.intent("[{:item/key \"N\" :item/count 1 :item/note \"same\"}]", base);
    db.remote("[{:item/key \"N\" :item/count 2 :item/note \"same\" :item/tags [\"t\"]}]");
    Decision decision = db.own(intent);
    assertThat(decision.kind()).isEqualTo(OutcomeKind.MERGED);
    assertThat(decision.conflicts()).extracting(c -> c.attribute().toString()).containsExactly(":item/count");
    assertThat(decision.tempids()).containsValue(db.entity(":item/key", "N"));
  }

  @Test
  void whatDependsOnATransactionThatWasNotCommittedWaitsWithIt() {
    Intent first = db.intent("[{:db/id \"n\" :item/code \"C\"}]", base);
    long local = -first.tempids().get("n");
    Intent second = db.intent("[[:db/add " + local + " :item/note \"n\"]]", base);
    db.remote("[[:db/add [:item/key \"B\"] :item/code \"C\"]]");
    assertParked(first, Codes.UNIQUE_CONFLICT, ConflictKinds.UNIQUE_CLAIMED);
    assertParked(second, Codes.PREDECESSOR, ConflictKinds.PREDECESSOR);
  }

  private Decision meet(String local, String remote, Keyword kind) {
    Intent intent = db.intent(local, base);
    db.remote(remote);
    Decision decision = db.own(intent);
    assertThat(decision.kind()).isEqualTo(OutcomeKind.MERGED);
    assertThat(decision.conflicts()).extracting(Conflict::kind).containsExactly(kind);
    return decision;
  }

  private void assertNothingMeets(String local, String remote) {
    Intent intent = db.intent(local, base);
    db.remote(remote);
    Decision decision = db.own(intent);
    assertThat(decision.kind()).isEqualTo(OutcomeKind.ACCEPTED);
    assertThat(decision.conflicts()).isEmpty();
  }

  private void assertParked(Intent intent, Keyword code, Keyword... kinds) {
    List<?> before = db.now().all();
    Decision decision = db.own(intent);
    assertThat(decision.kind()).isEqualTo(OutcomeKind.PARKED);
    assertThat(decision.reason().code()).isEqualTo(code);
    assertThat(decision.conflicts()).extracting(Conflict::kind).contains(kinds);
    assertThat(decision.datoms()).isEmpty();
    assertThat(db.now().all()).isEqualTo(before);
  }

  @Test
  void anAttributeWhoseNameOthersGaveToAnotherOneParks() {
    Intent intent = db.intent("[[:db/add [:item/key \"A\"] :item/count 5]]", base);
    db.remote("[[:db/add :item/count :db/ident :item/quantity]]");
    assertThat(db.decide(intent).kind()).as("a former name is followed").isEqualTo(OutcomeKind.ACCEPTED);
    db.remote("[{:db/ident :item/count :db/valueType :db.type/string :db/cardinality :db.cardinality/one}]");
    Decision decision = db.own(intent);
    assertThat(decision.kind()).isEqualTo(OutcomeKind.PARKED);
    assertThat(decision.reason().code()).isEqualTo(Codes.ATTRIBUTE_CHANGED);
  }

  @Test
  void twoValuesForAnAttributeThatHasOneByNowPark() {
    Intent intent = db.intent("[{:db/id " + b + " :item/tags [\"p\" \"q\"]}]", base);
    db.remote("[[:db/retract [:item/key \"A\"] :item/tags]]");
    db.remote("[[:db/add :item/tags :db/cardinality :db.cardinality/one]]");
    Decision decision = db.own(intent);
    assertThat(decision.kind()).isEqualTo(OutcomeKind.PARKED);
    assertThat(decision.reason().code()).isEqualTo(Codes.ATTRIBUTE_CHANGED);
  }
}
