package dev.rebasis.client.internal.core;

import dev.rebasis.client.internal.db.DatabaseValue;
import dev.rebasis.client.internal.query.QueryReads;
import dev.rebasis.client.internal.rebase.PendingTransaction;
import dev.rebasis.client.internal.rebase.Rebased;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Transaction;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What one publication changed in the optimistic view, as far as a live query needs it to know whether to ask again. It
 * holds no view, so that one which waits for a slow listener keeps no old version of the index alive. Immutable.
 *
 * @param anything whether anything may have changed; the rest says nothing then
 * @param datoms the facts that came or went, in lists of others that do not change
 * @param attributes attributes of which any fact may have come or gone
 * @param ids whether entities made here may have got their ids from the server, or be others than before
 */
record ViewChange(boolean anything, List<List<Datom>> datoms, Set<Long> attributes, boolean ids) {
  /** Anything may have changed. */
  static final ViewChange ANYTHING = new ViewChange(true, List.of(), Set.of(), true);

  /** One transaction was made here. */
  static ViewChange made(List<Datom> datoms) {
    return new ViewChange(false, List.of(datoms), Set.of(), false);
  }

  /**
   * Transactions were confirmed, and pending ones decided. If only those went that the batch decided, the view changed by
   * their facts and the confirmed ones; if others were decided anew, it may have by any fact that is or was pending.
   */
  static ViewChange confirmed(List<Transaction> transactions, Rebased rebased) {
    List<List<Datom>> datoms = new ArrayList<>(transactions.size() + rebased.left().size());
    transactions.forEach(transaction -> datoms.add(transaction.datoms()));
    if (rebased.decidedAnew() > 0) {
      return new ViewChange(
          false, datoms, attributes(rebased.optimisticBefore(), rebased.optimisticAfter()), true);
    }
    for (PendingTransaction left : rebased.left()) {
      datoms.add(left.datoms());
    }
    return new ViewChange(false, datoms, Set.of(), !rebased.left().isEmpty());
  }

  /** Pending transactions were taken out of the view without a batch. */
  static ViewChange between(DatabaseValue before, DatabaseValue after) {
    return new ViewChange(false, List.of(), attributes(before, after), true);
  }

  private static Set<Long> attributes(DatabaseValue before, DatabaseValue after) {
    Set<Long> attributes = new HashSet<>(before.overlay().attributes());
    attributes.addAll(after.overlay().attributes());
    return attributes;
  }

  /** How many facts it names. */
  int size() {
    return datoms.stream().mapToInt(List::size).sum();
  }

  /** Whether it can change the answer of a query that reads this. */
  boolean canMatterTo(QueryReads reads) {
    return anything
        || ids && reads.namesLocalIds()
        || attributes.stream().anyMatch(reads::isTouchedBy)
        || datoms.stream().anyMatch(some -> some.stream().anyMatch(reads::isTouchedBy));
  }
}
