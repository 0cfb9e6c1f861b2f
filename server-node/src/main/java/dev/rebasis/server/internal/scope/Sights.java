package dev.rebasis.server.internal.scope;

import datomic.Database;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.Schema;
import dev.rebasis.data.Transaction;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongPredicate;
import java.util.function.Supplier;

/**
 * What users may see at the newest transaction, for whoever decides on their transactions. Kept current for the users who
 * pushed last. Confined to the core.
 */
public final class Sights {
  private static final int KEPT_MAX = 64;

  private final Supplier<Schema> schema;
  private final Map<PartRule, ScopeState> states = new LinkedHashMap<>(16, 0.75f, true) {
    @Override
    protected boolean removeEldestEntry(Map.Entry<PartRule, ScopeState> eldest) {
      return size() > KEPT_MAX;
    }
  };

  /** Knows nobody yet. */
  public Sights(Supplier<Schema> schema) {
    this.schema = schema;
  }

  /** Whether an entity is seen by a rule without scopes; null if all are. */
  public LongPredicate of(PartRule rule, Database now, long t) {
    if (rule.isAll()) {
      return null;
    }
    ScopeState state = states.computeIfAbsent(rule, any -> new ScopeState(rule, now, t, schema));
    return e -> EntityIds.isSchema(e) || state.members().contains(e);
  }

  /** A transaction was committed. */
  public void committed(Transaction transaction, Database after) {
    if (!states.isEmpty()) {
      TransactionRecord record = new TransactionRecord(schema.get());
      states.values().forEach(state -> state.advance(transaction, after, record));
    }
  }
}
