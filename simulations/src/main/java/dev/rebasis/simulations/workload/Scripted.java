package dev.rebasis.simulations.workload;

import dev.rebasis.client.Database;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Symbol;
import dev.rebasis.edn.Edn;
import dev.rebasis.edn.EdnList;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A workload that a file describes: operations as forms with parameters, each drawn from a list of values, and, if wanted,
 * a script that says who carries out which and when. docs/simulations.md explains the file. Immutable; thread-safe.
 */
final class Scripted implements Workload {
  private static final Symbol MADE = Symbol.of("?made");
  private static final Pattern REFERENCE = Pattern.compile("\\?(\\d+)\\.(.+)");

  /** One operation: its forms, the values of each parameter, and the tempids that later ones may refer to. */
  private record Operation(List<?> forms, Map<Symbol, List<?>> values, List<String> tempids) {
    boolean refers() {
      return mentions(forms, MADE);
    }
  }

  private final String name;
  private final List<?> schema;
  private final String beginning;
  private final Map<String, Operation> operations = new LinkedHashMap<>();
  private final boolean canBeUndone;
  private final List<Moment> script = new ArrayList<>();
  private final List<Invariant> invariants = new ArrayList<>();

  /**
   * Reads a description.
   *
   * @param text EDN, a map
   * @throws RebasisException if it is none
   */
  Scripted(String text) {
    if (!(Edn.read(text) instanceof Map<?, ?> map)) {
      throw wrong("it is no map");
    }
    this.name = map.get(key("name")) instanceof String given ? given : "script";
    Vocabulary.name(name);
    this.schema = vector(map, "schema", true);
    this.beginning = Edn.write(vector(map, "beginning", false));
    if (!(map.get(key("operations")) instanceof Map<?, ?> all) || all.isEmpty()) {
      throw wrong("it needs :operations, a map from keyword to {:forms [...] :values {?x [...]}}");
    }
    all.forEach((kind, operation) -> operations.put(kindName(kind), operation(kind, operation)));
    vector(map, "script", false).forEach(moment -> script.add(moment(moment)));
    canBeUndone = Boolean.TRUE.equals(map.get(key("undo")));
    invariants(map.get(key("always")), true);
    invariants(map.get(key("after-healing")), false);
  }

  private static RebasisException wrong(String why) {
    return new RebasisException(Keyword.of(":rebasis.error/wrong-workload"), ErrorCategory.FIX_REQUEST,
        "The workload's file cannot be used: " + why + ". docs/simulations.md describes it.");
  }

  private static Keyword key(String word) {
    return Keyword.of(":" + word);
  }

  private static List<?> vector(Map<?, ?> map, String word, boolean needed) {
    Object found = map.get(key(word));
    if (found == null && !needed) {
      return List.of();
    }
    if (!(found instanceof List<?> list) || found instanceof EdnList) {
      throw wrong(":" + word + " has to be a vector");
    }
    return list;
  }

  private static String kindName(Object kind) {
    if (!(kind instanceof Keyword word) || word.namespace() != null) {
      throw wrong("an operation's name is a keyword such as :place, not " + Edn.write(kind));
    }
    Vocabulary.kind(word.name());
    return word.name();
  }

  private static Operation operation(Object kind, Object description) {
    if (!(description instanceof Map<?, ?> map)) {
      throw wrong("the operation " + kind + " is no map");
    }
    Map<Symbol, List<?>> values = new LinkedHashMap<>();
    if (map.get(key("values")) instanceof Map<?, ?> given) {
      given.forEach((name, list) -> {
        if (!(name instanceof Symbol symbol) || !(list instanceof List<?> some) || some.isEmpty()) {
          throw wrong(":values of " + kind + " maps symbols such as ?n to vectors of values");
        }
        values.put(symbol, some);
      });
    }
    List<?> forms = vector(map, "forms", true);
    List<String> tempids = new ArrayList<>();
    for (Object tempid : vector(map, "tempids", false)) {
      Vocabulary.tempid(kind.toString(), tempid.toString());
      if (!mentions(forms, tempid)) {
        throw wrong("the forms of " + kind + " have no tempid " + Edn.write(tempid));
      }
      tempids.add(tempid.toString());
    }
    return new Operation(forms, values, tempids);
  }

  private Moment moment(Object form) {
    if (!(form instanceof List<?> list) || list.size() < 3 || !(list.get(0) instanceof Long millis) || millis < 0
        || !(list.get(1) instanceof String node)) {
      throw wrong("a line of :script is [MILLIS \"c1\" :operation {?x value}], not " + Edn.write(form));
    }
    String kind = kindName(list.get(2));
    if (!operations.containsKey(kind)) {
      throw wrong("its script wants :" + kind + ", which is no operation");
    }
    Object given = list.size() > 3 ? list.get(3) : Map.of();
    if (!(given instanceof Map<?, ?> values)) {
      throw wrong("the values of a line of :script are a map, not " + Edn.write(given));
    }
    Vocabulary.node(node);
    values.values().forEach(value -> reference(value, node));
    return new Moment(millis, node, kind, Edn.write(values));
  }

