package dev.rebasis.conflict;

import dev.rebasis.data.Datom;
import dev.rebasis.protocol.OutcomeKind;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * What becomes of an intent on one database value. Immutable.
 *
 * @param kind accepted, merged, parked or rejected
 * @param datoms what changes, in order, redundancy removed: assertions of facts that were not there and retractions of
 *     facts that were, the retraction of a replaced cardinality-one value included and placed before its assertion.
 *     New entities have their negative local ids; {@code tx} is the intent's own local transaction id. Without the
 *     transaction entity's {@code :db/txInstant}. Empty unless committed
 * @param tempids for each of the intent's tempids the entity that it stands for: an existing one (upsert) or the local
 *     id. Empty unless committed
 * @param numbers for each local number that the intent introduces, be it by an author's tempid, an anonymous map or a
 *     function, the entity that it stands for, as in {@code tempids}. Empty unless committed
 * @param conflicts what met, in the order found
 * @param reason why it was parked or rejected, else null
 * @param footprint what was read and written, also when it failed
 * @param needs the part of the footprint that the transaction stands on: if an earlier transaction that wrote there was
 *     not committed, this one is not what its author meant
 */
public record Decision(
    OutcomeKind kind,
    List<Datom> datoms,
    Map<String, Long> tempids,
    Map<Long, Long> numbers,
    List<Conflict> conflicts,
    Reason reason,
    Footprint footprint,
    Set<FootprintKey> needs) {
  /** Copies the collections. */
  public Decision {
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(footprint, "footprint");
    datoms = List.copyOf(datoms);
    tempids = Map.copyOf(tempids);
    numbers = Map.copyOf(numbers);
    conflicts = List.copyOf(conflicts);
    needs = Set.copyOf(needs);
  }
}
