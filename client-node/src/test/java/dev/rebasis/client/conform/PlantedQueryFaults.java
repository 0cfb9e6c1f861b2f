package dev.rebasis.client.conform;

import dev.rebasis.data.Keyword;
import dev.rebasis.data.Symbol;
import dev.rebasis.edn.Edn;
import dev.rebasis.edn.EdnList;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/** Faults of queries, see {@link PlantedFaults}. */
final class PlantedQueryFaults {
  private static final Object ANY = Symbol.of("_");

  private final FaultList faults;

  private PlantedQueryFaults(FaultList faults) {
    this.faults = faults;
  }

  static void addTo(FaultList faults) {
    PlantedQueryFaults own = new PlantedQueryFaults(faults);
    own.clauses();
    own.calls();
    own.finds();
    own.inputs();
  }

  private void clauses() {
    faults.question("a not is passed over", asked -> Rewriting.without(asked, form -> Rewriting.isCall(form, "not")));
    faults.question("a not-join is passed over", asked -> Rewriting.without(asked, form -> Rewriting.isCall(form, "not-join")));
    faults.question("the last branch of an or is passed over", asked -> Rewriting.calls(asked, "or",
        or -> EdnList.copyOf(or.subList(0, or.size() - 1))));
    faults.question("the last branch of an or-join is passed over", asked -> Rewriting.calls(asked, "or-join",
        or -> or.size() > 3 ? EdnList.copyOf(or.subList(0, or.size() - 1)) : or));
    faults.question("rules go one step only", asked -> Rewriting.without(asked, PlantedQueryFaults::isRecursive));
    faults.question("the second rule of a name is passed over", asked -> {
      Set<Object> named = new HashSet<>();
      return Rewriting.without(asked, form -> form instanceof List<?> rule && !(rule instanceof EdnList) && !rule.isEmpty()
          && Rewriting.isCall(rule.get(0), "step", "right", "left", "both", "from", "even", "odd", "value")
          && !named.add(((List<?>) rule.get(0)).get(0)));
    });
    mixed("another rule is called", "odd even", "right step", "left step", "value plain", "near step", "both step");
    faults.question("the value of a pattern is passed over", asked -> patterns(asked, 2));
    faults.question("the transaction of a pattern is passed over", asked -> patterns(asked, 3));
    faults.question("whether a fact was retracted is passed over", asked -> patterns(asked, 4));
    faults.answer("a row is lost", (asked, answer) -> {
      if (!(answer instanceof Set<?> rows) || rows.size() < 2) {
        return answer;
      }
      Set<Object> fewer = new LinkedHashSet<>(rows);
      fewer.remove(rows.iterator().next());
      return fewer;
    });
  }

  private static boolean isRecursive(Object form) {
    return form instanceof List<?> rule && !(rule instanceof EdnList) && !rule.isEmpty()
        && rule.get(0) instanceof EdnList head && !head.isEmpty() && head.get(0) instanceof Symbol name
        && rule.subList(1, rule.size()).stream().anyMatch(body -> mentions(body, name));
  }

  private static boolean mentions(Object form, Symbol name) {
    return name.equals(form) || form instanceof Collection<?> several && several.stream().anyMatch(one -> mentions(one, name));
  }

  /** Queries whose patterns have nothing at a place from which something was asked that stands nowhere else. */
  private static List<?> patterns(List<?> asked, int place) {
    if (!Questions.isQuery(asked)) {
      return asked;
    }
    QueryForm query = QueryForm.of(asked.get(1));
    List<Object> where = query.part(QueryForm.WHERE).stream().map(clause -> widened(clause, place)).toList();
    List<Object> other = new ArrayList<>(asked);
    other.set(1, query.with(QueryForm.WHERE, where));
    return other;
  }

  private static Object widened(Object clause, int place) {
    boolean constant = clause instanceof List<?> pattern && !(pattern instanceof EdnList) && pattern.size() > place
        && pattern.get(1) instanceof Keyword
        && !(pattern.get(place) instanceof Symbol s && s.text().startsWith("?") && place < 3);
    if (!constant) {
      return clause;
    }
    List<Object> places = new ArrayList<>((List<?>) clause);
    places.set(place, ANY);
    return places;
  }

