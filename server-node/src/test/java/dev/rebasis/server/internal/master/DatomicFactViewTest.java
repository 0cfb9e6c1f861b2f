package dev.rebasis.server.internal.master;

import static org.assertj.core.api.Assertions.assertThat;

import datomic.Database;
import dev.rebasis.data.Attribute;
import dev.rebasis.data.Bytes;
import dev.rebasis.data.Datom;
import dev.rebasis.data.DatomOrder;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Schema;
import dev.rebasis.data.Symbol;
import dev.rebasis.data.ValueType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Our view of a Datomic database against Datomic's own, for all value types and index orders. */
class DatomicFactViewTest {
  private static final Map<ValueType, List<Object>> VALUES = new LinkedHashMap<>();

  static {
    VALUES.put(ValueType.STRING, List.of("", "a", "b", "ä€𝄞", "B"));
    VALUES.put(ValueType.BOOLEAN, List.of(true, false));
    VALUES.put(ValueType.LONG, List.of(0L, -1L, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 53));
    VALUES.put(ValueType.BIGINT, List.of(BigInteger.ZERO, BigInteger.ONE.negate(), BigInteger.TWO.pow(200)));
    VALUES.put(ValueType.FLOAT, List.of(0f, -1.5f, Float.MAX_VALUE));
    VALUES.put(ValueType.DOUBLE, List.of(0d, -1.5d, Double.MIN_VALUE, Double.POSITIVE_INFINITY));
    VALUES.put(ValueType.BIGDEC, List.of(new BigDecimal("1.50"), new BigDecimal("-3"), new BigDecimal("1E+20")));
    VALUES.put(ValueType.INSTANT, List.of(Instant.EPOCH, Instant.parse("1899-12-31T23:59:59.999Z"),
        Instant.parse("2026-11-21T10:00:00.123Z")));
    VALUES.put(ValueType.UUID, List.of(new UUID(0, 0), new UUID(1, 2), new UUID(5, -1)));
    VALUES.put(ValueType.URI, List.of(URI.create("http://example.org/a?b=c"), URI.create("urn:x")));
    VALUES.put(ValueType.KEYWORD, List.of(Keyword.of(":a"), Keyword.of(":b/a"), Keyword.of(":a/b")));
    VALUES.put(ValueType.SYMBOL, List.of(Symbol.of("a"), Symbol.of("b/a")));
    VALUES.put(ValueType.BYTES, List.of(Bytes.of(), Bytes.of((byte) 1, (byte) -1)));
    VALUES.put(ValueType.TUPLE, List.of(Arrays.asList(1L, "a"), Arrays.asList(null, "a"), Arrays.asList(1L, null)));
  }

  private final MemoryDatabase memory = new MemoryDatabase();
  private final List<Long> entities = new ArrayList<>();
  private DatomicFactView view;

  @BeforeEach
  void fill() {
    memory.commit(schemaForms(), Instant.EPOCH);
    for (Map.Entry<ValueType, List<Object>> type : VALUES.entrySet()) {
      for (Object value : type.getValue()) {
        List<Object> form = Arrays.asList(Names.DB_ADD, "e", attribute(type.getKey()), value);
        List<Object> parent = Arrays.asList(Names.DB_ADD, "e", Keyword.of(":v/ref"), 0L);
        entities.add(memory.commit(List.of(form, parent), Instant.EPOCH).tempids().get("e"));
      }
    }
    view = new DatomicFactView(memory.now(), memory.schema());
  }

  @AfterEach
  void close() {
    memory.close();
  }

  @Test
  void everyValueComesBackAsItWent() {
    List<Object> given = new ArrayList<>();
    VALUES.values().forEach(given::addAll);
    for (int i = 0; i < given.size(); i++) {
      List<Datom> datoms = list(view.datoms(IndexOrder.EAVT, entities.get(i)));
      assertThat(datoms).extracting(Datom::v).contains(given.get(i));
      Datom datom = datoms.stream().filter(d -> d.a() != memory.schema().entid(Keyword.of(":v/ref"))).findFirst()
          .orElseThrow();
      Attribute attribute = memory.schema().attribute(datom.a());
      assertThat(datom.v()).isInstanceOf(attribute.valueType().javaType());
      assertThat(view.datoms(IndexOrder.EAVT, datom.e(), datom.a(), datom.v())).containsExactly(datom);
      assertThat(view.datoms(IndexOrder.AEVT, datom.a(), datom.e(), datom.v())).containsExactly(datom);
      if (attribute.isInAvet()) {
        assertThat(view.datoms(IndexOrder.AVET, datom.a(), datom.v())).containsExactly(datom);
      }
    }
  }

