package dev.rebasis.conflict;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.SystemIds;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.protocol.Terms;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Goal: decisions stand on databases with facts that no transaction of Rebasis makes, or only a server or a pending
 * transaction: attributes of unknown types, Rebasis's records, entities that are not confirmed. Method: such facts put
 * beside those of the small space.
 */
class SmallSpaceOddDatabaseTest {
  private static final long PENDING = -500;

  private final TestDatabase db = SmallSpace.database();
  private final long a = db.entity(":s/key", "A");
  private final long b = db.entity(":s/key", "B");
  private final long c = db.entity(":s/key", "C");

  private long id(String attribute) {
    return db.now().schema().entid(Keyword.of(attribute));
  }

  /** A fact as if it had always been there; {@code t} after the basis makes it a remote change. */
  private void stands(long e, String attribute, Object v, long t) {
    Datom datom = new Datom(e, id(attribute), v, EntityIds.txOf(t), true);
    db.now().apply(List.of(datom));
    db.remember(datom);
  }

  private Decision decide(String forms, LocalIds ids) {
    Intent intent = db.intent(forms, 1);
    return Decider.decide(intent, db.now(), db.remote(db.basisT() - 1), ids, Rules.BUILT_IN);
  }

  @Test
  void anEntityWithAValueOfAnUnknownTypeIsNotRetracted() {
    stands(b, ":db/fn", "code", 1);
    Decision decision = db.decide("[[:db/retractEntity " + b + "]]");
    assertThat(decision.kind()).isEqualTo(OutcomeKind.REJECTED);
    assertThat(decision.reason().code()).isEqualTo(Codes.UNSUPPORTED);
    assertThat(decision.reason().message()).contains(":db/fn");
  }

  @Test
  void anAttributeOfAnUnknownTypeThatOthersChangedParksTheRetraction() {
    Intent intent = db.intent("[[:db/retractEntity " + b + "]]", db.basisT());
    db.remember(new Datom(b, id(":db/fn"), "code", EntityIds.txOf(db.basisT() + 1), false));
    Decision decision = db.decide(intent);
    assertThat(decision.kind()).isEqualTo(OutcomeKind.PARKED);
    assertThat(decision.conflicts()).singleElement().satisfies(conflict -> {
      assertThat(conflict.attribute()).isEqualTo(Keyword.of(":db/fn"));
      assertThat(conflict.remote()).isEmpty();
    });
  }

  @Test
  void recordsOfWhatOnceHappenedStayWhenTheirEntityGoes() {
    db.remote("""
        [{:db/ident :rebasis.conflict/entity :db/valueType :db.type/ref :db/cardinality :db.cardinality/one}
         {:db/ident :bare :db/valueType :db.type/ref :db/cardinality :db.cardinality/one}]""");
    stands(c, ":rebasis.conflict/entity", b, 1);
    stands(c, ":bare", b, 1);
    Decision decision = db.decide("[[:db/retractEntity " + b + "]]");
    assertThat(decision.datoms()).filteredOn(d -> d.e() == c).extracting(Datom::a).containsExactly(id(":bare"));
    assertThat(db.decide("[[:db/add " + a + " :rebasis.conflict/entity " + b + "]]").reason().code())
        .isEqualTo(Codes.RESERVED);
  }

  @Test
  void aTransactionsTimeIsNeverRetracted() {
    long tx = EntityIds.txOf(db.basisT());
    stands(tx, ":db/txInstant", Instant.EPOCH, 1);
    assertThat(db.decide("[[:db/retractEntity " + tx + "]]").reason().code()).isEqualTo(Codes.RESET_TX_INSTANT);
    assertThat(id(":db/txInstant")).isEqualTo(SystemIds.DB_TX_INSTANT);
  }

