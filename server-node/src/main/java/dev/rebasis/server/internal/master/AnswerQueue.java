package dev.rebasis.server.internal.master;

import dev.rebasis.protocol.PushOutcome;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * Answers in the order in which they were found, each held back until what it speaks of is durable. Confined to the
 * core.
 */
final class AnswerQueue {
  /** Either an outcome of a push, or another answer. */
  private record Waiting(long t, Master.Push push, PushOutcome outcome, Runnable other) {}

  private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();

  /** Holds back an outcome until T is durable. */
  void add(long t, Master.Push push, PushOutcome outcome) {
    waiting.add(new Waiting(t, push, outcome, null));
  }

  /** Holds back another answer until T is durable. */
  void add(long t, Runnable answer) {
    waiting.add(new Waiting(t, null, null, answer));
  }

  /** Releases what speaks of transactions up to a T; neighbouring outcomes of one push go together. */
  void release(long forcedT) {
    while (!waiting.isEmpty() && waiting.peek().t <= forcedT) {
      Waiting next = waiting.poll();
      if (next.push == null) {
        next.other.run();
        continue;
      }
      List<PushOutcome> outcomes = new ArrayList<>();
      outcomes.add(next.outcome);
      while (!waiting.isEmpty() && waiting.peek().t <= forcedT && waiting.peek().push == next.push) {
        outcomes.add(waiting.poll().outcome);
      }
      next.push.decided(outcomes);
    }
  }
}
