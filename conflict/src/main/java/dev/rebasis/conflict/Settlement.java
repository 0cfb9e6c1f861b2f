package dev.rebasis.conflict;

import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.ValueType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Lets policies settle meetings: checks what they answer, rewrites the operations accordingly, and records the
 * conflict. Confined to one decision.
 */
final class Settlement {
  private record Place(long e, long a) {}

  private final Situation situation;
  private final TracingView view;
  private final SeenValues seen;
  private final Set<Place> settled = new HashSet<>();
  private List<Op> ops = List.of();
  private List<Op> original = List.of();

  Settlement(Situation situation, TracingView untraced, SeenValues seen) {
    this.situation = situation;
    this.view = untraced;
    this.seen = seen;
  }

  void begin(List<Op> all) {
    original = all;
    ops = all;
  }

  /** The operations as they are by now. */
  List<Op> ops() {
    return ops;
  }

  /** The operations on one place as they are by now: a settled meeting may have written them anew. */
  List<Op> on(long e, Attribute a) {
    return ops.stream().filter(op -> Resolution.isOn(op, e, a)).toList();
  }

  /** Whether a policy settled the place along with a related one. */
  boolean isSettled(long e, Attribute a) {
    return settled.contains(new Place(e, a.id()));
  }

  Meeting meeting(
      Keyword kind, long e, Attribute a, List<Object> base, List<Object> local, List<Object> remote) {
    return new Meeting(
        kind, e, a, base, local, remote, new EntitySides(e, original, view.apart(), situation.remote(), seen));
  }

  /** Settles what met a remote change. */
  void settle(Policy policy, List<Op> place, List<Datom> changes, Meeting meeting) {
    Resolved resolved = checked(policy, policy.resolve(meeting), meeting);
    long remoteTx = changes.get(changes.size() - 1).tx();
    if (!(resolved instanceof Resolved.Values values)) {
      refuse(policy, resolved, meeting, remoteTx);
      return;
    }
    boolean agreed = meeting.local().equals(meeting.remote()) && values.values().equals(meeting.local());
    if (!agreed) {
      situation.conflicts().add(conflict(policy, meeting, values.values(), remoteTx));
      ops = Resolution.apply(meeting, values.values(), place, view, ops);
    }
    related(policy, values.related(), place.get(0).form(), meeting, remoteTx);
  }

  /** Settles what moved without a remote change; see {@link Detection}. */
  void shift(Policy policy, List<Op> place, Meeting meeting) {
    Resolved resolved = checked(policy, policy.resolve(meeting), meeting);
    if (resolved instanceof Resolved.Values values) {
      ops = Resolution.apply(meeting, values.values(), place, view, ops);
    } else {
      refuse(policy, resolved, meeting, 0);
    }
  }

  private static Conflict conflict(Policy policy, Meeting meeting, List<Object> resolved, long remoteTx) {
    return new Conflict(meeting.kind(), meeting.entity(), meeting.attribute().ident(), meeting.base(), meeting.local(),
        meeting.remote(), resolved, policy.ident(), remoteTx);
  }

  private void refuse(Policy policy, Resolved resolved, Meeting meeting, long remoteTx) {
    String place = meeting.attribute().ident() + " of entity " + meeting.entity();
    String cause = remoteTx > 0 ? "Others have changed " + place + " since. "
        : "An earlier transaction of the same author came out otherwise than this one saw it: it left another " + place + ". ";
    Object[] data = {Problem.ATTRIBUTE, meeting.attribute().ident(), Problem.ENTITY, meeting.entity(),
        Problem.POLICY, policy.ident()};
    if (resolved instanceof Resolved.Reject reject) {
      situation.problems().add(Problem.reject(Codes.CONFLICT_REJECTED, cause + reject.why(), data));
      situation.open(conflict(policy, meeting, meeting.remote(), remoteTx));
      return;
    }
    boolean failed = resolved instanceof Resolved.Failed;
    String why = failed ? ((Resolved.Failed) resolved).why() : ((Resolved.Park) resolved).why();
    situation.problems().add(Problem.park(failed ? Codes.POLICY_FAILED : Codes.CONFLICT_PARKED, cause + why, data));
    situation.open(conflict(policy, meeting, meeting.remote(), remoteTx));
  }

  /** What a policy answered, in normal form; a failure if it does not fit the attributes. */
  private Resolved checked(Policy policy, Resolved answer, Meeting meeting) {
    if (!(answer instanceof Resolved.Values values)) {
      return answer;
    }
    try {
      Resolved.Values normal = Resolved.values(normal(meeting.attribute(), values.values()));
      for (Map.Entry<Keyword, List<Object>> entry : values.related().entrySet()) {
        Attribute other = view.schema().attribute(entry.getKey());
        if (other == null) {
          return wrong(policy, "there is no attribute " + entry.getKey());
        }
        normal = normal.and(entry.getKey(), normal(other, entry.getValue()));
      }
      return normal;
    } catch (Unfit e) {
      return wrong(policy, e.problem().message());
    }
  }

  private static Resolved wrong(Policy policy, String why) {
    return new Resolved.Failed("The policy " + policy.ident() + " failed: what it returned cannot be used, " + why);
  }

  private static List<Object> normal(Attribute attribute, List<Object> values) {
    if (values == null || !attribute.isMany() && values.size() > 1) {
      throw Unfit.reject(Codes.POLICY_FAILED, "since " + attribute.ident() + " takes one value, not "
          + Text.of(values) + ".");
    }
    List<Object> normal = new ArrayList<>(values.size());
    for (Object value : values) {
      normal.add(attribute.isRef() ? reference(attribute, value)
          : attribute.valueType() == ValueType.TUPLE
              ? Vocabulary.tuple(attribute, value, value) : Vocabulary.scalar(attribute, value, value));
    }
    return normal;
  }

  private static Object reference(Attribute attribute, Object value) {
    if (value instanceof Long) {
      return value;
    }
    throw Vocabulary.wrongType(attribute, value, value);
  }

  private void related(
      Policy policy, Map<Keyword, List<Object>> related, Object form, Meeting meeting, long remoteTx) {
    related.forEach((ident, values) -> {
      Attribute a = view.schema().attribute(ident);
      long e = meeting.entity();
      settled.add(new Place(e, a.id()));
      List<Datom> own = situation.remote().of(e, a.id());
      Conflict record = new Conflict(meeting.kind(), e, ident, meeting.base(ident), meeting.local(ident),
          meeting.remote(ident), values, policy.ident(), own.isEmpty() ? remoteTx : own.get(own.size() - 1).tx());
      // Two related attributes that met name each other; one record is enough.
      if (!situation.conflicts().contains(record)) {
        situation.conflicts().add(record);
      }
      ops = Resolution.replace(e, a, values, form, view, ops);
    });
  }
}
