package dev.rebasis.server.internal.master;

import dev.rebasis.data.Symbol;
import dev.rebasis.protocol.Terms.Premise;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a premise's query may call. Datomic's queries can call any function of the process; those of strangers must not.
 * So whatever stands where a function stands has to be in this list. Pure functions.
 */
final class PremiseQuery {
  private static final Set<String> ALLOWED = Set.of(
      "and", "or", "or-join", "not", "not-join", "pull", "min", "max", "count", "count-distinct", "sum", "avg", "median",
      "distinct", "=", "==", "not=", "!=", "<", "<=", ">", ">=", "+", "-", "*", "quot", "rem", "mod", "inc", "dec",
      "even?", "odd?", "zero?", "pos?", "neg?", "nil?", "some?", "ground", "identity", "missing?", "get-else",
      "get-some", "tuple", "untuple", "limit", "default");
  private static final int DEPTH_MAX = 50;

  private PremiseQuery() {}

  /** Why it is not answered, or null. */
  static String fault(Premise premise) {
    String fault = fault(premise.query(), 0);
    return fault != null ? fault : fault(premise.inputs(), 0);
  }

  private static String fault(Object form, int depth) {
    if (depth > DEPTH_MAX) {
      return "The query of a premise is nested too deep.";
    }
    if (form instanceof Map<?, ?> map) {
      String inKeys = each(map.keySet(), depth);
      return inKeys != null ? inKeys : each(map.values(), depth);
    }
    if (form instanceof List<?> list && !list.isEmpty() && list.get(0) instanceof Symbol head && !mayLead(head)) {
      return "The query of a premise may not call " + head + ".";
    }
    if (form instanceof Symbol symbol && symbol.text().equals("%")) {
      return "The query of a premise may not use rules.";
    }
    return form instanceof Collection<?> several ? each(several, depth) : null;
  }

  private static String each(Collection<?> forms, int depth) {
    for (Object form : forms) {
      String fault = fault(form, depth + 1);
      if (fault != null) {
        return fault;
      }
    }
    return null;
  }

  /** Variables, sources and the blank stand for data. */
  private static boolean mayLead(Symbol symbol) {
    String text = symbol.text();
    return text.startsWith("?") || text.equals("$") || text.equals("_") || text.equals("*") || ALLOWED.contains(text);
  }
}