  @Test
  void aPendingEntityGoesWithWhatOthersWroteElsewhere() {
    stands(PENDING, ":s/one", 1L, 1);
    stands(PENDING, ":s/part", PENDING - 1, 1);
    stands(PENDING - 2, ":s/to", PENDING, 1);
    stands(a, ":s/to", PENDING, 1);
    db.remote("[[:db/add " + c + " :s/one 8]]");
    Decision decision = decide("[[:db/retractEntity " + PENDING + "]]", PendingIds.MADE);
    assertThat(decision.reason()).isNull();
    assertThat(decision.datoms()).hasSize(4);
    Decision known = decide("[[:db/add " + PENDING + " :s/one 2]]", id -> id);
    assertThat(known.kind()).as("it stands in the view").isEqualTo(OutcomeKind.ACCEPTED);
    Decision identity = decide("[[:db/add " + PENDING + " :s/key \"N\"]]", PendingIds.MADE);
    assertThat(identity.datoms()).singleElement().satisfies(d -> assertThat(d.e()).isEqualTo(PENDING));
  }

  @Test
  void aUniqueValueOfAPendingEntityIsTaken() {
    stands(PENDING, ":s/code", 77L, 1);
    stands(PENDING, ":s/key", "K", 1);
    db.remote("[[:db/add " + c + " :s/one 8]]");
    assertThat(decide("[[:db/add " + c + " :s/code 77]]", PendingIds.MADE).kind()).isEqualTo(OutcomeKind.REJECTED);
    Decision upsert = decide("[{:s/key \"K\" :s/one 3}]", PendingIds.MADE);
    assertThat(upsert.datoms()).singleElement().satisfies(d -> assertThat(d.e()).isEqualTo(PENDING));
    assertThat(decide("[{:s/key \"K\" :s/names [\"b\"]}]", PendingIds.MADE).reason().code()).isEqualTo(Codes.UNIQUE_CONFLICT);
  }

  @Test
  void aPendingEntityAsAnIdentity() {
    db.remote("[{:db/ident :s/owner :db/valueType :db.type/ref :db/cardinality :db.cardinality/one"
        + " :db/unique :db.unique/identity}]");
    stands(PENDING, ":s/one", 1L, 1);
    Decision free = decide("[{:s/owner " + PENDING + " :s/one 3}]", PendingIds.MADE);
    assertThat(free.datoms()).hasSize(2);
    stands(c, ":s/owner", PENDING, 1);
    Decision taken = decide("[{:s/owner " + PENDING + " :s/one 3}]", PendingIds.MADE);
    assertThat(taken.datoms()).singleElement().satisfies(d -> assertThat(d.e()).isEqualTo(c));
  }

  @Test
  void aReferenceToWhatNeverHadAFactIsNotGone() {
    long nothing = b + 1_000;
    Intent intent = db.intent("[[:db/add " + a + " :s/to " + nothing + "] [:db/retractEntity " + c + "]]", db.basisT());
    stands(c, ":s/part", nothing, 1);
    db.remote("[[:db/add " + b + " :s/one 8]]");
    assertThat(db.decide(intent).kind()).isEqualTo(OutcomeKind.ACCEPTED);
    Intent later = db.intent("[[:db/add " + a + " :s/to " + nothing + "]]", db.basisT());
    db.remote("[[:db/add " + nothing + " :s/one 8]]");
    db.remote("[[:db/retractEntity " + nothing + "]]");
    assertThat(db.decide(later).kind()).as("it came and went").isEqualTo(OutcomeKind.ACCEPTED);
  }

  /** Datomic takes 1.0 and 1.00 for the same unique value, though they are two values of one place. */
  @Test
  void aUniqueDecimalOfAnotherScaleIsTakenEvenByItsOwnHolder() {
    db.remote("[{:db/ident :s/price :db/valueType :db.type/bigdec :db/cardinality :db.cardinality/one"
        + " :db/unique :db.unique/value}]");
    db.remote("[[:db/add " + a + " :s/price 1.0M]]");
    assertThat(db.decide("[[:db/add " + a + " :s/price 1.00M]]").reason().code()).isEqualTo(Codes.UNIQUE_CONFLICT);
    assertThat(db.decide("[[:db/add " + b + " :s/price 1.00M]]").reason().code()).isEqualTo(Codes.UNIQUE_CONFLICT);
    assertThat(db.decide("[[:db/add " + a + " :s/price 1.0M]]").datoms()).isEmpty();
    assertThat(db.decide("[[:db/retract " + a + " :s/price 1.0M] [:db/add " + b + " :s/price 1.00M]]").datoms()).hasSize(2);
  }

