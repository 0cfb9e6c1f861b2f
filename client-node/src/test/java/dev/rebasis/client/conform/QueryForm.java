package dev.rebasis.client.conform;

import dev.rebasis.data.Keyword;
import dev.rebasis.data.Symbol;
import dev.rebasis.edn.EdnList;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/** The parts of a query, as EDN. Immutable. */
final class QueryForm {
  static final Keyword FIND = Keyword.of(":find");
  static final Keyword WITH = Keyword.of(":with");
  static final Keyword IN = Keyword.of(":in");
  static final Keyword WHERE = Keyword.of(":where");
  private static final Symbol SCALAR = Symbol.of(".");
  private static final Symbol MORE = Symbol.of("...");
  private static final Symbol PULL = Symbol.of("pull");
  private static final Symbol ANY = Symbol.of("_");

  private static final Symbol DISTINCT = Symbol.of("distinct");
  private static final Set<Symbol> COUNTED = Set.of(Symbol.of("count-distinct"), Symbol.of("sample"));
  private static final Set<Symbol> COMPARED = Set.of(
      Symbol.of("count-distinct"), Symbol.of("sample"), DISTINCT, Symbol.of("min"), Symbol.of("max"));

  private final Map<Keyword, List<Object>> parts = new LinkedHashMap<>();

  private QueryForm() {}

  static QueryForm of(Object query) {
    QueryForm form = new QueryForm();
    if (query instanceof Map<?, ?> map) {
      map.forEach((key, value) -> form.parts.put((Keyword) key, new ArrayList<>((Collection<?>) value)));
      return form;
    }
    List<Object> part = new ArrayList<>();
    for (Object element : (List<?>) query) {
      if (element instanceof Keyword name) {
        part = new ArrayList<>();
        form.parts.put(name, part);
      } else {
        part.add(element);
      }
    }
    return form;
  }

  List<Object> part(Keyword name) {
    return parts.getOrDefault(name, List.of());
  }

  /** As a vector, with one part replaced; an empty part is left out. */
  List<Object> with(Keyword name, List<Object> part) {
    Map<Keyword, List<Object>> all = new LinkedHashMap<>(parts);
    all.put(name, part);
    List<Object> query = new ArrayList<>();
    all.forEach((key, elements) -> {
      if (!elements.isEmpty()) {
        query.add(key);
        query.addAll(elements);
      }
    });
    return query;
  }

  private boolean isVector() {
    return part(FIND).size() == 1 && part(FIND).get(0) instanceof List && !(part(FIND).get(0) instanceof EdnList);
  }

  boolean isScalar() {
    return part(FIND).size() == 2 && part(FIND).get(1).equals(SCALAR);
  }

  boolean isTuple() {
    return isVector() && !((List<?>) part(FIND).get(0)).contains(MORE);
  }

  boolean isCollection() {
    return isVector() && ((List<?>) part(FIND).get(0)).contains(MORE);
  }

  /** What a row consists of. */
  List<Object> columns() {
    List<Object> find = isVector() ? new ArrayList<>((List<?>) part(FIND).get(0)) : new ArrayList<>(part(FIND));
    find.removeAll(List.of(SCALAR, MORE));
    return find;
  }

  /** The same query asking for all rows. */
  List<Object> relation() {
    return with(FIND, columns());
  }

  /**
   * How a column comes about: of what is chosen by chance only the number can be compared; of what rows are grouped by
   * the first met stands for all that is equal to it, a long or a big integer.
   */
  enum Choice { NONE, KEY, ONE, SEVERAL }

  List<Choice> choices() {
    boolean grouped = columns().stream().anyMatch(column -> column instanceof EdnList call && !call.get(0).equals(PULL));
    return columns().stream().map(column -> grouped && column instanceof Symbol ? Choice.KEY : choice(column)).toList();
  }

