package dev.rebasis.client;

import static org.assertj.core.api.Assertions.assertThat;

import datomic.Connection;
import datomic.Database;
import datomic.Peer;
import datomic.Util;
import dev.rebasis.data.Attribute;
import dev.rebasis.data.Bootstrap;
import dev.rebasis.data.Datom;
import dev.rebasis.data.DatomOrder;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Schema;
import dev.rebasis.data.SystemIds;
import dev.rebasis.data.Unique;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.TreeSet;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * Goal: the bootstrap facts and the schema that follows from datoms are Datomic's. Method: the peer library is the
 * oracle; a fresh database is compared datom by datom, then the schema is changed and compared attribute by attribute.
 */
class BootstrapOracleTest {

  private static Connection fresh() {
    String uri = "datomic:mem://" + UUID.randomUUID();
    assertThat(Peer.createDatabase(uri)).isTrue();
    return Peer.connect(uri);
  }

  private static Object fromDatomic(Object value) {
    if (value instanceof Date date) {
      return Instant.ofEpochMilli(date.getTime());
    }
    if (value instanceof clojure.lang.Keyword keyword) {
      return Keyword.of(keyword.toString());
    }
    return value instanceof List<?> tuple ? tuple.stream().map(BootstrapOracleTest::fromDatomic).toList() : value;
  }

  private static Datom fromDatomic(datomic.Datom datom) {
    return new Datom((Long) datom.e(), ((Number) datom.a()).longValue(), fromDatomic(datom.v()), (Long) datom.tx(),
        datom.added());
  }

  @Test
  void bootstrap_isWhatAFreshDatabaseHolds() {
    Database db = fresh().db();
    List<Datom> theirs = new ArrayList<>();
    for (datomic.Datom datom : db.history().datoms(Database.EAVT)) {
      theirs.add(fromDatomic(datom));
    }
    assertThat(Bootstrap.datoms()).isEqualTo(theirs);
    assertThat(Bootstrap.BASIS_T).isEqualTo(db.basisT());
    // The comment in Bootstrap says that no function is skipped: none is there.
    assertThat(theirs).noneMatch(datom -> datom.a() == SystemIds.DB_FN);
  }

  @Test
  void bootstrap_appliedByTHoldsWhatDatomicHolds() {
    List<Datom> theirs = new ArrayList<>();
    for (datomic.Datom datom : fresh().db().datoms(Database.EAVT)) {
      theirs.add(fromDatomic(datom));
    }
    TreeSet<Datom> current = new TreeSet<>(DatomOrder.EAVT);
    for (Datom datom : Bootstrap.datomsByT()) {
      if (datom.added()) {
        current.add(datom);
      } else {
        current.removeIf(held -> held.e() == datom.e() && held.a() == datom.a() && held.v().equals(datom.v()));
      }
    }
    assertThat(current).containsExactlyInAnyOrderElementsOf(theirs);
  }

  @Test
  void schema_ofBootstrapIsDatomics() {
    assertSameSchema(Bootstrap.schema(), fresh().db());
  }

  @Test
  void schema_followsChangesAsDatomicDoes() throws Exception {
    Connection connection = fresh();
    Schema schema = Bootstrap.schema();
    for (String tx : List.of(
        "[{:db/ident :n :db/valueType :db.type/long :db/cardinality :db.cardinality/one}"
            + " {:db/ident :k :db/valueType :db.type/string :db/cardinality :db.cardinality/one"
            + "  :db/unique :db.unique/identity}"
            + " {:db/ident :u :db/valueType :db.type/uuid :db/cardinality :db.cardinality/one"
            + "  :db/unique :db.unique/value :db/noHistory true}"
            + " {:db/ident :lines :db/valueType :db.type/ref :db/cardinality :db.cardinality/many"
            + "  :db/isComponent true}"
            + " {:db/ident :made :db/valueType :db.type/tuple :db/cardinality :db.cardinality/many :db/index true"
            + "  :db/tupleTypes [:db.type/long :db.type/long :db.type/ref]}"
            + " {:db/ident :many :db/valueType :db.type/tuple :db/cardinality :db.cardinality/one"
            + "  :db/tupleType :db.type/keyword}"
            + " {:db/ident :blue}]",
        "[{:db/ident :n+k :db/valueType :db.type/tuple :db/cardinality :db.cardinality/one :db/tupleAttrs [:n :k]}]",
        "[[:db/add :u :db/noHistory false] [:db/add :lines :db/cardinality :db.cardinality/one] [:db/add :lines :db/isComponent false]]",
        "[[:db/add :u :db/ident :renamed] [:db/add :blue :db/ident :navy]]",
        "[[:db/retract :k :db/unique :db.unique/identity] [:db/add :n :db/index true]]",
        "[{:db/ident :blue} {:db/ident :u :db/doc \"a new one\"}]",
        "[[:db/retract :navy :db/ident :navy]]")) {
      Map<?, ?> report = connection.transact((List<?>) Util.read(tx)).get();
      List<Datom> changes = new ArrayList<>();
      for (Object datom : (Collection<?>) report.get(Connection.TX_DATA)) {
        changes.add(fromDatomic((datomic.Datom) datom));
      }
      schema = schema.with(changes);
      assertSameSchema(schema, (Database) report.get(Connection.DB_AFTER));
    }
  }

  private static void assertSameSchema(Schema ours, Database theirs) {
    for (String name : List.of(":n", ":k", ":u", ":lines", ":made", ":many", ":n+k", ":blue", ":navy", ":renamed",
        ":db/cas", ":db.fn/cas", ":db.fn/retractEntity", ":db/doc", ":db.type/fn")) {
      assertThat(ours.entid(Keyword.of(name))).as(name).isEqualTo(theirs.entid(Util.read(name)));
    }
    for (datomic.Datom datom : theirs.datoms(Database.AEVT, ":db/valueType")) {
      assertSameAttribute(ours, theirs, (Long) datom.e());
    }
    for (datomic.Datom datom : theirs.datoms(Database.AEVT, ":db/ident")) {
      Keyword ident = ours.ident((Long) datom.e());
      assertThat(String.valueOf(ident)).isEqualTo(String.valueOf(theirs.ident(datom.e())));
    }
  }

  private static void assertSameAttribute(Schema ours, Database theirs, long id) {
    datomic.Attribute their = theirs.attribute(id);
    if (id == SystemIds.DB_FN) {
      return; // Of a type that clients cannot hold.
    }
    Attribute our = ours.attribute(id);
    assertThat(our).as(their.toString()).isNotNull();
    assertThat(our.ident().toString()).isEqualTo(their.ident().toString());
    assertThat(our.valueType().ident().toString()).isEqualTo(their.valueType().toString());
    assertThat(our.isMany()).isEqualTo(their.cardinality() == Util.read(":db.cardinality/many"));
    assertThat(our.unique() == Unique.NONE ? null : ":db.unique/" + our.unique().name().toLowerCase())
        .isEqualTo(their.unique() == null ? null : their.unique().toString());
    assertThat(our.isInAvet()).as(their.toString()).isEqualTo(their.hasAVET());
    assertThat(our.component()).isEqualTo(their.isComponent());
    assertThat(our.noHistory()).isEqualTo(their.hasNoHistory());
  }
}
