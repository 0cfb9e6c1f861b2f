package dev.rebasis.server.internal.session;

import datomic.Database;
import dev.rebasis.data.Transaction;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Message;
import dev.rebasis.server.internal.scope.PartRule;
import dev.rebasis.server.internal.scope.ScopeState;
import dev.rebasis.server.internal.scope.ScopeStep;
import dev.rebasis.server.internal.scope.TransactionRecord;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A part of the database at the newest T, and its newest steps, shared by all sessions that see the same. Confined to the
 * core.
 */
final class PartGroup {
  /** So many datoms of the newest steps are kept for sessions that are a little behind. */
  private static final int RECENT_DATOMS_MAX = 20_000;

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

  private final ScopeState state;
  private final TreeMap<Long, Entry> recent = new TreeMap<>();
  private final Visibility visibility;
  private long recentFrom;
  private long lastSeenT;
  private int recentDatoms;
  private int users;
  private RebasisException fault;

  PartGroup(ScopeState state) {
    this.state = state;
    this.visibility = new Visibility(state.rule().hidden());
    this.recentFrom = state.t();
    this.lastSeenT = state.t();
  }

  PartRule rule() {
    return state.rule();
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

  /** Whether it knows every step after a T. */
  boolean covers(long t) {
    return t >= recentFrom;
  }

  /** The first step after a T of which a client sees something, or null. */
  Entry after(long t, long reader) {
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
    try {
      ScopeStep step = visible(state.advance(transaction, after, record), visibility, machine);
      if (step.seen() != null || step.own() != null) {
        Frame frame = step.seen() == null ? null
            : new Frame(new Message.Transactions(lastSeenT, List.of(step.seen()), machine.master().forcedT()));
        remember(new Entry(step, lastSeenT, frame));
        lastSeenT = step.seen() == null ? lastSeenT : step.t();
      }
    } catch (RebasisException e) {
      fault = e;
    }
  }

  static ScopeStep visible(ScopeStep step, Visibility visibility, ServerMachine machine) {
    return visibility.isAll() ? step : new ScopeStep(step.t(), seen(step.seen(), visibility, machine), step.client(),
        seen(step.own(), visibility, machine));
  }

  private static Transaction seen(Transaction transaction, Visibility visibility, ServerMachine machine) {
    return transaction == null ? null : visibility.of(transaction, machine.master().schema());
  }

  private void remember(Entry entry) {
    recent.put(entry.step().t(), entry);
    recentDatoms += entry.datoms();
    while (recentDatoms > RECENT_DATOMS_MAX && recent.size() > 1) {
      Map.Entry<Long, Entry> oldest = recent.pollFirstEntry();
      recentFrom = oldest.getKey();
      recentDatoms -= oldest.getValue().datoms();
    }
  }

  void enter() {
    users++;
  }

  /** Whether nobody is left. */
  boolean leave() {
    return --users == 0;
  }
}
