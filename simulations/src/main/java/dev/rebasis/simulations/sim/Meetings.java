package dev.rebasis.simulations.sim;

import dev.rebasis.client.Outcome;
import dev.rebasis.conflict.Conflict;
import dev.rebasis.simulations.check.LocalWrite;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * Which faults strike a transaction between its making and its decision, and which policies settle its conflicts: what
 * coverage counts. Confined to one play.
 */
final class Meetings {
  private final Tally tally;
  private final Map<UUID, Set<Fault>> met = new HashMap<>();

  Meetings(Tally tally) {
    this.tally = tally;
  }

  /** A transaction was made while these faults held its client or the server. */
  void begins(UUID id, Set<Fault> active) {
    Set<Fault> faults = EnumSet.noneOf(Fault.class);
    faults.addAll(active);
    met.put(id, faults);
  }

  /** A fault strikes an undecided transaction. */
  void with(UUID id, Fault fault) {
    met.get(id).add(fault);
  }

  /** Its client was told what became of a transaction. */
  void decided(LocalWrite write, Outcome outcome) {
    Set<String> policies = new LinkedHashSet<>();
    for (Conflict conflict : outcome.conflicts()) {
      tally.conflict(conflict.kind().name(), conflict.policy().name());
      policies.add(conflict.policy().name());
    }
    if (policies.isEmpty()) {
      policies.add(outcome.isCommitted() ? "none" : outcome.kind().ident().name());
    }
    policies.forEach(policy -> tally.settling(write.kind(), policy));
    for (Fault fault : met.getOrDefault(outcome.id(), Set.of())) {
      policies.forEach(policy -> tally.meeting(fault.word(), write.kind(), policy));
    }
  }
}
