package dev.rebasis.conflict;

import clojure.lang.IExceptionInfo;
import clojure.lang.IPersistentVector;
import datomic.Connection;
import datomic.Database;
import datomic.Peer;
import dev.rebasis.data.Bytes;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Symbol;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Date;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.function.UnaryOperator;

/** Datomic in memory, spoken to in Rebasis's types: what it makes of a transaction is what Rebasis has to make of it. */
final class Oracle implements AutoCloseable {
  private final String uri;
  private final Connection connection;

  /** An empty database under a name that no other test uses. */
  Oracle() {
    uri = "datomic:mem://oracle-" + UUID.randomUUID();
    Peer.createDatabase(uri);
    connection = Peer.connect(uri);
  }

  @Override
  public void close() {
    connection.release();
    Peer.deleteDatabase(uri);
  }

  Database db() {
    return connection.db();
  }

  /**
   * What a transaction came to.
   *
   * @param datoms each once; null if it failed
   * @param tempids null if it failed
   * @param code Datomic's error code; null if it went well, or failed with a bare Java exception
   * @param error the error's text, null if it went well
   */
  record Answer(Set<Datom> datoms, Map<Object, Long> tempids, Keyword code, String error) {
    boolean failed() {
      return error != null;
    }
  }

  /** Tries a transaction on a database value, without effect. */
  static Answer with(Database db, List<Object> forms) {
    try {
      return answer(db.with((List<?>) toDatomic(forms)));
    } catch (RuntimeException e) {
      return failure(e);
    }
  }

  /** Transacts for good. */
  Answer transact(List<Object> forms) {
    try {
      return answer(connection.transact((List<?>) toDatomic(forms)).get());
    } catch (ExecutionException e) {
      return failure(e.getCause());
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Answer failure(Throwable e) {
    Object code = null;
    for (Throwable at = e; at != null && code == null; at = at.getCause()) {
      code = at instanceof IExceptionInfo info
          ? ((Map<?, ?>) info.getData()).get(clojure.lang.Keyword.intern("db", "error")) : null;
    }
    return new Answer(null, null, code == null ? null : Keyword.of(code.toString()), String.valueOf(e));
  }

  private static Answer answer(Map<?, ?> report) {
    Set<Datom> datoms = new HashSet<>();
    for (Object each : (Iterable<?>) report.get(Connection.TX_DATA)) {
      datomic.Datom datom = (datomic.Datom) each;
      long a = ((Number) datom.a()).longValue();
      datoms.add(new Datom((Long) datom.e(), a, fromDatomic(datom.v()), (Long) datom.tx(), datom.added()));
    }
    Map<Object, Long> tempids = new HashMap<>();
    ((Map<?, ?>) report.get(Connection.TEMPIDS)).forEach((name, id) -> tempids.put(name, (Long) id));
    return new Answer(datoms, tempids, null, null);
  }

  /** Replaces scalars in forms, map keys included. */
  static Object walk(Object form, UnaryOperator<Object> scalar) {
    if (form instanceof Map<?, ?> map) {
      Map<Object, Object> result = new LinkedHashMap<>();
      map.forEach((key, value) -> result.put(walk(key, scalar), walk(value, scalar)));
      return result;
    }
    if (form instanceof List<?> list) {
      List<Object> result = new ArrayList<>();
      list.forEach(element -> result.add(walk(element, scalar)));
      return result;
    }
    if (form instanceof Set<?> set) {
      Set<Object> result = new HashSet<>();
      set.forEach(element -> result.add(walk(element, scalar)));
      return result;
    }
    return scalar.apply(form);
  }

  static Object toDatomic(Object form) {
    return walk(form, value -> {
      if (value instanceof Keyword keyword) {
        return clojure.lang.Keyword.intern(clojure.lang.Symbol.intern(keyword.toString().substring(1)));
      }
      if (value instanceof Symbol symbol) {
        return clojure.lang.Symbol.intern(symbol.text());
      }
      if (value instanceof Instant instant) {
        return Date.from(instant);
      }
      return value instanceof Bytes bytes ? bytes.toArray() : value;
    });
  }

  static Object fromDatomic(Object value) {
    if (value instanceof clojure.lang.Keyword keyword) {
      return Keyword.of(keyword.toString());
    }
    if (value instanceof clojure.lang.Symbol symbol) {
      return Symbol.of(symbol.toString());
    }
    if (value instanceof Date date) {
      return Instant.ofEpochMilli(date.getTime());
    }
    if (value instanceof byte[] bytes) {
      return Bytes.of(bytes);
    }
    if (value instanceof clojure.lang.BigInt big) {
      return new BigInteger(big.toString());
    }
    if (value instanceof IPersistentVector vector) {
      List<Object> elements = new ArrayList<>();
      ((List<?>) vector).forEach(element -> elements.add(fromDatomic(element)));
      return Collections.unmodifiableList(elements);
    }
    return value instanceof Integer || value instanceof Short ? (Object) ((Number) value).longValue() : value;
  }
}
