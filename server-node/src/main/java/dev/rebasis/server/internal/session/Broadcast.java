package dev.rebasis.server.internal.session;

import dev.rebasis.data.Transaction;
import dev.rebasis.protocol.Message;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Cuts durable transactions into messages and keeps the newest, so that sessions that are at the head, or nearly, share
 * them. Confined to the core.
 */
final class Broadcast {
  /**
   * A piece of the log, ready to send.
   *
   * @param follows the T before the first transaction
   * @param lastT the T of the last transaction
   * @param datoms how many datoms it holds
   * @param frame the message
   */
  record Batch(long follows, long lastT, int datoms, Frame frame) {}

  private final SessionLimits limits;
  private final ArrayDeque<Batch> recent = new ArrayDeque<>();
  private final Map<Long, Batch> byFollows = new HashMap<>();
  private int recentDatoms;

  Broadcast(SessionLimits limits) {
    this.limits = limits;
  }

  /** Takes transactions that have just become durable. */
  void add(long follows, List<Transaction> transactions, long basisT) {
    long before = follows;
    int from = 0;
    int datoms = 0;
    for (int i = 0; i < transactions.size(); i++) {
      int more = transactions.get(i).datoms().size();
      if (i > from && datoms + more > limits.batchDatoms()) {
        before = remember(batch(before, transactions.subList(from, i), basisT));
        from = i;
        datoms = 0;
      }
      datoms += more;
    }
    remember(batch(before, transactions.subList(from, transactions.size()), basisT));
  }

  /** The batch that follows on a T, or null if it is not at hand. */
  Batch after(long t) {
    return byFollows.get(t);
  }

  /** Makes a batch that is not remembered. */
  static Batch batch(long follows, List<Transaction> transactions, long basisT) {
    int datoms = 0;
    for (Transaction transaction : transactions) {
      datoms += transaction.datoms().size();
    }
    List<Transaction> copy = List.copyOf(transactions);
    return new Batch(follows, copy.get(copy.size() - 1).t(), datoms,
        new Frame(new Message.Transactions(follows, copy, basisT)));
  }

  private long remember(Batch batch) {
    recent.add(batch);
    byFollows.put(batch.follows(), batch);
    recentDatoms += batch.datoms();
    while (recentDatoms > limits.recentDatoms() && recent.size() > 1) {
      Batch oldest = recent.poll();
      byFollows.remove(oldest.follows());
      recentDatoms -= oldest.datoms();
    }
    return batch.lastT();
  }
}
