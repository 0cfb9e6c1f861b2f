package dev.rebasis.client.internal.index;

import dev.rebasis.client.internal.db.Overlay;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Schema;
import dev.rebasis.data.Transaction;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The newest transactions at one moment, which are not in the trees yet: an overlay over these, made when somebody reads.
 * What was made for an earlier moment is gone on from, so that who reads after each transaction pays for each datom once.
 * Immutable but for that; threads may share it.
 */
final class Recent {
  /** The overlay of so many transactions. */
  record Laid(int count, Overlay overlay) {}

  private final Transaction[] transactions; // those from count on are of later moments
  private final int count;
  private final Schema schema;
  private final AtomicReference<Laid> newest;
  private volatile Overlay overlay;

  /**
   * Makes one.
   *
   * @param transactions the first count of them are these, and stay
   * @param schema of the trees; none of the transactions changes it
   * @param newest what was made last, shared by the moments that go on from the same trees
   */
  Recent(Transaction[] transactions, int count, Schema schema, AtomicReference<Laid> newest) {
    this.transactions = transactions;
    this.count = count;
    this.schema = schema;
    this.newest = newest;
  }

  boolean isEmpty() {
    return count == 0;
  }

  /**
   * The transactions as facts that hide those of the trees.
   *
   * @param trees what they are laid over
   */
  Overlay over(IndexRoots trees) {
    Overlay known = overlay;
    if (known != null) {
      return known;
    }
    Laid begun = newest.get();
    Laid last = begun.count <= count ? begun : new Laid(0, Overlay.EMPTY);
    Overlay laid = last.overlay;
    for (int i = last.count; i < count; i++) {
      for (Datom datom : transactions[i].datoms()) {
        laid = changes(datom, laid, trees) ? laid.apply(List.of(datom), schema) : laid;
      }
    }
    overlay = laid;
    if (count > begun.count) {
      newest.compareAndSet(begun, new Laid(count, laid));
    }
    return laid;
  }

  /** Whether a datom is more than is there already; see {@link FactSteps}. */
  private static boolean changes(Datom datom, Overlay laid, IndexRoots trees) {
    Datom last = laid.newest(datom);
    if (last == null) {
      return !datom.added() || trees.find(IndexOrder.EAVT, datom) == null;
    }
    return datom.added() ? !last.added() : !datom.equals(last);
  }
}
