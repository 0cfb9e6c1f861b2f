package dev.rebasis.client.internal.rebase;

import dev.rebasis.client.internal.db.ConfirmedChanges;
import dev.rebasis.conflict.RemoteChanges;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What a pending transaction that takes an earlier one back meets: everything since that one, whoever wrote it. Pending
 * predecessors of its own client are no exception: they are on the server by the time it is decided there, and count as
 * any other. Confined to one decision.
 */
final class LaterChanges implements RemoteChanges {
  private final RemoteChanges confirmed;
  private final OptimisticState state;
  private final long seq;

  /**
   * Makes the changes for one decision.
   *
   * @param state the views; its overlay is asked who wrote where
   * @param basisT the T of what is taken back
   * @param seq the place in the queue of what takes it back
   */
  LaterChanges(OptimisticState state, long basisT, long seq) {
    this.confirmed = ConfirmedChanges.ofAll(state.layers().snapshot(), basisT);
    this.state = state;
    this.seq = seq;
  }

  @Override
  public boolean isEmpty() {
    return false;
  }

  @Override
  public List<Datom> of(long e, long a) {
    return withPending(confirmed.of(e, a), IndexOrder.EAVT, e, a);
  }

  @Override
  public List<Datom> of(long e) {
    return withPending(confirmed.of(e), IndexOrder.EAVT, e);
  }

  @Override
  public List<Datom> ofValue(long a, Object v) {
    return withPending(confirmed.ofValue(a, v), IndexOrder.AVET, a, v);
  }

  /** Those on the T of what is taken back, which is confirmed: nothing pending bears on them. */
  @Override
  public List<Object> baseValues(long e, long a) {
    return confirmed.baseValues(e, a);
  }

  private List<Datom> withPending(List<Datom> since, IndexOrder order, Object... place) {
    List<Datom> pending = new ArrayList<>();
    for (Datom operation : state.layers().overlay().operations(order, place)) {
      if (state.queue().isBefore(operation.tx(), seq)) {
        pending.add(operation);
      }
    }
    if (pending.isEmpty()) {
      return since;
    }
    pending.sort(Comparator.comparingLong((Datom operation) -> state.queue().makerOf(operation.tx()).seq())
        .thenComparing(Datom::added));
    List<Datom> all = new ArrayList<>(since);
    all.addAll(pending);
    return all;
  }
}
