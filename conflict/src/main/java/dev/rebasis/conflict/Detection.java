package dev.rebasis.conflict;

import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Compares an intent's operations with what others confirmed after its base, one {@code (e a)} at a time, and lets a
 * policy settle what meets ({@link Settlement}). The definitions are in docs/conflicts.md; whole entities are
 * {@link Parking}'s.
 *
 * <p>It compares operations and not datoms: an assertion of what is there already has no datom, and yet it met a
 * remote change if others put it there or took it away. Cost: a look at the history of each {@code (e a)} that the
 * intent writes. Confined to one decision.
 *
 * <p>A policy that works from the base also settles what moved under an intent without any remote change: where the
 * author saw what a pending predecessor had left, and that predecessor came out differently. That is no conflict (it
 * was the predecessor's), so it is not recorded.
 */
final class Detection {
  private record Place(long e, long a) {}

  private final TracingView view;
  private final RemoteChanges remote;
  private final SeenValues seen;
  private final PolicyChoice policies;
  private final FunctionCall functions;
  private final Settlement settlement;
  private final Together together;

  Detection(
      Situation situation, TracingView untraced, SeenValues seen, PolicyChoice policies, FunctionCall functions) {
    this.view = untraced;
    this.remote = situation.remote();
    this.seen = seen;
    this.policies = policies;
    this.functions = functions;
    this.settlement = new Settlement(situation, untraced, seen);
    this.together = new Together(situation, policies);
  }

  /** The operations as the policies leave them; conflicts and problems are added to the situation. */
  List<Op> resolve(List<Op> ops) {
    Map<Place, List<Op>> byPlace = new LinkedHashMap<>();
    for (Op op : ops) {
      Attribute attribute = attribute(op);
      boolean known = attribute != null && (op.e() >= 0 || seen.of(op.e(), attribute) != null);
      if (known && !functions.isMadeInSight(op, attribute)) {
        byPlace.computeIfAbsent(new Place(op.e(), attribute.id()), x -> new ArrayList<>()).add(op);
      }
    }
    settlement.begin(ops);
    for (List<Op> place : byPlace.values()) {
      long e = place.get(0).e();
      Attribute a = attribute(place.get(0));
      List<Datom> own = e < 0 ? List.of() : remote.of(e, a.id());
      List<Datom> changes = own.isEmpty() ? together.changes(e, a) : own;
      if (settlement.isSettled(e, a) || changes.isEmpty() && seen.of(e, a) == null) {
        continue;
      }
      if (a.isMany()) {
        many(e, a, place, changes);
      } else {
        one(e, a, place, changes);
      }
    }
    return settlement.ops();
  }

  /** The attribute that an operation says something about; null if that meets nothing. */
  static Attribute attribute(Op op) {
    if (op instanceof Op.Add add) {
      return add.a();
    }
    if (op instanceof Op.Retract retract) {
      return retract.a();
    }
    // A compare-and-set states what it relies on; it fails or it stands, and never meets anything else.
    return op instanceof Op.RetractAll all ? all.a() : null;
  }

  private void one(long e, Attribute a, List<Op> place, List<Datom> changes) {
    Set<Object> added = new LinkedHashSet<>();
    Set<Object> retracted = new LinkedHashSet<>();
    boolean whole = false;
    for (Op op : place) {
      if (op instanceof Op.Add add) {
        added.add(add.v());
      } else if (op instanceof Op.Retract retract) {
        retracted.add(retract.v());
      } else {
        whole = true;
      }
    }
    List<Object> left = view.values(e, a);
    if (added.size() == 1) {
      written(e, a, place, changes, added.iterator().next(), left);
    } else if (added.isEmpty() && !changes.isEmpty() && !left.isEmpty()) {
      removed(e, a, place, changes, whole ? null : retracted, left);
    }
    // Several values for one place are no valid transaction in the first place: Changes says so.
  }

  private void written(long e, Attribute a, List<Op> place, List<Datom> changes, Object wanted, List<Object> left) {
    Policy policy = policies.of(a);
    boolean fromBase = policy != null && policy.worksFromBase();
    List<Object> saw = fromBase ? seen.of(e, a) : null;
    boolean same = left.size() == 1 && Same.value(left.get(0), wanted);
    if (changes.isEmpty()) {
      if (saw != null && !saw.equals(left)) {
        settlement.shift(policy, place, settlement.meeting(
            ConflictKinds.SAME_VALUE_CHANGED, e, a, saw, List.of(wanted), left));
      }
      return;
    }
    if (!same || fromBase) {
      List<Object> base = saw != null ? saw : remote.baseValues(e, a.id());
      settlement.settle(policy == null ? BuiltInPolicy.LAST_WRITER_WINS : policy, place, changes, settlement.meeting(
          ConflictKinds.SAME_VALUE_CHANGED, e, a, base, List.of(wanted), left));
    }
  }

  /** Cardinality one, only retracted here: all that is there (no values given), or certain values. */
  private void removed(
      long e, Attribute a, List<Op> place, List<Datom> changes, Set<Object> retracted, List<Object> left) {
    List<Object> base = remote.baseValues(e, a.id());
    boolean meets = retracted == null
        || base.stream().anyMatch(retracted::contains) && (policies.givesWay() || !retracted.contains(left.get(0)));
    if (meets) {
      Policy chosen = policies.of(a);
      Policy otherwise = retracted == null ? BuiltInPolicy.LAST_WRITER_WINS : BuiltInPolicy.ADD_WINS;
      settlement.settle(chosen == null ? otherwise : chosen, place, changes, settlement.meeting(
          retracted == null ? ConflictKinds.SAME_VALUE_CHANGED : ConflictKinds.RETRACTED_VALUE_CHANGED,
          e, a, base, List.of(), left));
    }
  }

  private void many(long e, Attribute a, List<Op> place, List<Datom> changes) {
    Map<Object, Boolean> lastAdded = new LinkedHashMap<>();
    for (Datom datom : changes) {
      lastAdded.put(datom.v(), datom.added());
    }
    List<Object> left = view.values(e, a);
    Set<Object> addMeets = new LinkedHashSet<>();
    Set<Object> retractMeets = new LinkedHashSet<>();
    for (Op op : place) {
      if (op instanceof Op.Add add) {
        if (Boolean.FALSE.equals(lastAdded.get(add.v()))) {
          addMeets.add(add.v());
        }
      } else if (op instanceof Op.Retract retract) {
        if (Boolean.TRUE.equals(lastAdded.get(retract.v()))) {
          retractMeets.add(retract.v());
        }
      } else {
        left.stream().filter(v -> Boolean.TRUE.equals(lastAdded.get(v))).forEach(retractMeets::add);
      }
    }
    settleMany(ConflictKinds.ADDED_VALUE_RETRACTED, e, a, addMeets, place, changes);
    settleMany(ConflictKinds.RETRACTED_VALUE_ADDED, e, a, retractMeets, settlement.on(e, a), changes);
  }

  private void settleMany(Keyword kind, long e, Attribute a, Set<Object> met, List<Op> place, List<Datom> changes) {
    if (met.isEmpty()) {
      return;
    }
    List<Object> values = List.copyOf(met);
    List<Object> base = remote.baseValues(e, a.id()).stream().filter(met::contains).toList();
    boolean addedHere = kind == ConflictKinds.ADDED_VALUE_RETRACTED;
    Policy chosen = policies.of(a);
    // Who touched other values has no part in this.
    List<Datom> theirs = changes.stream().filter(datom -> met.contains(datom.v())).toList();
    settlement.settle(chosen == null ? BuiltInPolicy.ADD_WINS : chosen, place, theirs, settlement.meeting(
        kind, e, a, base, addedHere ? values : List.of(), addedHere ? List.of() : values));
  }
}
