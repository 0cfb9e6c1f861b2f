package dev.rebasis.conflict;

import dev.rebasis.data.Keyword;
import dev.rebasis.protocol.Intent;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Reads the forms of the small space for {@link SmallSpaceModel}, on the facts now. */
final class SmallSpaceReader {
  /** Values to assert ({@code add}), to retract, or all to retract; {@code informed}: in sight of what the others left. */
  record Step(String what, long e, Keyword a, Object v, Object old, boolean informed) {}

  private final SmallSpaceWorld world;
  private final List<Keyword> rejections;
  private final List<Keyword> parkings;
  private final Set<Conflict> open;
  private final Map<Long, Long> meaning = new HashMap<>();
  private boolean ambiguous;

  SmallSpaceReader(SmallSpaceWorld world, List<Keyword> rejections, List<Keyword> parkings, Set<Conflict> open) {
    this.open = open;
    this.world = world;
    this.rejections = rejections;
    this.parkings = parkings;
  }

  List<Step> read(Intent intent) {
    List<Step> steps = new ArrayList<>();
    for (Object form : intent.forms()) {
      read(form, steps);
    }
    return upserted(steps);
  }

  /** Whether a new entity has identities of two others: which of them it is about is undecided. */
  boolean isAmbiguous() {
    return ambiguous;
  }

  private void read(Object form, List<Step> steps) {
    if (form instanceof Map<?, ?> map) {
      readMap(map, steps);
      return;
    }
    List<?> list = (List<?>) form;
    String operation = list.get(0).toString();
    if (operation.equals(":f/raise") || operation.equals(":f/put")) {
      call(list, steps);
      return;
    }
    Keyword a = list.size() > 2 ? (Keyword) list.get(2) : null;
    Long e = entity(list.get(1));
    if (e == null) {
      missing((List<?>) list.get(1), operation, list);
    } else if (operation.equals(":db/retractEntity")) {
      steps.add(new Step("retractEntity", e, null, null, null, false));
    } else if (operation.equals(":db/cas")) {
      steps.add(new Step("cas", e, a, value(a, list.get(4)), list.get(3) == null ? null : value(a, list.get(3)), false));
    } else if (list.size() == 3) {
      steps.add(new Step("retractAll", e, a, null, null, false));
    } else {
      Object v = value(a, list.get(3));
      steps.add(new Step(operation.equals(":db/add") ? "add" : "retract", e, a, v, null, false));
    }
  }

  private void readMap(Map<?, ?> map, List<Step> steps) {
    long e = entity(map.get(Keyword.of(":db/id")));
    map.forEach((key, values) -> {
      Keyword a = (Keyword) key;
      if (a.name().startsWith("_")) {
        Keyword forward = Keyword.of(":" + a.namespace() + "/" + a.name().substring(1));
        steps.add(new Step("add", entity(values), forward, e, null, false));
      } else if (!a.namespace().equals("db")) {
        for (Object v : values instanceof Collection<?> several ? several : Collections.singletonList(values)) {
          if (v instanceof Map<?, ?> nested) {
            steps.add(new Step("add", e, a, entity(nested.get(Keyword.of(":db/id"))), null, false));
            readMap(nested, steps);
          } else {
            steps.add(new Step("add", e, a, value(a, v), null, false));
          }
        }
      }
    });
  }

  /** What the two functions of the space do, on what is there now. */
  private void call(List<?> form, List<Step> steps) {
    long e = (Long) form.get(1);
    if (form.get(0) == SmallSpace.PUT) {
      steps.add(new Step("add", e, (Keyword) form.get(2), form.get(3), null, false));
      return;
    }
    List<Object> values = world.now(e, SmallSpace.ONE);
    long sum = (values.isEmpty() ? 0 : (Long) values.get(0)) + (Long) form.get(2);
    steps.add(new Step("add", e, SmallSpace.ONE, sum, null, true));
  }

  private Long entity(Object given) {
    if (!(given instanceof List<?> lookup)) {
      return (Long) given;
    }
    return world.holder((Keyword) lookup.get(0), lookup.get(1));
  }

  private Object value(Keyword a, Object given) {
    return switch (SmallSpace.SHAPES.get(a).type()) {
      case REF -> entity(given);
      case FLOAT -> ((Number) given).floatValue();
      default -> given;
    };
  }

  private void missing(List<?> lookup, String operation, List<?> form) {
    if (operation.equals(":db/retractEntity")) {
      return; // what is not there needs no retraction
    }
    if (operation.equals(":db/cas") && form.get(3) != null) {
      rejections.add(Codes.CAS_FAILED);
      return;
    }
    List<SmallSpaceWorld.Change> retracted = world.changes(null, (Keyword) lookup.get(0)).stream()
        .filter(c -> !c.added() && c.fact().v().equals(lookup.get(1))).toList();
    if (!retracted.isEmpty()) {
      SmallSpaceWorld.Change last = retracted.get(retracted.size() - 1);
      parkings.add(Codes.ENTITY_GONE);
      open.add(new Conflict(ConflictKinds.ENTITY_GONE, last.fact().e(), last.fact().a(), List.of(last.fact().v()),
          List.of(Text.of(form)), List.of(), List.of(), ConflictKinds.PARK, last.tx()));
    } else {
      rejections.add(Codes.NOT_AN_ENTITY);
    }
  }

  /** Whether others gave the value to its holder since; then that is on record. */
  private boolean isClaimed(long e, long holder, Step step) {
    boolean byOthers = world.gotFromOthers(holder, step.a, step.v);
    if (byOthers) {
      long tx = SmallSpaceWorld.last(world.changes(holder, step.a).stream().filter(c -> c.fact().v().equals(step.v)).toList());
      open.add(new Conflict(ConflictKinds.UNIQUE_CLAIMED, e, step.a, List.of(), List.of(step.v), List.of(holder),
          List.of(holder), ConflictKinds.PARK, tx));
    }
    return byOthers;
  }

  /** A new entity with an identity that an entity has is that entity. */
  private List<Step> upserted(List<Step> steps) {
    Map<Long, Map<Long, Step>> holders = new LinkedHashMap<>();
    for (Step step : steps) {
      if (step.e < 0 && SmallSpace.SHAPES.get(step.a).identity()) {
        Long holder = world.holder(step.a, step.v);
        if (holder != null) {
          holders.computeIfAbsent(step.e, x -> new LinkedHashMap<>()).putIfAbsent(holder, step);
        }
      }
    }
    holders.forEach((e, found) -> {
      meaning.put(e, new TreeSet<>(found.keySet()).first());
      if (found.size() > 1) {
        ambiguous = true;
        boolean byOthers = false;
        for (Map.Entry<Long, Step> one : found.entrySet()) {
          byOthers |= isClaimed(e, one.getKey(), one.getValue());
        }
        (byOthers ? parkings : rejections).add(Codes.UNIQUE_CONFLICT);
      }
    });
    List<Step> result = new ArrayList<>();
    for (Step s : steps) {
      Object v = s.a != null && SmallSpace.SHAPES.get(s.a).ref() ? meaning.getOrDefault(s.v, (Long) s.v) : s.v;
      result.add(new Step(s.what, meaning.getOrDefault(s.e, s.e), s.a, v, s.old, s.informed));
    }
    return result;
  }
}
