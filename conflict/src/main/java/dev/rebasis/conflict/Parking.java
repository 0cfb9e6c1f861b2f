package dev.rebasis.conflict;

import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Keyword;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds the meetings about whole entities that only a person can settle: the intent changes or refers to an entity
 * that others retracted, changes one that they cut from its parent, or retracts one that they changed or referred to. Confined to one decision.
 */
final class Parking {
  private final Situation situation;
  private final TracingView view;
  private final RemoteChanges remote;
  private final List<Problem> problems;
  private final Map<Long, Boolean> gone = new LinkedHashMap<>();
  private final CutComponents components;
  private final Set<Long> held = new HashSet<>();
  private final Map<Place, List<Object>> wanted = new LinkedHashMap<>();
  /** Entities of which the reason tells; once is enough. */
  private final Set<Long> told = new HashSet<>();

  private record Place(long e, long a) {}

  Parking(Situation situation, TracingView untraced) {
    this.situation = situation;
    this.view = untraced;
    this.components = new CutComponents(untraced);
    this.remote = situation.remote();
    this.problems = situation.problems();
  }

  /**
   * Checks operations.
   *
   * @param undoes whether they take a transaction back
   */
  void check(List<Op> ops, boolean undoes) {
    if (undoes) {
      checkEmptied(new Emptied(ops, view));
    }
    for (Op op : ops) {
      if (op instanceof Op.Add add) {
        want(add.e(), add.a(), add.v());
        if (add.a().component()) {
          held.add((Long) add.v());
        }
      } else if (op instanceof Op.Cas cas) {
        want(cas.e(), cas.a(), cas.v());
      }
    }
    for (Op op : ops) {
      if (op instanceof Op.RetractEntity retraction) {
        checkRetraction(retraction);
      } else if (op instanceof Op.Add add) {
        checkChange(add.e(), add.a(), add.v(), add.form());
      } else if (op instanceof Op.Cas cas) {
        checkChange(cas.e(), cas.a(), cas.v(), cas.form());
      }
    }
  }

  private void want(long e, Attribute a, Object v) {
    List<Object> values = wanted.computeIfAbsent(new Place(e, a.id()), place -> new ArrayList<>());
    if (!values.contains(v)) {
      values.add(v);
    }
  }

  private void checkChange(long e, Attribute a, Object v, Object form) {
    if (isGone(e)) {
      gone(ConflictKinds.ENTITY_GONE, e, a, wanted.get(new Place(e, a.id())), e, form, "is changed");
    } else if (e >= 0) {
      checkHeld(e, a, v, form);
    }
    if (a.isRef() && isGone((Long) v)) {
      gone(ConflictKinds.REFERENCE_GONE, e, a, List.of(v), (Long) v, form, "is referred to");
    }
  }

  private void checkHeld(long e, Attribute a, Object v, Object form) {
    Datom cut = components.above(e, remote, held);
    if (cut == null) {
      return;
    }
    open(ConflictKinds.COMPONENT_CUT, e, a, wanted.get(new Place(e, a.id())), cut.tx());
    if (told.add(e)) {
      String what = cut.v().equals(e) ? "it" : "the entity " + cut.v() + ", which holds it,";
      problems.add(Problem.park(Codes.COMPONENT_CUT, "The entity " + e + " is changed by " + Text.of(form)
          + ", but others have cut " + what + " from the entity " + cut.e() + " since, whose component it was.",
          Problem.ENTITY, e, Problem.ATTRIBUTE, a.ident(), Problem.VALUE, v, Problem.FORM, form));
    }
  }

  /** Records what was wanted in a place, once however many operations want it. */
  private void open(Keyword kind, long e, Attribute a, List<Object> local, long remoteTx) {
    List<Object> left = e < 0 ? List.of() : view.values(e, a);
    List<Object> base = e < 0 ? List.of() : remote.baseValues(e, a.id());
    Conflict conflict = new Conflict(kind, e, a.ident(), base, local, left, left, ConflictKinds.PARK, remoteTx);
    if (!situation.open().contains(conflict)) {
      situation.open(conflict);
    }
  }

