package dev.rebasis.server.internal.master;

import clojure.lang.BigInt;
import clojure.lang.LazilyPersistentVector;
import dev.rebasis.data.Bytes;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Symbol;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Translates values between Datomic's Java types and ours. Datomic keeps in memory whatever object it is given, so
 * everything that goes in is immutable and in normal form. Pure, but for two caches of keywords.
 */
public final class DatomicValues {
  // Both sides intern keywords for ever, so these tables add no leak of their own.
  private static final Map<Keyword, clojure.lang.Keyword> TO_DATOMIC = new ConcurrentHashMap<>();
  private static final Map<clojure.lang.Keyword, Keyword> FROM_DATOMIC = new ConcurrentHashMap<>();

  private DatomicValues() {}

  /** A keyword for Datomic. */
  public static clojure.lang.Keyword keyword(Keyword keyword) {
    clojure.lang.Keyword known = TO_DATOMIC.get(keyword);
    return known != null ? known
        : TO_DATOMIC.computeIfAbsent(keyword, k -> clojure.lang.Keyword.intern(k.namespace(), k.name()));
  }

  /** A keyword from Datomic. */
  static Keyword keyword(clojure.lang.Keyword keyword) {
    Keyword known = FROM_DATOMIC.get(keyword);
    return known != null ? known : FROM_DATOMIC.computeIfAbsent(keyword, k -> Keyword.of(k.toString()));
  }

  /** A scalar, a tuple, a transaction form or a list of forms for Datomic. Null stays null. */
  public static Object toDatomic(Object value) {
    if (value instanceof String || value instanceof Long || value == null) {
      return value;
    }
    if (value instanceof Keyword keyword) {
      return keyword(keyword);
    }
    if (value instanceof Instant instant) {
      return Date.from(instant);
    }
    if (value instanceof Bytes bytes) {
      return bytes.toArray();
    }
    if (value instanceof Symbol symbol) {
      return clojure.lang.Symbol.intern(symbol.text());
    }
    if (value instanceof List<?> list) {
      return vector(list);
    }
    if (value instanceof Map<?, ?> map) {
      Map<Object, Object> copy = new LinkedHashMap<>(map.size() * 2);
      map.forEach((k, v) -> copy.put(toDatomic(k), toDatomic(v)));
      return copy;
    }
    return value instanceof Set<?> set ? vector(set) : value;
  }

  private static Object vector(Iterable<?> elements) {
    List<Object> copy = new ArrayList<>();
    for (Object element : elements) {
      copy.add(toDatomic(element));
    }
    return LazilyPersistentVector.createOwning(copy.toArray());
  }

  /** The value of a datom from Datomic. Null (inside tuples) stays null. */
  public static Object fromDatomic(Object value) {
    if (value instanceof String || value instanceof Long || value == null) {
      return value;
    }
    if (value instanceof Date date) {
      return Instant.ofEpochMilli(date.getTime());
    }
    if (value instanceof clojure.lang.Keyword keyword) {
      return keyword(keyword);
    }
    if (value instanceof byte[] bytes) {
      return Bytes.of(bytes);
    }
    if (value instanceof clojure.lang.Symbol symbol) {
      return Symbol.of(symbol.toString());
    }
    if (value instanceof List<?> list) {
      List<Object> copy = new ArrayList<>(list.size());
      for (Object element : list) {
        copy.add(fromDatomic(element));
      }
      return Collections.unmodifiableList(copy);
    }
    if (value instanceof Integer || value instanceof Short || value instanceof Byte) {
      return ((Number) value).longValue();
    }
    return value instanceof BigInt big ? bigInteger(big) : value;
  }

  private static BigInteger bigInteger(BigInt big) {
    return big.toBigInteger();
  }
}
