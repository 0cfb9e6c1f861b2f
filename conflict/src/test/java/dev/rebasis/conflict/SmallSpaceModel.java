package dev.rebasis.conflict;

import dev.rebasis.data.Keyword;
import dev.rebasis.conflict.SmallSpaceReader.Step;
import dev.rebasis.conflict.SmallSpaceWorld.Fact;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.OutcomeKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The definitions of docs/conflicts.md a second time, written for obviousness: plain sets of facts, a list of what
 * happened, no index, no footprint, no laziness. It shares with the module only the names of kinds and codes, and the
 * records in which both say what they found.
 */
final class SmallSpaceModel {
  /** What shall become of an intent; {@code after} has new entities under their local ids. */
  record Verdict(OutcomeKind kind, List<Keyword> codes, Set<Conflict> conflicts, Set<Fact> after) {}

  private record Place(long e, Keyword a) {}

  private final SmallSpaceWorld world;
  private final Set<Fact> left;
  private final String policy;
  private final Keyword policyOf;

  private final List<Keyword> rejections = new ArrayList<>();
  private final List<Keyword> parkings = new ArrayList<>();
  private final Set<Conflict> settled = new LinkedHashSet<>();
  private final Set<Conflict> open = new LinkedHashSet<>();
  private final Set<Conflict> failedCas = new LinkedHashSet<>();
  private final SmallSpaceReader reader;

  /**
   * Makes the model of one decision.
   *
   * @param world what the author of the intent saw, and what was committed since
   * @param policy the policy that was set for {@code policyOf}, null if none
   */
  SmallSpaceModel(SmallSpaceWorld world, String policy, Keyword policyOf) {
    this.world = world;
    this.left = world.left();
    this.reader = new SmallSpaceReader(world, rejections, parkings, open);
    this.policy = policy;
    this.policyOf = policyOf;
  }

  Verdict decide(Intent intent) {
    List<Step> steps = meet(reader.read(intent));
    wholeEntities(steps);
    Set<Fact> after = apply(steps);
    if (!rejections.isEmpty()) {
      // Which of the meetings a refusing policy refused is worth knowing; beside a plain error they are not.
      boolean byPolicy = rejections.get(0) == Codes.CONFLICT_REJECTED;
      if (byPolicy) {
        failedCas.addAll(open);
      }
      return new Verdict(OutcomeKind.REJECTED, rejections, failedCas, left);
    }
    if (!parkings.isEmpty()) {
      return new Verdict(OutcomeKind.PARKED, parkings, open, left);
    }
    return new Verdict(settled.isEmpty() ? OutcomeKind.ACCEPTED : OutcomeKind.MERGED, List.of(), settled, after);
  }

  // ---- attribute by attribute ----

  private List<Step> meet(List<Step> steps) {
    List<Step> result = new ArrayList<>(steps);
    Set<Place> places = new LinkedHashSet<>();
    for (Step step : steps) {
      boolean states = List.of("add", "retract", "retractAll").contains(step.what()) && !step.informed();
      if (states && step.e() >= 0 && places.add(new Place(step.e(), step.a())) && !world.changes(step.e(), step.a()).isEmpty()) {
        List<Step> here = steps.stream().filter(s -> s.e() == step.e() && s.a() == step.a()).toList();
        if (SmallSpace.SHAPES.get(step.a()).many()) {
          many(step.e(), step.a(), here, result);
        } else {
          one(step, result);
        }
      }
    }
    return result;
  }

  private String policy(Keyword a, String otherwise) {
    return a == policyOf && policy != null ? policy : otherwise;
  }

  private void one(Step step, List<Step> result) {
    List<Object> now = world.now(step.e(), step.a());
    List<Object> known = world.known(step.e(), step.a());
    String chosen = policy(step.a(), "last-writer-wins");
    Keyword kind = ConflictKinds.SAME_VALUE_CHANGED;
    List<Object> local = List.of();
    boolean meets = !now.isEmpty();
    if (step.what().equals("add")) {
      local = List.of(step.v());
      meets = !now.equals(local) || SmallSpacePolicies.worksFromBase(chosen);
    } else if (step.what().equals("retract")) {
      chosen = policy(step.a(), "add-wins");
      kind = ConflictKinds.RETRACTED_VALUE_CHANGED;
      meets &= known.contains(step.v()) && !now.contains(step.v());
    }
    if (!meets) {
      return;
    }
    List<Object> shall = settle(chosen, kind, step, known, local, now);
    if (shall != null) {
      result.remove(step);
      result.add(shall.isEmpty() ? new Step("retractAll", step.e(), step.a(), null, null, false)
          : new Step("add", step.e(), step.a(), shall.get(0), null, false));
    }
  }

