package dev.rebasis.client.internal.sync;

import dev.rebasis.conflict.Conflict;
import dev.rebasis.data.Bootstrap;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Schema;
import dev.rebasis.data.Transaction;
import dev.rebasis.edn.Edn;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.protocol.RebasisSchema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Reads from a confirmed transaction's own datoms whose it is and what the server decided. Follows the schema as
 * transactions arrive, before they are in any index. Confined to the {@link SyncMachine}.
 */
final class DecisionReader {
  private Schema schema;
  private final Map<Keyword, Long> ids = new HashMap<>();

  DecisionReader(Schema schema) {
    this.schema = schema;
  }

  /** Begins again with the schema that every database begins with. */
  void restart() {
    schema = Bootstrap.schema();
    ids.clear();
  }

  /** Takes note of a transaction's schema datoms; call it before the others. */
  void follow(Transaction transaction) {
    Schema next = schema.with(transaction.datoms());
    if (next != schema) {
      schema = next;
      ids.clear();
    }
  }

  /** The id that a client gave to the transaction, or null if none did. */
  UUID idOf(Transaction transaction) {
    Object id = value(transaction, transaction.tx(), RebasisSchema.TX_ID);
    return id instanceof UUID uuid ? uuid : null;
  }

  /** What the server decided about an intent, which it wrote about on this transaction. */
  Verdict read(Transaction transaction, Intent intent) {
    long tx = transaction.tx();
    OutcomeKind kind = value(transaction, tx, RebasisSchema.TX_OUTCOME) instanceof Keyword ident
        ? OutcomeKind.of(ident) : OutcomeKind.ACCEPTED;
    if (kind == null) {
      kind = OutcomeKind.ACCEPTED;
    }
    Map<Long, Long> made = Map.of();
    if (kind.isCommitted()) {
      made = made(transaction, tx);
      made.put(intent.tempids().get(Intent.TX_TEMPID), tx);
    }
    Keyword code = value(transaction, tx, RebasisSchema.TX_REASON) instanceof Keyword reason ? reason : null;
    String message = value(transaction, tx, RebasisSchema.TX_MESSAGE) instanceof String text ? text : null;
    return new Verdict(
        intent.id(), kind, false, transaction.t(), made, code, message, conflicts(transaction), transaction);
  }

  /** By whatever number pushed it: this store may have another one since. */
  private Map<Long, Long> made(Transaction transaction, long tx) {
    Map<Long, Long> made = new HashMap<>();
    Object client = value(transaction, tx, RebasisSchema.TX_CLIENT);
    long attribute = id(RebasisSchema.TX_MADE);
    for (Datom datom : transaction.datoms()) {
      if (datom.a() == attribute && datom.added() && datom.v() instanceof List<?> tuple && tuple.size() == 3
          && tuple.get(0).equals(client)) {
        made.put((Long) tuple.get(1), (Long) tuple.get(2));
      }
    }
    return made;
  }

  private List<Conflict> conflicts(Transaction transaction) {
    long attribute = id(RebasisSchema.TX_CONFLICTS);
    Map<Long, Map<Long, Object>> entities = new LinkedHashMap<>();
    for (Datom datom : transaction.datoms()) {
      if (datom.a() == attribute && datom.e() == transaction.tx() && datom.added()) {
        entities.put((Long) datom.v(), new HashMap<>());
      }
    }
    if (entities.isEmpty()) {
      return List.of();
    }
    for (Datom datom : transaction.datoms()) {
      Map<Long, Object> entity = entities.get(datom.e());
      if (entity != null && datom.added()) {
        entity.put(datom.a(), datom.v());
      }
    }
    List<Conflict> conflicts = new ArrayList<>(entities.size());
    entities.values().forEach(entity -> conflicts.add(conflict(entity)));
    return conflicts;
  }

  private Conflict conflict(Map<Long, Object> entity) {
    return new Conflict(
        keyword(entity, RebasisSchema.CONFLICT_KIND, ":rebasis.conflict/unknown"),
        number(entity, RebasisSchema.CONFLICT_ENTITY),
        keyword(entity, RebasisSchema.CONFLICT_ATTRIBUTE, null),
        values(entity, RebasisSchema.CONFLICT_BASE),
        values(entity, RebasisSchema.CONFLICT_LOCAL),
        values(entity, RebasisSchema.CONFLICT_REMOTE),
        values(entity, RebasisSchema.CONFLICT_RESOLVED),
        keyword(entity, RebasisSchema.CONFLICT_POLICY, ":rebasis.policy/unknown"),
        number(entity, RebasisSchema.CONFLICT_REMOTE_TX));
  }

  private Keyword keyword(Map<Long, Object> entity, Keyword attribute, String otherwise) {
    Object value = entity.get(id(attribute));
    return value instanceof Keyword keyword ? keyword : otherwise == null ? null : Keyword.of(otherwise);
  }

  private long number(Map<Long, Object> entity, Keyword attribute) {
    return entity.get(id(attribute)) instanceof Long n ? n : 0;
  }

  private List<Object> values(Map<Long, Object> entity, Keyword attribute) {
    if (entity.get(id(attribute)) instanceof String text && Edn.read(text) instanceof List<?> list) {
      return new ArrayList<>(list);
    }
    return List.of();
  }

  private Object value(Transaction transaction, long e, Keyword attribute) {
    long a = id(attribute);
    for (Datom datom : transaction.datoms()) {
      if (datom.a() == a && datom.e() == e && datom.added()) {
        return datom.v();
      }
    }
    return null;
  }

  /** The attribute's id, or one that no datom has. */
  private long id(Keyword attribute) {
    return ids.computeIfAbsent(attribute, ident -> {
      Long id = schema.entid(ident);
      return id == null ? Long.MIN_VALUE : id;
    });
  }
}
