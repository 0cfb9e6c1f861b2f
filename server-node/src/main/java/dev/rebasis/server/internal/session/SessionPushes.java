package dev.rebasis.server.internal.session;

import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Message;
import java.util.ArrayDeque;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * What a session's client pushes on its way to a decision: in order, not faster than the limits say, and only while there
 * is room on the disk. Confined to the core.
 */
final class SessionPushes {
  private final ServerMachine machine;
  private final Outflow outflow;
  private final BooleanSupplier live;
  private final Consumer<Message.Push> decide;
  private final PushOrder order = new PushOrder();
  /** Pushes that wait for room on the disk; bounded like what waits for a decision. */
  private final ArrayDeque<Message.Push> held = new ArrayDeque<>();
  private int undecided;

  /**
   * Begins with nothing pushed.
   *
   * @param live whether the session goes on
   * @param decide has a push decided; {@link #decided} is told when it is
   */
  SessionPushes(ServerMachine machine, Outflow outflow, BooleanSupplier live, Consumer<Message.Push> decide) {
    this.machine = machine;
    this.outflow = outflow;
    this.live = live;
    this.decide = decide;
  }

  /** How many transactions wait for their decision. */
  int undecided() {
    return undecided;
  }

  /** So many have theirs, or will never get one. */
  void decided(int transactions) {
    undecided -= transactions;
  }

  /**
   * A push has arrived.
   *
   * @param pusher whose rate it counts for
   * @throws RebasisException if it comes out of order or too fast: the session ends
   */
  void take(Message.Push message, Object pusher) {
    if (!order.isDue(message)) {
      return;
    }
    int transactions = message.intents().size();
    long wait = machine.rates().take(pusher, transactions);
    if (wait > 0) {
      throw SessionErrors.pushedTooFast(machine.limits().pushRateMax(), wait);
    }
    undecided += transactions;
    if (machine.isDiskFull()) {
      held.add(message);
      if (held.size() == 1) {
        outflow.send(SessionErrors.failed(machine.diskFull(), false));
      }
    } else {
      decide.accept(message);
    }
  }

  /** There is room on the disk again. */
  void decideHeld() {
    while (live.getAsBoolean() && !held.isEmpty() && !machine.isDiskFull()) {
      decide.accept(held.poll());
    }
  }
}
