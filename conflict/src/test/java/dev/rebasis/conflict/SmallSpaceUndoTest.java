package dev.rebasis.conflict;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Transaction;
import dev.rebasis.edn.Edn;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.protocol.Terms;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Goal: what takes the making of an entity back leaves nobody with a reference to nothing. Method: a transaction that makes N is
 * taken back after one operation of others, with what becomes of it beside.
 */
class SmallSpaceUndoTest {
  private static final String MAKES = "[{:s/key \"N\" :s/one 1 :s/many [3 4]}]";

  private final TestDatabase db = SmallSpace.database();

  /** What would become of taking back what was transacted at this T. */
  private Decision undone(long t) {
    List<Datom> datoms = db.history().stream().filter(datom -> datom.t() == t).toList();
    Inverse inverse = Inverse.of(new Transaction(t, datoms), db.now());
    assertThat(inverse.forms()).isNotEmpty();
    return undone(inverse.forms(), t);
  }

  private Decision undone(List<Object> forms, long t) {
    StringBuilder text = new StringBuilder();
    forms.forEach(form -> text.append(Edn.write(form)).append(' '));
    return db.decide(db.intent("[" + text + "]", t).withTerms(Terms.NONE.undoing(new UUID(1, 1))));
  }

  private long made(String forms) {
    db.remote(forms);
    return db.basisT();
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      [:db/add B :s/one 7]                      | ACCEPTED
      [:db/add B :s/to N]                       | PARKED
      [:db/add B :s/refs N]                     | PARKED
      [:db/add B :s/part N]                     | PARKED
      [:db/add B :s/to N] [:db/add N :s/one 2]  | MERGED
      [:db/retractEntity N]                     | ACCEPTED
      """)
  void whatOthersReferToIsNotTakenFromThem(String others, OutcomeKind kind) {
    long t = made(MAKES);
    long n = db.entity(":s/key", "N");
    db.remote(SmallSpace.named(others.strip(), db).replace(" N", " " + n));
    Decision decision = undone(t);
    assertThat(decision.kind()).as("%s", decision.reason()).isEqualTo(kind);
    if (kind == OutcomeKind.PARKED) {
      assertThat(decision.reason().code()).isEqualTo(Codes.ENTITY_CHANGED);
      assertThat(decision.conflicts()).singleElement().satisfies(conflict -> {
        assertThat(conflict.kind()).isEqualTo(ConflictKinds.RETRACTED_ENTITY_REFERRED);
        assertThat(conflict.e()).isEqualTo(db.entity(":s/key", "B"));
        assertThat(conflict.remote()).containsExactly(n);
      });
      assertThat(decision.footprint().reads()).contains(new FootprintKey.Reference(n));
    }
  }

  @Test
  void aReferenceThatOthersTookAwayAgainIsNone() {
    long t = made(MAKES);
    long n = db.entity(":s/key", "N");
    long b = db.entity(":s/key", "B");
    db.remote("[[:db/add " + b + " :s/refs " + n + "]]");
    db.remote("[[:db/retract " + b + " :s/refs " + n + "]]");
    assertThat(undone(t).kind()).isEqualTo(OutcomeKind.ACCEPTED);
  }

  @Test
  void aReferenceThatIsTakenBackAlongIsNone() {
    long t = made("[{:db/id \"n\" :s/key \"N\" :s/one 1} {:s/key \"B\" :s/refs [\"n\"]}]");
    db.remote("[[:db/add " + db.entity(":s/key", "B") + " :s/one 9]]");
    assertThat(undone(t).kind()).isEqualTo(OutcomeKind.ACCEPTED);
  }

  @Test
  void aRecordOfAConflictIsNoReferenceOfOthers() {
    long t = made(MAKES);
    long n = db.entity(":s/key", "N");
    db.remote("[{:db/ident :s/record :db/valueType :db.type/ref :db/cardinality :db.cardinality/one}]");
    db.remote("[[:db/add " + db.entity(":s/key", "B") + " :s/record " + n + "]]");
    // Only the server writes under this name.
    db.remote("[[:db/add :s/record :db/ident :rebasis.conflict/entity]]");
    assertThat(undone(t).kind()).isEqualTo(OutcomeKind.ACCEPTED);
  }

  @Test
  void whatDatomicMakesOfOtherFactsGoesWithThem() {
    db.remote("[{:db/ident :s/both :db/valueType :db.type/tuple :db/cardinality :db.cardinality/one"
        + " :db/tupleAttrs [:s/key :s/one]}]");
    long t = made(MAKES);
    long n = db.entity(":s/key", "N");
    assertThat(db.now().datoms(IndexOrder.EAVT, n, db.now().schema().entid(Keyword.of(":s/both")))).isNotEmpty();
    assertThat(undone(t).kind()).isEqualTo(OutcomeKind.ACCEPTED);
    db.remote("[[:db/add " + db.entity(":s/key", "B") + " :s/refs " + n + "]]");
    assertThat(undone(t).kind()).as("nothing is left of what B refers to").isEqualTo(OutcomeKind.PARKED);
  }

  @Test
  void whateverOthersSayOfTheEntityOrReferToItIsLookedAt() {
    long t = made(MAKES);
    long n = db.entity(":s/key", "N");
    assertThat(undone(t).footprint().reads())
        .contains(new FootprintKey.Entity(n), new FootprintKey.Reference(n));
    db.remote("[[:db/add " + n + " :s/text \"x\"]]");
    assertThat(undone(t).kind()).as("something of it stays").isEqualTo(OutcomeKind.ACCEPTED);
    assertThat(undone(t).footprint().reads())
        .contains(new FootprintKey.Entity(n), new FootprintKey.Reference(n));
  }

  @Test
  void aWholeAttributeCanBeTakenBackToo() {
    long t = made(MAKES);
    long n = db.entity(":s/key", "N");
    db.remote("[[:db/add " + db.entity(":s/key", "B") + " :s/to " + n + "]]");
    Decision whole = undone(List.copyOf((List<?>) Edn.read(
        "[[:db/retract " + n + " :s/key] [:db/retract " + n + " :s/one] [:db/retract " + n + " :s/many]]")), t);
    assertThat(whole.kind()).isEqualTo(OutcomeKind.PARKED);
    Decision most = undone(List.copyOf((List<?>) Edn.read(
        "[[:db/retract " + n + " :s/key] [:db/retract " + n + " :s/one]]")), t);
    assertThat(most.kind()).as("something of it stays").isEqualTo(OutcomeKind.ACCEPTED);
    Decision other = undone(List.copyOf((List<?>) Edn.read(
        "[[:db/retract " + n + " :s/key] [:db/retract " + n + " :s/one] [:db/retract " + n + " :s/many] [:db/add " + n
            + " :s/text \"new\"]]")), t);
    assertThat(other.kind()).as("something new is said of it").isEqualTo(OutcomeKind.ACCEPTED);
  }
}
