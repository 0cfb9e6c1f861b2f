package dev.rebasis.client.internal.sync;

import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Message;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongPredicate;

/**
 * Requests to catch up that are not fulfilled yet. Confined to the {@link SyncMachine}.
 *
 * <p>A request for "now" is fulfilled once the server's answer came, everything that was pending at the request is
 * decided, and all that is applied. One for a T is fulfilled once the applied T is at least that, or once the server
 * answered that it sent everything up to it and that is applied (the T itself may be nobody's transaction).
 */
final class SyncWaiters {
  private static final long NOT_YET = -1;

  private static final class Waiter {
    final long t;
    long seq;
    boolean answered;
    long neededNumber = NOT_YET;

    Waiter(long t, long seq) {
      this.t = t;
      this.seq = seq;
    }
  }

  private final Map<Long, Waiter> waiters = new LinkedHashMap<>();

  /** Adds a request: for a T, or for now if it is 0, and for decisions up to a sequence number. */
  void add(long ref, long t, long seq) {
    waiters.put(ref, new Waiter(t, seq));
  }

  /** What stood at a sequence number or behind stands further back now: who waits for it waits up to there. */
  void moved(long from, long to) {
    for (Waiter waiter : waiters.values()) {
      waiter.seq = waiter.seq >= from ? Math.max(waiter.seq, to) : waiter.seq;
    }
  }

  /** The requests that the server must still answer, as messages. */
  List<Message.Sync> unanswered() {
    List<Message.Sync> messages = new ArrayList<>();
    waiters.forEach((ref, waiter) -> {
      if (!waiter.answered) {
        messages.add(new Message.Sync(ref, waiter.t));
      }
    });
    return messages;
  }

  void answered(long ref) {
    Waiter waiter = waiters.get(ref);
    if (waiter != null) {
      waiter.answered = true;
    }
  }

  /**
   * Takes out what is fulfilled.
   *
   * @param appliedT the newest applied T
   * @param isDecided whether everything up to a sequence number is decided
   * @param lastNumber the newest batch handed to storage
   * @param isApplied whether a batch is applied
   */
  List<SyncAction> fulfilled(long appliedT, LongPredicate isDecided, long lastNumber, LongPredicate isApplied) {
    if (waiters.isEmpty()) {
      return List.of();
    }
    List<SyncAction> actions = new ArrayList<>();
    for (Iterator<Map.Entry<Long, Waiter>> i = waiters.entrySet().iterator(); i.hasNext();) {
      Map.Entry<Long, Waiter> entry = i.next();
      Waiter waiter = entry.getValue();
      boolean reached = waiter.t > 0 && appliedT >= waiter.t;
      if (waiter.neededNumber == NOT_YET && (waiter.answered || reached) && isDecided.test(waiter.seq)) {
        waiter.neededNumber = reached ? 0 : lastNumber;
      }
      if (waiter.neededNumber != NOT_YET && isApplied.test(waiter.neededNumber)) {
        i.remove();
        actions.add(new SyncAction.Synced(entry.getKey(), null));
      }
    }
    return actions;
  }

  /** Takes out all of them as failed. */
  List<SyncAction> failed(RebasisException error) {
    List<SyncAction> actions = new ArrayList<>();
    waiters.keySet().forEach(ref -> actions.add(new SyncAction.Synced(ref, error)));
    waiters.clear();
    return actions;
  }
}
