package dev.rebasis.conflict;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What one decision works with and what it found so far. Confined to the decision.
 *
 * @param view the database value before the transaction
 * @param remote what others confirmed after the base
 * @param rules what is registered
 * @param introduced the local ids that the intent introduces
 * @param tx the local id of the transaction's own entity
 * @param problems what keeps the intent from being committed
 * @param conflicts what met, settled or not
 * @param open those of the conflicts that a person has to settle
 */
record Situation(
    TracingView view,
    RemoteChanges remote,
    Rules rules,
    Set<Long> introduced,
    long tx,
    List<Problem> problems,
    List<Conflict> conflicts,
    Set<Conflict> open) {
  Situation(TracingView view, RemoteChanges remote, Rules rules, Set<Long> introduced, long tx) {
    this(view, remote, rules, introduced, tx, new ArrayList<>(), new ArrayList<>(), new HashSet<>());
  }

  /** Notes a conflict that a person has to settle. */
  void open(Conflict conflict) {
    conflicts.add(conflict);
    open.add(conflict);
  }
}
