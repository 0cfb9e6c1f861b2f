package dev.rebasis.conflict;

import dev.rebasis.data.Attribute;
import dev.rebasis.data.Bytes;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Symbol;
import dev.rebasis.data.Unique;
import dev.rebasis.data.ValueType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;

/**
 * Random transactions over a fixed wide schema. Method: few values, few entities, few attributes at a time, so that
 * transactions meet what is there, repeat and contradict themselves; every kind of form; one form in eight is faulty.
 * Left out is what {@link Decider} documents as different from Datomic.
 */
final class OracleForms {
  private static final Keyword ID = Keyword.of(":db/id");
  private static final String[] TEMPIDS = {"t1", "t2", "t3", "t4"};

  private final Random random;
  private final TestFacts facts;
  private final List<Attribute> active = new ArrayList<>();
  private int fresh;

  OracleForms(Random random, TestFacts facts) {
    this.random = random;
    this.facts = facts;
    List<Attribute> all = new ArrayList<>();
    for (Attribute attribute : facts.schema().attributes()) {
      if ("t".equals(attribute.ident().namespace())) {
        all.add(attribute);
      }
    }
    all.sort((x, y) -> x.ident().compareTo(y.ident()));
    java.util.Collections.shuffle(all, random);
    active.addAll(all.subList(0, 4 + random.nextInt(10)));
    for (Attribute attribute : List.copyOf(active)) {
      attribute.tupleAttributes().forEach(part -> active.add(facts.schema().attribute(part)));
    }
  }

  /** The forms of one transaction. */
  List<Object> transaction() {
    List<Object> forms = new ArrayList<>();
    int count = 1 + random.nextInt(random.nextInt(4) == 0 ? 8 : 3);
    for (int i = 0; i < count; i++) {
      forms.add(form());
    }
    return forms;
  }

  private Object form() {
    if (random.nextInt(16) == 0) {
      return faulty();
    }
    return switch (random.nextInt(14)) {
      case 0, 1, 2, 3 -> add();
      case 4, 5, 6, 7 -> map(subject(), 0);
      case 8 -> anonymous(0);
      case 9 -> retract();
      case 10 -> list(Keyword.of(":db/retract"), existing(), attribute().ident());
      case 11 -> list(Keyword.of(chance(4) ? ":db.fn/retractEntity" : ":db/retractEntity"), existing());
      case 12 -> cas();
      default -> schemaForm();
    };
  }

  private List<Object> add() {
    Object e = subject();
    Attribute a = attributeOf(e);
    return list(Keyword.of(":db/add"), e, a.ident(), value(a));
  }

  private List<Object> retract() {
    for (int i = 0; i < 3; i++) {
      Object e = id();
      Attribute a = attribute();
      List<Object> values = e == null ? List.of() : new TracingView(facts).values((Long) e, a);
      if (!values.isEmpty()) {
        return list(Keyword.of(":db/retract"), e, a.ident(), values.get(random.nextInt(values.size())));
      }
    }
    Object e = subject();
    Attribute a = attributeOf(e);
    return list(Keyword.of(":db/retract"), e, a.ident(), value(a));
  }

  private List<Object> cas() {
    Attribute a = attribute();
    Object e = id();
    if (e == null || a.valueType() == ValueType.BYTES) {
      return add();
    }
    Object found = a.isMany() ? null : new TracingView(facts).value((Long) e, a);
    Object old = !chance(3) ? found : a.isRef() || chance(2) ? null : value(a);
    old = ":kw/a".equals(old) ? null : old; // Rebasis takes text for a keyword here too
    return list(Keyword.of(chance(4) ? ":db.fn/cas" : ":db/cas"), e, a.ident(), old, value(a));
  }

  private Map<Object, Object> anonymous(int depth) {
    Map<Object, Object> map = map("", depth);
    map.remove(ID);
    return map;
  }

