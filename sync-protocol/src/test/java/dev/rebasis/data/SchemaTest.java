package dev.rebasis.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Goal: a schema is what its datoms say, kept up to date step by step. Method: Datomic's own facts and small changes. */
class SchemaTest {
  private static final long TX = EntityIds.txOf(1000);

  private static Datom add(long e, long a, Object v) {
    return new Datom(e, a, v, TX, true);
  }

  private static Datom retract(long e, long a, Object v) {
    return new Datom(e, a, v, TX, false);
  }

  private static Schema withAttribute(long id, String ident, ValueType type, long cardinality) {
    return Bootstrap.schema().with(List.of(
        add(id, SystemIds.DB_CARDINALITY, cardinality),
        add(id, SystemIds.DB_VALUE_TYPE, type.id()),
        add(id, SystemIds.DB_IDENT, Keyword.of(ident))));
  }

  @Test
  void bootstrap_knowsDatomicsOwnAttributes() {
    Schema schema = Bootstrap.schema();
    assertThat(Bootstrap.datoms()).hasSize(268);
    Attribute ident = schema.attribute(Keyword.of(":db/ident"));
    assertThat(ident).isEqualTo(new Attribute(SystemIds.DB_IDENT, Keyword.of(":db/ident"), ValueType.KEYWORD,
        Cardinality.ONE, Unique.IDENTITY, false, false, false, List.of(), List.of()));
    assertThat(schema.attribute(SystemIds.DB_TUPLE_TYPES).tupleTypes()).containsExactly(ValueType.KEYWORD);
    assertThat(schema.attribute(SystemIds.DB_TX_INSTANT).indexed()).isTrue();
    assertThat(schema.attribute(Keyword.of(":db.install/attribute")).isMany()).isTrue();
    for (ValueType type : ValueType.values()) {
      assertThat(schema.entid(type.ident())).isEqualTo(type.id());
    }
  }

  @Test
  void bootstrap_namesDatomicsFunctionsByBothIdentsInEveryOrder() {
    List<Datom> datoms = new ArrayList<>(Bootstrap.datoms());
    for (int i = 0; i < 3; i++) {
      Schema schema = Schema.EMPTY.with(datoms);
      assertThat(schema.ident(SystemIds.DB_CAS)).isEqualTo(Keyword.of(":db/cas"));
      assertThat(schema.entid(Keyword.of(":db.fn/cas"))).isEqualTo(SystemIds.DB_CAS);
      assertThat(schema.entid(Keyword.of(":db/retractEntity"))).isEqualTo(SystemIds.DB_RETRACT_ENTITY);
      datoms.sort((x, y) -> Long.compare(x.tx(), y.tx()));
    }
  }

  @Test
  void with_isTheSameObjectWhenNoSchemaDatomIsThere() {
    Schema schema = Bootstrap.schema();
    assertThat(schema.with(List.of(add(17592186045418L, 72, "A-1"), add(TX, SystemIds.DB_TX_INSTANT, 0L))))
        .isSameAs(schema);
  }

  @Test
  void with_doesNotDependOnTheOrderInsideATransaction() {
    List<Datom> datoms = new ArrayList<>(List.of(
        add(72, SystemIds.DB_IDENT, Keyword.of(":order/tags")),
        add(72, SystemIds.DB_VALUE_TYPE, ValueType.REF.id()),
        add(72, SystemIds.DB_CARDINALITY, SystemIds.CARDINALITY_MANY),
        add(72, SystemIds.DB_UNIQUE, SystemIds.UNIQUE_VALUE),
        add(72, SystemIds.DB_IS_COMPONENT, true),
        add(72, SystemIds.DB_INDEX, true),
        add(72, SystemIds.DB_NO_HISTORY, true)));
    Random random = new Random(1);
    for (int i = 0; i < 20; i++) {
      Collections.shuffle(datoms, random);
      assertThat(Bootstrap.schema().with(datoms).attribute(72)).isEqualTo(new Attribute(72,
          Keyword.of(":order/tags"), ValueType.REF, Cardinality.MANY, Unique.VALUE, true, true, true, List.of(),
          List.of()));
    }
  }