  private void calls() {
    mixed("< and > take equal values too", "< <=", "> >=");
    mixed("!= takes equal values only", "!= =", "not= =");
    mixed("arithmetic is mixed up", "+ -", "- +", "* +", "inc dec", "dec inc");
    mixed("divisions are mixed up", "quot rem", "rem quot", "mod quot", "/ rem");
    mixed("max and min are mixed up", "max min", "min max");
    mixed("tests of numbers are mixed up", "even? odd?", "odd? even?", "pos? neg?", "zero? pos?");
    mixed("letters are changed in the wrong way", "clojure.string/upper-case clojure.string/lower-case",
        "clojure.string/lower-case clojure.string/upper-case", ".toUpperCase clojure.string/lower-case",
        "clojure.string/capitalize clojure.string/reverse", "clojure.string/reverse clojure.string/upper-case");
    mixed("tests of text are mixed up", "clojure.string/starts-with? not=", "clojure.string/ends-with? not=",
        "clojure.string/includes? not=", ".startsWith not=");
    mixed("text is searched from the wrong end", "clojure.string/index-of clojure.string/last-index-of", "name namespace",
        "namespace name", "subs str");
    mixed("a function of the program is another one", "conform.own/twice inc", "conform.own/shout str", "conform.own/small? even?",
        "conform.own/weighed count", "conform.own/spread count", "conform.own/steps vector", "conform.own/even-only identity");
    faults.question("a tuple holds something else", asked -> Rewriting.calls(asked, "tuple",
        call -> Rewriting.with(call, call.size() - 1, 1L)));
    faults.question("missing? is always true", asked -> Rewriting.without(asked, form -> form instanceof List<?> list
        && !list.isEmpty() && Rewriting.isCall(list.get(0), "missing?")));
    faults.question("get-else gives another value", asked -> Rewriting.calls(asked, "get-else",
        call -> Rewriting.with(call, call.size() - 1, 1L)));
    faults.question("get-some only looks for the first attribute", asked -> Rewriting.calls(asked, "get-some",
        call -> EdnList.copyOf(call.subList(0, 4))));
    faults.question("ground loses an element", asked -> Rewriting.calls(asked, "ground", call -> call.get(1) instanceof List<?> list
        ? Rewriting.with(call, 1, list.subList(1, list.size())) : call));
  }

  /** In place of each first name in a pair the second one is called. */
  private void mixed(String name, String... pairs) {
    Map<Object, Object> others = new HashMap<>();
    for (String pair : pairs) {
      others.put(Symbol.of(pair.substring(0, pair.indexOf(' '))), Symbol.of(pair.substring(pair.indexOf(' ') + 1)));
    }
    faults.question(name, asked -> (List<?>) Rewriting.everywhere(asked, form -> form instanceof EdnList call && !call.isEmpty()
        && others.containsKey(call.get(0)) ? Rewriting.with(call, 0, others.get(call.get(0))) : form));
  }

  private void finds() {
    for (String pair : List.of("count-distinct count", "sum avg", "avg sum", "median avg", "variance stddev", "stddev variance",
        "min max", "max min", "distinct count")) {
      String name = pair.substring(0, pair.indexOf(' '));
      String other = pair.substring(pair.indexOf(' ') + 1);
      faults.question(name + " of a group is its " + other, asked -> !Questions.isQuery(asked) ? asked
          : inFind(asked, call -> Rewriting.with(call, 0, Symbol.of(other)), name));
    }
    faults.question(":with is passed over", asked -> !Questions.isQuery(asked) ? asked : changed(asked, QueryForm.WITH, List.of()));
    faults.answer("the names of columns are mixed up", (asked, answer) -> !Questions.isQuery(asked) || !(answer instanceof Collection<?> rows)
        ? answer : rows.stream().map(row -> row instanceof Map<?, ?> map ? mixed(map) : row).toList());
    faults.question("a pull in :find leaves out an attribute", asked -> Rewriting.calls(asked, "pull", call -> call.size() == 3
        && call.get(2) instanceof List<?> pattern ? Rewriting.with(call, 2, pattern.subList(0, 1)) : call));
  }

  private static List<?> inFind(List<?> asked, UnaryOperator<EdnList> change, String name) {
    List<Object> find = QueryForm.of(asked.get(1)).part(QueryForm.FIND);
    return changed(asked, QueryForm.FIND, (List<?>) Rewriting.calls(find, name, change));
  }

  private static List<?> changed(List<?> asked, Keyword part, List<?> elements) {
    List<Object> other = new ArrayList<>(asked);
    other.set(1, QueryForm.of(asked.get(1)).with(part, new ArrayList<>(elements)));
    return other;
  }

  private static Map<Object, Object> mixed(Map<?, ?> row) {
    List<Object> values = new ArrayList<>(row.values());
    Map<Object, Object> mixed = new LinkedHashMap<>();
    row.keySet().forEach(key -> mixed.put(key, values.remove(values.size() - 1)));
    return mixed;
  }

  private void inputs() {
    faults.question("the last element of an input is lost", asked -> {
      if (!Questions.isQuery(asked) || asked.size() < 4) {
        return asked;
      }
      List<Object> other = new ArrayList<>(asked);
      Object last = other.get(other.size() - 1);
      boolean collection = last instanceof List<?> list && !(list instanceof EdnList) && list.size() > 1
          && !(list.get(0) instanceof Keyword) && !last.equals(rules());
      if (collection) {
        other.set(other.size() - 1, ((List<?>) last).subList(0, ((List<?>) last).size() - 1));
      }
      return other;
    });
    faults.question("a second database is the first one", asked -> {
      List<Object> other = new ArrayList<>(asked);
      for (int i = 3; i < other.size() && Questions.isQuery(asked); i++) {
        other.set(i, Questions.isView(other.get(i)) ? asked.get(2) : other.get(i));
      }
      return other;
    });
  }

  private static Object rules() {
    return Edn.read(NestedClauses.RULES);
  }
}