  private Map<Object, Object> map(Object id, int depth) {
    Map<Object, Object> map = new LinkedHashMap<>();
    map.put(ID, id);
    int count = random.nextInt(4);
    for (int i = 0; i < count; i++) {
      Attribute a = attributeOf(id);
      if (a.isRef() && a.unique() == Unique.NONE && depth == 0 && chance(6)) {
        // Not in nested maps: Datomic takes a reverse key there for an unknown attribute while it looks for identities.
        map.put(Keyword.of(":t/_" + a.ident().name()), subject());
      } else {
        map.put(a.ident(), mapValue(a, depth));
      }
    }
    return map;
  }

  private Object mapValue(Attribute a, int depth) {
    // One lookup ref under a many attribute reads as a collection, in Datomic too; so collections are always written.
    if (!a.isMany()) {
      Object value = oneMapValue(a, depth);
      return chance(12) ? new LinkedHashSet<>(List.of(value)) : value;
    }
    List<Object> values = new ArrayList<>();
    int count = random.nextInt(3);
    for (int i = 0; i < count; i++) {
      values.add(oneMapValue(a, depth));
    }
    return chance(3) && !holdsBytes(values) ? new LinkedHashSet<>(values) : values;
  }

  private static boolean holdsBytes(List<Object> values) {
    return values.stream().anyMatch(Bytes.class::isInstance);
  }

  private Object oneMapValue(Attribute a, int depth) {
    if (a.isRef() && depth < 3 && chance(3)) {
      // An entity that is nested in itself as a component is a cycle-in-affinity, which Rebasis does not know.
      Object name = a.component() || chance(2) ? "nested" + fresh++ : existing();
      Map<Object, Object> nested = chance(3) ? map(name, depth + 1) : anonymous(depth + 1);
      boolean identified = nested.containsKey(ID) || FormReader.hasIdentity(nested, new Vocabulary(facts.schema()));
      return a.component() || identified || chance(10) ? nested : value(a);
    }
    return value(a);
  }

  /** The transaction's own entity takes no identities here: in Datomic it would become another entity. */
  private Attribute attributeOf(Object subject) {
    for (int i = 0; i < 20; i++) {
      Attribute a = attribute();
      if (a.unique() != Unique.IDENTITY || !"datomic.tx".equals(subject)) {
        return a;
      }
    }
    return facts.schema().attribute(Keyword.of(":t/rank"));
  }

  private Attribute attribute() {
    // By id: transactions alter attributes.
    return facts.schema().attribute(active.get(random.nextInt(active.size())).id());
  }

  /** What may stand in entity position: tempids too. */
  private Object subject() {
    return switch (random.nextInt(10)) {
      case 0 -> chance(3) ? ":enum/one" : Keyword.of(":enum/one");
      case 1 -> "datomic.tx";
      case 2, 3, 4, 5 -> TEMPIDS[random.nextInt(TEMPIDS.length)];
      default -> existing();
    };
  }

  private Object existing() {
    Object lookup = chance(3) ? lookup() : null;
    Object id = lookup == null ? id() : null;
    return lookup != null ? lookup : id != null ? id : Keyword.of(":enum/two");
  }

  /** The id of one of the newest entities, or null. */
  private Object id() {
    List<Long> ids = new ArrayList<>();
    for (Datom datom : facts.all()) {
      if (datom.e() >>> 42 == 4 && (ids.isEmpty() || ids.get(ids.size() - 1) != datom.e())) {
        ids.add(datom.e());
      }
    }
    return ids.isEmpty() ? null : ids.get(random.nextInt(ids.size()));
  }

  private Object lookup() {
    Attribute a = attribute();
    if (a.unique() == Unique.NONE) {
      return null;
    }
    List<Object> values = new ArrayList<>();
    for (Datom datom : facts.datoms(IndexOrder.AVET, a.id())) {
      values.add(datom.v());
    }
    return values.isEmpty() ? null : list(a.ident(), values.get(random.nextInt(values.size())));
  }

