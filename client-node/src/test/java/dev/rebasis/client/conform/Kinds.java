package dev.rebasis.client.conform;

import dev.rebasis.data.Keyword;
import dev.rebasis.data.Symbol;
import dev.rebasis.edn.EdnList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Of what kinds a case is: a name for each form of transaction, clause, function, aggregate, input, pull option and walk
 * that stands in it. So it can be said what a number of cases has met, and what it has not. Pure functions.
 */
final class Kinds {
  private static final Set<String> JUNCTIONS = Set.of("not", "not-join", "or", "or-join", "and");
  private static final Keyword VALUE_TYPE = Keyword.of(":db/valueType");
  private static final Set<Keyword> SAID = Set.of(
      VALUE_TYPE, Keyword.of(":db/cardinality"), Keyword.of(":db/unique"));
  private static final Set<String> OPTIONS = Set.of(":as", ":limit", ":default", ":xform", ":index", ":reverse", ":avet", ":aevt",
      ":eavt", ":vaet");
  private static final Keyword DB_ID = Keyword.of(":db/id");

  private final Set<String> found = new TreeSet<>();

  private Kinds() {}

  /** The kinds of a transaction. */
  static Set<String> ofForms(List<?> forms) {
    Kinds kinds = new Kinds();
    forms.forEach(kinds::form);
    if (kinds.found.stream().anyMatch(kind -> kind.startsWith("alters :db/") || kind.startsWith("installs "))
        && kinds.found.contains("form :db/add of data")) {
      kinds.found.add("schema and data");
    }
    return kinds.found;
  }

  /** The kinds of a question. */
  static Set<String> ofQuestion(List<?> question) {
    Kinds kinds = new Kinds();
    if (Questions.isQuery(question)) {
      kinds.query(QueryForm.of(question.get(1)), question.subList(2, question.size()));
    } else {
      kinds.found.add("asks " + question.get(0));
      question.subList(1, question.size()).forEach(kinds::options);
    }
    question.stream().filter(Questions::isView).forEach(kinds::view);
    return kinds.found;
  }

  private void view(Object view) {
    Object before = null;
    for (Object step : ((List<?>) view).subList(1, ((List<?>) view).size())) {
      Object name = ((List<?>) step).get(0);
      found.add("view " + name);
      if (name.equals(Symbol.of("with"))) {
        if (before != null) {
          found.add("tries behind " + before);
        }
        ofForms((List<?>) ((List<?>) step).get(1)).forEach(kind -> found.add("tries " + kind));
      }
      before = name;
    }
  }

  // ---- transactions

  private void form(Object form) {
    if (form instanceof Map<?, ?> map) {
      map(map, "map");
    } else if (form instanceof List<?> list && !list.isEmpty() && list.get(0) instanceof Keyword function) {
      found.add("form " + function + (function.name().equals("retract") ? " with " + list.size() : ""));
      list.subList(1, list.size()).forEach(this::entity);
      if (function.name().equals("add") && list.size() > 2 && list.get(2) instanceof Keyword name && "d".equals(name.namespace())) {
        found.add("form :db/add of data");
      }
      if (list.size() > 2 && isSchema(list.get(2))) {
        found.add((function.name().equals("retract") ? "takes back " : "alters ") + list.get(2));
      }
    }
  }

  private void map(Map<?, ?> map, String kind) {
    found.add(kind + (map.containsKey(DB_ID) ? " with an id" : " without an id"));
    map.forEach((key, value) -> {
      if (key instanceof Keyword name && name.name().startsWith("_")) {
        found.add("backward name");
      }
      if (isSchema(key)) {
        found.add((map.containsKey(VALUE_TYPE) ? "installs " : "alters ") + key
            + (SAID.contains(key) ? " " + value : ""));
      }
      entity(value);
      for (Object one : value instanceof Map ? List.of(value) : value instanceof Collection<?> several ? several : List.of()) {
        if (one instanceof Map<?, ?> nested) {
          map(nested, "nested map");
        }
      }
    });
  }

  private static boolean isSchema(Object name) {
    return name instanceof Keyword key && "db".equals(key.namespace()) && !key.equals(DB_ID);
  }

  private void entity(Object place) {
    if ("datomic.tx".equals(place)) {
      found.add("the transaction itself");
    } else if (place instanceof String) {
      found.add("tempid or text");
    } else if (place instanceof EdnList) {
      found.add("id");
    } else if (place instanceof List<?> list && list.size() == 2 && list.get(0) instanceof Keyword) {
      found.add("lookup ref");
    } else if (place instanceof Keyword) {
      found.add("ident or keyword");
    }
  }