  /** What a line refers to has to be made by an earlier line of the same client. */
  private void reference(Object value, String node) {
    Matcher matcher = REFERENCE.matcher(value instanceof Symbol symbol ? symbol.toString() : "");
    if (!matcher.matches()) {
      return;
    }
    int line = matcher.group(1).length() > 6 ? 0 : Integer.parseInt(matcher.group(1));
    if (line < 1 || line > script.size() || !script.get(line - 1).node().equals(node)
        || !operations.get(script.get(line - 1).kind()).tempids().contains(matcher.group(2))) {
      throw wrong("its script refers to " + value + ", and no earlier line of " + node + " makes that");
    }
  }

  private void invariants(Object given, boolean always) {
    if (given instanceof Map<?, ?> map) {
      map.forEach((name, query) -> invariants.add(new Invariant(String.valueOf(name), Edn.write(query), always)));
    } else if (given != null) {
      throw wrong("invariants are a map from a name to a query");
    }
  }

  private static boolean mentions(Object form, Object sought) {
    if (form instanceof Map<?, ?> map) {
      return map.keySet().stream().anyMatch(key -> mentions(key, sought))
          || map.values().stream().anyMatch(value -> mentions(value, sought));
    }
    if (form instanceof List<?> list) {
      return list.stream().anyMatch(element -> mentions(element, sought));
    }
    return sought.equals(form);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String description() {
    return "what a file describes";
  }

  @Override
  public Alterable alterable(Keyword attribute) {
    return Alterable.NAMES;
  }

  @Override
  public List<?> schema() {
    return schema;
  }

  @Override
  public String beginning() {
    return beginning;
  }

  @Override
  public List<String> kinds() {
    return List.copyOf(operations.keySet());
  }

  @Override
  public List<String> tempids(String kind) {
    return operations.get(kind).tempids();
  }

  @Override
  public List<Moment> script() {
    return script;
  }

  @Override
  public boolean canBeUndone() {
    return canBeUndone;
  }

  @Override
  public List<Invariant> invariants() {
    return invariants;
  }

  @Override
  public String argument(String kind, RandomGenerator random, Made made) {
    Operation operation = operations.get(kind);
    StringBuilder text = new StringBuilder("{");
    operation.values().forEach((name, values) ->
        text.append(name).append(' ').append(Edn.write(values.get(random.nextInt(values.size())))).append(' '));
    String entity = operation.refers() ? made.any(random) : null;
    return (entity == null ? text : text.append(MADE).append(' ').append(entity)).toString().strip() + "}";
  }

  @Override
  public Object forms(String kind, String argument, Database db) {
    Operation operation = operations.get(kind);
    Map<?, ?> values = (Map<?, ?>) Edn.read(argument);
    if (operation.refers() && !values.containsKey(MADE)) {
      return null;
    }
    return filled(operation.forms(), values, db);
  }

  private static Object filled(Object form, Map<?, ?> values, Database db) {
    if (form instanceof EdnList call && !call.isEmpty()) {
      return called(call, values, db);
    }
    if (form instanceof List<?> list) {
      List<Object> filled = new ArrayList<>();
      list.forEach(element -> filled.add(filled(element, values, db)));
      return filled;
    }
    if (form instanceof Map<?, ?> map) {
      Map<Object, Object> filled = new LinkedHashMap<>();
      map.forEach((key, value) -> filled.put(filled(key, values, db), filled(value, values, db)));
      return filled;
    }
    return form instanceof Symbol && values.containsKey(form) ? values.get(form) : form;
  }

  /** {@code (value ENTITY ATTRIBUTE ELSE)}, what the writer sees there, and {@code (+ A B)}. */
  private static Object called(EdnList call, Map<?, ?> values, Database db) {
    List<Object> arguments = new ArrayList<>();
    call.subList(1, call.size()).forEach(argument -> arguments.add(filled(argument, values, db)));
    String function = call.get(0).toString();
    if (function.equals("+") && arguments.size() == 2) {
      if (!(arguments.get(0) instanceof Long a) || !(arguments.get(1) instanceof Long b)) {
        throw wrong("(+ a b) adds two integers, not " + Edn.write(EdnList.of(call.get(0), arguments.get(0), arguments.get(1))));
      }
      return Math.addExact(a, b);
    }
    if (function.equals("value") && arguments.size() == 3 && arguments.get(0) instanceof List<?> key) {
      List<Object> found = db.attribute(key.get(0)) == null ? List.of()
          : Reads.all(db, key.get(0).toString(), key.get(1), arguments.get(1).toString());
      return found.isEmpty() ? arguments.get(2) : found.get(0);
    }
    throw wrong("there is no function " + Edn.write(call)
        + "; there are (value [:key value] :attribute else) and (+ a b)");
  }
}
