package dev.rebasis.client.internal.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.Database;
import dev.rebasis.client.internal.db.DatabaseValue;
import dev.rebasis.client.internal.db.DatomSource;
import dev.rebasis.client.internal.db.IndexSnapshot;
import dev.rebasis.client.internal.db.Overlay;
import dev.rebasis.client.internal.db.Scan;
import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityId;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Schema;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Queries on a client's database value: pending facts are seen, local ids follow their entity, longs stay longs. */
class LocalIdQueryTest {
  private static final long CONFIRMED = (Long) People.ask("[:find ?e . :where [?e :p/name \"Ann\"]]", People.DB);
  private static final long LOCAL_OF_CONFIRMED = -5;
  private static final long PENDING = -6;
  private static final long PENDING_TX = -7;
  private static final QueryEngine ENGINE = new QueryEngine();

  private static final Database DB = database();

  private static Database database() {
    Schema schema = People.DB.schema();
    List<Datom> pending = List.of(
        new Datom(PENDING, schema.entid(Keyword.of(":p/name")), "Dora", PENDING_TX, true),
        new Datom(PENDING, schema.entid(Keyword.of(":p/age")), 50L, PENDING_TX, true),
        new Datom(PENDING, schema.entid(Keyword.of(":p/friend")), CONFIRMED, PENDING_TX, true));
    return DatabaseValue.of(new Confirmed(People.DB), Overlay.EMPTY.apply(pending, schema),
        id -> id == LOCAL_OF_CONFIRMED ? CONFIRMED : id, 1_004, ENGINE);
  }

  @Test
  void seesPendingFacts() {
    assertThat(DB.q("[:find ?e ?n :where [?e :p/age 50] [?e :p/name ?n]]")).isEqualTo(Set.of(List.of(PENDING, "Dora")));
    assertThat(DB.q("[:find [?n ...] :where [?e :p/name \"Dora\"] [?e :p/friend ?f] [?f :p/name ?n]]"))
        .isEqualTo(List.of("Ann"));
  }

  @Test
  void anEntityIdFollowsItsEntity() {
    String name = "[:find ?n . :in $ ?e :where [?e :p/name ?n]]";
    assertThat((Object) DB.query(name, EntityId.of(LOCAL_OF_CONFIRMED))).isEqualTo("Ann");
    assertThat((Object) DB.query(name, EntityId.of(PENDING))).isEqualTo("Dora");
    assertThat((Object) DB.query("[:find ?e . :in $ ?e :where [?e :p/name _]]", EntityId.of(LOCAL_OF_CONFIRMED)))
        .isEqualTo(CONFIRMED);
    List<EntityId> several = List.of(EntityId.of(LOCAL_OF_CONFIRMED), EntityId.of(PENDING));
    assertThat(DB.q("[:find ?n :in $ [?e ...] :where [?e :p/name ?n]]", several))
        .isEqualTo(Set.of(List.of("Ann"), List.of("Dora")));
    assertThat(DB.q("[:find ?n :in $ ?f :where [?e :p/friend ?f] [?e :p/name ?n]]", EntityId.of(LOCAL_OF_CONFIRMED)))
        .isEqualTo(Set.of(List.of("Cid"), List.of("Dora")));
  }

  @Test
  void aPlainLongIsNeverTranslated() {
    String name = "[:find ?n :in $ [?e ...] :where [?e :p/name ?n]]";
    assertThat(DB.q(name, List.of(LOCAL_OF_CONFIRMED))).isEmpty();
    assertThat(DB.q(name, List.of(LOCAL_OF_CONFIRMED, PENDING))).isEqualTo(Set.of(List.of("Dora")));
    assertThat(DB.q("[:find ?n :where [?e :p/friend " + LOCAL_OF_CONFIRMED + "] [?e :p/name ?n]]")).isEmpty();
  }

  /** A source as a snapshot without history. */
  private record Confirmed(DatomSource source) implements IndexSnapshot {
    @Override
    public long basisT() {
      return 1_004;
    }

    @Override
    public Iterable<Datom> scan(Scan scan) {
      if (scan.history() || scan.backwards()) {
        throw new UnsupportedOperationException("No query here asks for that.");
      }
      Object[] components = scan.range().components();
      return scan.toEnd() ? source.seek(scan.order(), components) : source.datoms(scan.order(), components);
    }

    @Override
    public long historyEstimate(IndexOrder order, Object... components) {
      return source.estimate(order, components);
    }

    @Override
    public void checkUsable() {
      // It always is.
    }

    @Override
    public Schema schema() {
      return source.schema();
    }

    @Override
    public long estimate(IndexOrder order, Object... components) {
      return source.estimate(order, components);
    }
  }
}
