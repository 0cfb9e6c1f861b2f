package dev.rebasis.client.internal.query;

import dev.rebasis.data.Symbol;
import java.util.ArrayList;
import java.util.List;

/** Parses {@code :find}. Confined to one parse. */
final class FindParser {
  private final Variables variables;
  private final Object query;

  FindParser(Variables variables, Object query) {
    this.variables = variables;
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
    return new FindSpec(shape, List.copyOf(elements));
  }

  private FindSpec.Element element(Object element) {
    if (Variables.isVariable(element)) {
      return new FindSpec.Value(variables.slot((Symbol) element));
    }
    if (element instanceof List<?> call && isCall(call)) {
      return aggregate(call);
    }
    throw invalid(QueryErrors.text(element) + " in :find is neither a variable nor an aggregate.");
  }

  private FindSpec.Element aggregate(List<?> call) {
    Symbol function = (Symbol) call.get(0);
    if (function.text().equals("pull")) {
      throw QueryErrors.unsupported(call, "pull in :find");
    }
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
    Aggregates.check(function, constants, call);
    return new FindSpec.Aggregate(function, List.copyOf(constants), variables.slot((Symbol) last), call);
  }

  private RuntimeException invalid(String message) {
    return QueryErrors.in(query, QueryErrors.INVALID_QUERY, message);
  }
}
