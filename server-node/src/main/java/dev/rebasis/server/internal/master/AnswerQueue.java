package dev.rebasis.server.internal.master;

import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.PushOutcome;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Answers in the order in which they were found, each held back until what it speaks of is durable. Confined to the
 * core.
 */
final class AnswerQueue {
  /** Either an outcome of a push, or another answer. */
  private record Waiting(long t, Master.Push push, PushOutcome outcome, Runnable other, Consumer<RebasisException> refused) {}

  private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();

  /** Holds back an outcome until T is durable. */
  void add(long t, Master.Push push, PushOutcome outcome) {
    waiting.add(new Waiting(t, push, outcome, null, null));
  }

  /**
   * Holds back another answer until T is durable.
   *
   * @param refused told if T will never be
   */
  void add(long t, Runnable answer, Consumer<RebasisException> refused) {
    waiting.add(new Waiting(t, null, null, answer, refused));
  }

  /** Nothing more becomes durable: whoever waits is told so, each push once. */
  void refuse(RebasisException reason) {
    Set<Master.Push> told = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Waiting next = waiting.poll(); next != null; next = waiting.poll()) {
      if (next.push == null) {
        next.refused.accept(reason);
      } else if (told.add(next.push)) {
        next.push.refused(reason);
      }
    }
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
