package dev.rebasis.client.internal.query;

import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Java methods in queries: static ones {@code (Math/abs ?x)}, instance methods {@code (.substring ?s 1)} and
 * constructors {@code (Long. "7")}, as Clojure writes them. Only public methods of listed classes can be called, since a
 * query may come from a text that somebody sent: those listed here are values without side effects, and a program may
 * add its own. Which overload is meant is decided by the arguments of each call. Immutable.
 */
final class JavaMethods {
  private static final List<Class<?>> SAFE = List.of(
      Math.class, StrictMath.class, String.class, Character.class, Boolean.class, Long.class, Integer.class,
      Double.class, Float.class, Short.class, Byte.class, BigInteger.class, BigDecimal.class, UUID.class, URI.class,
      Instant.class, Duration.class, LocalDate.class, Date.class);

  private final Map<String, Class<?>> classes = new HashMap<>();
  private final List<Class<?>> allowed = new ArrayList<>(SAFE);

  /**
   * Makes it.
   *
   * @param added classes whose public methods may be called too
   */
  JavaMethods(Collection<Class<?>> added) {
    allowed.addAll(added);
    for (Class<?> type : allowed) {
      classes.put(type.getName(), type);
      if (type.getName().startsWith("java.lang.") || type == BigInteger.class || type == BigDecimal.class) {
        classes.put(type.getSimpleName(), type);
      }
    }
  }

  /**
   * The method with this name, or null if the name has not the form of one.
   *
   * @param clause for messages
   */
  Functions.Body find(String name, int arguments, Object clause) {
    if (name.startsWith(".") && name.length() > 1) {
      String method = name.substring(1);
      return values -> instance(method, values);
    }
    if (name.endsWith(".") && name.length() > 1) {
      Class<?> type = type(name.substring(0, name.length() - 1), clause);
      return values -> call(null, List.of(type.getConstructors()), name, values);
    }
    int slash = name.indexOf('/');
    if (slash <= 0 || slash == name.length() - 1 || !looksLikeClass(name.substring(0, slash))) {
      return null;
    }
    List<Executable> methods = methods(type(name.substring(0, slash), clause), name.substring(slash + 1), true);
    if (methods.stream().noneMatch(method -> accepts(method, arguments))) {
      throw QueryErrors.in(clause, QueryErrors.UNSUPPORTED,
          "There is no public static method " + name + " with " + arguments + " arguments.");
    }
    return values -> call(null, methods, name, values);
  }

  // As by convention in Java: namespaces of functions have no capital letter after the last dot.
  private static boolean looksLikeClass(String name) {
    return Character.isUpperCase(name.charAt(name.lastIndexOf('.') + 1));
  }

  private static boolean accepts(Executable method, int arguments) {
    return method.getParameterCount() == arguments || method.isVarArgs() && arguments >= method.getParameterCount() - 1;
  }

  private Class<?> type(String name, Object clause) {
    Class<?> type = classes.get(name);
    if (type == null) {
      throw QueryErrors.in(clause, QueryErrors.UNSUPPORTED,
          "Queries may not call the class '" + name + "'. Allow it with the client's builder, or register a function.");
    }
    return type;
  }

  private static List<Executable> methods(Class<?> type, String name, boolean isStatic) {
    List<Executable> methods = new ArrayList<>();
    for (Method method : type.getMethods()) {
      if (method.getName().equals(name) && Modifier.isStatic(method.getModifiers()) == isStatic) {
        methods.add(method);
      }
    }
    return methods;
  }

  private Object instance(String name, Object[] values) {
    if (values.length == 0 || values[0] == null) {
      throw new IllegalArgumentException("there is no object to call it on");
    }
    Class<?> type = values[0].getClass();
    Class<?> known = allowed.stream().filter(safe -> safe.isAssignableFrom(type)).findFirst().orElseThrow(() ->
        new IllegalArgumentException("queries may not call methods of " + type.getName()));
    return call(values[0], methods(known, name, false), name, Arrays.copyOfRange(values, 1, values.length));
  }

