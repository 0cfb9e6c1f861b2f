package dev.rebasis.conflict;

import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Unique;
import dev.rebasis.data.ValueType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Finds out which entity each tempid means, as Datomic does it.
 *
 * <p>A tempid that gets (or loses) a value of a {@code :db.unique/identity} attribute means the entity that has this
 * value before the transaction. Tempids with the same value of such an attribute are one entity. Both relations are
 * closed transitively (union-find), so that the order of the forms does not matter; in Datomic it does where a value
 * that is new joins two tempids and another value is an existing entity's, and most orders fail. There is one pass: a value
 * that is itself a tempid counts by its name only, so that an upsert does not depend on what another upsert finds; Datomic then reports a unique conflict, and so do we.
 *
 * <p>Tempids that mean one new entity share the local id with the smallest number, so that each decision gives the
 * same. Confined to one decision.
 */
final class Upserts {
  private record Claim(long a, Keyword ident, Object v) {}

  private final TracingView whole;
  private final RemoteChanges remote;
  private final Set<Long> introduced;
  private final long txLocalId;
  private final Map<Long, Long> parent = new HashMap<>();
  private final Map<Claim, Long> claimants = new HashMap<>();
  private final Map<Long, Map<Long, Claim>> found = new HashMap<>();
  private final Map<Long, Long> meaning = new HashMap<>();

  Upserts(TracingView view, RemoteChanges remote, Set<Long> introduced, long txLocalId) {
    this.whole = view.whole();
    this.remote = remote;
    this.introduced = introduced;
    this.txLocalId = txLocalId;
  }

  /** The operations with each tempid replaced by what it means. */
  List<Op> resolve(List<Op> ops, Situation situation) {
    for (Op op : ops) {
      if (op instanceof Op.Add add) {
        claim(add.e(), add.a(), add.v());
      } else if (op instanceof Op.Retract retract) {
        claim(retract.e(), retract.a(), retract.v());
      }
    }
    settle(situation);
    return meaning.isEmpty() ? ops : rewritten(ops);
  }

  /** What a local id of the intent means: an existing entity, or the local id of a new one. */
  long meaning(long localId) {
    return meaning.getOrDefault(localId, localId);
  }

  private void claim(long e, Attribute a, Object v) {
    if (e >= 0 || a.unique() != Unique.IDENTITY || !introduced.contains(e)) {
      return;
    }
    Claim claim = new Claim(a.id(), a.ident(), Same.key(v));
    Long other = claimants.putIfAbsent(claim, e);
    if (other != null) {
      union(other, e);
    }
    if (a.isRef() && (Long) v < 0 && introduced.contains(v)) {
      return;
    }
    Long holder = whole.holder(a, v);
    if (holder != null) {
      found.computeIfAbsent(e, x -> new TreeMap<>()).putIfAbsent(holder, claim);
    }
  }

  private long root(long e) {
    long at = e;
    while (parent.containsKey(at)) {
      at = parent.get(at);
    }
    return at;
  }

  private void union(long x, long y) {
    long a = root(x);
    long b = root(y);
    if (a != b) {
      // The greater id is the smaller number, as local ids are negative.
      parent.put(Math.min(a, b), Math.max(a, b));
    }
  }

  private void settle(Situation situation) {
    if (found.isEmpty() && parent.isEmpty()) {
      return;
    }
    Map<Long, Map<Long, Claim>> byRoot = new LinkedHashMap<>();
    for (long e : new TreeSet<>(introduced).descendingSet()) {
      byRoot.computeIfAbsent(root(e), x -> new TreeMap<>()).putAll(found.getOrDefault(e, Map.of()));
    }
    long txRoot = root(txLocalId);
    for (Map.Entry<Long, Map<Long, Claim>> entry : byRoot.entrySet()) {
      Map<Long, Claim> holders = entry.getValue();
      if (holders.size() > 1 || (!holders.isEmpty() && entry.getKey() == txRoot)) {
        conflict(entry.getKey(), entry.getKey() == txRoot, holders, situation);
      }
    }
    for (long e : introduced) {
      long root = root(e);
      Map<Long, Claim> holders = byRoot.get(root);
      long means = root == txRoot ? txLocalId : holders.isEmpty() ? root : holders.keySet().iterator().next();
      if (means != e) {
        meaning.put(e, means);
      }
    }
  }

  private void conflict(long e, boolean isTx, Map<Long, Claim> holders, Situation situation) {
    List<Object> all = new ArrayList<>();
    List<Conflict> met = new ArrayList<>();
    for (Map.Entry<Long, Claim> entry : holders.entrySet()) {
      Claim claim = entry.getValue();
      long holder = entry.getKey();
      all.add(List.of(claim.ident(), claim.v(), holder));
      if (claimedByOthers(remote, holder, claim.a(), claim.v())) {
        met.add(Uniqueness.claimed(e, claim.ident(), List.of(), claim.v(), holder, changes(remote, holder, claim.a(), claim.v())));
      }
    }
    String who = isTx ? "The transaction's own entity" : "One tempid";
    String message = who + " has unique values of other entities (attribute, value, holder): " + Text.of(all)
        + ". An upsert can mean one entity only.";
    met.forEach(situation::open);
    situation.problems().add(met.isEmpty() ? Problem.reject(Codes.UNIQUE_CONFLICT, message, Problem.VALUE, all)
        : Problem.park(Codes.UNIQUE_CONFLICT, message, Problem.VALUE, all));
  }

  /** What others did with a unique value of an entity after the base. */
  static List<Datom> changes(RemoteChanges remote, long holder, long a, Object v) {
    return remote.of(holder, a).stream().filter(datom -> Same.unique(datom.v(), v)).toList();
  }

  /** Whether the holder of a unique value got it from others, after the base. */
  static boolean claimedByOthers(RemoteChanges remote, long holder, long a, Object v) {
    if (remote.isEmpty() || holder < 0) {
      return false;
    }
    boolean claimed = false;
    for (Datom datom : remote.of(holder, a)) {
      claimed = Same.unique(datom.v(), v) ? datom.added() : claimed;
    }
    return claimed;
  }

  private List<Op> rewritten(List<Op> ops) {
    List<Op> result = new ArrayList<>(ops.size());
    for (Op op : ops) {
      if (op instanceof Op.Add add) {
        result.add(new Op.Add(meaning(add.e()), add.a(), value(add.a(), add.v()), add.form()));
      } else if (op instanceof Op.Retract retract) {
        result.add(new Op.Retract(
            meaning(retract.e()), retract.a(), value(retract.a(), retract.v()), retract.form()));
      } else if (op instanceof Op.Cas cas) {
        result.add(new Op.Cas(cas.e(), cas.a(), cas.old(), value(cas.a(), cas.v()), cas.form()));
      } else {
        result.add(op);
      }
    }
    return result;
  }

  private Object value(Attribute a, Object v) {
    if (a.isRef()) {
      return meaning((Long) v);
    }
    if (a.valueType() != ValueType.TUPLE) {
      return v;
    }
    List<Object> elements = new ArrayList<>((List<?>) v);
    for (int i = 0; i < elements.size(); i++) {
      if (Vocabulary.elementType(a, i, whole.schema()) == ValueType.REF && elements.get(i) != null) {
        elements.set(i, meaning((Long) elements.get(i)));
      }
    }
    return Collections.unmodifiableList(elements);
  }
}
