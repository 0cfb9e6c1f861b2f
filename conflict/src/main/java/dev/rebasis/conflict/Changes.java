package dev.rebasis.conflict;

import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.SystemIds;
import dev.rebasis.data.Unique;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Turns operations into datoms: compares with what is there, leaves out what changes nothing, retracts the value that
 * a new one replaces, and finds operations that contradict each other or the database. Confined to one decision.
 *
 * <p>First all operations are collected as facts to assert and to retract, so that their order does not matter (a
 * unique value may be given up and taken in one transaction); then the datoms are made in the order of the operations.
 */
final class Changes {
  /** A fact without its transaction. */
  private record Fact(long e, long a, Object v) {}

  private record Place(long e, long a) {}

  private record Step(boolean added, long e, Attribute a, Object v, Object form) {
    Fact fact() {
      return new Fact(e, a.id(), Same.key(v));
    }
  }

  private final Situation situation;
  private final TracingView view;
  private final TracingView whole;
  private final List<Step> steps = new ArrayList<>();
  private final List<Step> mentioned = new ArrayList<>(); // these, and what is said again
  private final Map<Fact, Boolean> wanted = new HashMap<>();
  private final Map<Place, Object> assertedOnes = new HashMap<>();
  private final Map<Place, Object> retractedOnes = new HashMap<>();
  private final Set<Fact> retracted = new HashSet<>();
  private final Set<Fact> givenUp = new HashSet<>(); // the same, decimals whatever their scale
  private final List<Step> assertions = new ArrayList<>();
  private final List<Datom> datoms = new ArrayList<>();

  Changes(Situation situation) {
    this.situation = situation;
    this.view = situation.view();
    this.whole = view.whole();
  }

  /** The datoms, in order. Meaningless if there are problems. */
  List<Datom> of(List<Op> ops) {
    for (Op op : ops) {
      collect(op);
    }
    for (Step step : steps) {
      if (step.added) {
        emitAssertion(step);
      } else {
        emitRetraction(step);
      }
    }
    deriveComposites();
    checkUniqueness();
    return datoms;
  }

  /**
   * Derives the composite tuples of which a part was mentioned, changed or not: Datomic makes up for a tuple that is
   * missing, because it was installed later than its parts, when one of these is asserted again.
   */
  private void deriveComposites() {
    Map<Place, Step> touched = new LinkedHashMap<>();
    for (Step step : mentioned) {
      for (Attribute composite : view.schema().compositesOf(step.a.id())) {
        touched.putIfAbsent(new Place(step.e, composite.id()), new Step(true, step.e, composite, null, step.form));
      }
    }
    touched.values().forEach(this::derive);
  }

  private void derive(Step touched) {
    List<Object> parts = new ArrayList<>();
    boolean any = false;
    for (long part : touched.a.tupleAttributes()) {
      Object v = valueAfter(touched.e, view.schema().attribute(part));
      parts.add(v);
      any |= v != null;
    }
    Object now = any ? Collections.unmodifiableList(parts) : null;
    Object old = isNew(touched.e) ? null : tupleBefore(touched, now != null);
    Step step = new Step(true, touched.e, touched.a, now, touched.form);
    if (now != null) {
      steps.add(step); // also one that stands already: it is said again with its part
    }
    if (old != null && now != null && Same.value(old, now)) {
      return;
    }
    if (old != null) {
      emit(new Step(false, touched.e, touched.a, old, touched.form), old);
    }
    if (now != null) {
      emit(step, now);
      assertions.add(step);
    }
  }

  /** The tuple that goes: one that is replaced is the one that stands; one that is to be no more is the one that is in view, as in Datomic. */
  private Object tupleBefore(Step touched, boolean replaced) {
    if (replaced) {
      return whole.value(touched.e, touched.a);
    }
    Object shown = view.value(touched.e, touched.a);
    return shown == null ? null : whole.present(touched.e, touched.a, shown);
  }

  /** The value of an attribute of cardinality one after the transaction, or null. */
  private Object valueAfter(long e, Attribute a) {
    Place place = new Place(e, a.id());
    Object asserted = assertedOnes.get(place);
    if (asserted != null) {
      return asserted;
    }
    Object before = isNew(e) ? null : view.value(e, a);
    Object gone = retractedOnes.get(place);
    return before != null && gone != null && Same.value(before, gone) ? null : before;
  }

  private void checkUniqueness() {
    Uniqueness uniqueness = new Uniqueness(situation);
    for (Step step : steps) {
      if (step.added && step.a.unique() != Unique.NONE) {
        uniqueness.claim(step.e, step.a, step.v);
      }
    }
    for (Problem problem : situation.problems()) {
      if (problem.code() == Codes.UNIQUE_CONFLICT) {
        return; // a tempid means two entities: which of them its datoms are about is undecided
      }
    }
    for (Step step : assertions) {
      if (step.a.unique() != Unique.NONE) {
        uniqueness.check(step.e, step.a, step.v, holder -> givenUp.contains(new Fact(holder, step.a.id(), Same.key(step.v))));
      }
    }
  }

  private void collect(Op op) {
    if (op instanceof Op.Add add) {
      add(add.e(), add.a(), add.v(), add.form());
    } else if (op instanceof Op.Retract retract) {
      retract(retract.e(), retract.a(), retract.v(), retract.form());
    } else if (op instanceof Op.RetractAll all) {
      for (Object v : view.values(all.e(), all.a())) {
        retract(all.e(), all.a(), v, all.form());
      }
    } else if (op instanceof Op.Cas cas) {
      Object found = view.value(cas.e(), cas.a());
      if (Same.expected(found, cas.old())) {
        add(cas.e(), cas.a(), cas.v(), cas.form());
      } else {
        situation.problems().add(casFailed(found, cas.a(), cas.old(), cas.form()).with(metBy(cas)));
      }
    } else {
      Op.RetractEntity retraction = (Op.RetractEntity) op;
      for (Datom fact : retraction.facts()) {
        retract(fact.e(), view.schema().attribute(fact.a()), fact.v(), retraction.form());
      }
    }
  }

