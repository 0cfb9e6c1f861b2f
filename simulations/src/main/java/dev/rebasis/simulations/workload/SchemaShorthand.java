package dev.rebasis.simulations.workload;

import dev.rebasis.data.Keyword;
import dev.rebasis.data.Symbol;
import dev.rebasis.edn.Edn;
import dev.rebasis.protocol.RebasisSchema;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Attributes in few words: {@code [:order/number string identity] [:order/tags keyword many]}; a keyword names the
 * attribute's policy, a list the types of a tuple's elements (one type: any number of them).
 */
public final class SchemaShorthand {
  private SchemaShorthand() {}

  /** The transaction forms. */
  public static List<Object> forms(String text) {
    List<Object> forms = new ArrayList<>();
    for (Object attribute : Edn.readAll(text)) {
      forms.add(form((List<?>) attribute));
    }
    return forms;
  }

  private static Map<Object, Object> form(List<?> words) {
    Map<Object, Object> form = new LinkedHashMap<>();
    form.put(Keyword.of(":db/ident"), words.get(0));
    form.put(Keyword.of(":db/valueType"), Keyword.of(":db.type/" + name(words.get(1))));
    form.put(Keyword.of(":db/cardinality"), Keyword.of(":db.cardinality/one"));
    for (Object word : words.subList(2, words.size())) {
      if (word instanceof Keyword policy) {
        form.put(RebasisSchema.POLICY, policy);
        continue;
      }
      if (word instanceof List<?> elements) {
        List<Object> types = elements.stream().map(each -> (Object) Keyword.of(":db.type/" + name(each))).toList();
        form.put(Keyword.of(types.size() == 1 ? ":db/tupleType" : ":db/tupleTypes"), types.size() == 1 ? types.get(0) : types);
        continue;
      }
      switch (name(word)) {
        case "many" -> form.put(Keyword.of(":db/cardinality"), Keyword.of(":db.cardinality/many"));
        case "identity", "value" ->
            form.put(Keyword.of(":db/unique"), Keyword.of(":db.unique/" + name(word)));
        case "component" -> form.put(Keyword.of(":db/isComponent"), true);
        case "index" -> form.put(Keyword.of(":db/index"), true);
        default -> throw new IllegalArgumentException("what does '" + name(word) + "' say of an attribute?");
      }
    }
    return form;
  }

  private static String name(Object word) {
    return word instanceof Symbol ? word.toString() : Edn.write(word);
  }
}
