package dev.rebasis.server.internal.session;

import datomic.Database;
import dev.rebasis.data.Transaction;
import dev.rebasis.server.internal.scope.PartRule;
import dev.rebasis.server.internal.scope.QueryTime;
import dev.rebasis.server.internal.scope.Reader;
import dev.rebasis.server.internal.scope.TransactionRecord;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;

/** The parts of the database that sessions hold now. Confined to the core. */
final class PartGroups {
  /** So many payers can each have all that one may have. */
  private static final int PAYERS_MIN = 4;

  private final ServerMachine machine;
  private final Map<PartRule, PartGroup> groups = new HashMap<>();
  private final Map<Object, ScopeBudget> budgets = new HashMap<>();
  private final LongSupplier nanos;
  private final boolean isTimed;
  private final long bytesMax;
  private long bytes;

  /**
   * Knows none yet.
   *
   * @param bytesMax how much memory they may take, about; one payer's a quarter of it
   * @param nanos a clock that only runs forward; null where nobody looks at the time
   */
  PartGroups(ServerMachine machine, long bytesMax, LongSupplier nanos) {
    this.machine = machine;
    this.bytesMax = bytesMax;
    this.isTimed = nanos != null;
    this.nanos = isTimed ? nanos : () -> 0;
  }

  /**
   * How long the queries of a part may take.
   *
   * @param millisLeft how much is left for it
   */
  QueryTime time(LongSupplier millisLeft) {
    return isTimed ? QueryTime.within(millisLeft) : QueryTime.ENDLESS;
  }

  /** What the scopes of a reader may cost: of all that the user has, or of the client if there is no user. */
  ScopeBudget budget(Reader reader) {
    return budgets.computeIfAbsent(
        reader.user() == null ? (Object) reader.client() : reader.user(), who -> new ScopeBudget(nanos));
  }

  /** Time has passed: who has spent nothing lately is forgotten. */
  void tick() {
    Set<ScopeBudget> used = new HashSet<>();
    groups.values().forEach(group -> used.addAll(group.payers()));
    budgets.values().removeIf(budget -> budget.isFull() && !used.contains(budget));
  }

  /**
   * The group of a part; whoever asks must {@link #leave} it.
   *
   * @param payer who pays for it as long
   * @throws dev.rebasis.error.RebasisException if the part cannot be told
   */
  PartGroup enter(PartRule rule, ScopeBudget payer) {
    PartGroup group = groups.get(rule);
    if (group == null) {
      group = new PartGroup(rule, machine, payer);
      groups.put(rule, group);
    } else {
      group.enter(payer);
    }
    return group;
  }

  void leave(PartGroup group, ScopeBudget payer) {
    if (group.leave(payer)) {
      groups.remove(group.rule(), group);
    }
  }

  int size() {
    return groups.size();
  }

  // ---- memory

  /** More is remembered, or, if negative, less. */
  void holds(long more) {
    bytes += more;
  }

  /** How much all parts take, in bytes by estimate. */
  long bytes() {
    return bytes;
  }

  /**
   * Something has grown.
   *
   * @param payers who pays for it; one who may is enough
   * @throws dev.rebasis.error.RebasisException {@code :rebasis.error/scope-cost} if it is too much
   */
  void checkRoom(Collection<ScopeBudget> payers) {
    if (bytes > bytesMax) {
      throw SessionErrors.scopesLarge("The scopes of all users", bytesMax);
    }
    long each = bytesMax / PAYERS_MIN;
    if (bytes > each && payers.stream().allMatch(payer -> payer.bytes() > each)) {
      throw SessionErrors.scopesLarge("The scopes of this user", each);
    }
  }

  /** Transactions have become durable. */
  void forced(List<Transaction> transactions) {
    if (groups.isEmpty()) {
      return;
    }
    TransactionRecord record = new TransactionRecord(machine.master().schema());
    for (Transaction transaction : transactions) {
      Database after = machine.databaseAt(transaction.t());
      groups.values().forEach(group -> group.advance(transaction, after, record, machine));
    }
    // Who wants the same later may be served; those who hold it are told when they are pumped.
    groups.values().removeIf(group -> group.fault() != null);
  }
}
