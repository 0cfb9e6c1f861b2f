package dev.rebasis.simulations.check;

import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Schema;
import dev.rebasis.protocol.RebasisSchema;
import dev.rebasis.simulations.check.LoggedTransaction.Spot;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * Walks through the server's log with a plain map of facts, and checks of each committed transaction that it did what
 * its forms say, and that nothing which others wrote after its base disappeared without a record. Confined to one use.
 */
final class EffectCheck {
  private static final Keyword ADD = Keyword.of(":db/add");
  private static final Keyword RETRACT = Keyword.of(":db/retract");
  private static final Keyword CAS = Keyword.of(":db/cas");
  private static final Keyword CARDINALITY = Keyword.of(":db/cardinality");
  private static final Keyword ID = Keyword.of(":db/id");

  private record Fact(long e, long a, Object v) {}

  /** What a transaction said something about: a spot, and of an attribute with many values one value, else null. */
  private record Touch(Spot spot, Object v) {}

  private final ServerLog log;
  private final Pushed pushed;
  private final Schema schema;
  private final Map<UUID, LocalWrite> known = new HashMap<>();
  private final Set<Long> withPolicy = new HashSet<>();
  /** Attributes whose cardinality was altered: of these only the decisions are compared, see {@link DecisionCheck}. */
  private final Set<Long> altered = new HashSet<>();
  private final Map<Fact, LoggedTransaction> facts = new HashMap<>();
  private final Map<Long, Map<Touch, Long>> lastOwnTouch = new HashMap<>();
  private final List<Finding> findings = new ArrayList<>();

  EffectCheck(List<LocalWrite> writes, Pushed pushed, ServerLog log) {
    this.pushed = pushed;
    this.log = log;
    this.schema = log.facts().schema();
    writes.forEach(write -> known.put(write.id(), write));
    Set<Long> installed = new HashSet<>();
    log.facts().transactions().forEach(raw -> raw.datoms().stream()
        .filter(datom -> datom.added() && CARDINALITY.equals(schema.ident(datom.a())) && !installed.add(datom.e()))
        .forEach(datom -> altered.add(datom.e())));
  }

  List<Finding> findings() {
    for (LoggedTransaction transaction : log.transactions()) {
      if (!transaction.isPushed()) {
        apply(transaction);
        continue;
      }
      LocalWrite write = known.get(transaction.id());
      if (!transaction.isCommitted() && !transaction.datoms().isEmpty()) {
        report(Promise.NOTHING_LOST, "a " + transaction.outcome() + " transaction wrote " + transaction.datoms());
      }
      nothingDisappears(transaction, write);
      apply(transaction);
      if (write != null) {
        touched(transaction, write);
        if (transaction.isCommitted() && write.isNumberingKnown()) {
          hasEffect(transaction, write);
        }
      }
    }
    return findings;
  }

  private void report(Promise promise, String what) {
    findings.add(new Finding(promise, what));
  }

  private void apply(LoggedTransaction transaction) {
    for (Datom datom : transaction.datoms()) {
      if (!datom.added()) {
        facts.remove(new Fact(datom.e(), datom.a(), datom.v()));
      }
    }
    for (Datom datom : transaction.datoms()) {
      if (RebasisSchema.POLICY.equals(schema.ident(datom.a()))) {
        withPolicy.add(datom.e());
      }
      if (datom.added()) {
        facts.putIfAbsent(new Fact(datom.e(), datom.a(), datom.v()), transaction);
      }
    }
  }

  // ---- what others wrote ----

  private void nothingDisappears(LoggedTransaction transaction, LocalWrite write) {
    // What the program stood on, not what the server says that it did.
    long basisT = write == null || !write.isNumberingKnown() ? transaction.basisT() : write.pending().basisT();
    for (Datom datom : transaction.datoms()) {
      if (datom.added() || altered.contains(datom.a())) {
        continue;
      }
      LoggedTransaction writer = facts.get(new Fact(datom.e(), datom.a(), datom.v()));
      Spot spot = new Spot(datom.e(), schema.ident(datom.a()));
      if (writer == null || writer.t() <= basisT || writer.client() == transaction.client()
          || transaction.conflicts().contains(spot) || ownTouch(transaction.client(), touch(spot, datom.a(), datom.v())) > writer.t()
          || sawPending(write, writer, datom) || comparedFirst(write, datom) || madeByFunction(write, datom)) {
        continue;
      }
      report(isMany(datom.a()) ? Promise.INTENTION : Promise.NOTHING_LOST,
          (write == null ? "the transaction at T " + transaction.t() : write.toString()) + ", made on T "
              + basisT + ", took away " + datom.v() + " of " + spot.attribute() + " of " + datom.e()
              + ", which another had written at T " + writer.t() + ", and no conflict records it");
    }
  }

  /**
   * Its author saw this very value as pending. Another number has pushed it: a copy of the store, or this store before it was
   * told to be one.
   */
  private boolean sawPending(LocalWrite write, LoggedTransaction writer, Datom taken) {
    LocalWrite earlier = write != null && writer.isPushed() && write.saw(writer.id()) ? known.get(writer.id()) : null;
    if (earlier == null || !earlier.isPredictionKnown()) {
      return earlier != null;
    }
    Map<Long, Long> made = log.made(writer.client());
    return earlier.predicted().stream().anyMatch(datom -> datom.added()
        && writer.resolve(datom.e(), made) == taken.e() && writer.resolve(datom.a(), made) == taken.a()
        && value(datom.v(), taken.a(), writer, made).equals(taken.v()));
  }

