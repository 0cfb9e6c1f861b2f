package dev.rebasis.conflict;

import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.OutcomeKind;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;

/**
 * What becomes of the transactions of a group of which one cannot be committed: none is. They are tried in order, each on
 * what those before it leave; the first that fails is parked for its own reason, all others because of it. Client and
 * server both use it, so that they answer alike. Immutable.
 *
 * @param failing the id of the first transaction that cannot be committed
 * @param reason why it cannot
 * @param conflicts what it met
 */
public record GroupFate(UUID failing, Reason reason, List<Conflict> conflicts) {
  /** Copies the list. */
  public GroupFate {
    Objects.requireNonNull(failing, "failing");
    Objects.requireNonNull(reason, "reason");
    conflicts = List.copyOf(conflicts);
  }

  /**
   * The decision about one transaction of the group: parked, also where it would have been rejected alone.
   *
   * @param member the transaction
   * @param looked what it looked at while it was tried; empty if it was not, because one before it failed
   */
  public Decision of(Intent member, Footprint looked) {
    boolean own = member.id().equals(failing);
    Reason why = own ? reason : new Reason(Codes.GROUP, "Another transaction of the same group, " + failing
        + ", cannot be committed: " + reason.message(), Map.of(Problem.PREDECESSOR, failing));
    // Where nothing met, what is parked for a fault of its own has a record of that.
    List<Conflict> met = own && !conflicts.isEmpty() ? conflicts
        : List.of(Conflict.waiting(ConflictKinds.GROUP, member.txLocalId(), failing));
    // It writes nothing; what it would write is among what it looked at.
    return new Decision(OutcomeKind.PARKED, List.of(), Map.of(), Map.of(), met, why,
        new Footprint(looked.reads(), Set.of()), Set.of());
  }
}
