package dev.rebasis.conflict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rebasis.data.EntityIds;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.protocol.Terms;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
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
 * Goal: a premise that no longer holds parks its transaction with both answers and names who changed them. Method: checks that
 * answer as told, and read as told, on a database in which others wrote.
 */
class SmallSpacePremisesTest {
  private static final Keyword ONE = Keyword.of(":s/one");

  private final TestDatabase db = SmallSpace.database();
  private final long a = db.entity(":s/key", "A");
  private final long b = db.entity(":s/key", "B");
  private final long before = db.basisT();

  private Intent intent(String forms, Terms terms) {
    return db.intent(forms, db.basisT()).withTerms(terms);
  }

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
        Arguments.of((PremiseCheck) (premise, now, ids) -> new PremiseCheck.Broken(5L, 7L, 0, "Nobody is named."),
            "is now 7, then 5. Nobody is named.", List.of("5"), List.of("7")),
        Arguments.of((PremiseCheck) (premise, now, ids) -> {
          throw new ArithmeticException();
        }, "cannot be checked: java.lang.ArithmeticException", null, null),
        Arguments.of((PremiseCheck) (premise, now, ids) -> {
          throw new OutOfMemoryError("no memory");
        }, "cannot be checked: java.lang.OutOfMemoryError: no memory", null, null),
        Arguments.of((PremiseCheck) (premise, now, ids) -> new PremiseCheck.Broken(
            new LinkedHashSet<>(List.of(2L, 1L)), List.of(new LinkedHashMap<>(Map.of("b", Set.of(1L), "a", 2L)), 3L)),
            "is now [{\"a\" 2, \"b\" #{1}} 3], then #{1 2}.", List.of("#{1 2}"), List.of("[{\"a\" 2, \"b\" #{1}} 3]")),
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
      assertThat(decision.conflicts()).as("that it cannot be checked is on record").singleElement().satisfies(c -> {
        assertThat(c.kind()).isEqualTo(ConflictKinds.PREMISE_CHANGED);
        assertThat(c.local()).containsExactly("[:find ?x]");
        assertThat(c.remote()).isEmpty();
        assertThat(c.remoteTx()).isZero();
      });
    } else {
      assertThat(decision.conflicts()).singleElement().satisfies(c -> {
        assertThat(c.kind()).isEqualTo(ConflictKinds.PREMISE_CHANGED);
        assertThat(c.base()).isEqualTo(then);
        assertThat(c.local()).containsExactly("[:find ?x]");
        assertThat(c.remote()).isEqualTo(now).isEqualTo(c.resolved());
      });
    }
  }

  /** What one premise met, of which the check reads what it is told to and finds the answer changed. */
  private long writer(Consumer<FactView> reads, long told, boolean remote) {
    Rules rules = Rules.builder().premises((premise, view, ids) -> {
      reads.accept(view);
      return new PremiseCheck.Broken(5L, 7L, told, null);
    }).build();
    Terms terms = Terms.NONE.withPremises(List.of(new Terms.Premise(Edn.read("[:find ?x]"), List.of(), "")));
    Intent intent = intent("[[:db/add " + a + " :s/many 6]]", terms);
    Decision decision = Decider.decide(
        intent, db.now(), remote ? db.remote(before) : RemoteChanges.NONE, id -> id, rules);
    assertThat(decision.kind()).isEqualTo(OutcomeKind.PARKED);
    return decision.conflicts().stream().filter(one -> one.kind() == ConflictKinds.PREMISE_CHANGED).findFirst()
        .orElseThrow().remoteTx();
  }

  @Test
  void aBrokenPremiseNamesTheNewestTransactionOfOthersThatWroteWhatItRead() {
    long ones = db.now().schema().entid(ONE);
    long keys = db.now().schema().entid(Keyword.of(":s/key"));
    long many = db.now().schema().entid(Keyword.of(":s/many"));
    db.remote("[[:db/add " + b + " :s/one 6]]");
    long first = EntityIds.txOf(db.basisT());
    db.remote("[[:db/add " + b + " :s/many 6] [:db/add " + a + " :s/key \"Z\"]]");
    long second = EntityIds.txOf(db.basisT());
    db.remote("[[:db/add " + a + " :s/one 66]]");
    Consumer<FactView> place = view -> view.datoms(IndexOrder.EAVT, b, ones);
    Consumer<FactView> key = view -> view.datoms(IndexOrder.AVET, keys, "A");
    assertThat(writer(place, 0, true)).isEqualTo(first);
    assertThat(writer(view -> view.datoms(IndexOrder.EAVT, b), 0, true)).as("also another attribute").isEqualTo(second);
    assertThat(writer(key, 0, true)).as("who gave the value up").isEqualTo(second);
    assertThat(writer(key.andThen(place), 0, true)).as("the newer of two").isEqualTo(second);
    assertThat(writer(place.andThen(key), 0, true)).isEqualTo(second);
    assertThat(writer(view -> view.datoms(IndexOrder.AEVT, ones), 0, true)).as("no place").isZero();
    assertThat(writer(view -> view.datoms(IndexOrder.AVET, many, 6L), 0, true)).as("not unique").isZero();
    assertThat(writer(view -> view.datoms(IndexOrder.AVET, 999_999L, 6L), 0, true)).as("no attribute").isZero();
    assertThat(writer(place, 0, false)).as("nobody else wrote").isZero();
    assertThat(writer(place, second, true)).as("the check knows better").isEqualTo(second);
  }

  @Test
  void aCheckMayAskWhatOthersChangedSinceTheBase() {
    db.remote("[[:db/add " + b + " :s/one 6]]");
    db.remote("[[:db/add " + a + " :s/many 6]]");
    long ones = db.now().schema().entid(ONE);
    List<Set<Long>> changed = new ArrayList<>();
    PremiseCheck asking = new PremiseCheck() {
      @Override
      public Broken check(Terms.Premise premise, FactView now, LocalIds ids) {
        throw new AssertionError("the other one is asked");
      }

      @Override
      public Broken check(Terms.Premise premise, FactView now, LocalIds ids, RemoteChanges remote) {
        changed.add(remote.changedOn(ones));
        return null;
      }
    };
    Terms terms = Terms.NONE.withPremises(List.of(new Terms.Premise(Edn.read("[:find ?x]"), List.of(), "")));
    Decision decision = Decider.decide(db.intent("[[:db/add " + a + " :s/one 6]]", before).withTerms(terms), db.now(),
        db.remote(before), id -> id, Rules.builder().premises(asking).build());
    assertThat(decision.kind()).isEqualTo(OutcomeKind.ACCEPTED);
    assertThat(changed).containsExactly(Set.of(b));
  }

  @Test
  void nobodyElsesChangesOfAWholeAttributeAreKnownWhereNobodyAsks() {
    assertThatThrownBy(() -> RemoteChanges.NONE.changedOn(1)).isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> new HistoryChanges(new UnaskedHistory(true), 1000, tx -> false, false).changedOn(1))
        .isInstanceOf(UnsupportedOperationException.class);
  }
}
