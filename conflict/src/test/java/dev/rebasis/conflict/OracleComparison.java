package dev.rebasis.conflict;

import dev.rebasis.data.Attribute;
import dev.rebasis.data.Bytes;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.SystemIds;
import dev.rebasis.data.ValueType;
import dev.rebasis.error.TransactionException;
import dev.rebasis.protocol.Intent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** Lets Rebasis and Datomic answer one transaction on the same facts and says where they differ. */
final class OracleComparison {
  private final datomic.Database db;
  private final TestFacts facts;
  private final List<Object> authored;
  private IntentBuilder.Completed completed;
  private boolean known;

  OracleComparison(datomic.Database db, TestFacts facts, List<Object> authored) {
    this.db = db;
    this.facts = facts;
    this.authored = authored;
  }

  /** The forms with a string tempid for each anonymous map, so that Datomic says what its entity became. */
  List<Object> named() {
    Map<Long, String> names = new HashMap<>();
    completed.tempids().forEach((name, number) -> {
      if (name.startsWith("#")) {
        names.put(-number, name);
      }
    });
    List<Object> result = new ArrayList<>();
    completed.forms().forEach(form -> result.add(Oracle.walk(form, v -> v instanceof Long id && names.containsKey(id)
        ? names.get(id) : v)));
    return result;
  }

  /** What differs, or null. */
  String difference() {
    Oracle.Answer expected = Oracle.with(db, authored);
    Decision decision;
    Set<Keyword> codes;
    String error;
    try {
      long[] next = {1};
      completed = IntentBuilder.complete(authored, facts.schema(), () -> next[0]++);
      decision = Decider.decide(new Intent(new UUID(0, 1), 1, 0, Instant.EPOCH, completed.forms(), completed.tempids()),
          facts, RemoteChanges.NONE, id -> id);
      codes = decision.reason() == null ? Set.of() : codes(decision.reason().code(), decision.reason().data());
      error = decision.reason() == null ? null : decision.reason().toString();
    } catch (TransactionException e) {
      decision = null;
      codes = codes(e.code(), e.data());
      error = e.toString();
    }
    boolean accepted = decision != null && decision.kind().isCommitted();
    known = isConfusedByBytes(expected, decision) || isJoinedInAnOrderThatDatomicRefuses(expected, decision) || isOneOfTwo(expected, decision);
    if (known) {
      return null;
    }
    if (expected.failed() || !accepted) {
      boolean alike = expected.failed() && !accepted
          && (expected.code() == null || codes.contains(expected.code()) || isOneOfSeveral(expected.code(), codes));
      return alike ? null : "Datomic: " + (expected.failed() ? expected.error() : "accepted " + expected.datoms())
          + "\nRebasis: " + (accepted ? "accepted " + decision.datoms() : error);
    }
    return difference(expected, decision);
  }

  /** Whether the last difference is one that docs/differences.md names. */
  boolean isKnown() {
    return known;
  }

  /**
   * Whether the transaction has several faults, of which Datomic names another first: it names the same with one form
   * less, and there Rebasis agrees.
   */
  private boolean isOneOfSeveral(Keyword code, Set<Keyword> ours) {
    if (code == Codes.DATOMS_CONFLICT && ours.contains(Codes.UNIQUE_CONFLICT)) {
      return true; // which it is depends on the entity that Datomic chose for a tempid with keys of two
    }
    for (int i = 0; i < authored.size() && authored.size() > 1; i++) {
      List<Object> fewer = new ArrayList<>(authored);
      fewer.remove(i);
      Oracle.Answer answer = Oracle.with(db, fewer);
      if (answer.code() == code && new OracleComparison(db, facts, fewer).difference() == null) {
        return true;
      }
    }
    return false;
  }

  /** Datomic takes two equal byte arrays for different values, so that a fact said twice contradicts itself. */
  private static boolean isConfusedByBytes(Oracle.Answer answer, Decision decision) {
    boolean theirs = answer.failed() && answer.code() == Codes.DATOMS_CONFLICT && answer.error().contains(" :t/bytes");
    return theirs || decision != null && decision.reason() != null
        && decision.reason().code() == Codes.DATOMS_CONFLICT
        && decision.reason().data().get(Problem.VALUE) instanceof List<?> values && values.get(0) instanceof Bytes;
  }

