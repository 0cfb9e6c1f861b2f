package dev.rebasis.client.internal.query;

import dev.rebasis.data.Symbol;
import java.util.ArrayList;
import java.util.List;

/** Parses what stands in {@code :in} and behind a function call. Confined to one parse. */
final class BindingParser {
  private static final String DOTS = "...";

  private final Variables variables;

  BindingParser(Variables variables) {
    this.variables = variables;
  }

  /**
   * Parses a binding form.
   *
   * @param form {@code ?x}, {@code _}, {@code [?x ?y]}, {@code [?x ...]}, {@code [[?x ?y]]}
   * @param context the clause, for messages
   */
  Binding parse(Object form, Object context) {
    if (Variables.isVariable(form)) {
      return new Binding.Scalar(variables.slot((Symbol) form));
    }
    if (Variables.isBlank(form)) {
      return new Binding.Ignored();
    }
    if (form instanceof List<?> list && !list.isEmpty()) {
      return parseList(list, context);
    }
    throw invalid(form, context);
  }

  private Binding parseList(List<?> list, Object context) {
    if (list.size() == 2 && isDots(list.get(1))) {
      return new Binding.Each(parse(list.get(0), context));
    }
    if (list.size() == 1 && list.get(0) instanceof List<?> row) {
      return new Binding.Each(parse(row, context));
    }
    List<Binding> elements = new ArrayList<>(list.size());
    for (Object element : list) {
      elements.add(parse(element, context));
    }
    return new Binding.Tuple(List.copyOf(elements));
  }

  private static boolean isDots(Object form) {
    return form instanceof Symbol s && s.text().equals(DOTS);
  }

  private static RuntimeException invalid(Object form, Object context) {
    return QueryErrors.in(context, QueryErrors.NOT_A_BINDING_FORM,
        QueryErrors.text(form) + " binds nothing; write ?x, _, [?x ?y], [?x ...] or [[?x ?y]].");
  }
}
