package dev.rebasis.server.internal.master;

import dev.rebasis.data.Keyword;
import dev.rebasis.data.Symbol;
import dev.rebasis.protocol.Terms.Premise;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a client's query may call. Datomic's queries can call any function of the process; those of strangers must not.
 * So whatever stands where a function stands has to be in this list. Pure functions.
 */
public final class QueryGuard {
  private static final Set<String> ALLOWED = Set.of(
      "and", "or", "or-join", "not", "not-join", "pull", "min", "max", "count", "count-distinct", "sum", "avg", "median",
      "distinct", "=", "==", "not=", "!=", "<", "<=", ">", ">=", "+", "-", "*", "quot", "rem", "mod", "inc", "dec",
      "even?", "odd?", "zero?", "pos?", "neg?", "nil?", "some?", "ground", "identity", "missing?", "get-else",
      "get-some", "tuple", "untuple", "limit", "default");
  /** Datomic runs what it names, if the server's class path allows that. */
  private static final Keyword XFORM = Keyword.of(":xform");
  private static final int DEPTH_MAX = 50;

  private QueryGuard() {}

  /** Why a premise is not answered, or null. */
  static String fault(Premise premise) {
    String fault = fault(premise.query(), "a premise");
    return fault != null ? fault : fault(premise.inputs(), "a premise");
  }

  /**
   * Why a query, or its inputs, are not answered, or null.
   *
   * @param what whose query it is, for the message
   */
  public static String fault(Object form, String what) {
    return fault(form, 0, what);
  }

  private static String fault(Object form, int depth, String what) {
    if (depth > DEPTH_MAX) {
      return "The query of " + what + " is nested too deep.";
    }
    if (form instanceof Map<?, ?> map) {
      String inKeys = each(map.keySet(), depth, what);
      return inKeys != null ? inKeys : each(map.values(), depth, what);
    }
    if (form instanceof List<?> list && !list.isEmpty() && list.get(0) instanceof Symbol head && !mayLead(head)) {
      return "The query of " + what + " may not call " + head + ".";
    }
    if (form instanceof Symbol symbol && symbol.text().equals("%")) {
      return "The query of " + what + " may not use rules.";
    }
    if (XFORM.equals(form)) {
      return "The query of " + what + " may not use :xform.";
    }
    return form instanceof Collection<?> several ? each(several, depth, what) : null;
  }

  private static String each(Collection<?> forms, int depth, String what) {
    for (Object form : forms) {
      String fault = fault(form, depth + 1, what);
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