  private void many(long e, Keyword a, List<Step> here, List<Step> result) {
    Map<Object, Boolean> stands = new HashMap<>();
    world.changes(e, a).forEach(c -> stands.put(c.fact().v(), c.added()));
    TreeSet<Object> addedHere = new TreeSet<>();
    TreeSet<Object> retractedHere = new TreeSet<>();
    for (Step step : here) {
      if (step.what().equals("add") && Boolean.FALSE.equals(stands.get(step.v()))) {
        addedHere.add(step.v());
      } else if (step.what().equals("retract") && Boolean.TRUE.equals(stands.get(step.v()))) {
        retractedHere.add(step.v());
      } else if (step.what().equals("retractAll")) {
        world.now(e, a).stream().filter(v -> Boolean.TRUE.equals(stands.get(v))).forEach(retractedHere::add);
      }
    }
    String chosen = policy(a, "add-wins");
    if (!addedHere.isEmpty()) {
      List<Object> values = new ArrayList<>(addedHere);
      List<Object> shall = settle(
          chosen, ConflictKinds.ADDED_VALUE_RETRACTED, here.get(0), intersection(world.known(e, a), values), values, List.of());
      if (shall != null) {
        result.removeIf(s -> here.contains(s) && values.contains(s.v()) && !shall.contains(s.v()));
      }
    }
    if (!retractedHere.isEmpty()) {
      List<Object> values = new ArrayList<>(retractedHere);
      List<Object> shall = settle(
          chosen, ConflictKinds.RETRACTED_VALUE_ADDED, here.get(0), intersection(world.known(e, a), values), List.of(), values);
      if (shall != null) {
        result.removeIf(s -> here.contains(s) && (s.v() == null || shall.contains(s.v())));
        boolean all = here.stream().anyMatch(s -> s.what().equals("retractAll"));
        world.now(e, a).stream().filter(v -> all && !shall.contains(v))
            .forEach(v -> result.add(new Step("retract", e, a, v, null, false)));
      }
    }
  }

  private static List<Object> intersection(List<Object> some, List<Object> others) {
    return some.stream().filter(others::contains).toList();
  }

  /** Notes the conflict and what the policy says: the values that shall stand, null if that is not for it to say. */
  private List<Object> settle(
      String chosen, Keyword kind, Step step, List<Object> known, List<Object> local, List<Object> remote) {
    List<Object> shall = SmallSpacePolicies.settle(chosen, step.a(), kind, known, local, remote);
    boolean refused = shall == SmallSpacePolicies.PARK || shall == SmallSpacePolicies.REJECT;
    if (!refused && local.equals(remote) && shall.equals(local)) {
      return null; // they agree
    }
    boolean many = SmallSpace.SHAPES.get(step.a()).many();
    long tx = SmallSpaceWorld.last(world.changes(step.e(), step.a()).stream()
        .filter(c -> !many || local.contains(c.fact().v()) || remote.contains(c.fact().v())).toList());
    Conflict conflict = new Conflict(kind, step.e(), step.a(), known, local, remote, refused ? remote : shall,
        Keyword.of(":rebasis.policy/" + chosen), tx);
    if (shall == SmallSpacePolicies.PARK) {
      parkings.add(Codes.CONFLICT_PARKED);
      open.add(conflict);
    } else if (shall == SmallSpacePolicies.REJECT) {
      rejections.add(Codes.CONFLICT_REJECTED);
      open.add(conflict);
    } else {
      settled.add(conflict);
    }
    return refused ? null : shall;
  }

  // ---- whole entities ----

  private void wholeEntities(List<Step> steps) {
    Set<Long> told = new HashSet<>();
    for (Step step : steps) {
      if (step.what().equals("retractEntity")) {
        retracted(step.e());
      } else if (step.what().equals("add") || step.what().equals("cas")) {
        List<Object> wanted = steps.stream().filter(s -> s.e() == step.e() && s.a() == step.a()
            && (s.what().equals("add") || s.what().equals("cas"))).map(Step::v).distinct().toList();
        if (world.gone(step.e())) {
          isGone(ConflictKinds.ENTITY_GONE, step, wanted, step.e(), told);
        } else {
          isCut(step, steps, wanted, told);
        }
        if (SmallSpace.SHAPES.get(step.a()).ref() && world.gone((Long) step.v())) {
          isGone(ConflictKinds.REFERENCE_GONE, step, List.of(step.v()), (Long) step.v(), told);
        }
      }
    }
  }

  private void isCut(Step step, List<Step> steps, List<Object> wanted, Set<Long> told) {
    Set<Long> hungHere = new HashSet<>();
    for (Step other : steps) {
      if (other.what().equals("add") && SmallSpace.SHAPES.get(other.a()).component()) {
        hungHere.add((Long) other.v());
      }
    }
    long tx = world.cut(step.e(), hungHere);
    if (tx > 0) {
      if (told.add(step.e())) {
        parkings.add(Codes.COMPONENT_CUT);
      }
      List<Object> now = world.now(step.e(), step.a());
      open.add(new Conflict(ConflictKinds.COMPONENT_CUT, step.e(), step.a(), world.known(step.e(), step.a()), wanted, now,
          now, ConflictKinds.PARK, tx));
    }
  }