  // ---- queries

  private void query(QueryForm query, List<?> inputs) {
    found.add(query.isScalar() ? "finds one value" : query.isTuple() ? "finds one row"
        : query.isCollection() ? "finds a collection" : "finds a relation");
    for (Object column : query.columns()) {
      if (column instanceof EdnList call) {
        String name = ((Symbol) call.get(0)).text();
        found.add(name.equals("pull") ? "finds a pull" : "aggregate " + name + (call.size() > 2 ? " of several" : ""));
        call.forEach(this::options);
      }
    }
    for (String part : List.of(":with", ":keys", ":strs", ":syms")) {
      if (!query.part(Keyword.of(part)).isEmpty()) {
        found.add("part " + part);
      }
    }
    for (int i = 0; i < query.part(QueryForm.IN).size(); i++) {
      input(query.part(QueryForm.IN).get(i), i < inputs.size() ? inputs.get(i) : null);
    }
    query.part(QueryForm.WHERE).forEach(clause -> clause(clause, ""));
  }

  private void input(Object binding, Object value) {
    if (binding instanceof Symbol name) {
      found.add("input " + (name.text().equals("%") ? "rules" : name.text().equals("$") ? "database"
          : name.text().startsWith("$") ? Questions.isView(value) ? "another database" : "data"
          : !name.text().startsWith("?") ? "pattern" : "value " + type(value)));
      return;
    }
    List<?> shape = (List<?>) binding;
    boolean relation = shape.get(0) instanceof List;
    found.add("input " + (relation ? "relation" : shape.size() == 2 && shape.get(1).equals(Symbol.of("...")) ? "collection" : "tuple"));
    found.add("input in a " + (value instanceof Map ? "map" : value instanceof Set ? "set" : "list"));
  }

  private static String type(Object value) {
    return value instanceof EdnList || value instanceof List ? "list" : value == null ? "nil" : value.getClass().getSimpleName();
  }

  private void clause(Object clause, String within) {
    if (!(clause instanceof EdnList call) || call.isEmpty()) {
      plain((List<?>) clause, within);
      return;
    }
    int begin = isSource(call.get(0)) ? 1 : 0;
    String name = ((Symbol) call.get(begin)).text();
    String of = begin == 1 ? " of another source" : "";
    if (!JUNCTIONS.contains(name)) {
      found.add("rule " + name);
      found.add("rule called" + of + within);
      return;
    }
    found.add(name + of + within);
    int bodies = begin + (name.endsWith("-join") ? 2 : 1);
    call.subList(bodies, call.size()).forEach(inner -> clause(inner, " in " + name));
  }

  private static boolean isSource(Object place) {
    return place instanceof Symbol name && name.text().startsWith("$");
  }

  private void plain(List<?> clause, String within) {
    if (clause.get(0) instanceof EdnList call && !call.get(0).equals(Symbol.of("id"))) {
      found.add("function " + ((Symbol) call.get(0)).text());
      found.add((clause.size() == 1 ? "predicate" : "gives " + shape(clause.get(1))) + within);
      return;
    }
    boolean source = isSource(clause.get(0));
    found.add("pattern of " + (clause.size() - (source ? 1 : 0)) + (source ? " of another source" : "") + within);
  }

  private static String shape(Object binding) {
    return binding instanceof Symbol ? "a value" : ((List<?>) binding).get(0) instanceof List ? "a relation"
        : ((List<?>) binding).contains(Symbol.of("...")) ? "a collection" : "a tuple";
  }

  // ---- patterns to pull by, and what walks are told

  private void options(Object form) {
    if (form instanceof Map<?, ?> map) {
      map.forEach((key, value) -> {
        found.add(value instanceof Long ? "recursion to a depth" : value.equals(Symbol.of("...")) ? "recursion" : "nested pattern");
        options(key);
        options(value);
      });
    } else if (form instanceof Collection<?> several && !Questions.isView(form)) {
      several.forEach(this::options);
    } else if (form instanceof Keyword name && OPTIONS.contains(name.toString())) {
      found.add("option " + name);
    } else if (form instanceof Keyword name && name.name().startsWith("_")) {
      found.add("pulls backwards");
    } else if (form instanceof Symbol symbol && symbol.text().equals("*")) {
      found.add("wildcard");
    }
  }
}
