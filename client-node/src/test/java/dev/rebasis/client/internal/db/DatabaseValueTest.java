package dev.rebasis.client.internal.db;

import static dev.rebasis.client.internal.Samples.USER;
import static dev.rebasis.client.internal.Samples.add;
import static dev.rebasis.client.internal.Samples.all;
import static dev.rebasis.client.internal.Samples.attribute;
import static dev.rebasis.client.internal.Samples.tx;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rebasis.client.QueryPlan;
import dev.rebasis.client.Durability;
import dev.rebasis.client.Entity;
import dev.rebasis.client.internal.Samples;
import dev.rebasis.client.internal.index.DatomIndex;
import dev.rebasis.client.internal.log.ClientLog;
import dev.rebasis.client.internal.log.MadeIds;
import dev.rebasis.client.internal.log.StoreFiles;
import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityId;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.LookupRef;
import dev.rebasis.data.SystemIds;
import dev.rebasis.data.ValueType;
import dev.rebasis.error.RebasisException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Identifiers, entities and local ids of a value. Fixture: an order with two lines and a colour, confirmed; its customer
 * is made here and pending (-7); the local id -5 is confirmed as the order.
 */
class DatabaseValueTest {
  private static final long NUMBER = 72;
  private static final long LINES = 73;
  private static final long CUSTOMER = 74;
  private static final long COLOUR = 75;
  private static final long ORDER = USER + 1;
  private static final long LINE_1 = USER + 2;
  private static final long LINE_2 = USER + 3;
  private static final long RED = USER + 4;

  private ClientLog log;
  private DatomIndex index;
  private DatabaseValue database;

  @BeforeEach
  void fill() {
    StoreFiles files = StoreFiles.inMemory();
    log = ClientLog.open(files, Durability.PROCESS_CRASH, Samples.ids());
    index = DatomIndex.open(files, log);
    index.apply(List.of(
        tx(1000, all(
            attribute(NUMBER, ":order/number", ValueType.STRING, "identity"),
            attribute(LINES, ":order/lines", ValueType.REF, "many", "component"),
            attribute(CUSTOMER, ":order/customer", ValueType.REF),
            attribute(COLOUR, ":order/colour", ValueType.REF))),
        tx(1002, add(ORDER, NUMBER, "A-1"), add(ORDER, LINES, LINE_1), add(ORDER, LINES, LINE_2),
            add(RED, SystemIds.DB_IDENT, Keyword.of(":colour/red")), add(ORDER, COLOUR, RED))));
    Overlay overlay = Overlay.EMPTY.apply(
        List.of(new Datom(ORDER, CUSTOMER, -7L, -8, true), new Datom(-7, NUMBER, "C-1", -8, true)),
        index.snapshot().schema());
    database = DatabaseValue.of(index.snapshot(), overlay, MadeIds.NONE.with(Map.of(5L, ORDER)), 1002,
        new Echo());
  }

  /** Answers with what it was asked. */
  private static final class Echo implements Queries {
    @Override
    public Object query(Object query, List<?> inputs) {
      return List.of(List.of(query), inputs);
    }

    @Override
    public QueryPlan explain(Object query, List<?> inputs) {
      return new QueryPlan(List.of(), query(query, inputs));
    }

    @Override
    public Map<Object, Object> pull(DatomSource datoms, Object pattern, Long e, Object name) {
      return e == null ? null : Map.of(pattern, e);
    }
  }

  @AfterEach
  void close() {
    index.close();
    log.close();
  }

  private static List<Datom> list(Iterable<Datom> datoms) {
    List<Datom> all = new ArrayList<>();
    datoms.forEach(all::add);
    return all;
  }

  private static void assertRefused(String code, ThrowingCallable call) {
    assertThatThrownBy(call).isInstanceOfSatisfying(
        RebasisException.class, e -> assertThat(e.code()).isEqualTo(Keyword.of(code)));
  }

  @Test
  void everyFormOfIdentifierNamesTheEntity() {
    for (Object identifier : new Object[] {
      ORDER, -5L, -5, EntityId.of(-5), EntityId.of(ORDER), LookupRef.of(":order/number", "A-1"),
      List.of(Keyword.of(":order/number"), "A-1"), List.of(":order/number", "A-1"), List.of(NUMBER, "A-1")}) {
      assertThat(database.entid(identifier)).as("%s", identifier).isEqualTo(ORDER);
    }
    assertThat(database.entid(Keyword.of(":colour/red"))).isEqualTo(RED);
    assertThat(database.entid(":colour/red")).isEqualTo(RED);
    assertThat(database.entid(-7L)).isEqualTo(-7);
    assertThat(database.entid(LookupRef.of(":order/number", "C-1"))).isEqualTo(-7);
    assertThat(database.entid(LookupRef.of(":order/number", "none"))).isNull();
    assertThat(database.entid(Keyword.of(":no/such"))).isNull();
    assertThat(database.entid(":no such thing")).isNull();
    assertThat(database.entid(":text-of-this-test/only")).isNull();
    assertThat(Keyword.known(":text-of-this-test/only")).isNull();
    assertThat(database.ident(RED)).isEqualTo(Keyword.of(":colour/red"));
    assertThat(database.attribute(":order/number").id()).isEqualTo(NUMBER);
  }