  private static Object call(Object target, List<? extends Executable> candidates, String name, Object[] values) {
    Executable best = null;
    Object[] arguments = null;
    int bestCost = Integer.MAX_VALUE;
    for (Executable candidate : candidates) {
      Conversion conversion = Conversion.of(candidate, values);
      if (conversion != null && conversion.cost() < bestCost) {
        best = candidate;
        arguments = conversion.arguments();
        bestCost = conversion.cost();
      }
    }
    if (best == null) {
      throw new IllegalArgumentException("no public method '" + name + "' takes " + QueryErrors.text(Arrays.asList(values)));
    }
    ResultSize.check(name, target, arguments);
    return QueryValues.normal(invoke(best, target, arguments));
  }

  private static Object invoke(Executable executable, Object target, Object[] arguments) {
    try {
      return executable instanceof Method method ? method.invoke(target, arguments)
          : ((Constructor<?>) executable).newInstance(arguments);
    } catch (InvocationTargetException e) {
      throw new IllegalArgumentException(String.valueOf(e.getCause()), e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalArgumentException(e.toString(), e);
    }
  }

  /**
   * The arguments as a method takes them.
   *
   * @param cost how far the types are from those given; the lowest wins
   */
  private record Conversion(Object[] arguments, int cost) {
    private static final int NARROWED = 2;
    private static final int VARIABLE = 10;
    private static final Object NOT = new Object();

    static Conversion of(Executable method, Object[] values) {
      Class<?>[] types = method.getParameterTypes();
      if (method.isVarArgs() && values.length >= types.length - 1) {
        Conversion spread = spread(types, values);
        return types.length == values.length ? better(plain(types, values), spread) : spread;
      }
      return types.length == values.length ? plain(types, values) : null;
    }

    private static Conversion better(Conversion x, Conversion y) {
      return x != null ? x : y;
    }

    private static Conversion plain(Class<?>[] types, Object[] values) {
      Object[] converted = new Object[types.length];
      int cost = 0;
      for (int i = 0; i < types.length; i++) {
        converted[i] = convert(types[i], values[i]);
        if (converted[i] == NOT) {
          return null;
        }
        cost += cost(types[i], values[i]);
      }
      return new Conversion(converted, cost);
    }

    private static Conversion spread(Class<?>[] types, Object[] values) {
      int fixed = types.length - 1;
      Conversion head = plain(Arrays.copyOf(types, fixed), Arrays.copyOf(values, fixed));
      Class<?> element = types[fixed].getComponentType();
      Object rest = Array.newInstance(element, values.length - fixed);
      for (int i = fixed; head != null && i < values.length; i++) {
        Object converted = convert(element, values[i]);
        if (converted == NOT) {
          return null;
        }
        Array.set(rest, i - fixed, converted);
      }
      if (head == null) {
        return null;
      }
      Object[] all = Arrays.copyOf(head.arguments, types.length);
      all[fixed] = rest;
      return new Conversion(all, head.cost + VARIABLE);
    }

    private static int cost(Class<?> type, Object value) {
      if (value == null || type.isInstance(value)) {
        return type == Object.class ? 1 : 0;
      }
      boolean same = value instanceof Long && type == long.class || value instanceof Double && type == double.class
          || value instanceof Boolean && type == boolean.class;
      return same ? 0 : value instanceof Double ? NARROWED + 1 : NARROWED;
    }

    private static Object convert(Class<?> type, Object value) {
      if (value == null) {
        return type.isPrimitive() ? NOT : null;
      }
      if (type.isInstance(value)) {
        return value;
      }
      if (value instanceof Long n) {
        return whole(type, n);
      }
      if (value instanceof Double d) {
        return type == double.class ? d : type == float.class ? (Object) (float) (double) d : NOT;
      }
      if (value instanceof Instant instant && type == Date.class) {
        return Date.from(instant);
      }
      boolean boxed = value instanceof Boolean && type == boolean.class
          || value instanceof Float && (type == float.class || type == double.class)
          || value instanceof Character && type == char.class;
      return boxed ? value : NOT;
    }

    private static Object whole(Class<?> type, long n) {
      if (type == long.class) {
        return n;
      }
      if ((type == int.class || type == Integer.class) && n == (int) n) {
        return (int) n;
      }
      if (type == double.class) {
        return (double) n;
      }
      return type == float.class ? (Object) (float) n : NOT;
    }
  }
}
