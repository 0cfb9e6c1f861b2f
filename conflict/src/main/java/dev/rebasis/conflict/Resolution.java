package dev.rebasis.conflict;

import dev.rebasis.conflict.Detection.Meeting;
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
    return meeting.a().isMany() ? many(meeting, resolved, place, view, ops) : one(meeting, resolved, place, ops);
  }

  /** Cardinality one: one operation takes the place of all. */
  private static List<Op> one(Meeting meeting, List<Object> resolved, List<Op> place, List<Op> ops) {
    Object form = place.get(0).form();
    Op instead = resolved.isEmpty()
        ? new Op.RetractAll(meeting.e(), meeting.a(), form)
        : new Op.Add(meeting.e(), meeting.a(), resolved.get(0), form);
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
    Set<Object> met = new LinkedHashSet<>(meeting.local());
    met.addAll(meeting.remote());
    List<Op> result = new ArrayList<>(ops.size());
    for (Op op : ops) {
      if (!place.contains(op)) {
        result.add(op);
      } else if (op instanceof Op.RetractAll all) {
        for (Object v : view.values(meeting.e(), meeting.a())) {
          if (!met.contains(v) || !resolved.contains(v)) {
            result.add(new Op.Retract(meeting.e(), meeting.a(), v, all.form()));
          }
        }
      } else if (op instanceof Op.Add add) {
        if (!met.contains(add.v()) || resolved.contains(add.v())) {
          result.add(op);
        }
      } else if (op instanceof Op.Retract retract && (!met.contains(retract.v()) || !resolved.contains(retract.v()))) {
        result.add(op);
      }
    }
    return result;
  }
}
