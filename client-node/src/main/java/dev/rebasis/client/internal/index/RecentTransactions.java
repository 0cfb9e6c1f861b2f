package dev.rebasis.client.internal.index;

import dev.rebasis.client.internal.db.Overlay;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Schema;
import dev.rebasis.data.SystemIds;
import dev.rebasis.data.Transaction;
import java.util.Arrays;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Collects the newest transactions until they are enough to go into the trees together. Confined to the index's owner.
 *
 * <p>How many are enough differs from store to store and from time to time: the clients in one program take in the same
 * transactions, and would all stop to work at the same moment.
 */
final class RecentTransactions {
  /** So many datoms of a client's newest transactions are kept beside its trees at the most: a few hundred kilobytes. */
  static final int DATOMS_MAX = 2_048;

  private static final int FIRST_CAPACITY = 16;
  private static final long SPREAD = 0x9e3779b97f4a7c15L; // 2^64 over the golden ratio: neighbours get far apart

  private final int datomsMax;
  private Transaction[] transactions = new Transaction[FIRST_CAPACITY];
  private String[] chains = new String[FIRST_CAPACITY];
  private AtomicReference<Recent.Laid> newest;
  private int count;
  private int datoms;
  private int enough;

  /**
   * With none.
   *
   * @param datomsMax so many datoms wait at the most
   */
  RecentTransactions(int datomsMax) {
    this.datomsMax = datomsMax;
    clear();
  }

  /** Whether a transaction can wait: one of new datoms only, which leaves the schema as it is, and is not large. */
  boolean takes(Transaction transaction) {
    if (!transaction.withdrawn().isEmpty() || transaction.datoms().size() >= datomsMax / 2) {
      return false;
    }
    for (Datom datom : transaction.datoms()) {
      if (datom.tx() != transaction.tx() || SystemIds.isSchemaAttribute(datom.a())) {
        return false;
      }
    }
    return true;
  }

  /**
   * Adds one that {@link #takes} allows.
   *
   * @param chain the hash chain at it as the log tells; null for a transaction that is as it came
   * @param store which store this is of
   */
  void add(Transaction transaction, String chain, UUID store) {
    if (count == 0) {
      long draw = (store.getLeastSignificantBits() ^ transaction.t()) * SPREAD >>> 32;
      enough = datomsMax / 4 + (int) (draw % Math.max(1, datomsMax / 4));
    }
    if (count == transactions.length) {
      transactions = Arrays.copyOf(transactions, 2 * count);
      chains = Arrays.copyOf(chains, 2 * count);
    }
    transactions[count] = transaction;
    chains[count++] = chain;
    datoms += transaction.datoms().size() + 1;
  }

  boolean isEmpty() {
    return count == 0;
  }

  /** Whether they are enough. */
  boolean isFull() {
    return datoms >= enough;
  }

  /** T of the newest; there must be one. */
  long t() {
    return transactions[count - 1].t();
  }

  /** As they are now. */
  Recent now(Schema schema) {
    return new Recent(transactions, count, schema, newest);
  }

  /** Forgets them. */
  void clear() {
    transactions = new Transaction[FIRST_CAPACITY];
    chains = new String[FIRST_CAPACITY];
    newest = new AtomicReference<>(new Recent.Laid(0, Overlay.EMPTY));
    count = 0;
    datoms = 0;
  }

  /** Puts them into the trees, and forgets them. */
  void moveTo(IndexStore index) {
    if (count == 0) {
      return;
    }
    Transaction[] all = Arrays.copyOf(transactions, count);
    String[] links = Arrays.copyOf(chains, count);
    clear();
    index.apply(Arrays.asList(all), Arrays.asList(links));
  }
}
