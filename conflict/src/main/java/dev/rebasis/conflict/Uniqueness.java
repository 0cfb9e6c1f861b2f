package dev.rebasis.conflict;

import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongPredicate;

/** Checks that no two entities get one unique value. Confined to one decision. */
final class Uniqueness {
  private record Claim(long a, Object v) {}

  private final Situation situation;
  private final Map<Claim, Long> claims = new HashMap<>();

  Uniqueness(Situation situation) {
    this.situation = situation;
  }

  /** Notes that the transaction asserts a unique value, whether or not it stands already. */
  void claim(long e, Attribute a, Object v) {
    Long other = claims.putIfAbsent(new Claim(a.id(), Same.key(v)), e);
    if (other != null) {
      situation.problems().add(Problem.reject(Codes.DATOMS_CONFLICT, "In one transaction the unique " + a.ident()
          + " " + Text.of(v) + " is given to two entities, " + other + " and " + e + ".",
          Problem.ATTRIBUTE, a.ident(), Problem.VALUE, v, Problem.ENTITY, List.of(other, e)));
    }
  }

  /**
   * Checks that no other entity has a value that a new datom gives; nor the same one, as a decimal of another scale, which
   * Datomic refuses too.
   *
   * @param givesUp whether the holder loses the value in the same transaction
   */
  void check(long e, Attribute a, Object v, LongPredicate givesUp) {
    Long holder = situation.view().whole().holder(a, v);
    if (holder != null && (holder == e || !givesUp.test(holder))) {
      conflict(e, a, v, holder);
    }
  }

  private void conflict(long e, Attribute a, Object v, long holder) {
    String message = "The unique " + a.ident() + " " + Text.of(v) + " cannot be given to entity " + e + ": entity "
        + holder + " has it.";
    Object[] data = {Problem.ATTRIBUTE, a.ident(), Problem.VALUE, v, Problem.ENTITY, e, Problem.HOLDER, holder};
    if (!Upserts.claimedByOthers(situation.remote(), holder, a.id(), v)) {
      situation.problems().add(Problem.reject(Codes.UNIQUE_CONFLICT, message, data));
      return;
    }
    situation.problems().add(Problem.park(Codes.UNIQUE_CONFLICT, message + " Others gave it the value since.", data));
    List<Object> base = e < 0 ? List.of() : situation.remote().baseValues(e, a.id());
    situation.open(claimed(e, a.ident(), base, v, holder, Upserts.changes(situation.remote(), holder, a.id(), v)));
  }

  /** The record of a unique value that others gave to another entity since. */
  static Conflict claimed(
      long e, Keyword attribute, List<Object> base, Object v, long holder, List<Datom> changes) {
    List<Object> claimant = List.of(holder);
    return new Conflict(ConflictKinds.UNIQUE_CLAIMED, e, attribute, base, List.of(v), claimant, claimant,
        ConflictKinds.PARK, changes.get(changes.size() - 1).tx());
  }
}
