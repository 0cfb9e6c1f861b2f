package dev.rebasis.conflict;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.OutcomeKind;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What forms become when nothing remote meets them: order of datoms, local ids, tempids, footprints, and what Rebasis
 * does otherwise than Datomic. That the datoms are Datomic's is {@link DatomicOracleTest}'s matter.
 */
class ExpansionTest {
  private static final String SCHEMA = """
      [{:db/ident :p/key :db/valueType :db.type/string :db/cardinality :db.cardinality/one
        :db/unique :db.unique/identity}
       {:db/ident :p/name :db/valueType :db.type/string :db/cardinality :db.cardinality/one}
       {:db/ident :p/born :db/valueType :db.type/instant :db/cardinality :db.cardinality/one}
       {:db/ident :p/tags :db/valueType :db.type/string :db/cardinality :db.cardinality/many}
       {:db/ident :p/friend :db/valueType :db.type/ref :db/cardinality :db.cardinality/one}
       {:db/ident :p/part :db/valueType :db.type/ref :db/cardinality :db.cardinality/one :db/isComponent true}
       {:db/ident :rebasis.tx/id :db/valueType :db.type/uuid :db/cardinality :db.cardinality/one}]""";

  private final TestDatabase db = new TestDatabase(SCHEMA);
  private final long base = db.remote(
      "[{:p/key \"A\" :p/name \"Ann\" :p/part {:p/name \"arm\"}} {:p/key \"B\" :p/name \"Bob\"}]");
  private final long a = db.entity(":p/key", "A");

  @Test
  void aReplacedValueIsRetractedBeforeTheNewOneIsAsserted() {
    assertThat(db.shown(db.decide("[[:db/add [:p/key \"A\"] :p/name \"Eve\"]]"))).containsExactly(
        List.of(a, ":p/name", "Ann", false), List.of(a, ":p/name", "Eve", true));
  }

  @Test
  void whatStandsAlreadyChangesNothing() {
    Decision decision = db.decide("[{:p/key \"A\" :p/name \"Ann\"} [:db/retract [:p/key \"B\"] :p/name \"Ann\"]]");
    assertThat(decision.kind()).isEqualTo(OutcomeKind.ACCEPTED);
    assertThat(decision.datoms()).isEmpty();
  }

  @Test
  void newEntitiesHaveTheirLocalIdsAndTheDatomsTheTransactions() {
    Intent intent = db.intent("[{:db/id \"n\" :p/key \"N\" :p/part {:p/name \"leg\"}}"
        + " [:db/add \"datomic.tx\" :p/name \"why\"]]", base);
    Decision decision = db.decide(intent);
    long n = -intent.tempids().get("n");
    long tx = intent.txLocalId();
    long leg = intent.tempids().values().stream().mapToLong(x -> -x).filter(x -> x != n && x != tx).findFirst()
        .orElseThrow();
    assertThat(db.shown(decision)).containsExactly(List.of(n, ":p/key", "N", true), List.of(n, ":p/part", leg, true),
        List.of(leg, ":p/name", "leg", true), List.of(tx, ":p/name", "why", true));
    assertThat(decision.datoms()).extracting(Datom::tx).containsOnly(tx);
    assertThat(decision.tempids()).containsEntry("n", n).containsEntry("datomic.tx", tx).containsEntry("#" + -leg, leg);
  }

  @Test
  void tempidsOfOneNewEntityShareTheSmallestNumber() {
    Intent intent = db.intent("[{:db/id \"x\" :p/key \"N\"} {:db/id \"y\" :p/key \"N\" :p/name \"n\"}]", base);
    Decision decision = db.decide(intent);
    long x = -intent.tempids().get("x");
    assertThat(decision.tempids()).containsEntry("x", x).containsEntry("y", x);
    assertThat(db.shown(decision))
        .containsExactly(List.of(x, ":p/key", "N", true), List.of(x, ":p/name", "n", true));
  }

