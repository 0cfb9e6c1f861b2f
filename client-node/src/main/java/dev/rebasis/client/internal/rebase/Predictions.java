package dev.rebasis.client.internal.rebase;

import dev.rebasis.conflict.Conflict;
import dev.rebasis.conflict.Decider;
import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Schema;
import dev.rebasis.data.SystemIds;
import dev.rebasis.data.Transaction;
import dev.rebasis.data.ValueType;
import dev.rebasis.edn.Edn;
import dev.rebasis.protocol.Terms;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;

/**
 * Counts how often the server decided what this client had predicted: the outcome, its reason, the facts, and what met with what
 * came of it. A transaction counts unless somebody else's was confirmed in the same batch before it, or it came too late: these the
 * prediction could not know. Confined to one batch.
 */
final class Predictions {
  private final Schema schema;
  private final List<Transaction> batch;
  private final Set<Long> own;
  private final Map<Long, Long> made = new HashMap<>();
  private long unforeseenT;
  private int right;
  private int wrong;

  Predictions(Schema schema, List<Transaction> batch, Set<Long> own) {
    this.schema = schema;
    this.batch = batch;
    this.own = own;
  }

  /** For a load, after which nobody can say what lay in between: nothing is compared. */
  static Predictions none(Schema schema) {
    Predictions none = new Predictions(schema, List.of(), Set.of());
    none.unforeseenT = Long.MIN_VALUE;
    return none;
  }

  /** The T of the first transaction of others in the batch that says something. */
  private long unforeseenT() {
    if (unforeseenT == 0) {
      unforeseenT = batch.stream()
          .filter(one -> !own.contains(one.t()) && one.datoms().stream().anyMatch(this::isCompared))
          .mapToLong(Transaction::t).findFirst().orElse(Long.MAX_VALUE);
    }
    return unforeseenT;
  }

  int right() {
    return right;
  }

  int wrong() {
    return wrong;
  }

  /**
   * Compares what was predicted for the transactions that leave with what the server made of them. What the server has said of a
   * group already is no prediction.
   */
  void compare(Collection<Settled> settled, PendingQueue queue, GroupFates groups) {
    // All of them first: one that builds on another of the same batch names the other's entities by their local ids.
    settled.forEach(one -> made.putAll(one.made()));
    Set<UUID> late = lateOrBecauseOfIt(settled, queue);
    for (Settled one : settled) {
      PendingTransaction leaving = queue.byId(one.id());
      if (leaving != null && !late.contains(one.id()) && !groups.isSettled(GroupFates.of(leaving))) {
        compare(leaving, one);
      }
    }
  }

  /** What came too late, the rest of its group, and what was made on any of them: nobody knew when it would be decided. */
  private static Set<UUID> lateOrBecauseOfIt(Collection<Settled> settled, PendingQueue queue) {
    Set<UUID> late = new HashSet<>();
    Set<UUID> groups = new HashSet<>();
    for (Settled one : settled) {
      PendingTransaction leaving = queue.byId(one.id());
      if (Decider.TOO_LATE.equals(one.code())) {
        late.add(one.id());
        if (leaving != null && leaving.intent().terms().group() != null) {
          groups.add(leaving.intent().terms().group().id());
        }
      }
    }
    if (late.isEmpty()) {
      return late;
    }
    List<PendingTransaction> leaving = settled.stream().map(one -> queue.byId(one.id())).filter(Objects::nonNull)
        .sorted(Comparator.comparingLong(PendingTransaction::seq)).toList();
    for (PendingTransaction one : leaving) {
      Terms terms = one.intent().terms();
      if (terms.group() != null && groups.contains(terms.group().id()) || terms.after().stream().anyMatch(late::contains)) {
        late.add(one.intent().id());
      }
    }
    return late;
  }

  private void compare(PendingTransaction pending, Settled settled) {
    if (settled.t() == 0 || pending.decision == null || settled.t() > unforeseenT()) {
      return;
    }
    boolean same = pending.decision.kind() == settled.kind() && isSameReason(pending, settled)
        && (settled.transaction() == null || facts(pending).equals(facts(settled.transaction())))
        && (settled.conflicts() == null || isSameConflicts(pending, settled));
    if (same) {
      right++;
    } else {
      wrong++;
    }
  }

  private static boolean isSameReason(PendingTransaction pending, Settled settled) {
    return settled.code() == null || pending.decision.reason() == null
        || settled.code().equals(pending.decision.reason().code());
  }

  private boolean isSameConflicts(PendingTransaction pending, Settled settled) {
    long tx = EntityIds.txOf(settled.t());
    return conflicts(pending.decision.conflicts(), tx).equals(conflicts(settled.conflicts(), tx));
  }

  /** Kind, place and what came of it, in an order of their own. What concerns the whole transaction resolves nothing. */
  private List<String> conflicts(List<Conflict> conflicts, long tx) {
    List<String> all = new ArrayList<>();
    for (Conflict conflict : conflicts) {
      long e = id(conflict.e());
      // What is new has no id on the record.
      String place = conflict.kind() + " " + (e < 0 || e == tx ? 0 : e);
      all.add(conflict.attribute() == null ? place : place + " " + conflict.attribute() + " "
          + Edn.write(conflict.resolved().stream().map(v -> v instanceof Long id ? (Object) id(id) : v).toList()));
    }
    Collections.sort(all);
    return all;
  }

  private Set<List<Object>> facts(PendingTransaction pending) {
    Set<List<Object>> facts = new HashSet<>();
    for (Datom datom : pending.datoms) {
      if (isCompared(datom)) {
        facts.add(List.of(id(datom.e()), id(datom.a()), value(datom), datom.added()));
      }
    }
    return facts;
  }

  private Set<List<Object>> facts(Transaction transaction) {
    Set<List<Object>> facts = new HashSet<>();
    for (Datom datom : transaction.datoms()) {
      if (isCompared(datom)) {
        facts.add(List.of(datom.e(), datom.a(), plain(datom.v()), datom.added()));
      }
    }
    return facts;
  }

  /** Not compared is what only the server writes: its records, the time, composite tuples, the list of attributes. */
  private boolean isCompared(Datom datom) {
    if (datom.a() == SystemIds.DB_TX_INSTANT || datom.a() == SystemIds.DB_ALTER_ATTRIBUTE) {
      return false;
    }
    Attribute attribute = schema.attribute(datom.a());
    Keyword ident = schema.ident(datom.a());
    boolean ours = ident != null && ident.namespace() != null && ident.namespace().startsWith("rebasis.");
    return !ours && (attribute == null || attribute.tupleAttributes().isEmpty());
  }

  private long id(long id) {
    return id < 0 ? made.getOrDefault(-id, id) : id;
  }

  private Object value(Datom datom) {
    Attribute attribute = schema.attribute(id(datom.a()));
    if (attribute == null || attribute.isRef()) {
      return datom.v() instanceof Long id ? (Object) id(id) : datom.v();
    }
    if (attribute.valueType() != ValueType.TUPLE) {
      return datom.v();
    }
    List<Object> elements = new ArrayList<>();
    for (Object element : (List<?>) datom.v()) {
      elements.add(element instanceof Long id && id < 0 ? (Object) id(id) : element);
    }
    return plain(elements);
  }

  /** A tuple may hold nulls, which the lists above cannot. */
  private static Object plain(Object value) {
    return value instanceof List<?> ? value.toString() : value;
  }
}
