package dev.rebasis.client.internal.query;

import dev.rebasis.client.QueryFunction;
import dev.rebasis.data.Symbol;
import dev.rebasis.edn.EdnList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Everything that the queries of one engine can call: what the program registered, the built-in functions, nested
 * queries, and methods of Java (see {@link JavaMethods}). Immutable.
 */
final class FunctionLibrary {
  private static final Set<String> QUERIES = Set.of("q", "query", "datomic.api/q", "datomic.api/query");
  private static final Symbol QUOTE = Symbol.of("quote");

  /** Runs a nested query. */
  @FunctionalInterface
  interface NestedQuery {
    Object run(Object query, List<Object> inputs);
  }

  private final Map<String, QueryFunction> registered;
  private final JavaMethods methods;
  private final NestedQuery nested;

  /**
   * Makes a library.
   *
   * @param registered by the name that queries use
   * @param methods which methods of Java may be called
   * @param nested answers {@code (q [...] $ ...)}
   */
  FunctionLibrary(Map<String, QueryFunction> registered, JavaMethods methods, NestedQuery nested) {
    this.registered = Map.copyOf(registered);
    this.methods = methods;
    this.nested = nested;
  }

  /** What a name stands for; throws if there is no such function, or it does not take so many arguments. */
  Functions.Body find(Symbol name, int arguments, Object clause) {
    QueryFunction own = registered.get(name.text());
    if (own != null) {
      return registered(own);
    }
    if (QUERIES.contains(name.text())) {
      return this::query;
    }
    if (Functions.find(name) != null) {
      Functions.check(name, arguments, clause);
      return Functions.find(name).body();
    }
    Functions.Body method = methods.find(name.text(), arguments, clause);
    if (method == null) {
      throw QueryErrors.in(clause, QueryErrors.UNSUPPORTED,
          "There is no function '" + name + "'. Register it with the client's builder, or use a built-in one.");
    }
    return method;
  }

  /** The registered function that a custom aggregate is, or null. */
  QueryFunction aggregate(Symbol name) {
    return registered.get(name.text());
  }

  /** The function with this name as one of one argument, or null if there is none: for {@code :xform}. */
  UnaryOperator<Object> ofOneArgument(Symbol name) {
    QueryFunction own = registered.get(name.text());
    return own != null ? value -> QueryValues.normal(own.apply(Collections.singletonList(value))) : Functions.ofOneArgument(name);
  }

  /** A literal argument that is a list: a query for a nested query, else a value in normal form. */
  Object constant(Symbol function, Object form) {
    if (!QUERIES.contains(function.text())) {
      return QueryValues.normal(form);
    }
    boolean quoted = form instanceof EdnList list && list.size() == 2 && QUOTE.equals(list.get(0));
    return quoted ? ((EdnList) form).get(1) : form;
  }

  private static Functions.Body registered(QueryFunction function) {
    return arguments -> {
      Object[] plain = new Object[arguments.length];
      for (int i = 0; i < plain.length; i++) {
        plain[i] = input(arguments[i]);
      }
      return QueryValues.normal(function.apply(Collections.unmodifiableList(Arrays.asList(plain))));
    };
  }

  private Object query(Object[] arguments) {
    if (arguments.length == 0) {
      throw new IllegalArgumentException("a nested query is the first argument");
    }
    Object[] inputs = new Object[arguments.length - 1];
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] = input(arguments[i + 1]);
    }
    return nested.run(arguments[0], Arrays.asList(inputs));
  }

  private static Object input(Object argument) {
    if (argument instanceof Source.Facts facts) {
      return facts.datoms();
    }
    return argument instanceof Source.Rows rows ? rows.rows() : argument;
  }
}
