package dev.rebasis.client.internal.rebase;

import dev.rebasis.conflict.RemoteChanges;
import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Values;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.LongPredicate;

/**
 * Remote changes as one pending transaction meets them: where a pending predecessor writes {@code (e a)} (of cardinality
 * many, {@code (e a v)}), its write lands on top of whatever others did there, so nothing remote is left. Confined to one
 * decision.
 */
final class PendingChanges implements RemoteChanges {
  private final RemoteChanges confirmed;
  private final OptimisticState state;
  private final LongPredicate isPredecessor;

  /**
   * Makes the changes for one decision.
   *
   * @param confirmed what others confirmed after the basis T
   * @param state the views; its overlay is asked who wrote where
   * @param isPredecessor whether a local transaction id is that of a transaction earlier in the queue
   */
  PendingChanges(RemoteChanges confirmed, OptimisticState state, LongPredicate isPredecessor) {
    this.confirmed = confirmed;
    this.state = state;
    this.isPredecessor = isPredecessor;
  }

  @Override
  public boolean isEmpty() {
    return confirmed.isEmpty();
  }

  @Override
  public List<Datom> of(long e, long a) {
    return visible(confirmed.of(e, a));
  }

  @Override
  public List<Datom> of(long e) {
    return visible(confirmed.of(e));
  }

  @Override
  public List<Datom> ofValue(long a, Object v) {
    return visible(confirmed.ofValue(a, v));
  }

  @Override
  public Set<Long> changedOn(long a) {
    return confirmed.changedOn(a);
  }

  @Override
  public List<Object> baseValues(long e, long a) {
    List<Object> values = new ArrayList<>();
    for (Object v : confirmed.baseValues(e, a)) {
      if (!isOverwritten(e, a, v)) {
        values.add(v);
      }
    }
    for (Datom datom : state.optimistic().datoms(IndexOrder.EAVT, e, a)) {
      if (isOverwritten(e, a, datom.v())) {
        values.add(datom.v());
      }
    }
    values.sort(Values::compare);
    return values;
  }

  private List<Datom> visible(List<Datom> remote) {
    List<Datom> left = new ArrayList<>(remote.size());
    for (Datom datom : remote) {
      if (!isOverwritten(datom.e(), datom.a(), datom.v())) {
        left.add(datom);
      }
    }
    return left;
  }

  /** Whether a predecessor wrote in the place; of cardinality many, each value is a place of its own. */
  private boolean isOverwritten(long e, long a, Object v) {
    Attribute attribute = state.optimistic().schema().attribute(a);
    boolean many = attribute != null && attribute.isMany();
    Object[] place = many ? new Object[] {e, a, v} : new Object[] {e, a};
    for (Datom operation : state.layers().overlay().operations(IndexOrder.EAVT, place)) {
      if (isPredecessor.test(operation.tx())) {
        return true;
      }
    }
    return false;
  }
}
