package dev.rebasis.client.conform;

import clojure.lang.IFn;
import clojure.lang.ISeq;
import clojure.lang.RestFn;
import dev.rebasis.client.QueryFunction;
import dev.rebasis.client.internal.query.Oracle;
import dev.rebasis.client.internal.query.QueryExtensions;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Functions of a program, which queries and pulls call by name: registered with the client, and known to Datomic as
 * functions of Clojure; and a class whose static methods both call.
 */
public final class OwnFunctions {
  private static final String NAMESPACE = "conform.own";

  private static final Map<String, QueryFunction> FUNCTIONS = Map.of(
      NAMESPACE + "/twice", arguments -> arguments.get(0) == null ? null : 2 * (Long) arguments.get(0),
      NAMESPACE + "/small?", arguments -> (Long) arguments.get(0) < 6,
      NAMESPACE + "/shout", arguments -> arguments.get(0) + "!",
      NAMESPACE + "/parts", arguments -> List.of(arguments.get(0), (long) arguments.get(0).toString().length()),
      NAMESPACE + "/steps", arguments -> steps((Long) arguments.get(0)),
      NAMESPACE + "/even-only", arguments -> (Long) arguments.get(0) % 2 == 0 ? arguments.get(0) : null,
      NAMESPACE + "/spread", arguments -> spread((Collection<?>) arguments.get(0)),
      NAMESPACE + "/weighed", arguments -> (Long) arguments.get(0) * ((Collection<?>) arguments.get(1)).size(),
      NAMESPACE + "/size", arguments -> arguments.get(0) instanceof Collection<?> several ? (long) several.size() : 0L);

  private OwnFunctions() {}

  /** What the client's queries can call. */
  static QueryExtensions extensions() {
    return new QueryExtensions(FUNCTIONS, Set.of(OwnFunctions.class));
  }

  /** The function as {@code conform/own.clj} defines it for Datomic. */
  public static IFn ofClojure(String name) {
    return new OfClojure(FUNCTIONS.get(NAMESPACE + "/" + name));
  }

  /** A static method for queries. */
  public static long sumOfTwo(long a, long b) {
    return a + b;
  }

  /** Another one. */
  public static String joined(String a, String b) {
    return a + "-" + b;
  }

  /** One of two types. */
  public static String numbered(String a, long b) {
    return a + "+" + b;
  }

  private static Object steps(long n) {
    List<Object> rows = new ArrayList<>();
    for (long i = 0; i < n % 3; i++) {
      rows.add(List.of(n, n + i));
    }
    return rows;
  }

  private static Object spread(Collection<?> values) {
    List<Long> sorted = values.stream().map(value -> ((Number) value).longValue()).sorted().toList();
    return sorted.get(sorted.size() - 1) - sorted.get(0);
  }

  /** A function with its arguments and its result in the types of the other side. */
  private static final class OfClojure extends RestFn {
    private final transient QueryFunction function;

    OfClojure(QueryFunction function) {
      this.function = function;
    }

    @Override
    public int getRequiredArity() {
      return 0;
    }

    @Override
    protected Object doInvoke(Object all) {
      List<Object> arguments = new ArrayList<>();
      for (ISeq rest = (ISeq) all; rest != null; rest = rest.next()) {
        arguments.add(Oracle.ours(rest.first()));
      }
      return Oracle.theirs(function.apply(arguments));
    }
  }
}