  @Test
  void anUpsertNamesTheExistingEntity() {
    Decision decision = db.decide("[{:db/id \"x\" :p/key \"A\" :p/friend {:p/key \"B\" :p/tags [\"t\"]}}]");
    assertThat(decision.tempids()).containsEntry("x", a).containsValue(db.entity(":p/key", "B"));
  }

  @Test
  void aLocalIdOfAPredecessorResolvesToItsEntity() {
    Intent first = db.intent("[{:db/id \"n\" :p/name \"new\"}]", base);
    db.own(first);
    long local = -first.tempids().get("n");
    long server = db.resolve(local);
    Decision decision = db.decide("[[:db/add " + local + " :p/friend " + local + "] {:db/id " + local
        + " :p/part {:p/name \"part\"}}]");
    assertThat(server).isPositive();
    assertThat(db.shown(decision)).contains(List.of(server, ":p/friend", server, true));
  }

  @Test
  void aLocalIdOfAPendingPredecessorIsTheEntityInTheView() {
    Intent first = db.intent("[{:db/id \"n\" :p/key \"N\"}]", base);
    long local = -first.tempids().get("n");
    db.now().apply(db.decide(first).datoms());
    Decision decision = db.decide("[[:db/add " + local + " :p/name \"later\"] [:db/add [:p/key \"N\"] :p/tags \"t\"]]");
    assertThat(db.shown(decision)).containsExactly(
        List.of(local, ":p/name", "later", true), List.of(local, ":p/tags", "t", true));
  }

  @Test
  void retractingAnEntityTakesComponentsAndReferencesAlong() {
    db.remote("[[:db/add [:p/key \"B\"] :p/friend [:p/key \"A\"]]]");
    Decision decision = db.decide("[[:db/retractEntity [:p/key \"A\"]]]");
    long b = db.entity(":p/key", "B");
    long arm = (Long) db.values(a, ":p/part").iterator().next();
    assertThat(db.shown(decision)).containsExactlyInAnyOrder(
        List.of(a, ":p/key", "A", false), List.of(a, ":p/name", "Ann", false), List.of(a, ":p/part", arm, false),
        List.of(arm, ":p/name", "arm", false), List.of(b, ":p/friend", a, false));
    assertThat(decision.footprint().reads()).contains(new FootprintKey.Entity(a), new FootprintKey.Entity(arm),
        new FootprintKey.Reference(a), new FootprintKey.Reference(arm));
  }

  @Test
  void aFootprintNamesLookupsPlacesAndEntities() {
    Decision decision = db.decide("[[:db/add [:p/key \"A\"] :p/friend [:p/key \"B\"]]]");
    long friend = db.now().schema().entid(Keyword.of(":p/friend"));
    long key = db.now().schema().entid(Keyword.of(":p/key"));
    assertThat(decision.footprint().writes()).containsExactly(new FootprintKey.EntityAttribute(a, friend));
    assertThat(decision.footprint().reads()).containsExactlyInAnyOrder(
        new FootprintKey.AttributeValue(key, "A"), new FootprintKey.AttributeValue(key, "B"),
        new FootprintKey.EntityAttribute(a, friend), new FootprintKey.Entity(a), new FootprintKey.Reference(a),
        new FootprintKey.Entity(db.entity(":p/key", "B")));
  }

  @Test
  void everythingWrittenIsAlsoRead() {
    Footprint footprint = db.decide("[{:p/key \"N\" :p/tags [\"x\"]} [:db/retractEntity [:p/key \"A\"]]]").footprint();
    assertThat(footprint.reads()).containsAll(footprint.writes());
    assertThat(footprint.writes())
        .contains(new FootprintKey.AttributeValue(db.now().schema().entid(Keyword.of(":p/key")), "N"));
  }