  @Test
  void everyPrefixOfEveryOrderIsDatomicsOwn() {
    for (IndexOrder order : IndexOrder.values()) {
      List<Datom> whole = list(view.datoms(order));
      assertThat(whole).isEqualTo(raw(order));
      for (Datom datom : whole) {
        Object[] components = components(order, datom);
        for (int length = 1; length <= 3; length++) {
          Object[] prefix = Arrays.copyOf(components, length);
          List<Datom> expected = whole.stream()
              .filter(d -> Arrays.equals(Arrays.copyOf(components(order, d), prefix.length), prefix)).toList();
          assertThat(list(view.datoms(order, prefix))).isEqualTo(expected);
        }
      }
    }
  }

  @Test
  void datomicsOrderIsOurs() {
    for (IndexOrder order : IndexOrder.values()) {
      List<Datom> datoms = list(view.datoms(order));
      assertThat(datoms).isSortedAccordingTo(DatomOrder.of(order));
    }
  }

  @Test
  void whatIsNotThereIsEmpty() {
    Schema schema = memory.schema();
    long string = schema.entid(attribute(ValueType.STRING));
    long bytes = schema.entid(attribute(ValueType.BYTES));
    long ref = schema.entid(Keyword.of(":v/ref"));
    assertThat(view.datoms(IndexOrder.EAVT, -5L)).isEmpty();
    assertThat(view.datoms(IndexOrder.EAVT, 0L, ref, -5L)).isEmpty();
    assertThat(view.datoms(IndexOrder.EAVT, -5L, string)).isEmpty();
    assertThat(view.datoms(IndexOrder.VAET, -5L)).isEmpty();
    assertThat(view.datoms(IndexOrder.AVET, -5L)).isEmpty();
    assertThat(view.datoms(IndexOrder.AVET, string, "no such")).isEmpty();
    assertThat(view.datoms(IndexOrder.AVET, bytes)).as("not indexed").isEmpty();
    // -1 is a value here, not a local id.
    long number = schema.entid(attribute(ValueType.LONG));
    assertThat(view.datoms(IndexOrder.AVET, number, -1L)).hasSize(1);
  }

  @Test
  void theSchemaKeptUpIsTheSchemaMadeAnew() {
    List<Datom> all = new ArrayList<>();
    memory.transactionsAfter(0, memory.t(), Integer.MAX_VALUE).forEach(tx -> all.addAll(tx.datoms()));
    assertThat(dev.rebasis.data.Bootstrap.schema().with(all)).isEqualTo(memory.schema());
    assertThat(memory.schema().attribute(attribute(ValueType.TUPLE)).tupleTypes())
        .containsExactly(ValueType.LONG, ValueType.STRING);
  }

  private List<Datom> raw(IndexOrder order) {
    Object index = switch (order) {
      case EAVT -> Database.EAVT;
      case AEVT -> Database.AEVT;
      case AVET -> Database.AVET;
      case VAET -> Database.VAET;
    };
    List<Datom> datoms = new ArrayList<>();
    memory.now().datoms(index).forEach(datom -> datoms.add(DatomicFactView.translate(datom)));
    return datoms;
  }

  private static Object[] components(IndexOrder order, Datom datom) {
    return switch (order) {
      case EAVT -> new Object[] {datom.e(), datom.a(), datom.v()};
      case AEVT -> new Object[] {datom.a(), datom.e(), datom.v()};
      case AVET -> new Object[] {datom.a(), datom.v(), datom.e()};
      case VAET -> new Object[] {datom.v(), datom.a(), datom.e()};
    };
  }

  private static List<Datom> list(Iterable<Datom> datoms) {
    List<Datom> list = new ArrayList<>();
    datoms.forEach(list::add);
    return list;
  }

  private static List<Object> schemaForms() {
    List<Object> forms = new ArrayList<>();
    for (ValueType type : VALUES.keySet()) {
      Map<Object, Object> form = form(attribute(type), type);
      if (type != ValueType.BYTES) {
        form.put(Keyword.of(":db/index"), true);
      }
      if (type == ValueType.TUPLE) {
        form.put(Keyword.of(":db/tupleTypes"), List.of(ValueType.LONG.ident(), ValueType.STRING.ident()));
      }
      forms.add(form);
    }
    forms.add(form(Keyword.of(":v/ref"), ValueType.REF));
    return forms;
  }

  private static Map<Object, Object> form(Keyword ident, ValueType type) {
    Map<Object, Object> form = new LinkedHashMap<>();
    form.put(Names.DB_IDENT, ident);
    form.put(Keyword.of(":db/valueType"), type.ident());
    form.put(Keyword.of(":db/cardinality"), Keyword.of(":db.cardinality/one"));
    return form;
  }

  private static Keyword attribute(ValueType type) {
    return Keyword.of(":v/" + type.ident().name());
  }
}