  /** In a set they are two facts, in a tuple one value, and as keys one that others may have claimed. */
  @Test
  void decimalsOfTwoScalesAreTwoFactsOneTupleAndOneKey() {
    db.remote("[{:db/ident :s/prices :db/valueType :db.type/bigdec :db/cardinality :db.cardinality/many}"
        + " {:db/ident :s/rate :db/valueType :db.type/tuple :db/tupleTypes [:db.type/bigdec :db.type/long]"
        + " :db/cardinality :db.cardinality/one}"
        + " {:db/ident :s/price :db/valueType :db.type/bigdec :db/cardinality :db.cardinality/one :db/unique :db.unique/value}]");
    db.remote("[[:db/add " + a + " :s/prices 1.0M] [:db/add " + a + " :s/rate [1.0M 1]] [:db/add " + a + " :s/price 1.0M]]");
    assertThat(db.decide("[[:db/add " + a + " :s/prices 1.0M]]").datoms()).isEmpty();
    assertThat(db.decide("[[:db/add " + a + " :s/prices 1.00M]]").datoms()).hasSize(1);
    assertThat(db.decide("[[:db/add " + a + " :s/rate [1.00M 1]]]").datoms()).isEmpty();
    assertThat(db.decide("[[:db/add " + a + " :s/rate [2M 1]]]").datoms()).hasSize(2);
    Intent claims = db.intent("[[:db/add " + b + " :s/price 2.00M]]", db.basisT());
    db.remote("[[:db/add " + a + " :s/price 2.0M]]");
    Decision claimed = db.decide(claims);
    assertThat(claimed.kind()).isEqualTo(OutcomeKind.PARKED);
    assertThat(claimed.conflicts()).singleElement().satisfies(met -> assertThat(met.kind()).isEqualTo(ConflictKinds.UNIQUE_CLAIMED));
  }

  @Test
  void aFunctionMayLookAtWhatIsNoAttribute() {
    db.rules(Rules.builder().function(Keyword.of(":f/look"), (view, args) -> {
      assertThat(view.datoms(IndexOrder.EAVT, a, 999_999L)).isEmpty();
      return List.of();
    }).build());
    Intent intent = db.intent("[[:f/look]]", db.basisT());
    assertThat(Decider.seen(db.decide(intent), intent, db.now(), place -> true)).isEmpty();
  }

  @Test
  void aCounterBeyondItsTypeParks() {
    db.remote("[[:db/add :s/one :rebasis/policy :rebasis.policy/counter]]");
    List<Intent> intents = new ArrayList<>();
    for (long v : List.of(Long.MAX_VALUE, Long.MIN_VALUE)) {
      intents.add(db.intent("[[:db/add " + a + " :s/one " + v + "]]", db.basisT()));
    }
    db.remote("[[:db/add " + a + " :s/one 9]]");
    for (Intent intent : intents) {
      assertThat(db.decide(intent).reason().code()).isEqualTo(Codes.CONFLICT_PARKED);
      assertThat(db.decide(intent).reason().message()).contains("64 bits");
    }
  }

  @Test
  void textsTooLongToCompareAreLeftToAPerson() {
    String base = "x\n".repeat(5_001);
    assertThat(TextMerge.merge(base, "a\n" + base, base + "b\n", false)).isNull();
    assertThat(TextMerge.merge(base, "a\n" + base, base + "b\n", true)).startsWith("<<<<<<< ");
    String shorter = "x\n".repeat(4_999);
    assertThat(TextMerge.merge(shorter, "a\n" + shorter, shorter + "b\n", false)).isEqualTo("a\n" + shorter + "b\n");
  }

  @Test
  void whoSaysNothingElseKnowsAnEntityByItsServerId() {
    LocalIds ids = id -> id == -1 ? 5 : id;
    assertThat(ids.isMade(-1)).isTrue();
    assertThat(ids.isMade(-2)).isFalse();
    assertThat(ids.hasFailed(null)).isFalse();
  }
}
