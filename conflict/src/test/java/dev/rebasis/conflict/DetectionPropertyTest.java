package dev.rebasis.conflict;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.OutcomeKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Assume;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;

/**
 * Goal: a conflict is found if and only if docs/conflicts.md defines one, the values after it are those that the rule
 * names, and decisions repeat. Method: a random intent, random changes of others after its base, and the definitions
 * written down a second time, over plain sets.
 */
class DetectionPropertyTest {
  @Property(tries = 1000, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
  void conflictsAreExactlyThoseDefined(@ForAll long seed) {
    SmallWorld world = new SmallWorld(seed);
    world.others(true);
    long base = world.db.basisT();
    Intent intent = world.db.intent(world.valueForms(), base);
    Map<Place, Set<Object>> before = values(world);
    List<Datom> remote = world.others(true);
    Map<Place, Set<Object>> left = values(world);

    Decision decision = world.db.own(intent);

    Assume.that(decision.kind() != OutcomeKind.REJECTED); // the intent contradicts itself
    Map<Place, Expected> expected = new HashMap<>();
    for (Place place : places(world)) {
      expected.put(place, expected(intent, place, before.get(place), left.get(place), named(world, remote, place)));
    }
    Map<Place, Set<Object>> after = values(world);
    expected.forEach((place, is) -> assertThat(after.get(place)).as("%s after %s", place, intent).isEqualTo(is.after));
    Set<Place> met = new HashSet<>();
    decision.conflicts().forEach(c -> met.add(new Place(c.e(), c.attribute())));
    assertThat(met).isEqualTo(keys(expected));
    assertThat(decision.kind()).isEqualTo(met.isEmpty() ? OutcomeKind.ACCEPTED : OutcomeKind.MERGED);
  }

  @Property(tries = 500, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
  void aDecisionRepeats(@ForAll long seed) {
    SmallWorld world = new SmallWorld(seed);
    Intent intent = world.db.intent(world.anyForms(), world.db.basisT());
    world.others(false);
    assertThat(world.db.decide(intent)).isEqualTo(world.db.decide(intent));
  }

  @Property(tries = 500, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
  void whatWasCommittedMeetsNothingAndChangesNothingASecondTime(@ForAll long seed) {
    SmallWorld world = new SmallWorld(seed);
    Intent intent = world.db.intent(world.valueForms(), world.db.basisT());
    world.others(true);
    Decision first = world.db.own(intent);
    Assume.that(first.kind().isCommitted());
    // A retraction that gave way to a value of others would find that value unprotected now: its own write is newer.
    Assume.that(first.conflicts().stream().noneMatch(c -> c.kind() == ConflictKinds.RETRACTED_VALUE_ADDED));
    // Where it gave way entirely, it wrote nothing, and meets the same change again.
    Assume.that(first.conflicts().stream().allMatch(c -> wrote(world, first, c)));
    Decision second = world.db.decide(intent);
    assertThat(second.conflicts()).isEmpty();
    assertThat(second.datoms()).isEmpty();
  }

  @Property(tries = 1000, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
  void whatMissesTheFootprintChangesNoDecision(@ForAll long seed) {
    SmallWorld world = new SmallWorld(seed);
    world.others(false);
    Intent intent = world.db.intent(world.anyForms(), world.db.basisT());
    Decision before = world.db.decide(intent);
    List<Datom> remote = world.others(false);
    Assume.that(remote.stream().noneMatch(datom -> meets(before.footprint(), datom, world)));
    assertThat(world.db.decide(intent)).isEqualTo(before);
  }

  private static boolean meets(Footprint footprint, Datom datom, SmallWorld world) {
    List<FootprintKey> keys = new ArrayList<>();
    Footprint.patternsOf(datom, world.db.now().schema().attribute(datom.a()).isRef(), keys::add);
    return keys.stream().anyMatch(footprint.reads()::contains);
  }

  private record Place(long e, Keyword a) {}

  private record Expected(boolean conflict, Set<Object> after) {}

  private static List<Place> places(SmallWorld world) {
    List<Place> places = new ArrayList<>();
    for (long e : world.entities) {
      places.add(new Place(e, SmallWorld.COUNT));
      places.add(new Place(e, SmallWorld.TAGS));
    }
    return places;
  }

  private static Map<Place, Set<Object>> values(SmallWorld world) {
    Map<Place, Set<Object>> values = new HashMap<>();
    places(world).forEach(place -> values.put(place, world.db.values(place.e, place.a.toString())));
    return values;
  }

  private static Set<Place> keys(Map<Place, Expected> expected) {
    Set<Place> keys = new HashSet<>(expected.keySet());
    keys.removeIf(place -> !expected.get(place).conflict);
    return keys;
  }

  private static List<Datom> named(SmallWorld world, List<Datom> remote, Place place) {
    return remote.stream()
        .filter(d -> d.e() == place.e && world.db.now().schema().ident(d.a()) == place.a).toList();
  }

  private static boolean wrote(SmallWorld world, Decision decision, Conflict conflict) {
    return decision.datoms().stream()
        .anyMatch(d -> d.e() == conflict.e() && world.db.now().schema().ident(d.a()) == conflict.attribute());
  }

  /** The definitions, for the operations of one intent on one entity and attribute. */
  private static Expected expected(
      Intent intent, Place place, Set<Object> base, Set<Object> left, List<Datom> remote) {
    Set<Object> adds = new HashSet<>();
    Set<Object> retracts = new HashSet<>();
    boolean whole = false;
    for (Object form : intent.forms()) {
      List<?> list = (List<?>) form;
      if (list.get(1).equals(place.e) && list.get(2) == place.a) {
        if (list.size() == 3) {
          whole = true;
        } else {
          (list.get(0) == Vocabulary.ADD ? adds : retracts).add(list.get(3));
        }
      }
    }
    Map<Object, Boolean> last = new HashMap<>();
    for (Datom datom : remote) {
      last.put(datom.v(), datom.added());
    }
    return place.a == SmallWorld.COUNT
        ? one(adds, retracts, whole, base, left, !last.isEmpty()) : many(adds, retracts, whole, left, last);
  }

  private static Expected one(
      Set<Object> adds, Set<Object> retracts, boolean whole, Set<Object> base, Set<Object> left, boolean changed) {
    if (!adds.isEmpty()) {
      return new Expected(changed && !left.equals(adds), adds);
    }
    if (whole) {
      return new Expected(changed && !left.isEmpty(), Set.of());
    }
    Set<Object> after = new HashSet<>(left);
    after.removeAll(retracts);
    boolean stood = base.stream().anyMatch(retracts::contains);
    return new Expected(changed && stood && !after.isEmpty(), after);
  }

  private static Expected many(
      Set<Object> adds, Set<Object> retracts, boolean whole, Set<Object> left, Map<Object, Boolean> last) {
    boolean conflict = false;
    Set<Object> after = new HashSet<>(left);
    Set<Object> toRetract = new HashSet<>(retracts);
    if (whole) {
      toRetract.addAll(left);
    }
    for (Object v : toRetract) {
      if (left.contains(v) && Boolean.TRUE.equals(last.get(v))) {
        conflict = true;
      } else {
        after.remove(v);
      }
    }
    for (Object v : adds) {
      conflict |= !left.contains(v) && Boolean.FALSE.equals(last.get(v));
      after.add(v);
    }
    return new Expected(conflict, after);
  }
}