  private Object value(Attribute a) {
    return a.valueType() == ValueType.TUPLE ? tuple(a) : scalar(a);
  }

  private Object tuple(Attribute a) {
    if (!a.tupleAttributes().isEmpty()) {
      List<Object> parts = new ArrayList<>();
      for (long part : a.tupleAttributes()) {
        Attribute attribute = facts.schema().attribute(part);
        parts.add(chance(4) ? null : attribute.isRef() ? id() : scalar(attribute));
      }
      return parts;
    }
    int size = a.tupleTypes().size() > 1 ? a.tupleTypes().size() : 2 + random.nextInt(2);
    List<Object> elements = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      Object element = chance(4) ? null : scalar(Vocabulary.elementType(a, i, facts.schema()));
      // Datomic takes text for a keyword in a tuple that is retracted, but not in one that is asserted.
      elements.add(":kw/a".equals(element) ? Keyword.of(":kw/a") : element);
    }
    return elements;
  }

  private Object scalar(Attribute a) {
    // Of a set with 1.0 and 1.00 Datomic retracts both where it says that it retracts one.
    return a.valueType() == ValueType.BIGDEC && a.isMany() ? BigDecimal.valueOf(random.nextInt(3)) : scalar(a.valueType());
  }

  private Object scalar(ValueType type) {
    int n = random.nextInt(3);
    return switch (type) {
      case STRING -> List.of("a", "b", "").get(n);
      case BOOLEAN -> n == 0;
      case LONG -> List.of(0L, 1L, Long.MIN_VALUE).get(n);
      case BIGINT -> List.of(BigInteger.ZERO, BigInteger.TWO, BigInteger.TEN.pow(30)).get(n);
      case FLOAT -> List.of(0.0f, 1.5f, -2f).get(n);
      case DOUBLE -> List.of(0.0, 1.5, -2.5).get(n);
      case BIGDEC -> List.of(new BigDecimal("1.0"), new BigDecimal("1.00"), BigDecimal.TEN).get(n);
      case REF -> subject();
      case INSTANT -> Instant.ofEpochMilli(n * 1_000_000_000_000L);
      case UUID -> new UUID(0, n);
      case URI -> URI.create(List.of("http://a", "http://b", "urn:c").get(n));
      case KEYWORD -> chance(5) ? ":kw/a" : List.of(Keyword.of(":kw/a"), Keyword.of(":b"), Keyword.of(":kw/c")).get(n);
      case SYMBOL -> Symbol.of(List.of("a", "b/c", "d").get(n));
      case BYTES -> Bytes.of((byte) n, (byte) -1);
      case TUPLE -> throw new IllegalStateException("no tuples in tuples");
    };
  }

  private Object schemaForm() {
    if (chance(4)) {
      return alteration();
    }
    Map<Object, Object> form = new LinkedHashMap<>();
    boolean known = chance(2);
    form.put(Keyword.of(":db/ident"), known ? attribute().ident() : Keyword.of(":s/new" + fresh++));
    if (!chance(8) && !known) {
      form.put(Keyword.of(":db/valueType"), ValueType.values()[random.nextInt(14)].ident());
    }
    if (!chance(8)) {
      form.put(Keyword.of(":db/cardinality"), Keyword.of(chance(2) ? ":db.cardinality/one" : ":db.cardinality/many"));
    }
    if (chance(4) && mayBecomeUnique(form.get(Keyword.of(":db/ident")))) {
      // Datomic refuses it without an index if the attribute ever had a value, which only its history tells.
      form.put(Keyword.of(":db/index"), true);
      form.put(Keyword.of(":db/unique"), Keyword.of(chance(2) ? ":db.unique/value" : ":db.unique/identity"));
    }
    if (chance(3)) {
      form.put(Keyword.of(":db/index"), true);
    }
    if (chance(6)) {
      form.put(Keyword.of(":db/isComponent"), chance(2));
    }
    if (chance(3)) {
      form.put(Keyword.of(":db/doc"), "doc");
    }
    return form;
  }

  /** Renames an attribute, or takes from it (or gives to it) what Datomic lets go. */
  private Object alteration() {
    Attribute a = attribute();
    return switch (random.nextInt(7)) {
      case 0 -> list(Keyword.of(":db/add"), a.ident(), Keyword.of(":db/ident"), Keyword.of(":t/renamed" + fresh++));
      case 1 -> list(Keyword.of(":db/retract"), a.ident(), Keyword.of(":db/index"), true);
      case 2 -> list(Keyword.of(":db/retract"), a.ident(), Keyword.of(":db/unique"));
      case 3 -> list(Keyword.of(":db/retract"), a.ident(), Keyword.of(":db/isComponent"), a.component());
      case 4 -> list(Keyword.of(":db/add"), a.ident(), Keyword.of(":db/noHistory"), chance(2));
      case 5 -> list(Keyword.of(":db/add"), a.ident(), Keyword.of(":db/cardinality"),
          Keyword.of(chance(2) ? ":db.cardinality/one" : ":db.cardinality/many"));
      default -> list(Keyword.of(":db/retract"), a.ident(),
          Keyword.of(chance(2) ? ":db/cardinality" : ":db/valueType"));
    };
  }

  /** References: tempids that are unique values of themselves. */
  private boolean mayBecomeUnique(Object ident) {
    Attribute a = facts.schema().attribute((Keyword) ident);
    return a == null || !a.isRef();
  }

  private Object faulty() {
    Attribute a = attribute();
    return switch (random.nextInt(17)) {
      case 0 -> list(Keyword.of(":db/add"), subject(), Keyword.of(":t/unknown"), 1L);
      case 1 -> list(Keyword.of(":db/add"), subject(), Keyword.of(":enum/one"), 1L);
      case 2 -> list(Keyword.of(":db/add"), subject(), a.ident(), wrong(a));
      case 3 -> new LinkedHashMap<>(Map.of(ID, subject(), a.ident(), wrong(a)));
      case 4 -> list(Keyword.of(":db/add"), subject(), a.ident(), null);
      case 5 -> list(Keyword.of(":db/add"), list(Keyword.of(":t/key"), "nobody"), a.ident(), value(a));
      case 6 -> list(Keyword.of(":db/add"), list(Keyword.of(":t/rank"), 1L), a.ident(), value(a));
      case 7 -> list(Keyword.of(":db/add"), list(Keyword.of(":t/key")), a.ident(), value(a));
      case 8 -> list(Keyword.of(":db/add"), Keyword.of(":enum/none"), a.ident(), value(a));
      case 9 -> list(Keyword.of(":db/add"), subject(), Keyword.of(":t/refs"), "value-only");
      case 10 -> list(Keyword.of(":no/function"), 1L, 2L);
      case 11 -> list(Keyword.of(":db/retractEntity"), "t1");
      case 12 -> list(Keyword.of(":db/retract"), "t1", a.ident());
      case 13 -> 5L;
      case 14 -> list(Keyword.of(":db/add"), subject(), "t2", 1L);
      case 15 -> new LinkedHashMap<>(Map.of(ID, list(Keyword.of(":t/key"), "nobody"), a.ident(), mapValue(a, 3)));
      default -> list(Keyword.of(":db/cas"), existing(), a.ident(), null, null);
    };
  }

  private static Object wrong(Attribute a) {
    return switch (a.valueType()) {
      case STRING, SYMBOL -> 7L;
      case TUPLE -> list(Symbol.of("wrong"), null, null);
      case REF -> true;
      default -> a.valueType() == ValueType.KEYWORD ? (Object) "no-colon" : Symbol.of("wrong");
    };
  }

  private boolean chance(int oneIn) {
    return random.nextInt(oneIn) == 0;
  }

  private static List<Object> list(Object... elements) {
    return new ArrayList<>(Arrays.asList(elements));
  }
}
