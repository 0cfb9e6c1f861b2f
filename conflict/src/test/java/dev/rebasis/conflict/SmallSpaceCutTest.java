package dev.rebasis.conflict;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.Keyword;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.OutcomeKind;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Goal: a component counts as cut if and only if all that held it lost it, or were cut themselves, since the base. Method:
 * every way to hold an entity that the small space has not: two holders, two attributes, circles, holders that are not
 * confirmed, an attribute without namespace, one of Rebasis's own.
 */
class SmallSpaceCutTest {
  private static final long PENDING = -500;

  private final TestDatabase db = new TestDatabase("""
      [{:db/ident :key :db/valueType :db.type/string :db/cardinality :db.cardinality/one :db/unique :db.unique/identity}
       {:db/ident :n :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
       {:db/ident :part :db/valueType :db.type/ref :db/cardinality :db.cardinality/many :db/isComponent true}
       {:db/ident :h/main :db/valueType :db.type/ref :db/cardinality :db.cardinality/one :db/isComponent true}
       {:db/ident :rebasis.test/part :db/valueType :db.type/ref :db/cardinality :db.cardinality/many :db/isComponent true}]""");
  private final long first = db.remote("[{:key \"a\"} {:key \"b\"} {:key \"x\"} {:key \"y\"} {:key \"z\"}]");
  private final long a = key("a");
  private final long b = key("b");
  private final long x = key("x");
  private final long y = key("y");
  private final long z = key("z");

  private long key(String key) {
    return db.entity(":key", key);
  }

  private Intent editOfX(long basis) {
    return db.intent("[[:db/add " + x + " :n 1]]", basis);
  }

  private static String retract(long e, String attribute, long v) {
    return "[[:db/retract " + e + " " + attribute + " " + v + "]]";
  }

  private void assertCut(Decision decision, String what, long holder) {
    assertThat(decision.kind()).isEqualTo(OutcomeKind.PARKED);
    assertThat(decision.reason().code()).isEqualTo(Codes.COMPONENT_CUT);
    assertThat(decision.reason().message()).contains("cut " + what + " from the entity " + holder + " since");
  }

  @ParameterizedTest
  @CsvSource({":part, :h/main", ":h/main, :part"})
  void ofSeveralCutsTheLatestIsNamed(String cutFirst, String cutThen) {
    long basis = db.remote("[[:db/add " + a + " " + cutFirst + " " + x + "] [:db/add " + b + " " + cutThen + " " + x + "]]");
    Intent edit = editOfX(basis);
    db.remote(retract(a, cutFirst, x));
    assertThat(db.decide(edit).kind()).as("the other still holds it").isEqualTo(OutcomeKind.ACCEPTED);
    db.remote(retract(b, cutThen, x));
    assertCut(db.decide(edit), "it", b);
  }

  @Test
  void eachAttributeThatWasToBeWrittenIsOnRecord() {
    long basis = db.remote("[[:db/add " + a + " :part " + x + "]]");
    Intent edit = db.intent("[[:db/add " + x + " :n 1] [:db/add " + x + " :key \"xx\"]]", basis);
    db.remote(retract(a, ":part", x));
    Decision decision = db.decide(edit);
    assertCut(decision, "it", a);
    assertThat(decision.reason().message()).as("one problem").doesNotContain("more problem");
    assertThat(decision.conflicts()).extracting(conflict -> conflict.attribute() + " " + conflict.base() + " " + conflict.local())
        .containsExactlyInAnyOrder(":n [] [1]", ":key [x] [xx]");
  }

  @Test
  void twoCutsInOneTransactionNameTheFirst() {
    long basis = db.remote("[[:db/add " + a + " :part " + x + "] [:db/add " + b + " :part " + x + "]]");
    Intent edit = editOfX(basis);
    db.remote("[[:db/retract " + a + " :part " + x + "] [:db/retract " + b + " :part " + x + "]]");
    assertCut(db.decide(edit), "it", a);
  }

  @Test
  void whoIsHeldByTwoIsCutOnlyIfBothAre() {
    long basis = db.remote("[{:db/id " + y + " :part [" + x + "]} {:db/id " + z + " :part [" + x + "]}"
        + " {:db/id " + a + " :part [" + y + "]} {:db/id " + b + " :part [" + z + "]}]");
    Intent edit = editOfX(basis);
    db.remote(retract(a, ":part", y));
    assertThat(db.decide(edit).kind()).isEqualTo(OutcomeKind.ACCEPTED);
    db.remote(retract(b, ":part", z));
    assertCut(db.decide(edit), "the entity " + y + ", which holds it,", a);
  }

  @Test
  void whatHungElsewhereInBetweenIsStillCutFromWhereItWas() {
    long basis = db.remote("[[:db/add " + a + " :part " + x + "]]");
    Intent edit = editOfX(basis);
    db.remote(retract(a, ":part", x));
    db.remote("[[:db/add " + b + " :part " + x + "]]");
    db.remote(retract(b, ":part", x));
    assertCut(db.decide(edit), "it", a);
  }

  @Test
  void entitiesThatHoldEachOtherAreHeld() {
    long basis = db.remote("[[:db/add " + x + " :part " + y + "] [:db/add " + y + " :part " + x + "]"
        + " [:db/add " + a + " :part " + x + "]]");
    Intent edit = editOfX(basis);
    db.remote(retract(a, ":part", x));
    assertThat(db.decide(edit).kind()).isEqualTo(OutcomeKind.ACCEPTED);
  }

  @Test
  void aHolderThatIsNotConfirmedHolds() {
    long basis = db.remote("[[:db/add " + a + " :part " + x + "]]");
    Intent edit = editOfX(basis);
    db.remote(retract(a, ":part", x));
    note(PENDING, ":part", db.basisT(), true);
    assertThat(db.decide(edit).kind()).isEqualTo(OutcomeKind.ACCEPTED);
  }

  @Test
  void whatHangsOnRebasisOwnRecordsIsNotCut() {
    note(a, ":rebasis.test/part", first, true);
    Intent edit = editOfX(first);
    note(a, ":rebasis.test/part", first + 1, false);
    assertThat(db.decide(edit).kind()).isEqualTo(OutcomeKind.ACCEPTED);
  }

  /** That x is, or is no more, a component of an entity, as no transaction says it. */
  private void note(long e, String attribute, long t, boolean added) {
    Datom datom = new Datom(e, db.now().schema().entid(Keyword.of(attribute)), x, EntityIds.txOf(t), added);
    db.now().apply(List.of(datom));
    db.remember(datom);
  }
}