  private void isGone(Keyword kind, Step step, List<Object> wanted, long gone, Set<Long> told) {
    if (told.add(gone)) {
      parkings.add(Codes.ENTITY_GONE);
    }
    List<Object> now = world.now(step.e(), step.a());
    open.add(new Conflict(kind, step.e(), step.a(), world.known(step.e(), step.a()), wanted, now, now, ConflictKinds.PARK,
        SmallSpaceWorld.last(world.changes(gone, null))));
  }

  private void retracted(long root) {
    Set<Long> all = world.withComponents(root);
    for (long e : all) {
      if (left.stream().anyMatch(f -> f.e() == e) && !world.changes(e, null).isEmpty()) {
        parkings.add(Codes.ENTITY_CHANGED);
        Set<Keyword> changed = new LinkedHashSet<>(world.changes(e, null).stream().map(c -> c.fact().a()).toList());
        for (Keyword a : changed) {
          List<Object> now = world.now(e, a);
          open.add(new Conflict(ConflictKinds.RETRACTED_ENTITY_CHANGED, e, a, world.known(e, a), List.of(), now, now,
              ConflictKinds.PARK, SmallSpaceWorld.last(world.changes(e, a))));
        }
      }
    }
    for (Fact f : left) {
      boolean refers = SmallSpace.SHAPES.get(f.a()).ref() && all.contains(f.v()) && !all.contains(f.e());
      if (refers && world.gotFromOthers(f.e(), f.a(), f.v())) {
        List<Object> now = List.of(f.v());
        long tx = SmallSpaceWorld.last(world.changes(f.e(), f.a()).stream().filter(c -> c.fact().v().equals(f.v())).toList());
        parkings.add(Codes.ENTITY_CHANGED);
        open.add(new Conflict(ConflictKinds.RETRACTED_ENTITY_REFERRED, f.e(), f.a(), intersection(world.known(f.e(), f.a()), now),
            List.of(), now, now, ConflictKinds.PARK, tx));
      }
    }
  }

  // ---- the result ----

  private Set<Fact> apply(List<Step> steps) {
    Set<Fact> removed = new HashSet<>();
    Set<Fact> added = new LinkedHashSet<>();
    for (Step step : steps) {
      switch (step.what()) {
        case "add" -> added.add(new Fact(step.e(), step.a(), step.v()));
        case "retract" -> removed.add(new Fact(step.e(), step.a(), step.v()));
        case "retractAll" -> world.now(step.e(), step.a()).forEach(v -> removed.add(new Fact(step.e(), step.a(), v)));
        case "cas" -> {
          List<Object> found = world.now(step.e(), step.a());
          if (found.equals(step.old() == null ? List.of() : List.of(step.old()))) {
            added.add(new Fact(step.e(), step.a(), step.v()));
          } else {
            rejections.add(Codes.CAS_FAILED);
            if (!world.changes(step.e(), step.a()).isEmpty()) {
              failedCas.add(new Conflict(ConflictKinds.CAS_FAILED, step.e(), step.a(), world.known(step.e(), step.a()),
                  List.of(step.v()), found, found, ConflictKinds.REJECT,
                  SmallSpaceWorld.last(world.changes(step.e(), step.a()))));
            }
          }
        }
        default -> {
          Set<Long> all = world.withComponents(step.e());
          left.stream().filter(f -> all.contains(f.e()) || SmallSpace.SHAPES.get(f.a()).ref() && all.contains(f.v()))
              .forEach(removed::add);
        }
      }
    }
    Set<Fact> after = new HashSet<>(left);
    after.removeAll(removed);
    for (Fact fact : added) {
      if (!SmallSpace.SHAPES.get(fact.a()).many()) {
        after.removeIf(f -> f.e() == fact.e() && f.a() == fact.a());
      }
      after.add(fact);
    }
    added.stream().filter(f -> !left.contains(f) && SmallSpace.SHAPES.get(f.a()).unique()).forEach(f -> unique(f, after));
    return after;
  }

  /** A new unique value that another entity has and keeps. */
  private void unique(Fact fact, Set<Fact> after) {
    Long holder = world.holder(fact.a(), fact.v());
    if (holder == null || holder == fact.e() || !after.contains(new Fact(holder, fact.a(), fact.v())) || reader.isAmbiguous()) {
      return;
    }
    if (!world.gotFromOthers(holder, fact.a(), fact.v())) {
      rejections.add(Codes.UNIQUE_CONFLICT);
      return;
    }
    List<Object> claimant = List.of(holder);
    parkings.add(Codes.UNIQUE_CONFLICT);
    open.add(new Conflict(ConflictKinds.UNIQUE_CLAIMED, fact.e(), fact.a(), world.known(fact.e(), fact.a()), List.of(fact.v()),
        claimant, claimant, ConflictKinds.PARK, lastOf(holder, fact.a(), fact.v())));
  }

  private long lastOf(long e, Keyword a, Object v) {
    return SmallSpaceWorld.last(world.changes(e, a).stream().filter(c -> c.fact().v().equals(v)).toList());
  }
}