  /** See {@link Upserts}: two tempids that mean one existing entity, of which one only knows by way of the other. */
  private static boolean isJoinedInAnOrderThatDatomicRefuses(Oracle.Answer answer, Decision decision) {
    if (decision == null || !decision.kind().isCommitted()
        || answer.code() != Codes.DATOMS_CONFLICT && answer.code() != Codes.UNIQUE_CONFLICT) {
      return false;
    }
    Set<Long> existing = new HashSet<>();
    return decision.tempids().values().stream().anyMatch(e -> e >= 0 && !existing.add(e));
  }

  /** A tempid with keys of two entities: Datomic chooses the last, which works if the other gives up its key. */
  private static boolean isOneOfTwo(Oracle.Answer answer, Decision decision) {
    return !answer.failed() && decision != null && decision.reason() != null
        && decision.reason().toString().contains("An upsert can mean one entity only");
  }

  private String difference(Oracle.Answer asAuthored, Decision decision) {
    Oracle.Answer expected = Oracle.with(db, named());
    if (expected.failed()) {
      return "Datomic takes the forms as authored but not as completed: " + expected.error() + " " + completed;
    }
    Set<List<Object>> theirs = shown(expected.datoms(), Map.of());
    if (asAuthored.datoms().size() != expected.datoms().size()) {
      return "Datomic makes of the authored forms " + asAuthored.datoms() + "\nand of the completed ones "
          + expected.datoms();
    }
    Map<Long, Long> ids = new HashMap<>();
    for (Map.Entry<String, Long> tempid : decision.tempids().entrySet()) {
      Long id = expected.tempids().get(tempid.getKey());
      if (id != null && tempid.getValue() < 0) {
        ids.put(tempid.getValue(), id);
      } else if (id != null && !id.equals(tempid.getValue())) {
        return "The tempid " + tempid.getKey() + " is " + tempid.getValue() + ", but Datomic says " + id;
      }
    }
    ids.put(-completed.tempids().get(Intent.TX_TEMPID), tx(expected));
    Set<List<Object>> ours = shown(new HashSet<>(decision.datoms()), ids);
    if (ours.size() != decision.datoms().size()) {
      return "A datom stands twice in " + decision.datoms();
    }
    return ours.equals(theirs) ? null : "Datomic: " + theirs + "\nRebasis: " + ours;
  }

  private static long tx(Oracle.Answer answer) {
    return answer.datoms().iterator().next().tx();
  }

  private Set<List<Object>> shown(Set<Datom> datoms, Map<Long, Long> ids) {
    Set<List<Object>> shown = new HashSet<>();
    for (Datom datom : datoms) {
      Attribute a = facts.schema().attribute(datom.a());
      if (datom.a() == SystemIds.DB_TX_INSTANT) {
        continue; // the server's
      }
      boolean repeated = datom.a() == SystemIds.DB_ALTER_ATTRIBUTE && new TracingView(facts).present(0, a, datom.v()) != null;
      if (!repeated) {
        shown.add(List.of(ids.getOrDefault(datom.e(), datom.e()), a.ident(), value(a, datom.v(), ids), datom.added()));
      }
    }
    return shown;
  }

  private Object value(Attribute a, Object v, Map<Long, Long> ids) {
    if (a.isRef()) {
      return ids.getOrDefault(v, (Long) v);
    }
    if (a.valueType() != ValueType.TUPLE) {
      return v;
    }
    List<Object> elements = new ArrayList<>((List<?>) v);
    for (int i = 0; i < elements.size(); i++) {
      if (Vocabulary.elementType(a, i, facts.schema()) == ValueType.REF && elements.get(i) instanceof Long id) {
        elements.set(i, ids.getOrDefault(id, id));
      }
    }
    return Collections.unmodifiableList(elements);
  }

  /** The code of the first problem and those of all others. */
  private static Set<Keyword> codes(Keyword first, Map<Keyword, Object> data) {
    Set<Keyword> codes = new HashSet<>(Set.of(first));
    if (data.get(Keyword.of(":problems")) instanceof List<?> problems) {
      problems.forEach(problem -> codes.add((Keyword) ((Map<?, ?>) problem).get(Keyword.of(":code"))));
    }
    return codes;
  }
}
