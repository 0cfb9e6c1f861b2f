package dev.rebasis.server.internal.master;

import dev.rebasis.data.Bytes;
import dev.rebasis.data.Keyword;
import dev.rebasis.error.TransactionException;
import dev.rebasis.protocol.Intent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Checks and normalises the forms of server-side programs: what is logged must give the same at every replay, so it
 * holds immutable values in normal form and calls no function but Datomic's own. Pure.
 */
final class ServerForms {
  private static final Set<Keyword> OPERATIONS = Set.of(Names.DB_ADD, Names.DB_RETRACT,
      Keyword.of(":db/retractEntity"), Keyword.of(":db.fn/retractEntity"), Keyword.of(":db/cas"),
      Keyword.of(":db.fn/cas"));

  /** A transaction goes to clients in one message, which may have twice as many bytes. */
  static final long BYTES_MAX = 32 << 20;
  /** Clients read no longer string. */
  static final int STRING_CHARS_MAX = 4 << 20;
  /** Of a scalar in a message, with room to spare. */
  private static final long SCALAR_BYTES = 24;
  /** Of an attribute's or an operation's name, of which there is more in forms than in facts. */
  private static final long NAME_BYTES = 8;

  private ServerForms() {}

  /**
   * The forms in normal form.
   *
   * @throws TransactionException if one of them cannot be logged
   */
  static List<Object> checked(List<?> forms) {
    List<Object> checked = new ArrayList<>(forms.size());
    for (Object form : forms) {
      if (form instanceof List<?> list) {
        checkOperation(list);
      } else if (!(form instanceof Map)) {
        throw new TransactionException(Keyword.of(":db.error/not-transaction-data"),
            "A transaction consists of list and map forms, and this is neither: " + form + ".", Map.of());
      }
      if (setsTxInstant(form)) {
        throw new TransactionException(Keyword.of(":rebasis.error/reserved-fact"),
            "The server sets :db/txInstant itself. Leave it out of " + form + ".", Map.of());
      }
      checked.add(normal(form));
    }
    long bytes = weight(checked);
    if (bytes > BYTES_MAX) {
      throw new TransactionException(Keyword.of(":rebasis.error/transaction-too-large"), "This transaction has about " + bytes
          + " bytes, and clients could not load one of more than " + BYTES_MAX + ". Transact it in parts.",
          Map.of(Keyword.of(":bytes"), bytes, Keyword.of(":max"), BYTES_MAX));
    }
    return checked;
  }

  /** About how many bytes the facts take in a message. */
  private static long weight(Object form) {
    if (form instanceof Map<?, ?> map) {
      return map.entrySet().stream().mapToLong(entry -> weight(entry.getValue())).sum();
    }
    if (form instanceof List<?> elements) {
      return elements.stream().mapToLong(ServerForms::weight).sum();
    }
    if (form instanceof String text) {
      if (text.length() > STRING_CHARS_MAX) {
        throw new TransactionException(Keyword.of(":rebasis.error/value-too-large"), "A string of " + text.length()
            + " characters is longer than the " + STRING_CHARS_MAX + " that clients read. Keep it elsewhere, and its address here.",
            Map.of(Keyword.of(":max"), (long) STRING_CHARS_MAX));
      }
      return SCALAR_BYTES + (text.length() < 100 ? text.length()
          : text.chars().mapToLong(c -> c < 0x80 ? 1 : c < 0x800 ? 2 : 3).sum());
    }
    return form instanceof Keyword ? NAME_BYTES : SCALAR_BYTES + (form instanceof Bytes bytes ? bytes.length() : 0);
  }

  private static void checkOperation(List<?> form) {
    if (form.isEmpty() || !(form.get(0) instanceof Keyword operation) || !OPERATIONS.contains(operation)) {
      throw new TransactionException(Keyword.of(":db.error/not-a-data-function"),
          "A list form begins with :db/add, :db/retract, :db/retractEntity or :db/cas; this one does not: " + form
              + ".", Map.of());
    }
  }

  private static boolean setsTxInstant(Object form) {
    if (form instanceof Map<?, ?> map) {
      return Intent.TX_TEMPID.equals(map.get(Names.DB_ID)) && map.containsKey(Names.TX_INSTANT);
    }
    List<?> list = (List<?>) form;
    return list.size() > 2 && Intent.TX_TEMPID.equals(list.get(1)) && Names.TX_INSTANT.equals(list.get(2));
  }

  private static Object normal(Object value) {
    if (value instanceof Map<?, ?> map) {
      Map<Object, Object> copy = new LinkedHashMap<>(map.size() * 2);
      map.forEach((k, v) -> copy.put(normal(k), normal(v)));
      return copy;
    }
    if (value instanceof Collection<?> elements) {
      List<Object> copy = new ArrayList<>(elements.size());
      elements.forEach(element -> copy.add(normal(element)));
      return Collections.unmodifiableList(copy);
    }
    if (value instanceof Integer || value instanceof Short || value instanceof Byte) {
      return ((Number) value).longValue();
    }
    if (value instanceof Date date) {
      return Instant.ofEpochMilli(date.getTime());
    }
    if (value instanceof Instant instant) {
      return Instant.ofEpochMilli(instant.toEpochMilli());
    }
    return value instanceof byte[] bytes ? Bytes.of(bytes) : value;
  }
}