  private void gone(Keyword kind, long e, Attribute a, List<Object> local, long goneEntity, Object form, String how) {
    List<Datom> changes = remote.of(goneEntity);
    open(kind, e, a, local, changes.get(changes.size() - 1).tx());
    if (told.add(goneEntity)) {
      problems.add(Problem.park(Codes.ENTITY_GONE, "The entity " + goneEntity + " " + how + " by " + Text.of(form)
          + ", but others have retracted it since.",
          Problem.ENTITY, goneEntity, Problem.ATTRIBUTE, a.ident(), Problem.VALUE, local.get(0), Problem.FORM, form));
    }
  }

  /** Whether the entity had datoms on the base, others retracted some of them, and none is left. */
  private boolean isGone(long e) {
    return e >= 0 && remote.mayConcern(e) && gone.computeIfAbsent(e, x -> !view.exists(x) && hadDatoms(x));
  }

  private boolean hadDatoms(long e) {
    for (Datom datom : remote.of(e)) {
      if (!remote.baseValues(e, datom.a()).isEmpty()) {
        return true;
      }
    }
    return false;
  }

  private void checkEmptied(Emptied emptied) {
    emptied.entities().forEach((entity, form) -> {
      for (Datom fact : view.datoms(IndexOrder.VAET, entity)) {
        if (!emptied.isTaken(fact) && !Closure.isRecord(view.schema().attribute(fact.a()))) {
          checkReferredThere(fact, form);
        }
      }
    });
  }

  private void checkRetraction(Op.RetractEntity retraction) {
    for (long entity : retraction.entities()) {
      if (entity >= 0 && view.exists(entity)) {
        checkChangedThere(entity, retraction);
      }
    }
    Set<Long> going = new HashSet<>(retraction.entities());
    for (Datom fact : retraction.facts()) {
      if (!going.contains(fact.e()) && fact.e() >= 0) {
        checkReferredThere(fact, retraction.form());
      }
    }
  }

  private void checkChangedThere(long entity, Op.RetractEntity retraction) {
    Map<Long, Datom> lastByAttribute = new LinkedHashMap<>();
    for (Datom datom : remote.of(entity)) {
      lastByAttribute.put(datom.a(), datom);
    }
    if (lastByAttribute.isEmpty()) {
      return;
    }
    for (Datom last : lastByAttribute.values()) {
      Attribute attribute = view.schema().attribute(last.a());
      List<Object> left = attribute == null ? List.of() : view.values(entity, attribute);
      situation.open(new Conflict(ConflictKinds.RETRACTED_ENTITY_CHANGED, entity, view.schema().ident(last.a()),
          remote.baseValues(entity, last.a()), List.of(), left, left, ConflictKinds.PARK, last.tx()));
    }
    problems.add(Problem.park(Codes.ENTITY_CHANGED, "The entity " + entity + " is retracted by "
        + Text.of(retraction.form()) + ", but others have changed it since.",
        Problem.ENTITY, entity, Problem.FORM, retraction.form()));
  }

  private void checkReferredThere(Datom reference, Object form) {
    Datom last = null;
    for (Datom datom : remote.of(reference.e(), reference.a())) {
      last = datom.v().equals(reference.v()) ? datom : last;
    }
    if (last == null) {
      return;
    }
    List<Object> left = List.of(reference.v());
    List<Object> base = remote.baseValues(reference.e(), reference.a()).stream().filter(left::contains).toList();
    situation.open(new Conflict(ConflictKinds.RETRACTED_ENTITY_REFERRED, reference.e(),
        view.schema().ident(reference.a()), base, List.of(), left, left, ConflictKinds.PARK, last.tx()));
    problems.add(Problem.park(Codes.ENTITY_CHANGED, "The entity " + reference.v() + " is retracted by "
        + Text.of(form) + ", but others have made " + reference.e() + " refer to it since.",
        Problem.ENTITY, reference.v(), Problem.FORM, form));
  }
}
