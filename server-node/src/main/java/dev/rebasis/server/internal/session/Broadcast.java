package dev.rebasis.server.internal.session;

import dev.rebasis.data.Transaction;
import dev.rebasis.protocol.Message;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
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

  private static final int JOINED_MAX = 64;

  private final SessionLimits limits;
  private final ArrayDeque<Batch> recent = new ArrayDeque<>();
  private final Map<Long, Batch> byFollows = new HashMap<>();
  private int recentDatoms;
  /** Several small batches as one message, for sessions that come back: theirs would be a message for each transaction. */
  private final Map<Long, Batch> joined = new LinkedHashMap<>() {
    @Override
    protected boolean removeEldestEntry(Map.Entry<Long, Batch> eldest) {
      return size() > JOINED_MAX;
    }
  };

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

  /** The batch that follows on a T, with those after it while they are small; null if it is not at hand. */
  Batch after(long t) {
    Batch first = byFollows.get(t);
    Batch second = first == null ? null : byFollows.get(first.lastT());
    if (second == null || first.datoms() + second.datoms() > limits.batchDatoms()) {
      return first;
    }
    // One that was joined when there was less is as good: the rest comes with the next.
    return joined.computeIfAbsent(t, this::join);
  }

  private Batch join(long t) {
    List<Transaction> transactions = new ArrayList<>();
    long basisT = 0;
    int datoms = 0;
    for (Batch next = byFollows.get(t); next != null && datoms + next.datoms() <= limits.batchDatoms();
        next = byFollows.get(next.lastT())) {
      Message.Transactions message = (Message.Transactions) next.frame().message();
      transactions.addAll(message.transactions());
      basisT = message.basisT();
      datoms += next.datoms();
    }
    return batch(t, transactions, basisT);
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
