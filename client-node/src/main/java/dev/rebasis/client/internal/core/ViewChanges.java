package dev.rebasis.client.internal.core;

import dev.rebasis.client.internal.query.QueryReads;
import java.util.ArrayList;
import java.util.List;

/**
 * What changed since one live query was last looked at. Bounded: once it is more than a few thousand facts, it is only
 * known that something changed, and the query is asked again. Confined to its owner's lock.
 */
final class ViewChanges {
  /** Facts, each publication counting as one more, that are kept to look through. */
  static final int KEPT_MAX = 10_000;

  private List<ViewChange> kept = new ArrayList<>();
  private int size;
  private int batches;
  private boolean all;

  /** Adds a publication. */
  void add(ViewChange change) {
    batches++;
    size += change.size() + change.attributes().size() + 1;
    all |= change.anything() || size > KEPT_MAX;
    if (all) {
      kept.clear();
    } else {
      kept.add(change);
    }
  }

  /** How many publications. */
  int batches() {
    return batches;
  }

  /** How many are kept one by one. */
  int kept() {
    return kept.size();
  }

  /** Hands over what there is, and begins anew. */
  ViewChanges take() {
    ViewChanges taken = new ViewChanges();
    taken.kept = kept;
    taken.batches = batches;
    taken.all = all;
    kept = new ArrayList<>();
    size = 0;
    batches = 0;
    all = false;
    return taken;
  }

  /** Whether they can change the answer of a query that reads this. */
  boolean canMatterTo(QueryReads reads) {
    return all || kept.stream().anyMatch(change -> change.canMatterTo(reads));
  }
}
