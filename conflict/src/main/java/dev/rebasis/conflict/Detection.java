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
 * policy settle what meets. The definitions are in docs/conflicts.md; whole entities are {@link Parking}'s.
 *
 * <p>It compares operations and not datoms: an assertion of what is there already has no datom, and yet it met a
 * remote change if others put it there or took it away. Cost: a look at the history of each {@code (e a)} that the
 * intent writes. Confined to one decision.
 */
final class Detection {
  private record Place(long e, long a) {}

  private final TracingView view;
  private final RemoteChanges remote;
  private final List<Conflict> conflicts;

  Detection(TracingView view, RemoteChanges remote, List<Conflict> conflicts) {
    this.view = view;
    this.remote = remote;
    this.conflicts = conflicts;
  }

  /** The operations as the policies leave them; the conflicts are added to the list given to the constructor. */
  List<Op> resolve(List<Op> ops) {
    Map<Place, List<Op>> byPlace = new LinkedHashMap<>();
    for (Op op : ops) {
      Attribute attribute = attribute(op);
      if (attribute != null && op.e() >= 0) {
        byPlace.computeIfAbsent(new Place(op.e(), attribute.id()), x -> new ArrayList<>()).add(op);
      }
    }
    List<Op> result = ops;
    for (List<Op> place : byPlace.values()) {
      long e = place.get(0).e();
      Attribute a = attribute(place.get(0));
      List<Datom> changes = remote.of(e, a.id());
      if (!changes.isEmpty()) {
        result = a.isMany() ? many(e, a, place, changes, result) : one(e, a, place, changes, result);
      }
    }
    return result;
  }

  private static Attribute attribute(Op op) {
    if (op instanceof Op.Add add) {
      return add.a();
    }
    if (op instanceof Op.Retract retract) {
      return retract.a();
    }
    // A compare-and-set states what it relies on; it fails or it stands, and never meets anything else.
    return op instanceof Op.RetractAll all ? all.a() : null;
  }

  private List<Op> one(long e, Attribute a, List<Op> place, List<Datom> changes, List<Op> ops) {
    List<Object> left = view.values(e, a);
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
    if (added.size() > 1) {
      return ops; // not a valid transaction in the first place: Changes says so
    }
    if (added.size() == 1) {
      Object wanted = added.iterator().next();
      boolean same = left.size() == 1 && Same.value(left.get(0), wanted);
      return same ? ops : settle(new Meeting(ConflictKinds.SAME_VALUE_CHANGED, e, a,
          remote.baseValues(e, a.id()), List.of(wanted), left, Policy.LAST_WRITER_WINS), place, changes, ops);
    }
    if (left.isEmpty()) {
      return ops;
    }
    List<Object> base = remote.baseValues(e, a.id());
    if (whole) {
      return settle(new Meeting(ConflictKinds.SAME_VALUE_CHANGED, e, a, base, List.of(), left,
          Policy.LAST_WRITER_WINS), place, changes, ops);
    }
    boolean stood = base.stream().anyMatch(retracted::contains);
    return !stood || retracted.contains(left.get(0)) ? ops : settle(new Meeting(
        ConflictKinds.RETRACTED_VALUE_CHANGED, e, a, base, List.of(), left, Policy.ADD_WINS), place, changes, ops);
  }

  private List<Op> many(long e, Attribute a, List<Op> place, List<Datom> changes, List<Op> ops) {
    Map<Object, Boolean> lastAdded = new LinkedHashMap<>();
    for (Datom datom : changes) {
      lastAdded.put(datom.v(), datom.added());
    }
    List<Object> left = view.values(e, a);
    Set<Object> addMeets = new LinkedHashSet<>();
    Set<Object> retractMeets = new LinkedHashSet<>();
    for (Op op : place) {
      if (op instanceof Op.Add add) {
        if (Boolean.FALSE.equals(lastAdded.get(add.v())) && !left.contains(add.v())) {
          addMeets.add(add.v());
        }
      } else if (op instanceof Op.Retract retract) {
        if (Boolean.TRUE.equals(lastAdded.get(retract.v())) && left.contains(retract.v())) {
          retractMeets.add(retract.v());
        }
      } else {
        left.stream().filter(v -> Boolean.TRUE.equals(lastAdded.get(v))).forEach(retractMeets::add);
      }
    }
    List<Op> result = ops;
    if (!addMeets.isEmpty()) {
      result = settle(new Meeting(ConflictKinds.ADDED_VALUE_RETRACTED, e, a, base(e, a, addMeets),
          List.copyOf(addMeets), List.of(), Policy.ADD_WINS), place, changes, result);
    }
    if (!retractMeets.isEmpty()) {
      result = settle(new Meeting(ConflictKinds.RETRACTED_VALUE_ADDED, e, a, base(e, a, retractMeets),
          List.of(), List.copyOf(retractMeets), Policy.ADD_WINS), place, changes, result);
    }
    return result;
  }

  private List<Object> base(long e, Attribute a, Set<Object> met) {
    return remote.baseValues(e, a.id()).stream().filter(met::contains).toList();
  }

  private List<Op> settle(Meeting meeting, List<Op> place, List<Datom> changes, List<Op> ops) {
    List<Object> resolved = meeting.policy().resolve(meeting.base(), meeting.local(), meeting.remote());
    long remoteTx = 0;
    for (Datom datom : changes) {
      remoteTx = datom.tx();
    }
    conflicts.add(meeting.settled(resolved, remoteTx));
    return Resolution.apply(meeting, resolved, place, view, ops);
  }

  /**
   * A meeting before it is settled.
   *
   * @param base values on the base; like the next two, for cardinality many only those that met
   * @param local values that the intent wants
   * @param remote values that the others left
   */
  record Meeting(
      Keyword kind, long e, Attribute a, List<Object> base, List<Object> local, List<Object> remote, Policy policy) {
    Conflict settled(List<Object> resolved, long remoteTx) {
      return new Conflict(kind, e, a.ident(), base, local, remote, resolved, policy.ident(), remoteTx);
    }
  }
}
