package dev.rebasis.simulations.scenario;

import dev.rebasis.client.Entity;
import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Schema;
import dev.rebasis.edn.Edn;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Writes values as EDN with marks around the ids: longs in Datomic's partitions, negative longs (local ids of one
 * client) and uuids. Immutable.
 */
final class Printer {
  private static final long SMALLEST_ID = 1L << 42;
  private static final Pattern LONG_NUMBER = Pattern.compile("\\b[0-9]{13,18}\\b");

  private final String localKind;

  /**
   * Makes a printer.
   *
   * @param owner whose local ids are meant, for example {@code c1}
   */
  Printer(String owner) {
    this.localKind = owner + "-";
  }

  String value(Object value) {
    if (value instanceof Long || value instanceof Integer) {
      return number(((Number) value).longValue());
    } else if (value instanceof UUID) {
      return Names.mark("u", value);
    } else if (value instanceof Entity entity) {
      return number(entity.id());
    } else if (value instanceof Map<?, ?> map) {
      Map<String, String> sorted = new TreeMap<>();
      map.forEach((key, held) -> sorted.put(value(key), value(held)));
      return "{" + String.join(", ", sorted.entrySet().stream().map(e -> e.getKey() + " " + e.getValue()).toList()) + "}";
    } else if (value instanceof Set<?> set) {
      return "#{" + String.join(" ", sorted(set)) + "}";
    } else if (value instanceof Collection<?> list) {
      return "[" + String.join(" ", list.stream().map(this::value).toList()) + "]";
    } else if (value != null && value.getClass().getName().startsWith("clojure.lang.")) {
      return value.toString();
    }
    return Edn.write(value);
  }

  private String number(long number) {
    String kind = kind(number);
    return kind == null ? Long.toString(number) : Names.mark(kind, number);
  }

  private String kind(long number) {
    if (number < 0) {
      return localKind;
    } else if (EntityIds.isTx(number)) {
      return "tx";
    }
    return number >= SMALLEST_ID ? "e" : null;
  }

  /** The ids of tempids; the names invented for the ids are those of the tempids. */
  String tempids(Map<String, Long> ids) {
    List<String> pairs = new ArrayList<>();
    new TreeMap<>(ids).forEach((tempid, id) -> {
      String kind = kind(id);
      pairs.add(Edn.write(tempid) + " " + (kind == null ? id.toString() : Names.mark(kind, id, tempid)));
    });
    return "{" + String.join(", ", pairs) + "}";
  }

  /** A sentence, with marks around the server's ids in it. */
  static String message(String text) {
    return LONG_NUMBER.matcher(text).replaceAll(number -> {
      long id = Long.parseLong(number.group());
      return Matcher.quoteReplacement(Names.mark(EntityIds.isTx(id) ? "tx" : "e", id));
    });
  }

  String t(long t) {
    return t == 0 ? "0" : Names.mark("t", t);
  }

  /** {@code [e a v]}, with a minus sign before retractions. */
  String datom(Datom datom, Schema schema) {
    Keyword ident = schema.ident(datom.a());
    return (datom.added() ? "[" : "-[") + number(datom.e()) + " " + ident + " " + value(datom.v()) + "]";
  }

  /** What a query gave: rows in an order of their own, or the one value. */
  List<String> result(Object result) {
    return result instanceof Collection<?> rows ? sorted(rows) : List.of(value(result));
  }

  /** Rows in an order that does not depend on how they were found. */
  private List<String> sorted(Collection<?> rows) {
    List<Object> list = new ArrayList<>(rows);
    // By the plain text, in which ids are numbers, not by the marks.
    list.sort(Comparator.comparing(row -> Names.plain(value(row))));
    return list.stream().map(this::value).toList();
  }
}
