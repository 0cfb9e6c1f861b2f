package dev.rebasis.server.internal.scope;

import datomic.Database;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.Schema;
import dev.rebasis.data.Transaction;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongPredicate;
import java.util.function.Supplier;

/**
 * What users may see at the newest transaction, for whoever decides on their transactions. Kept for the users who pushed last,
 * and brought up to date when one of them pushes again: a write costs nothing here, however many users there are, and a push
 * costs what was written since the same user's last one. Confined to the core.
 */
public final class Sights {
  private static final int KEPT_MAX = 4_096;
  /** So many entities are remembered in all, some fifty bytes each. */
  private static final long MEMBERS_MAX = 2_000_000;
  /** Who pushed before so many transactions is evaluated anew. */
  private static final int RECENT_MAX = 1_024;

  private record Step(long number, Transaction transaction, Database after) {}

  private static final class Entry {
    private final ScopeState state;
    private long seen;

    Entry(ScopeState state, long seen) {
      this.state = state;
      this.seen = seen;
    }
  }

  private final Supplier<Schema> schema;
  private final ArrayDeque<Step> recent = new ArrayDeque<>();
  private final QueryTime time;
  private long newest;
  private final Map<PartRule, Entry> entries = new LinkedHashMap<>(16, 0.75f, true) {
    @Override
    protected boolean removeEldestEntry(Map.Entry<PartRule, Entry> eldest) {
      return size() > KEPT_MAX;
    }
  };

  /**
   * Knows nobody yet.
   *
   * @param time how long a query may take
   */
  public Sights(Supplier<Schema> schema, QueryTime time) {
    this.schema = schema;
    this.time = time;
  }

  /** Whether an entity is seen by a rule without scopes; null if all are. */
  public LongPredicate of(PartRule rule, Database now, long t) {
    if (rule.isAll()) {
      return null;
    }
    Entry entry = entries.get(rule);
    if (entry == null || newest - entry.seen > recent.size()) {
      entry = new Entry(new ScopeState(rule, now, t, schema, time), newest);
      entries.put(rule, entry);
      makeRoom();
    } else if (entry.seen < newest) {
      catchUp(rule, entry);
    }
    ScopeState state = entry.state;
    return e -> EntityIds.isSchema(e) || state.members().contains(e);
  }

  /** Forgets who pushed longest ago. Called after an evaluation, which costs more. */
  private void makeRoom() {
    long members = 0;
    for (Entry entry : entries.values()) {
      members += entry.state.members().size();
    }
    for (var eldest = entries.values().iterator(); members > MEMBERS_MAX && entries.size() > 1; ) {
      members -= eldest.next().state.members().size();
      eldest.remove();
    }
  }

  private void catchUp(PartRule rule, Entry entry) {
    List<Step> missed = new ArrayList<>();
    for (var steps = recent.descendingIterator(); steps.hasNext(); ) {
      Step step = steps.next();
      if (step.number <= entry.seen) {
        break;
      }
      missed.add(step);
    }
    TransactionRecord record = new TransactionRecord(schema.get());
    // One that fails on its way stands nowhere: it must not be asked again.
    entries.remove(rule);
    for (int i = missed.size() - 1; i >= 0; i--) {
      Step step = missed.get(i);
      entry.state.advance(step.transaction, step.after, record);
      entry.seen = step.number;
    }
    entries.put(rule, entry);
  }

  /** A transaction was committed. */
  public void committed(Transaction transaction, Database after) {
    if (entries.isEmpty()) {
      return;
    }
    recent.add(new Step(++newest, transaction, after));
    if (recent.size() > RECENT_MAX) {
      recent.poll();
    }
  }
}
