package dev.rebasis.client.internal.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rebasis.client.Database;
import dev.rebasis.client.Entity;
import dev.rebasis.client.internal.mirror.Mirror;
import dev.rebasis.client.internal.query.Oracle;
import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import dev.rebasis.error.RebasisException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Entities and walks over indexes, on Datomic and here, over one small world of people with components. */
class EntityOracleTest {
  private static final List<String> ATTRIBUTES = List.of(
      ":p/name", ":p/age", ":p/tags", ":p/friend", ":p/color", ":p/address", ":p/phones", ":a/street", ":n/number");
  private static Mirror mirror;

  @BeforeAll
  static void transact() {
    mirror = new Mirror();
    mirror.transact("""
        [{:db/ident :p/name :db/valueType :db.type/string :db/cardinality :db.cardinality/one
          :db/unique :db.unique/identity}
         {:db/ident :p/age :db/valueType :db.type/long :db/cardinality :db.cardinality/one :db/index true}
         {:db/ident :p/tags :db/valueType :db.type/keyword :db/cardinality :db.cardinality/many}
         {:db/ident :p/friend :db/valueType :db.type/ref :db/cardinality :db.cardinality/many}
         {:db/ident :p/color :db/valueType :db.type/ref :db/cardinality :db.cardinality/one}
         {:db/ident :p/address :db/valueType :db.type/ref :db/cardinality :db.cardinality/one :db/isComponent true}
         {:db/ident :p/phones :db/valueType :db.type/ref :db/cardinality :db.cardinality/many :db/isComponent true}
         {:db/ident :a/street :db/valueType :db.type/string :db/cardinality :db.cardinality/one}
         {:db/ident :n/number :db/valueType :db.type/long :db/cardinality :db.cardinality/one :db/index true}]""");
    mirror.transact("[{:db/ident :color/red} {:db/ident :color/blue}]");
    mirror.transact("""
        [{:db/id "a" :p/name "Ann" :p/age 30 :p/tags [:x :y] :p/friend ["b" "c"] :p/color :color/red
          :p/address {:a/street "Main" :p/color :color/blue} :p/phones [{:n/number 1} {:n/number 2}]}
         {:db/id "b" :p/name "Bob" :p/age 40 :p/friend ["b"] :p/color :color/red}
         {:db/id "c" :p/name "Cid" :p/age 40}]""");
    mirror.transact("[[:db/retract [:p/name \"Bob\"] :p/age 40] [:db/add [:p/name \"Ann\"] :p/age 31]]");
  }

  @AfterAll
  static void close() {
    mirror.close();
  }

  private static Set<Long> everyEntity() {
    Set<Long> all = new HashSet<>();
    mirror.ours().datoms(IndexOrder.EAVT).forEach(datom -> all.add(datom.e()));
    return all;
  }

  /** What an entity's attribute shows, with ids for entities. */
  private static Object shown(Object value) {
    if (value instanceof Entity entity) {
      return Map.of("id", entity.id());
    }
    if (value instanceof datomic.Entity entity) {
      return Map.of("id", entity.get(":db/id"));
    }
    if (value instanceof Collection<?> several) {
      return several.stream().map(EntityOracleTest::shown).collect(Collectors.toSet());
    }
    return Oracle.ours(value);
  }

  @Test
  void everyEntityShowsWhatDatomicsDoes() {
    Database ours = mirror.ours();
    datomic.Database theirs = mirror.theirs();
    for (long e : everyEntity()) {
      Entity entity = ours.entity(e);
      datomic.Entity expected = theirs.entity(e);
      assertThat(entity.keySet().stream().map(Keyword::toString).collect(Collectors.toSet())).as("keys of %s", e)
          .isEqualTo(new HashSet<>(expected.keySet()));
      for (String attribute : ATTRIBUTES) {
        String backwards = attribute.replace("/", "/_");
        assertThat(shown(entity.get(attribute))).as("%s of %s", attribute, e).isEqualTo(shown(expected.get(attribute)));
        assertThat(shown(entity.get(backwards))).as("%s of %s", backwards, e).isEqualTo(shown(expected.get(backwards)));
      }
    }
  }