  @Test
  void allFaultsAreReportedAtOnce() {
    Decision decision = db.decide(raw("[:db/add \"x\" :p/none 1]", "[:db/add \"x\" :p/name 5]"));
    assertThat(decision.kind()).isEqualTo(OutcomeKind.REJECTED);
    assertThat(decision.reason().code()).isEqualTo(Codes.NOT_AN_ENTITY);
    assertThat((List<?>) decision.reason().data().get(Keyword.of(":problems"))).hasSize(2);
    assertThat(decision.reason().message()).contains(":p/none").endsWith("There is one more problem.");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "[:db/add \"datomic.tx\" :db/txInstant #inst \"2020-01-01\"] | :rebasis.error/tx-instant-not-allowed",
      "[:db/add \"datomic.tx\" :rebasis.tx/id #uuid \"00000000-0000-0000-0000-000000000001\"]"
          + " | :rebasis.error/reserved-attribute",
      "[:db/add \"datomic.tx\" :p/key \"A\"] | :db.error/unique-conflict",
      "{:db/id \"x\" :db/ensure :some/spec} | :rebasis.error/unsupported",
      "[:db/add :p/name :db.attr/preds a.b/c] | :rebasis.error/unsupported",
      "{:db/id \"x\" :db.entity/attrs [:p/name]} | :rebasis.error/unsupported",
      "{:db/id \"x\" :db.entity/preds a.b/c} | :rebasis.error/unsupported",
      "[:my/function 1] | :db.error/not-a-data-function",
      "[:db/add \"x\" :p/name] | :rebasis.error/malformed-form",
      "[:db/add \"x\" :p/name \"n\" 1] | :rebasis.error/malformed-form",
      "[:db/add \"unknown\" :p/name \"n\"] | :rebasis.error/malformed-intent",
      "{:p/name \"without id\"} | :rebasis.error/malformed-intent",
      "{:db/id \"x\" :p/_name \"n\"} | :db.error/wrong-type-for-attribute",
      "[:db/add -99 :p/name \"n\"] | :rebasis.error/predecessor-not-committed"})
  void whatStrangersSendIsRefusedWithACode(String form, String code) {
    Decision decision = db.decide(raw(form));
    assertThat(decision.kind().isCommitted()).isFalse();
    assertThat(decision.reason().code()).isEqualTo(Keyword.of(code));
  }

  @Test
  void anIntentWithoutALocalNumberForItsTransactionIsRefused() {
    Intent intent = new Intent(new UUID(0, 1), 1, 0, Instant.EPOCH, List.of(), Map.of());
    assertThat(db.decide(intent).reason().code()).isEqualTo(Codes.MALFORMED_INTENT);
  }

  @Test
  void formsThatNestTooDeepAreRefused() {
    Object form = Map.of(Keyword.of(":db/id"), -2L, Keyword.of(":p/name"), "deep");
    for (int i = 0; i < 5000; i++) {
      form = Map.of(Keyword.of(":db/id"), -2L, Keyword.of(":p/part"), form);
    }
    Intent intent = new Intent(
        new UUID(0, 1), 1, 0, Instant.EPOCH, List.of(form), Map.of("datomic.tx", 1L, "x", 2L));
    assertThat(db.decide(intent).reason().code()).isEqualTo(Codes.MALFORMED_FORM);
  }

  @Test
  void newAttributesAreInstalledAndAlteredOnesNoted() {
    Intent intent = db.intent("[{:db/id \"n\" :db/ident :p/new :db/valueType :db.type/long"
        + " :db/cardinality :db.cardinality/one} {:db/id :p/name :db/noHistory true}]", base);
    long name = db.now().schema().entid(Keyword.of(":p/name"));
    assertThat(db.shown(db.decide(intent))).endsWith(
        List.of(0L, ":db.install/attribute", -intent.tempids().get("n"), true),
        List.of(0L, ":db.alter/attribute", name, true));
  }

  private Intent raw(String... forms) {
    List<Object> read = java.util.Arrays.stream(forms).map(dev.rebasis.edn.Edn::read).toList();
    return new Intent(new UUID(0, 1), 1, db.basisT(), Instant.EPOCH, read, Map.of("datomic.tx", 1L, "x", 2L));
  }
}
