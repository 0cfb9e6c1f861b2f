package dev.rebasis.simulations.sim;

import dev.rebasis.simulations.workload.Workload;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Calls that make transactions and did not return, since somebody died in them. Confined to one play. */
final class LostCalls {
  /**
   * Such a call, and how many forms it was given: -1 if that is not known, and then it may have made any number of transactions
   * up to this one; else it made so many, all or none.
   */
  record Lost(Step step, int forms, int transactions) {}

  private final Workload workload;
  private final Map<String, Integer> transactions = new HashMap<>();
  private final Map<String, Lost> last = new HashMap<>();
  private final List<Workload.Committed> unknown = new ArrayList<>();

  LostCalls(Workload workload) {
    this.workload = workload;
  }

  /** By node, how many transactions may be on the server of which nobody heard. */
  Map<String, Integer> transactions() {
    return transactions;
  }

  /** The operations that may be there or not. */
  List<Workload.Committed> unknown() {
    return unknown;
  }

  /**
   * A call did not return.
   *
   * @param forms of how many each of its transactions is made; -1 if that is not known, nor how many they are
   * @param most how many these are, at most
   */
  void add(Step step, int forms, int most) {
    if (workload.kinds().contains(step.kind()) || Revisits.is(step.kind())) {
      unknown.add(new Workload.Committed(step.node(), step.kind(), step.operation(), false, Workload.Certainty.UNKNOWN));
    }
    transactions.merge(step.node(), most, Integer::sum);
    last.put(step.node(), new Lost(step, forms, most));
  }

  /** The last one on a node, which then counts as looked into; null if there is none. */
  Lost takeLast(String node) {
    return last.remove(node);
  }

  /** All that it may have made is known now. */
  void found(Lost lost) {
    // Of those that were bound together some may have been decided already, in an earlier life that told nobody.
    transactions.merge(lost.step.node(), -lost.transactions, Integer::sum);
  }
}