  @Test
  void whatNamesNothingIsRefusedWhereAnEntityMustStand() {
    assertRefused(":db.error/not-an-entity", () -> database.datoms(IndexOrder.EAVT, ":no/such"));
    assertRefused(":db.error/not-an-entity", () -> database.datoms(IndexOrder.AEVT, ":no/attribute"));
    assertRefused(":db.error/lookup-ref-attr-not-unique", () -> database.entid(LookupRef.of(":order/customer", 1L)));
    assertRefused(":db.error/not-an-entity-identifier", () -> database.entid(1.5));
    assertRefused(":db.error/attribute-not-indexed", () -> database.datoms(IndexOrder.AVET, ":order/customer"));
  }

  @Test
  void aConfirmedLocalIdReadsAsTheServersInEveryPlace() {
    List<Datom> datoms = list(database.datoms(IndexOrder.EAVT, -5L));
    assertThat(datoms).hasSize(5).allMatch(datom -> datom.e() == ORDER);
    assertThat(list(database.datoms(IndexOrder.AEVT, ":order/number", -5L))).hasSize(1);
    assertThat(list(database.datoms(IndexOrder.EAVT, -5L, ":order/customer", -7L))).hasSize(1);
    assertThat(list(database.datoms(IndexOrder.VAET, -7L, ":order/customer", -5L))).hasSize(1);
    assertThat(list(database.datoms(IndexOrder.EAVT, ORDER, ":order/colour", ":colour/red"))).hasSize(1);
  }

  @Test
  void anEntityReadsItsAttributes() {
    Entity order = database.entity(LookupRef.of(":order/number", "A-1"));
    assertThat(order.id()).isEqualTo(ORDER);
    assertThat(order.get(":order/number")).isEqualTo("A-1");
    assertThat(order.get(":order/colour")).isEqualTo(Keyword.of(":colour/red"));
    assertThat(order.get(":order/lines")).isEqualTo(Set.of(database.entity(LINE_1), database.entity(LINE_2)));
    assertThat(((Entity) order.get(":order/customer")).get(":order/number")).isEqualTo("C-1");
    assertThat(order.get(":db/id")).isEqualTo(ORDER);
    assertThat(order.get(":no/such")).isNull();
    assertThat(order.keySet()).containsExactlyInAnyOrder(Keyword.of(":order/number"), Keyword.of(":order/lines"),
        Keyword.of(":order/customer"), Keyword.of(":order/colour"));
    assertThat(database.entity(USER + 99).keySet()).isEmpty();
    assertThat(database.entity(LookupRef.of(":order/number", "none"))).isNull();
  }

  @Test
  void anEntityIsFollowedBackwards() {
    assertThat(database.entity(-7L).get(":order/_customer")).isEqualTo(Set.of(database.entity(ORDER)));
    assertThat(database.entity(LINE_1).get(":order/_lines")).isEqualTo(database.entity(ORDER));
    assertThat(database.entity(ORDER).get(":order/_customer")).isNull();
    assertThat(database.entity(ORDER).get(":order/_number")).isNull();
  }

  @Test
  void queriesGetTheValueFirst() {
    assertThat(database.q("[:find ?x]", 1L)).containsExactly(List.of("[:find ?x]"), List.of(database, 1L));
    assertThat(database.<List<?>>query("q").get(1)).isEqualTo(List.of(database));
  }

  @Test
  void pullsGetTheIdOfTheEntity() {
    assertThat(database.pull("[*]", LookupRef.of(":order/number", "A-1"))).isEqualTo(Map.of("[*]", ORDER));
    assertThat(database.pull("[*]", LookupRef.of(":order/number", "none"))).isNull();
    assertThat(database.pullMany("[*]", List.of(-5L, -7L))).containsExactly(Map.of("[*]", ORDER), Map.of("[*]", -7L));
  }

  @Test
  void afterTheStoreIsClosedTheValueSaysSo() {
    Entity order = database.entity(ORDER);
    index.close();
    assertRefused(":rebasis.error/database-expired", () -> order.get(":order/number"));
    assertRefused(":rebasis.error/database-expired", () -> database.q("[:find ?x]"));
    assertRefused(":rebasis.error/database-expired", () -> database.entid(LookupRef.of(":order/number", "A-1")));
  }
}
