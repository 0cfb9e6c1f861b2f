package dev.rebasis.client.internal.pull;

import dev.rebasis.client.QueryException;
import dev.rebasis.client.internal.pull.PullPattern.Nested;
import dev.rebasis.client.internal.pull.PullPattern.Recursion;
import dev.rebasis.client.internal.pull.PullPattern.Spec;
import dev.rebasis.client.internal.pull.PullPattern.Sub;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Symbol;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Parses patterns, by Datomic's grammar:
 *
 * <pre>
 * pattern   = [attribute-spec*]
 * spec      = name | expression | {(name | expression) (pattern | depth | ...)} | *
 * expression= [name option*] | (name option*) | (limit name n) | (default name value)
 * option    = :as key | :limit n | :default value | :xform function
 * </pre>
 */
final class PullParser {
  private static final Keyword INVALID_SPEC = Keyword.of(":db.error/invalid-attr-spec");
  private static final Keyword INVALID_DEPTH = Keyword.of(":db.error/invalid-recur-limit");
  private static final Keyword DUPLICATE = Keyword.of(":pull/duplicate-attribute");
  private static final Keyword NOT_A_KEYWORD = Keyword.of(":db.error/not-a-keyword");
  private static final Keyword UNSUPPORTED = Keyword.of(":rebasis.error/unsupported-pull");
  private static final Keyword FUNCTION_FAILED = Keyword.of(":rebasis.error/query-function-failed");
  private static final Keyword AS = Keyword.of(":as");
  private static final Keyword LIMIT = Keyword.of(":limit");
  private static final Keyword DEFAULT = Keyword.of(":default");
  private static final Keyword XFORM = Keyword.of(":xform");

  private final Transforms transforms;

  PullParser(Transforms transforms) {
    this.transforms = transforms;
  }

  PullPattern parse(Object form) {
    if (!(form instanceof List<?> list)) {
      throw invalid(INVALID_SPEC, form, "A pull pattern is a vector such as [:order/number {:order/lines [*]}].");
    }
    List<Spec> specs = new ArrayList<>();
    Set<Object> named = new HashSet<>();
    Object idKey = null;
    boolean wildcard = false;
    boolean textual = false;
    for (Object element : list) {
      if (isWord(element, "*")) {
        wildcard = true;
        textual = element instanceof String;
        idKey = textual ? PullPattern.DB_ID.toString() : PullPattern.DB_ID;
      } else if (isId(element)) {
        idKey = PullPattern.DB_ID;
      } else {
        for (Spec spec : specs(element)) {
          if (!named.add(spec.reverse() ? "_" + spec.attribute() : spec.attribute())) {
            throw invalid(DUPLICATE, spec.attribute(),
                "Multiple specifications for an attribute in one pattern: name it once.");
          }
          specs.add(spec);
        }
      }
    }
    return new PullPattern(wildcard, idKey, List.copyOf(specs), textual);
  }

  private static boolean isId(Object element) {
    Object name = element instanceof List<?> expression && !expression.isEmpty() ? expression.get(0) : element;
    return name == PullPattern.DB_ID;
  }

  private List<Spec> specs(Object element) {
    if (!(element instanceof Map<?, ?> map)) {
      return List.of(spec(element, null));
    }
    List<Spec> specs = new ArrayList<>(map.size());
    map.forEach((name, nested) -> specs.add(spec(name, nested(nested))));
    return specs;
  }

  private Nested nested(Object form) {
    if (form instanceof List<?>) {
      return new Sub(parse(form));
    }
    if (isWord(form, "...")) {
      return new Recursion(Long.MAX_VALUE);
    }
    if (form instanceof Number depth && depth.longValue() > 0) {
      return new Recursion(depth.longValue());
    }
    throw invalid(INVALID_DEPTH, form,
        "Cannot interpret as a recursive pull specification: give a pattern, a positive number or ...");
  }

  private Spec spec(Object element, Nested nested) {
    if (!(element instanceof List<?> expression)) {
      return spec(element, Map.of(), nested, element);
    }
    int size = expression.size();
    if (size == 3 && isWord(expression.get(0), "limit")) {
      return spec(expression.get(1), option(LIMIT, expression.get(2)), nested, element);
    }
    if (size == 3 && isWord(expression.get(0), "default")) {
      return spec(expression.get(1), option(DEFAULT, expression.get(2)), nested, element);
    }
    if (size % 2 == 0) {
      throw invalid(INVALID_SPEC, element, "Cannot interpret as an attribute spec: options come in pairs.");
    }
    Map<Object, Object> options = new HashMap<>();
    for (int i = 1; i < size; i += 2) {
      options.put(expression.get(i), expression.get(i + 1));
    }
    return spec(expression.get(0), options, nested, element);
  }

  private static Map<Object, Object> option(Keyword name, Object value) {
    Map<Object, Object> options = new HashMap<>();
    options.put(name, value);
    return options;
  }

  private Spec spec(Object name, Map<Object, Object> options, Nested nested, Object form) {
    boolean isName = name instanceof String text && text.startsWith(":") && text.length() > 1;
    if (!(name instanceof Keyword || isName && !(form instanceof List<?>))) {
      throw invalid(form instanceof List<?> && !isName ? NOT_A_KEYWORD : INVALID_SPEC, form,
          "An attribute in a pull pattern is a keyword such as :order/number.");
    }
    Keyword attribute = Keyword.of(name.toString());
    boolean reverse = attribute.name().startsWith("_") && attribute.name().length() > 1;
    Object as = options.get(AS);
    return new Spec(
        reverse ? forwards(attribute) : attribute, reverse, as == null ? name : as, name instanceof String,
        limit(options, form), options.get(DEFAULT), transform(options.get(XFORM), form), nested);
  }

  private static Keyword forwards(Keyword backwards) {
    String name = backwards.name().substring(1);
    return Keyword.of(backwards.namespace() == null ? name : backwards.namespace() + "/" + name);
  }

  private static long limit(Map<Object, Object> options, Object form) {
    if (!options.containsKey(LIMIT)) {
      return PullPattern.LIMIT_DEFAULT;
    }
    Object limit = options.get(LIMIT);
    if (limit == null) {
      return Long.MAX_VALUE;
    }
    if (limit instanceof Long || limit instanceof Integer) {
      return Math.max(0, ((Number) limit).longValue());
    }
    throw invalid(INVALID_SPEC, form, "The limit of an attribute is a number, or nil for none.");
  }

  private UnaryOperator<Object> transform(Object name, Object form) {
    if (name == null) {
      return null;
    }
    UnaryOperator<Object> transform = name instanceof Symbol symbol ? transforms.find(symbol) : null;
    if (transform == null) {
      throw invalid(UNSUPPORTED, form, "There is no function " + name + " for :xform.");
    }
    return value -> {
      try {
        return transform.apply(value);
      } catch (QueryException e) {
        throw e;
      } catch (RuntimeException e) {
        // Any exception: the function can be the program's own. It gets nil where there is no value, as in Datomic.
        throw invalid(FUNCTION_FAILED, form, "'" + name + "' failed: " + e.getMessage() + ".", e);
      }
    };
  }

  private static boolean isWord(Object form, String word) {
    return form instanceof Symbol symbol ? symbol.text().equals(word)
        : word.equals(form) && !word.equals("limit") && !word.equals("default");
  }

  private static QueryException invalid(Keyword code, Object form, String message) {
    return invalid(code, form, message, null);
  }

  private static QueryException invalid(Keyword code, Object form, String message, Throwable cause) {
    return new QueryException(code, message + " In: " + form, Map.of(Keyword.of(":pattern"), String.valueOf(form)), cause);
  }
}
