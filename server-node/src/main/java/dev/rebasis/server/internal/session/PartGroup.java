package dev.rebasis.server.internal.session;

import datomic.Database;
import dev.rebasis.data.Transaction;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Message;
import dev.rebasis.server.internal.scope.PartRule;
import dev.rebasis.server.internal.scope.Reader;
import dev.rebasis.server.internal.scope.ScopeState;
import dev.rebasis.server.internal.scope.ScopeStep;
import dev.rebasis.server.internal.scope.TransactionRecord;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A part of the database at the newest T, and its newest steps, shared by all sessions that see the same. Confined to the
 * core.
 */
final class PartGroup {
  /** So many datoms of the newest steps are kept for sessions that are a little behind. */
  private static final int RECENT_DATOMS_MAX = 20_000;
  /** The same of all groups, which share it. */
  private static final int RECENT_DATOMS_ALL = 200_000;

  /**
   * A step, ready to send.
   *
   * @param step what is seen
   * @param follows the T of the step before it of which everybody sees something
   * @param frame the message for who stands there and is not the transaction's client; null if nothing is seen
   */
  record Entry(ScopeStep step, long follows, Frame frame) {
    private int datoms() {
      return (step.seen() == null ? 0 : step.seen().datoms().size()) + (step.own() == null ? 0 : step.own().datoms().size());
    }
  }

  private final PartRule rule;
  /** Null once there is a fault. */
  private ScopeState state;
  private final Map<ScopeBudget, Integer> payers = new HashMap<>();
  private final PartRoom room;
  private final TreeMap<Long, Entry> recent = new TreeMap<>();
  private final Visibility visibility;
  private long recentFrom;
  private long lastSeenT;
  private int recentDatoms;
  private RebasisException fault;

  /**
   * The part at the newest T.
   *
   * @param payer who asks first, and pays for the evaluation
   * @throws RebasisException if it cannot be told
   */
  PartGroup(PartRule rule, ServerMachine machine, ScopeBudget payer) {
    this.rule = rule;
    this.room = new PartRoom(machine.parts(), payers.keySet());
    enter(payer);
    payer.begin();
    try {
      this.state = new ScopeState(rule, machine.master().database(), machine.master().forcedT(),
          machine.master()::schema, machine.parts().time(this::millisLeft), room);
      room.count();
    } catch (RuntimeException e) {
      room.release();
      throw e;
    } finally {
      payer.end();
    }
    this.visibility = new Visibility(rule.hidden(), null);
    this.recentFrom = state.t();
    this.lastSeenT = state.t();
  }

  PartRule rule() {
    return rule;
  }

  /**
   * The part at the newest T.
   *
   * @throws RebasisException if it can no longer be told
   */
  ScopeState state() {
    if (fault != null) {
      throw fault;
    }
    return state;
  }

  /** Why it can no longer be told; null while it can. */
  RebasisException fault() {
    return fault;
  }

  /** Whether it knows every step after a T. */
  boolean covers(long t) {
    return t >= recentFrom;
  }

  /** The first step after a T of which a client sees something, or null. */
  Entry after(long t, Reader reader) {
    state();
    for (Entry entry : recent.tailMap(t, false).values()) {
      if (entry.step().of(reader) != null) {
        return entry;
      }
    }
    return null;
  }

  void advance(Transaction transaction, Database after, TransactionRecord record, ServerMachine machine) {
    if (fault != null) {
      return;
    }
    List<ScopeBudget> paying = List.copyOf(payers.keySet());
    paying.forEach(ScopeBudget::begin);
    try {
      ScopeStep step = visible(state.advance(transaction, after, record), visibility, machine);
      if (step.seen() != null || step.own() != null) {
        Frame frame = step.seen() == null ? null
            : new Frame(new Message.Transactions(lastSeenT, List.of(step.seen()), machine.master().forcedT()));
        remember(new Entry(step, lastSeenT, frame), Math.min(RECENT_DATOMS_MAX, RECENT_DATOMS_ALL / machine.parts().size()));
        lastSeenT = step.seen() == null ? lastSeenT : step.t();
      }
      room.count();
    } catch (RebasisException e) {
      // Its room is free at once: the others that grow with this batch must not pay for it.
      fault = e;
      state = null;
      recent.clear();
      room.release();
    } finally {
      paying.forEach(ScopeBudget::end);
    }
  }

  /** It goes on as long as one of those who share it can pay. */
  private long millisLeft() {
    return payers.keySet().stream().mapToLong(ScopeBudget::millisLeft).max().orElse(0);
  }

  static ScopeStep visible(ScopeStep step, Visibility visibility, ServerMachine machine) {
    return visibility.isAll() ? step : new ScopeStep(step.t(), seen(step.seen(), visibility, machine), step.client(),
        step.user(), seen(step.own(), new Visibility(visibility.hidden(), step.user()), machine));
  }

  private static Transaction seen(Transaction transaction, Visibility visibility, ServerMachine machine) {
    return transaction == null ? null : visibility.of(transaction, machine.master().schema());
  }

  private void remember(Entry entry, int datomsMax) {
    recent.put(entry.step().t(), entry);
    recentDatoms += entry.datoms();
    while (recentDatoms > datomsMax && recent.size() > 1) {
      Map.Entry<Long, Entry> oldest = recent.pollFirstEntry();
      recentFrom = oldest.getKey();
      recentDatoms -= oldest.getValue().datoms();
    }
  }

  Set<ScopeBudget> payers() {
    return payers.keySet();
  }

  void enter(ScopeBudget payer) {
    if (payers.merge(payer, 1, Integer::sum) == 1) {
      room.joined(payer);
    }
  }

  /** Whether nobody is left. */
  boolean leave(ScopeBudget payer) {
    if (payers.computeIfPresent(payer, (who, sessions) -> sessions == 1 ? null : sessions - 1) == null) {
      room.left(payer);
    }
    if (payers.isEmpty()) {
      room.release();
    }
    return payers.isEmpty();
  }
}