  /** A compare-and-set names the value that it takes away: whoever wrote that, it was not overlooked. */
  private boolean comparedFirst(LocalWrite write, Datom taken) {
    return write != null && write.pending().forms().stream().anyMatch(form -> form instanceof List<?> list
        && list.size() == 5 && list.get(0).equals(CAS) && taken.v().equals(list.get(3))
        && names(list.get(2), taken.a()));
  }

  /** Whether a form names an attribute, perhaps as it was called once. */
  private boolean names(Object name, long attribute) {
    return name instanceof Keyword keyword && Long.valueOf(attribute).equals(schema.entid(keyword));
  }

  /** A transaction function is called in sight of the newest values: what it takes away, it has seen. */
  private boolean madeByFunction(LocalWrite write, Datom taken) {
    if (write == null) {
      return false;
    }
    boolean calls = false;
    for (Object form : write.pending().forms()) {
      if (form instanceof Map<?, ?> map && map.keySet().stream().anyMatch(key -> names(key, taken.a()))
          || form instanceof List<?> list && list.size() > 2 && names(list.get(2), taken.a())) {
        return false;
      }
      calls |= form instanceof List<?> call && call.get(0) instanceof Keyword name
          && name.namespace() != null && !name.namespace().equals("db") && !name.namespace().startsWith("db.");
    }
    return calls;
  }

  private boolean isMany(long attribute) {
    Attribute known = schema.attribute(attribute);
    return known != null && known.isMany();
  }

  /** The T of the newest own transaction there: what came before it was settled by it. */
  private long ownTouch(long client, Touch touch) {
    return lastOwnTouch.getOrDefault(client, Map.of()).getOrDefault(touch, 0L);
  }

  /** Another value of an attribute with many is another fact: to have written that one settles nothing about this. */
  private Touch touch(Spot spot, long attribute, Object v) {
    return new Touch(spot, isMany(attribute) ? v : null);
  }

  private void touched(LoggedTransaction transaction, LocalWrite write) {
    Map<Touch, Long> touches = lastOwnTouch.computeIfAbsent(transaction.client(), client -> new HashMap<>());
    Map<Long, Long> made = log.made(transaction.client());
    if (transaction.isCommitted()) {
      for (Datom datom : write.predicted()) {
        long a = transaction.resolve(datom.a(), made);
        touches.put(touch(new Spot(transaction.resolve(datom.e(), made), schema.ident(a)), a,
            value(datom.v(), a, transaction, made)), transaction.t());
      }
      transaction.datoms().forEach(datom ->
          touches.put(touch(new Spot(datom.e(), schema.ident(datom.a())), datom.a(), datom.v()), transaction.t()));
    }
  }

  private Object value(Object v, long attribute, LoggedTransaction transaction, Map<Long, Long> made) {
    Attribute known = schema.attribute(attribute);
    return known != null && known.isRef() && v instanceof Long id ? transaction.resolve(id, made) : v;
  }

  // ---- what it says it does ----

  private void hasEffect(LoggedTransaction transaction, LocalWrite write) {
    for (Object form : write.pending().forms()) {
      if (form instanceof Map<?, ?> map) {
        map.forEach((key, value) -> {
          if (key instanceof Keyword attribute && !attribute.equals(ID) && isScalar(value)) {
            expect(transaction, write, map.get(ID), attribute, value, true);
          }
        });
      } else if (form instanceof List<?> list && list.size() >= 4) {
        Object operation = list.get(0);
        if (operation.equals(ADD) || operation.equals(RETRACT)) {
          expect(transaction, write, list.get(1), list.get(2), list.get(3), operation.equals(ADD));
        } else if (operation.equals(CAS)) {
          expect(transaction, write, list.get(1), list.get(2), list.get(4), true);
        }
      }
    }
  }

  private static boolean isScalar(Object value) {
    return !(value instanceof List<?> || value instanceof Map<?, ?> || value instanceof java.util.Set<?>);
  }

  /** Where entity or value are named in a way that only the database of the moment could resolve, nothing is expected. */
  private void expect(
      LoggedTransaction transaction, LocalWrite write, Object entity, Object ident, Object value, boolean there) {
    Long e = id(transaction, write, entity);
    Long a = ident instanceof Keyword keyword ? schema.entid(keyword) : null;
    Attribute attribute = a == null ? null : schema.attribute(a);
    // A policy of its own may make another value of it without a conflict, on top of an own transaction that was merged.
    if (e == null || attribute == null || withPolicy.contains(a) || altered.contains(a) || asksForPolicy(write, a)
        || transaction.conflicts().contains(new Spot(e, attribute.ident()))
        || transaction.conflicts().contains(new Spot(e, null))) {
      return;
    }
    Object v = attribute.isRef() ? id(transaction, write, value) : value;
    if (v == null || v instanceof List<?>) {
      return;
    }
    if (facts.containsKey(new Fact(e, a, v)) != there) {
      report(Promise.NOTHING_LOST, write + " was " + transaction.outcome() + " at T " + transaction.t() + ", but ["
          + e + " " + attribute.ident() + " " + v + "] is " + (there ? "not there" : "still there") + " then");
    }
  }

  private boolean asksForPolicy(LocalWrite write, long attribute) {
    return pushed.intents().getOrDefault(write.id(), Set.of()).stream()
        .anyMatch(intent -> intent.terms().policies().keySet().stream().anyMatch(name -> names(name, attribute)));
  }

  private Long id(LoggedTransaction transaction, LocalWrite write, Object name) {
    Long id = null;
    if (name instanceof Long number) {
      id = number;
    } else if (name instanceof String tempid && write.outcome() != null) {
      // Before its outcome is told, a tempid means what the client thinks that it will.
      id = write.pending().resolve(tempid);
    }
    if (id == null) {
      return null;
    }
    long resolved = transaction.resolve(id, log.made(transaction.client()));
    return EntityIds.isLocal(resolved) ? null : resolved;
  }
}
