package dev.rebasis.simulations.sim;

import dev.rebasis.data.Transaction;
import dev.rebasis.simulations.check.Promise;
import dev.rebasis.simulations.world.ServerNode;
import java.util.List;
import java.util.function.BiConsumer;

/** Remembers what the server has acknowledged, which it must show after each start. Confined to one play. */
final class ServerWatch {
  private final Tally tally;
  private final BiConsumer<Promise, String> report;
  private List<Transaction> acknowledged = List.of();

  /**
   * Begins.
   *
   * @param report told of what is broken
   */
  ServerWatch(Tally tally, BiConsumer<Promise, String> report) {
    this.tally = tally;
    this.report = report;
  }

  /** Its log was set back to a T. */
  void wentBack(long t) {
    acknowledged = acknowledged.stream().filter(transaction -> transaction.t() <= t).toList();
  }

  /** The server is about to die, or is simply looked at: what it shows now is acknowledged. */
  void remember(ServerNode node) {
    tally.check();
    List<Transaction> now = node.master().transactionsAfter(0, Integer.MAX_VALUE);
    compare(now);
    acknowledged = now;
  }

  /** The server is back: it must show what it had shown. */
  void returned(ServerNode node) {
    tally.check();
    compare(node.master().transactionsAfter(0, Integer.MAX_VALUE));
  }

  private void compare(List<Transaction> now) {
    int count = acknowledged.size();
    if (now.size() < count) {
      report.accept(Promise.DURABLE, "the server has " + now.size() + " transactions, and had acknowledged " + count);
    } else if (!now.subList(0, count).equals(acknowledged)) {
      report.accept(Promise.DURABLE, "the server has other transactions than those that it had acknowledged");
    }
  }
}
