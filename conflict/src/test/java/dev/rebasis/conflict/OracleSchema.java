package dev.rebasis.conflict;

import dev.rebasis.data.Keyword;
import dev.rebasis.data.ValueType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A wide schema to try transactions on. */
final class OracleSchema {
  private OracleSchema() {}

  /** The forms that install the schema: every type in both cardinalities, and each special kind of attribute. */
  static List<Object> forms() {
    List<Object> forms = new ArrayList<>();
    for (ValueType type : ValueType.values()) {
      if (type != ValueType.TUPLE) {
        forms.add(attribute(type.ident().name(), type, false));
        forms.add(attribute(type.ident().name() + "s", type, true));
      }
    }
    forms.add(with(attribute("key", ValueType.STRING, false), ":db/unique", Keyword.of(":db.unique/identity")));
    forms.add(with(attribute("number", ValueType.LONG, false), ":db/unique", Keyword.of(":db.unique/identity")));
    forms.add(with(attribute("aliases", ValueType.STRING, true), ":db/unique", Keyword.of(":db.unique/identity")));
    forms.add(with(attribute("owner", ValueType.REF, false), ":db/unique", Keyword.of(":db.unique/identity")));
    forms.add(with(attribute("code", ValueType.STRING, false), ":db/unique", Keyword.of(":db.unique/value")));
    forms.add(with(attribute("codes", ValueType.KEYWORD, true), ":db/unique", Keyword.of(":db.unique/value")));
    forms.add(with(attribute("part", ValueType.REF, false), ":db/isComponent", true));
    forms.add(with(attribute("parts", ValueType.REF, true), ":db/isComponent", true));
    forms.add(with(attribute("rank", ValueType.LONG, false), ":db/index", true));
    List<Keyword> types = List.of(ValueType.LONG.ident(), ValueType.REF.ident(), ValueType.STRING.ident());
    forms.add(with(attribute("pair", ValueType.TUPLE, false), ":db/tupleTypes", types));
    forms.add(with(attribute("pairs", ValueType.TUPLE, true), ":db/tupleTypes", types));
    forms.add(with(attribute("path", ValueType.TUPLE, false), ":db/tupleType", ValueType.KEYWORD.ident()));
    List<Keyword> grid = List.of(ValueType.LONG.ident(), ValueType.BOOLEAN.ident());
    forms.add(with(with(attribute("cell", ValueType.TUPLE, false), ":db/tupleTypes", grid),
        ":db/unique", Keyword.of(":db.unique/identity")));
    forms.add(with(with(attribute("steps", ValueType.TUPLE, true), ":db/tupleType", ValueType.LONG.ident()),
        ":db/unique", Keyword.of(":db.unique/value")));
    forms.add(composite("both", List.of(":t/rank", ":t/keyword")));
    forms.add(with(composite("seat", List.of(":t/long", ":t/boolean")),
        ":db/unique", Keyword.of(":db.unique/identity")));
    forms.add(with(composite("claim", List.of(":t/ref", ":t/string", ":t/boolean")),
        ":db/unique", Keyword.of(":db.unique/value")));
    forms.add(new LinkedHashMap<>(Map.of(Keyword.of(":db/ident"), Keyword.of(":enum/one"))));
    forms.add(new LinkedHashMap<>(Map.of(Keyword.of(":db/ident"), Keyword.of(":enum/two"))));
    return forms;
  }

  private static Map<Object, Object> attribute(String name, ValueType type, boolean many) {
    Map<Object, Object> form = new LinkedHashMap<>();
    form.put(Keyword.of(":db/ident"), Keyword.of(":t/" + name));
    form.put(Keyword.of(":db/valueType"), type.ident());
    form.put(Keyword.of(":db/cardinality"), Keyword.of(many ? ":db.cardinality/many" : ":db.cardinality/one"));
    return form;
  }

  private static Map<Object, Object> composite(String name, List<String> parts) {
    return with(attribute(name, ValueType.TUPLE, false), ":db/tupleAttrs", parts.stream().map(Keyword::of).toList());
  }

  private static Map<Object, Object> with(Map<Object, Object> form, String key, Object value) {
    form.put(Keyword.of(key), value);
    return form;
  }
}
