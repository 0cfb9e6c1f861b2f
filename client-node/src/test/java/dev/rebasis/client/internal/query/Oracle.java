package dev.rebasis.client.internal.query;

import clojure.lang.PersistentList;
import clojure.lang.PersistentVector;
import datomic.Connection;
import datomic.Database;
import datomic.Peer;
import datomic.Util;
import dev.rebasis.client.internal.db.DatomSource;
import dev.rebasis.data.Bytes;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.LookupRef;
import dev.rebasis.data.Symbol;
import dev.rebasis.data.SystemIds;
import dev.rebasis.data.TempId;
import dev.rebasis.edn.Edn;
import dev.rebasis.edn.EdnList;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;

/**
 * A {@code datomic:mem} database, and the same facts as a source for the engine under test: entity ids are taken over as
 * they are, so that results can be compared without translation.
 */
public final class Oracle implements AutoCloseable {
  private final String uri = "datomic:mem://" + UUID.randomUUID();
  private final Connection connection;

  public Oracle() {
    Peer.createDatabase(uri);
    connection = Peer.connect(uri);
  }

  public void transact(String edn) {
    transact((List<?>) Util.read(edn));
  }

  public void transact(List<?> forms) {
    try {
      connection.transact(forms).get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  public Database db() {
    return connection.db();
  }

  /** The facts of now. */
  DatomSource source() {
    List<Datom> datoms = new ArrayList<>();
    for (datomic.Datom d : db().datoms(Database.EAVT)) {
      long attribute = ((Number) d.a()).longValue();
      if (attribute != SystemIds.DB_FN) {
        datoms.add(new Datom((Long) d.e(), attribute, ours(d.v()), (Long) d.tx(), true));
      }
    }
    return new ListDatomSource(datoms);
  }

  /** Datomic's answer, in our types. */
  Object query(String query, Object... inputs) {
    Object[] theirs = new Object[inputs.length];
    for (int i = 0; i < inputs.length; i++) {
      theirs[i] = inputs[i] instanceof DatomSource ? db() : theirs(inputs[i]);
    }
    try {
      return ours(Peer.query(query, theirs));
    } catch (Exception | AssertionError e) {
      // Clojure throws checked exceptions too, without declaring them. A stack overflow is let through: it can leave Datomic's
      // pool of query threads with a task that nobody takes, and every later query of this JVM would hang.
      throw new IllegalArgumentException("Datomic refuses: " + e.getMessage(), e);
    }
  }

  /** A value of Datomic's in our types. */
  public static Object ours(Object value) {
    if (value instanceof clojure.lang.Keyword k) {
      return Keyword.of(k.toString());
    }
    if (value instanceof clojure.lang.Symbol s) {
      return Symbol.of(s.toString());
    }
    if (value instanceof Date date) {
      return Instant.ofEpochMilli(date.getTime());
    }
    if (value instanceof clojure.lang.BigInt big) {
      return big.toBigInteger();
    }
    if (value instanceof Integer i) {
      return (long) i;
    }
    if (value instanceof byte[] bytes) {
      return Bytes.of(bytes);
    }
    if (value instanceof Set<?> set) {
      Set<Object> ours = new HashSet<>();
      set.forEach(element -> ours.add(ours(element)));
      return ours;
    }
    if (value instanceof Map<?, ?> map) {
      Map<Object, Object> ours = new LinkedHashMap<>();
      map.forEach((key, element) -> ours.put(ours(key), ours(element)));
      return ours;
    }
    if (value instanceof Collection<?> list) {
      List<Object> ours = new ArrayList<>();
      list.forEach(element -> ours.add(ours(element)));
      return ours;
    }
    return value;
  }

  /** A value of ours in Datomic's types. */
  public static Object theirs(Object value) {
    if (value instanceof Keyword keyword) {
      return clojure.lang.Keyword.intern(clojure.lang.Symbol.intern(keyword.toString().substring(1)));
    }
    if (value instanceof Symbol symbol) {
      return clojure.lang.Symbol.intern(symbol.text());
    }
    if (value instanceof TempId tempid) {
      return tempid(tempid);
    }
    if (value instanceof Instant instant) {
      return Date.from(instant);
    }
    if (value instanceof Bytes bytes) {
      return bytes.toArray();
    }
    if (value instanceof BigInteger big) {
      return clojure.lang.BigInt.fromBigInteger(big);
    }
    if (value instanceof LookupRef ref) {
      return PersistentVector.create(theirs(ref.attribute()), theirs(ref.value()));
    }
    if (value instanceof EdnList list) {
      List<Object> theirs = new ArrayList<>();
      list.forEach(element -> theirs.add(theirs(element)));
      return PersistentList.create(theirs);
    }
    if (value instanceof Map<?, ?> map) {
      Map<Object, Object> theirs = new LinkedHashMap<>();
      map.forEach((key, element) -> theirs.put(theirs(key), theirs(element)));
      return theirs;
    }
    if (value instanceof Set<?> set) {
      Set<Object> theirs = new HashSet<>();
      set.forEach(element -> theirs.add(theirs(element)));
      return theirs;
    }
    if (value instanceof Collection<?> list) {
      List<Object> theirs = new ArrayList<>();
      list.forEach(element -> theirs.add(theirs(element)));
      return PersistentVector.create(theirs);
    }
    return value;
  }

  private static Object tempid(TempId tempid) {
    List<?> parts = (List<?>) Edn.read(tempid.toString().substring("#db/id".length()));
    return parts.size() == 1 ? Peer.tempid(theirs(parts.get(0))) : Peer.tempid(theirs(parts.get(0)), (Long) parts.get(1));
  }

  @Override
  public void close() {
    connection.release();
    Peer.deleteDatabase(uri);
  }
}