  @Test
  void anEntityOfAPastMomentShowsThatMoment() {
    Database past = mirror.ours().asOf(mirror.ours().basisT() - 1);
    Entity bob = past.entity(List.of(":p/name", "Bob"));
    assertThat(bob.get(":p/age")).isEqualTo(40L);
    assertThat(mirror.ours().entity(bob.id()).get(":p/age")).isNull();
    assertThat(bob.database().asOfT()).isEqualTo(past.asOfT());
  }

  @Test
  void entitiesAreEqualAsInDatomic() {
    Database ours = mirror.ours();
    datomic.Database theirs = mirror.theirs();
    long t = ours.basisT();
    long ann = ours.entid(List.of(":p/name", "Ann"));
    long tx = EntityIds.txOf(t);
    List<Entity> here = List.of(ours.entity(ann), ours.entity(tx), ours.asOf(t - 1).entity(ann), ours.since(t - 1).entity(ann),
        ours.filter((db, datom) -> true).entity(ann), ours.with("[]").after().entity(ann), ours.entity(ann).touch());
    List<datomic.Entity> there = List.of(theirs.entity(ann), theirs.entity(tx), theirs.asOf(t - 1).entity(ann),
        theirs.since(t - 1).entity(ann), theirs.filter((db, datom) -> true).entity(ann),
        ((datomic.Database) theirs.with(List.of()).get(datomic.Connection.DB_AFTER)).entity(ann), theirs.entity(ann).touch());
    for (int i = 0; i < here.size(); i++) {
      for (int j = 0; j < here.size(); j++) {
        assertThat(here.get(i).equals(here.get(j))).as("%d, %d", i, j).isEqualTo(there.get(i).equals(there.get(j)));
        assertThat(!here.get(i).equals(here.get(j)) || here.get(i).hashCode() == here.get(j).hashCode()).isTrue();
      }
    }
  }

  @Test
  void touchReadsComponentsToTheEndAndNothingElse() {
    Database now = mirror.ours();
    Entity ann = now.entity(List.of(":p/name", "Ann")).touch();
    assertThat(ann.toString())
        .contains(":a/street \"Main\"", ":n/number 1", ":n/number 2", ":p/age 31", ":p/color :color/blue")
        .doesNotContain("Bob");
    assertThat(ann).isEqualTo(now.entity(ann.id()));
    assertThat(ann.touch()).isSameAs(ann);
    assertThat(ann.get(":p/_friend")).isNull();
    assertThat(((Entity) ann.get(":p/address")).get(":p/_address")).isEqualTo(ann);
  }

