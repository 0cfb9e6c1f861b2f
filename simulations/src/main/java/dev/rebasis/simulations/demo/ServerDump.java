package dev.rebasis.simulations.demo;

import datomic.Database;
import datomic.Datom;
import dev.rebasis.data.Bytes;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Symbol;
import dev.rebasis.server.RebasisServer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Date;
import java.util.List;
import java.util.TreeSet;
import java.util.UUID;

/**
 * What the server's durable log holds, read after the server has ended: the log is replayed into Datomic in this
 * process, and Datomic itself is asked, without any of our own index code in between. Immutable.
 */
final class ServerDump {
  private final List<String> lines;
  private final long t;
  private final List<UUID> transactionIds;

  ServerDump(List<String> lines, long t, List<UUID> transactionIds) {
    this.lines = lines;
    this.t = t;
    this.transactionIds = transactionIds;
  }

  static ServerDump read(Path data) {
    try (RebasisServer server = RebasisServer.builder().data(data).start()) {
      Database db = server.database();
      TreeSet<String> lines = new TreeSet<>();
      Object functions = db.entid(datomic.Util.read(":db/fn"));
      for (Datom datom : db.datoms(Database.EAVT)) {
        if (!datom.a().equals(functions) && !isFunction(datom.v())) {
          lines.add(DatomDump.line(number(datom.e()), number(datom.a()), value(datom.v()), number(datom.tx())));
        }
      }
      List<UUID> ids = new ArrayList<>();
      for (Datom datom : db.datoms(Database.AEVT, datomic.Util.read(":rebasis.tx/id"))) {
        ids.add((UUID) datom.v());
      }
      return new ServerDump(List.copyOf(lines), server.t(), ids);
    }
  }

  /** Sorted lines, as {@link DatomDump} writes them. */
  List<String> lines() {
    return lines;
  }

  long t() {
    return t;
  }

  /** The ids of all clients' transactions that the log holds, as often as it holds them. */
  List<UUID> transactionIds() {
    return transactionIds;
  }

  // Datomic's built-in functions are code, not data; clients do not get them.
  private static boolean isFunction(Object value) {
    return value instanceof datomic.functions.Fn;
  }

  private static long number(Object id) {
    return ((Number) id).longValue();
  }

  private static Object value(Object value) {
    if (value instanceof Date date) {
      return date.toInstant();
    }
    if (value instanceof clojure.lang.Keyword keyword) {
      return Keyword.of(keyword.toString());
    }
    if (value instanceof clojure.lang.Symbol symbol) {
      return Symbol.of(symbol.toString());
    }
    if (value instanceof byte[] bytes) {
      return Bytes.of(bytes);
    }
    if (value instanceof List<?> tuple) {
      List<Object> elements = new ArrayList<>();
      tuple.forEach(element -> elements.add(value(element)));
      return Collections.unmodifiableList(elements);
    }
    return value instanceof Integer number ? (Object) number.longValue() : value;
  }
}