  private void add(long e, Attribute a, Object v, Object form) {
    if (isComposite(a)) {
      return;
    }
    Step step = new Step(true, e, a, v, form);
    if (isSaidAgain(e, a, v)) {
      mentioned.add(step);
      return;
    }
    Boolean before = wanted.put(step.fact(), true);
    if (before != null) {
      if (!before) {
        contradiction(step, v, "asserted and retracted");
      }
      return;
    }
    checkOne(step, assertedOnes, "given two values, though its cardinality is one");
    mentioned.add(step);
    steps.add(step);
  }

  /** What stands already about an attribute, which Datomic passes over before it looks for contradictions. */
  private boolean isSaidAgain(long e, Attribute a, Object v) {
    return view.schema().attribute(e) != null && whole.present(e, a, v) != null;
  }

  private void retract(long e, Attribute a, Object v, Object form) {
    if (isComposite(a)) {
      return;
    }
    Step step = new Step(false, e, a, v, form);
    Boolean before = wanted.put(step.fact(), false);
    if (before == null) {
      checkOne(step, retractedOnes, "deprived of two values, though its cardinality is one");
      mentioned.add(step);
      steps.add(step);
    } else if (before) {
      contradiction(step, v, "asserted and retracted");
    }
  }

  private void checkOne(Step step, Map<Place, Object> ones, String how) {
    Object other = step.a.isMany() ? null : ones.putIfAbsent(new Place(step.e, step.a.id()), step.v);
    if (other != null) {
      contradiction(step, other, how);
    }
  }

  /** Datomic passes over what a transaction says about a composite tuple and derives it from its parts. */
  private static boolean isComposite(Attribute a) {
    return !a.tupleAttributes().isEmpty();
  }

  private boolean isNew(long e) {
    return e < 0 && situation.introduced().contains(e);
  }

  private void emitAssertion(Step step) {
    if (!isNew(step.e) && isThereAlready(step)) {
      return;
    }
    emit(step, step.v);
    assertions.add(step);
  }

  private boolean isThereAlready(Step step) {
    if (step.a.isMany()) {
      return whole.present(step.e, step.a, step.v) != null;
    }
    Object old = whole.value(step.e, step.a);
    if (old == null) {
      return false;
    }
    if (Same.value(old, step.v)) {
      return true;
    }
    if (retracted.add(new Fact(step.e, step.a.id(), old))) {
      emit(new Step(false, step.e, step.a, old, step.form), old);
    }
    return false;
  }

  private void emitRetraction(Step step) {
    Object there = isNew(step.e) ? null : whole.present(step.e, step.a, step.v);
    if (there != null && retracted.add(new Fact(step.e, step.a.id(), there))) {
      emit(step, there);
    }
  }

  private void emit(Step step, Object v) {
    refuseReserved(step.a);
    datoms.add(new Datom(step.e, step.a.id(), v, situation.tx(), step.added));
    if (!step.added) {
      givenUp.add(new Fact(step.e, step.a.id(), Same.key(v)));
    }
  }

  private void refuseReserved(Attribute a) {
    if (a.id() == SystemIds.DB_TX_INSTANT) {
      situation.problems().add(Problem.reject(Codes.RESET_TX_INSTANT, "The :db/txInstant of a transaction cannot be"
          + " retracted, nor can the transaction's entity.", Problem.ATTRIBUTE, a.ident()));
    }
    String namespace = a.ident().namespace();
    if (namespace != null && namespace.startsWith("rebasis.")) {
      situation.problems().add(Problem.reject(Codes.RESERVED, "The attribute " + a.ident() + " is Rebasis's own: only"
          + " the server writes it.", Problem.ATTRIBUTE, a.ident()));
    }
  }

  private void contradiction(Step step, Object other, String how) {
    situation.problems().add(Problem.reject(Codes.DATOMS_CONFLICT, "In one transaction " + step.a.ident()
        + " of entity " + step.e + " is " + how + ": " + Text.of(other)
        + (other.equals(step.v) ? "" : " and " + Text.of(step.v)) + ".", Problem.ENTITY, step.e,
        Problem.ATTRIBUTE, step.a.ident(), Problem.VALUE, List.of(other, step.v), Problem.FORM, step.form));
  }

  /** What a compare-and-set met, if others changed the place since; null if it was wrong from the beginning. */
  private Conflict metBy(Op.Cas cas) {
    List<Datom> changes = situation.remote().of(cas.e(), cas.a().id());
    if (changes.isEmpty()) {
      return null;
    }
    List<Object> left = view.values(cas.e(), cas.a());
    return new Conflict(ConflictKinds.CAS_FAILED, cas.e(), cas.a().ident(),
        situation.remote().baseValues(cas.e(), cas.a().id()), List.of(cas.v()), left, left, ConflictKinds.REJECT,
        changes.get(changes.size() - 1).tx());
  }

  static Problem casFailed(Object found, Attribute a, Object old, Object form) {
    return Problem.reject(Codes.CAS_FAILED, "The compare-and-set of " + a.ident() + " failed: it expected "
        + (old == null ? "no value" : Text.of(old)) + " and found " + (found == null ? "none" : Text.of(found)) + ".",
        Problem.ATTRIBUTE, a.ident(), Problem.VALUE, found, Keyword.of(":expected"), old, Problem.FORM, form);
  }
}
