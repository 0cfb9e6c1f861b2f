package dev.rebasis.conflict;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What one decision works with and what it found so far. Confined to the decision.
 *
 * @param view the database value before the transaction
 * @param remote what others confirmed after the base
 * @param introduced the local ids that the intent introduces
 * @param tx the local id of the transaction's own entity
 * @param problems what keeps the intent from being committed
 * @param conflicts what met
 */
record Situation(
    TracingView view,
    RemoteChanges remote,
    Set<Long> introduced,
    long tx,
    List<Problem> problems,
    List<Conflict> conflicts) {
  Situation(TracingView view, RemoteChanges remote, Set<Long> introduced, long tx) {
    this(view, remote, introduced, tx, new ArrayList<>(), new ArrayList<>());
  }
}
