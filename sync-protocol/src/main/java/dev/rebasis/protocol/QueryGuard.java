package dev.rebasis.protocol;

import dev.rebasis.data.Keyword;
import dev.rebasis.data.Symbol;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a client's query may ask of a server. Datomic's queries can call any function of the process; those of strangers must
 * not. So whatever stands where a function stands has to be in this list. A premise is about facts besides, and not about the
 * transactions that wrote them. Pure functions.
 */
public final class QueryGuard {
  private static final Set<String> ALLOWED = Set.of(
      "and", "or", "or-join", "not", "not-join", "pull", "min", "max", "count", "count-distinct", "sum", "avg", "median",
      "distinct", "=", "==", "not=", "!=", "<", "<=", ">", ">=", "+", "-", "*", "quot", "rem", "mod", "inc", "dec",
      "even?", "odd?", "zero?", "pos?", "neg?", "nil?", "some?", "ground", "identity", "missing?", "get-else",
      "get-some", "tuple", "untuple", "limit", "default");
  /** Datomic runs what it names, if the server's class path allows that. */
  private static final Keyword XFORM = Keyword.of(":xform");
  private static final Keyword WHERE = Keyword.of(":where");
  private static final Keyword TX_INSTANT = Keyword.of(":db/txInstant");
  private static final Set<String> OF_CLAUSES = Set.of("and", "or", "or-join", "not", "not-join");
  private static final Symbol BLANK = Symbol.of("_");
  private static final int DEPTH_MAX = 50;

  private QueryGuard() {}

  /**
   * Why a premise is not answered, or null.
   *
   * @param query as data
   * @param inputs its inputs, as data
   */
  public static String faultOfPremise(Object query, List<?> inputs) {
    String fault = fault(query, "a premise");
    fault = fault != null ? fault : fault(inputs, "a premise");
    return fault == null && asksForTransactions(clauses(query)) ? "The query of a premise may not ask which transaction wrote"
        + " a fact, nor when: it is compared by the values that stand. Ask for the values." : fault;
  }

  private static List<?> clauses(Object query) {
    if (query instanceof Map<?, ?> map) {
      return map.get(WHERE) instanceof List<?> list ? list : List.of();
    }
    List<Object> clauses = new ArrayList<>();
    boolean where = false;
    for (Object part : query instanceof List<?> list ? list : List.of()) {
      where = part instanceof Keyword ? WHERE.equals(part) : where;
      if (where) {
        clauses.add(part);
      }
    }
    return clauses;
  }

  private static boolean asksForTransactions(List<?> clauses) {
    for (Object clause : clauses) {
      if (clause instanceof List<?> list && !list.isEmpty()) {
        List<?> rest = list.get(0) instanceof Symbol source && source.text().startsWith("$") ? list.subList(1, list.size()) : list;
        boolean several = !rest.isEmpty() && rest.get(0) instanceof Symbol head && OF_CLAUSES.contains(head.text());
        if (several ? asksForTransactions(clausesIn(rest)) : isOfTransactions(rest)) {
          return true;
        }
      }
    }
    return false;
  }

  /** Without the word, and without the variables of a join, which look like a pattern. */
  private static List<?> clausesIn(List<?> form) {
    int from = ((Symbol) form.get(0)).text().endsWith("-join") ? 2 : 1;
    return form.subList(Math.min(from, form.size()), form.size());
  }

  /** Whether a pattern has a transaction's place that is not blank, or is about the instants of transactions. */
  private static boolean isOfTransactions(List<?> pattern) {
    return !pattern.isEmpty() && !(pattern.get(0) instanceof List<?> call && !call.isEmpty() && call.get(0) instanceof Symbol)
        && (pattern.size() > 1 && TX_INSTANT.equals(pattern.get(1))
        || pattern.size() > 3 && pattern.subList(3, pattern.size()).stream().anyMatch(place -> !BLANK.equals(place)));
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
