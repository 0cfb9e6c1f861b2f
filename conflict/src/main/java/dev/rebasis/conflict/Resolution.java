package dev.rebasis.conflict;

import dev.rebasis.data.Attribute;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Rewrites an intent's operations so that they bring about what a policy resolved. Pure functions. */
final class Resolution {
  private Resolution() {}

  /**
   * The operations after a meeting was resolved.
   *
   * @param resolved the values that {@code (e a)} shall have; for cardinality many only among those that met
   * @param place the operations on this {@code (e a)}
   * @param ops all operations of the intent
   */
  static List<Op> apply(Meeting meeting, List<Object> resolved, List<Op> place, TracingView view, List<Op> ops) {
    return meeting.attribute().isMany() ? many(meeting, resolved, place, view, ops) : one(meeting, resolved, place, ops);
  }

  /** Cardinality one: one operation takes the place of all. */
  private static List<Op> one(Meeting meeting, List<Object> resolved, List<Op> place, List<Op> ops) {
    Object form = place.get(0).form();
    Op instead = resolved.isEmpty()
        ? new Op.RetractAll(meeting.entity(), meeting.attribute(), form)
        : new Op.Add(meeting.entity(), meeting.attribute(), resolved.get(0), form);
    List<Op> result = new ArrayList<>(ops.size());
    for (Op op : ops) {
      if (op == place.get(0)) {
        result.add(instead);
      } else if (!place.contains(op)) {
        result.add(op);
      }
    }
    return result;
  }

  /** Cardinality many: what met becomes what was resolved, the rest stays as the intent has it. */
  private static List<Op> many(
      Meeting meeting, List<Object> resolved, List<Op> place, TracingView view, List<Op> ops) {
    Object form = place.get(0).form();
    Set<Object> met = new LinkedHashSet<>(meeting.local());
    met.addAll(meeting.remote());
    List<Op> result = new ArrayList<>(ops.size());
    for (Op op : ops) {
      if (!place.contains(op)) {
        result.add(op);
      } else if (op instanceof Op.RetractAll all) {
        for (Object v : view.values(meeting.entity(), meeting.attribute())) {
          if (!met.contains(v) || !resolved.contains(v)) {
            result.add(new Op.Retract(meeting.entity(), meeting.attribute(), v, all.form()));
          }
        }
      } else if (op instanceof Op.Add add) {
        if (!met.contains(add.v()) || resolved.contains(add.v())) {
          result.add(op);
        }
      } else {
        Object v = ((Op.Retract) op).v();
        if (!met.contains(v) || !resolved.contains(v)) {
          result.add(op);
        }
      }
    }
    for (Object v : resolved) {
      if (!met.contains(v) && view.present(meeting.entity(), meeting.attribute(), v) == null) {
        result.add(new Op.Add(meeting.entity(), meeting.attribute(), v, form));
      }
    }
    return result;
  }

  /** The operations with those on one {@code (e a)} replaced by what makes exactly these values stand there. */
  static List<Op> replace(
      long e, Attribute a, List<Object> values, Object form, TracingView view, List<Op> ops) {
    List<Op> result = new ArrayList<>(ops.size() + 1);
    for (Op op : ops) {
      if (!isOn(op, e, a)) {
        result.add(op);
      }
    }
    for (Object old : view.values(e, a)) {
      if (!values.contains(old) && (a.isMany() || values.isEmpty())) {
        result.add(new Op.Retract(e, a, old, form));
      }
    }
    for (Object v : values) {
      result.add(new Op.Add(e, a, v, form));
    }
    return result;
  }

  /** Whether an operation asserts or retracts values of one {@code (e a)}. */
  static boolean isOn(Op op, long e, Attribute a) {
    if (op.e() != e) {
      return false;
    }
    return op instanceof Op.Add add && add.a().id() == a.id()
        || op instanceof Op.Retract retract && retract.a().id() == a.id()
        || op instanceof Op.RetractAll all && all.a().id() == a.id();
  }
}