  private static Choice choice(Object column) {
    boolean chosen = column instanceof EdnList call
        && (call.get(0).equals(Symbol.of("rand")) || call.get(0).equals(Symbol.of("sample")));
    return !chosen ? Choice.NONE : ((EdnList) column).size() == 2 ? Choice.ONE : Choice.SEVERAL;
  }

  /** The columns whose answer depends on which numbers count as equal, those that rows are grouped by among them. */
  List<Boolean> compared() {
    List<Choice> choices = choices();
    List<Object> columns = columns();
    return IntStream.range(0, columns.size()).mapToObj(i -> choices.get(i) == Choice.KEY
        || columns.get(i) instanceof EdnList call && COMPARED.contains(call.get(0))).toList();
  }

  /** The same query asking for the distinct values where it asks how many there are, or for some. */
  List<Object> distinctValues() {
    List<Object> find = columns();
    find.replaceAll(column -> column instanceof EdnList call && COUNTED.contains(call.get(0))
        ? EdnList.of(DISTINCT, call.get(call.size() - 1)) : column);
    return with(FIND, find);
  }

  /** The variables that rows are made of: those of the columns, then those of {@code :with}; each once. */
  List<Object> plainColumns() {
    Set<Object> all = new LinkedHashSet<>();
    columns().forEach(column -> all.add(column instanceof EdnList call
        ? call.get(call.size() - (call.get(0).equals(PULL) ? 2 : 1)) : column));
    all.addAll(part(WITH));
    return new ArrayList<>(all);
  }

  /** The rows that the answer is made from. */
  List<Object> plainRelation() {
    return of(with(WITH, List.of())).plainNames(plainColumns());
  }

  private List<Object> plainNames(List<Object> columns) {
    QueryForm form = this;
    for (String names : List.of(":keys", ":strs", ":syms")) {
      form = of(form.with(Keyword.of(names), List.of()));
    }
    return form.with(FIND, columns);
  }

  /**
   * The same query asking for everything: each place of each pattern is a variable, and all are in {@code :find}, those
   * of this query first. Where fewer are asked for, Datomic sometimes forgets what a clause had removed.
   */
  List<Object> full() {
    Set<Object> all = new LinkedHashSet<>(plainColumns());
    List<Object> where = new ArrayList<>();
    for (Object clause : part(WHERE)) {
      boolean pattern = !(clause instanceof EdnList) && isPlace(((List<?>) clause).get(0));
      where.add(pattern ? widened((List<?>) clause, all) : clause);
      addVariables(where.get(where.size() - 1), all);
    }
    part(IN).forEach(input -> addVariables(input, all));
    return of(of(plainRelation()).with(WHERE, where)).with(FIND, new ArrayList<>(all));
  }

  // An entity is named by (id "e1").
  private static boolean isPlace(Object first) {
    return !(first instanceof EdnList call) || call.size() == 2 && call.get(0).equals(Symbol.of("id"));
  }

  private static List<Object> widened(List<?> clause, Set<Object> all) {
    List<Object> places = new ArrayList<>(clause);
    boolean ofRows = places.get(0) instanceof Symbol s && s.text().startsWith("$");
    while (!ofRows && places.size() < 4) {
      places.add(ANY);
    }
    places.replaceAll(place -> {
      if (!place.equals(ANY)) {
        return place;
      }
      Symbol fresh = Symbol.of("?w" + all.size());
      all.add(fresh);
      return fresh;
    });
    return places;
  }

  // What a clause binds or uses outside itself.
  private static void addVariables(Object form, Set<Object> all) {
    if (form instanceof Symbol s && s.text().startsWith("?")) {
      all.add(s);
    } else if (form instanceof EdnList call && !call.isEmpty() && call.get(0) instanceof Symbol s) {
      switch (s.text()) {
        case "not", "not-join", "quote" -> { }
        case "or-join" -> addVariables(call.get(1), all);
        default -> call.forEach(element -> addVariables(element, all));
      }
    } else if (form instanceof List<?> list) {
      list.forEach(element -> addVariables(element, all));
    }
  }
}