  @Test
  void with_changesAnAttributeAndLeavesTheOlderSchemaAsItWas() {
    Schema before = withAttribute(72, ":order/note", ValueType.STRING, SystemIds.CARDINALITY_ONE);
    Schema after = before.with(List.of(
        add(72, SystemIds.DB_CARDINALITY, SystemIds.CARDINALITY_MANY),
        retract(72, SystemIds.DB_CARDINALITY, SystemIds.CARDINALITY_ONE),
        add(72, SystemIds.DB_INDEX, true)));
    assertThat(after.attribute(72).isMany()).isTrue();
    assertThat(after.attribute(72).indexed()).isTrue();
    assertThat(before.attribute(72).isMany()).isFalse();
    Schema last = after.with(List.of(retract(72, SystemIds.DB_INDEX, true)));
    assertThat(last.attribute(72).indexed()).isFalse();
    assertThat(after.attribute(72).indexed()).isTrue();
  }

  @Test
  void with_keepsAFormerIdentResolvableUntilAnotherTakesIt() {
    Keyword old = Keyword.of(":order/note");
    Keyword now = Keyword.of(":order/remark");
    Schema before = withAttribute(72, ":order/note", ValueType.STRING, SystemIds.CARDINALITY_ONE);
    List<Datom> rename = new ArrayList<>(List.of(add(72, SystemIds.DB_IDENT, now), retract(72, SystemIds.DB_IDENT, old)));
    for (int i = 0; i < 2; i++) {
      Schema renamed = before.with(rename);
      assertThat(renamed.attribute(72).ident()).isEqualTo(now);
      assertThat(renamed.ident(72)).isEqualTo(now);
      assertThat(renamed.attribute(old)).isSameAs(renamed.attribute(now));
      Schema taken = renamed.with(List.of(add(90, SystemIds.DB_IDENT, old)));
      assertThat(taken.entid(old)).isEqualTo(90);
      assertThat(taken.ident(72)).isEqualTo(now);
      Collections.reverse(rename);
    }
  }

  @Test
  void with_readsTuples() {
    Schema base = withAttribute(72, ":a", ValueType.LONG, SystemIds.CARDINALITY_ONE);
    Schema schema = base.with(List.of(
        add(73, SystemIds.DB_IDENT, Keyword.of(":b")),
        add(73, SystemIds.DB_VALUE_TYPE, ValueType.TUPLE.id()),
        add(73, SystemIds.DB_CARDINALITY, SystemIds.CARDINALITY_ONE),
        add(73, SystemIds.DB_TUPLE_TYPES, List.of(ValueType.LONG.ident(), ValueType.REF.ident())),
        add(74, SystemIds.DB_IDENT, Keyword.of(":c")),
        add(74, SystemIds.DB_VALUE_TYPE, ValueType.TUPLE.id()),
        add(74, SystemIds.DB_CARDINALITY, SystemIds.CARDINALITY_ONE),
        add(74, SystemIds.DB_TUPLE_ATTRS, List.of(Keyword.of(":a"), Keyword.of(":db/doc")))));
    assertThat(schema.attribute(73).tupleTypes()).containsExactly(ValueType.LONG, ValueType.REF);
    assertThat(schema.attribute(74).tupleAttributes()).containsExactly(72L, SystemIds.DB_DOC);
  }

  @Test
  void with_completesAnAttributeOverSeveralCalls() {
    Schema half = Schema.EMPTY.with(List.of(add(72, SystemIds.DB_VALUE_TYPE, ValueType.LONG.id())));
    assertThat(half.attribute(72)).isNull();
    Schema named = half.with(List.of(add(72, SystemIds.DB_IDENT, Keyword.of(":n"))));
    assertThat(named.attribute(72)).isNull();
    Schema whole = named.with(List.of(add(72, SystemIds.DB_CARDINALITY, SystemIds.CARDINALITY_ONE)));
    assertThat(whole.attribute(Keyword.of(":n")).valueType()).isEqualTo(ValueType.LONG);
  }

  @Test
  void with_hasNoAttributeOfATypeThatClientsCannotHold() {
    assertThat(Bootstrap.schema().entid(Keyword.of(":db/fn"))).isEqualTo(SystemIds.DB_FN);
    assertThat(Bootstrap.schema().attribute(SystemIds.DB_FN)).isNull();
  }
}