  @Test
  void aDatabaseWithItsHistoryHasNoEntities() {
    Database history = mirror.ours().history();
    assertThatThrownBy(() -> history.entity(72L)).isInstanceOf(RebasisException.class).hasMessageContaining("moment");
    assertThatThrownBy(() -> history.pull("[*]", 72L)).isInstanceOf(RebasisException.class);
    assertThatThrownBy(() -> history.with("[]")).isInstanceOf(RebasisException.class);
    assertThat(history.isHistory()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "{:index :avet :selector [:p/name :p/age] :start [:p/age]}",
    "{:index :avet :selector [:p/name :p/age] :start [:p/age 31]}",
    "{:index :avet :selector [:p/name :p/age] :start [:p/age 35]}",
    "{:index :avet :selector [:p/name :p/age] :start [:p/age] :reverse true}",
    "{:index :avet :selector [:p/name :p/age] :start [:p/age 35] :reverse true}",
    "{:index :avet :selector [*] :start [:n/number 2] :reverse true}",
    "{:index :aevt :selector [:p/name] :start [:p/friend]}",
    "{:index :aevt :selector [:p/name :db/id] :start [:p/friend] :reverse true}",
    "{:index :aevt :selector [:n/number] :start [:p/phones]}"})
  void indexPullsGiveWhatDatomicsDo(String arguments) {
    Map<Object, Object> map = new HashMap<>();
    ((Map<?, ?>) Edn.read(arguments)).forEach((key, value) -> map.put(Oracle.theirs(key), Oracle.theirs(value)));
    List<Object> expected = mirror.theirs().indexPull(map).map(Oracle::ours).toList();
    assertThat(mirror.ours().indexPull(arguments).toList()).as(arguments).isEqualTo(expected);
    assertThat(mirror.ours().indexPull(Edn.read(arguments)).limit(1).toList())
        .isEqualTo(expected.subList(0, Math.min(1, expected.size())));
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "{:index :aevt :selector [:p/name] :start [:p/age]}",
    "{:index :aevt :selector [:p/name] :start [:p/tags]}",
    "{:index :avet :selector [:p/name] :start [:p/tags]}",
    "{:index :eavt :selector [:p/name] :start [:p/age]}"})
  void indexPullsThatDatomicRefusesAreRefused(String arguments) {
    Map<Object, Object> map = new HashMap<>();
    ((Map<?, ?>) Edn.read(arguments)).forEach((key, value) -> map.put(Oracle.theirs(key), Oracle.theirs(value)));
    assertThatThrownBy(() -> mirror.theirs().indexPull(map).toList()).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> mirror.ours().indexPull(arguments).toList()).isInstanceOf(RebasisException.class);
  }

  @Test
  void aTriedTransactionIsSeenInItsDatabaseAlone() {
    Database now = mirror.ours();
    var first = now.with("[{:db/id \"d\" :p/name \"Dan\" :p/friend [[:p/name \"Ann\"]]} [:db/add [:p/name \"Ann\"] :p/age 32]]");
    Entity dan = first.after().entity(first.resolve("d"));
    assertThat(dan.get(":p/name")).isEqualTo("Dan");
    assertThat((Object) first.after().query("[:find ?age . :where [?e :p/name \"Ann\"] [?e :p/age ?age]]")).isEqualTo(32L);
    assertThat(now.entity(List.of(":p/name", "Dan"))).isNull();
    assertThat(first.datoms()).hasSize(5).allMatch(datom -> datom.tx() < 0);
    var second = first.after().with(List.of(List.of(":db/add", dan.id(), ":p/age", 50L)));
    assertThat(second.after().pull("[:p/name :p/age {:p/friend [:p/name]}]", dan.id())).isEqualTo(Map.of(
        Keyword.of(":p/name"), "Dan", Keyword.of(":p/age"), 50L,
        Keyword.of(":p/friend"), List.of(Map.of(Keyword.of(":p/name"), "Ann"))));
    assertThat(second.after().asOf(first.datoms().get(0).tx()).entity(dan.id()).get(":p/age")).isNull();
    assertThat(second.after().asOf(second.datoms().get(0).tx()).entity(dan.id()).get(":p/age")).isEqualTo(50L);
    assertThatThrownBy(() -> now.with("[[:db/add [:p/name \"None\"] :p/age 1]]")).isInstanceOf(RebasisException.class)
        .hasMessageContaining("None");
    assertThatThrownBy(() -> first.resolve("other")).hasMessageContaining("other");
  }

  @Test
  void aTransactionTriedOnThePastIsDecidedThereAndComesLater() {
    Database past = mirror.ours().asOf(mirror.ours().basisT() - 1);
    Object bob = List.of(":p/name", "Bob");
    var tried = past.with(List.of(List.of(":db/cas", bob, ":p/age", 40L, 41L)));
    assertThat(tried.datoms()).extracting(Datom::v).contains(41L);
    assertThat(tried.after().entity(bob).get(":p/age")).isEqualTo(40L);
    assertThat(tried.after().entity(List.of(":p/name", "Ann")).get(":p/age")).isEqualTo(30L);
  }

  @Test
  void aFilterSeesTheDatabaseWithoutItself() {
    Database now = mirror.ours();
    Database young = now.filter((database, datom) ->
        database.entity(datom.e()).get(":p/age") == null || (Long) database.entity(datom.e()).get(":p/age") < 40);
    assertThat(young.q("[:find ?n :where [_ :p/name ?n]]")).isEqualTo(Set.of(List.of("Ann"), List.of("Bob")));
    assertThat(young.isFiltered()).isTrue();
    assertThat(now.isFiltered()).isFalse();
  }
}
