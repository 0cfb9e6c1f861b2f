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
    return checked;
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
