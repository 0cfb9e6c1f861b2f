package dev.rebasis.client.internal.query;

import dev.rebasis.client.QueryFunction;
import dev.rebasis.data.Symbol;
import java.util.ArrayList;
import java.util.List;

/** Parses {@code :find}. Confined to one parse. */
final class FindParser {
  private static final Symbol PULL = Symbol.of("pull");

  private final Variables variables;
  private final List<Symbol> patterns;
  private final FunctionLibrary library;
  private final Object query;

  /**
   * Makes it.
   *
   * @param patterns the names of pull patterns among the inputs
   * @param query for messages
   */
  FindParser(Variables variables, List<Symbol> patterns, FunctionLibrary library, Object query) {
    this.variables = variables;
    this.patterns = patterns;
    this.library = library;
    this.query = query;
  }

  FindSpec parse(List<?> find) {
    int size = find.size();
    if (size == 2 && isSymbol(find.get(1), ".")) {
      return spec(FindSpec.Shape.SCALAR, find.subList(0, 1));
    }
    if (size == 1 && find.get(0) instanceof List<?> inner && !isCall(inner)) {
      boolean collection = inner.size() == 2 && isSymbol(inner.get(1), "...");
      return collection
          ? spec(FindSpec.Shape.COLLECTION, inner.subList(0, 1))
          : spec(FindSpec.Shape.TUPLE, inner);
    }
    return spec(FindSpec.Shape.RELATION, find);
  }

  private static boolean isSymbol(Object form, String text) {
    return form instanceof Symbol s && s.text().equals(text);
  }

  private static boolean isCall(List<?> list) {
    return !list.isEmpty() && list.get(0) instanceof Symbol s && !Variables.isVariable(s);
  }

  private FindSpec spec(FindSpec.Shape shape, List<?> forms) {
    List<FindSpec.Element> elements = new ArrayList<>(forms.size());
    for (Object element : forms) {
      elements.add(element(element));
    }
    if (elements.isEmpty()) {
      throw invalid("There is nothing in the brackets of :find.");
    }
    return new FindSpec(shape, List.copyOf(elements), null);
  }

  private FindSpec.Element element(Object element) {
    if (Variables.isVariable(element)) {
      return new FindSpec.Value(variables.slot((Symbol) element));
    }
    if (element instanceof List<?> call && isCall(call)) {
      return call.get(0).equals(PULL) ? pull(call) : aggregate(call);
    }
    throw invalid(QueryErrors.text(element) + " in :find is neither a variable nor an aggregate.");
  }

  private FindSpec.Element pull(List<?> call) {
    int at = call.size() > 1 && Variables.isSource(call.get(1)) ? 2 : 1;
    boolean complete = call.size() == at + 2 && Variables.isVariable(call.get(at));
    Object pattern = complete ? call.get(at + 1) : null;
    boolean named = pattern instanceof Symbol name && patterns.contains(name);
    if (!complete || !(named || pattern instanceof List<?> || pattern instanceof String)) {
      throw QueryErrors.in(call, QueryErrors.INVALID_PULL,
          "A pull is (pull ?entity pattern) or (pull $source ?entity pattern), the pattern literal or the name of an input.");
    }
    Symbol source = at == 2 ? (Symbol) call.get(1) : Query.DEFAULT_SOURCE;
    return new FindSpec.Pull(source, variables.slot((Symbol) call.get(at)), pattern, call);
  }

  private FindSpec.Element aggregate(List<?> call) {
    Symbol function = (Symbol) call.get(0);
    Object last = call.get(call.size() - 1);
    if (call.size() < 2 || !Variables.isVariable(last)) {
      throw invalid("The last argument of an aggregate is a variable, unlike in " + QueryErrors.text(call) + ".");
    }
    List<Object> constants = new ArrayList<>();
    for (Object constant : call.subList(1, call.size() - 1)) {
      if (constant == null) {
        throw invalid("nil is no argument of an aggregate.");
      }
      constants.add(QueryValues.normal(constant));
    }
    QueryFunction custom = library.aggregate(function);
    if (custom == null) {
      Aggregates.check(function, constants, call);
    }
    return new FindSpec.Aggregate(function, custom, List.copyOf(constants), variables.slot((Symbol) last), call);
  }

  private RuntimeException invalid(String message) {
    return QueryErrors.in(query, QueryErrors.INVALID_QUERY, message);
  }
}
