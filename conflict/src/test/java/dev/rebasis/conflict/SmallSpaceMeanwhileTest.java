package dev.rebasis.conflict;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.protocol.Terms;
import dev.rebasis.protocol.Terms.PolicyRef;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: what others did and undid since the base, and what was not there on the base, is nobody's conflict. Method: an
 * attribute that was altered and altered back, one that is new, values that came and went, and a history that knows that
 * nothing happened.
 */
class SmallSpaceMeanwhileTest {
  private final TestDatabase db = SmallSpace.database();
  private final long a = db.entity(":s/key", "A");
  private final long b = db.entity(":s/key", "B");

  @Test
  void aCardinalityThatWasAlteredAndAlteredBackIsTheSame() {
    Intent intent = db.intent("[[:db/add " + a + " :s/text \"x\"]]", db.basisT());
    db.remote("[[:db/add :s/text :db/cardinality :db.cardinality/many]]");
    assertThat(db.decide(intent).reason().code()).isEqualTo(Codes.ATTRIBUTE_CHANGED);
    assertThat(db.decide(intent).conflicts()).singleElement().satisfies(conflict -> {
      assertThat(conflict.kind()).isEqualTo(ConflictKinds.ATTRIBUTE_CHANGED);
      assertThat(conflict.base()).containsExactly("one two");
      assertThat(conflict.local()).containsExactly("x");
      assertThat(conflict.remoteTx()).isPositive();
    });
    db.remote("[[:db/add :s/text :db/cardinality :db.cardinality/one]]");
    assertThat(db.decide(intent).kind()).isEqualTo(OutcomeKind.ACCEPTED);
  }

  @Test
  void anAttributeThatIsNewSinceTheBaseWasNotAltered() {
    long base = db.basisT();
    db.remote("[{:db/ident :s/new :db/valueType :db.type/long :db/cardinality :db.cardinality/one}]");
    assertThat(db.decide(db.intent("[[:db/add " + a + " :s/new 1]]", base)).kind()).isEqualTo(OutcomeKind.ACCEPTED);
  }

  @Test
  void aValueThatCameAndWentIsOnNoSide() {
    Keyword custom = Keyword.of(":shop/custom");
    List<Keyword> listed = new ArrayList<>();
    db.rules(Rules.builder().policy(custom, 0, meeting -> {
      listed.addAll(meeting.attributes());
      return Resolved.values(meeting.local());
    }).build());
    db.remote("[[:db/add :s/text :rebasis/policy " + custom + "]]");
    Intent intent = db.intent("[[:db/add " + b + " :s/text \"h\"] [:db/add " + b + " :s/float 2.5]]", db.basisT());
    db.remote("[[:db/add " + b + " :s/text \"t\"] [:db/add " + b + " :s/one 3] [:db/add " + b + " :s/double 1.0]]");
    db.remote("[[:db/retract " + b + " :s/double 1.0]]");
    assertThat(db.decide(intent).kind()).isEqualTo(OutcomeKind.MERGED);
    assertThat(listed).contains(Keyword.of(":s/float"), Keyword.of(":s/one"), Keyword.of(":s/code"))
        .doesNotContain(Keyword.of(":s/double"));
  }

  @ParameterizedTest
  @ValueSource(strings = {":s/nothing", ":s/text"})
  void aPolicyForAnotherAttributeIsNoneForThisOne(String other) {
    Map<Keyword, PolicyRef> asked = Map.of(Keyword.of(other), Policies.max());
    Intent intent = db.intent("[[:db/add " + a + " :s/one 6]]", db.basisT())
        .withTerms(new Terms(asked, List.of(), List.of(), List.of(), null, null, null));
    db.remote("[[:db/add " + a + " :s/one 9]]");
    assertThat(db.decide(intent).conflicts()).singleElement()
        .satisfies(conflict -> assertThat(conflict.policy().name()).isEqualTo("last-writer-wins"));
  }

  /** What it would be asked for it cannot tell. */
  @Test
  void aHistoryThatKnowsThatNothingHappenedIsNotAsked() {
    UnaskedHistory quiet = new UnaskedHistory(false);
    RemoteChanges changes = new HistoryChanges(quiet, 1000, tx -> false, false);
    assertThat(changes.of(a)).isEmpty();
    assertThat(changes.of(a, 10)).isEmpty();
    assertThat(changes.ofValue(10, Keyword.of(":x"))).isEmpty();
    assertThat(changes.mayConcern(-5)).as("a local entity").isFalse();
    Intent intent = db.intent("[[:db/add " + a + " :s/to " + b + "] [:db/add [:s/key \"A\"] :s/code 7]]", db.basisT());
    assertThat(Decider.decide(intent, db.now(), changes, id -> id).kind()).isEqualTo(OutcomeKind.ACCEPTED);
    assertThat(new HistoryChanges(quiet, 1000, tx -> false, true).mayConcern(a)).isFalse();
  }

  @Test
  void changesThatCannotTellMayConcernAnything() {
    RemoteChanges some = new RemoteChanges() {
      @Override
      public boolean isEmpty() {
        return false;
      }

      @Override
      public List<Datom> of(long e, long attribute) {
        return List.of();
      }

      @Override
      public List<Datom> of(long e) {
        return List.of();
      }

      @Override
      public List<Datom> ofValue(long attribute, Object v) {
        return List.of();
      }

      @Override
      public List<Object> baseValues(long e, long attribute) {
        return List.of();
      }
    };
    assertThat(some.mayConcern(a)).isTrue();
    assertThat(RemoteChanges.NONE.mayConcern(a)).isFalse();
  }
}
