package dev.rebasis.server.internal.session;

import datomic.Database;
import dev.rebasis.data.Transaction;
import dev.rebasis.server.internal.scope.PartRule;
import dev.rebasis.server.internal.scope.ScopeState;
import dev.rebasis.server.internal.scope.TransactionRecord;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The parts of the database that sessions hold now. Confined to the core. */
final class PartGroups {
  private final ServerMachine machine;
  private final Map<PartRule, PartGroup> groups = new HashMap<>();

  PartGroups(ServerMachine machine) {
    this.machine = machine;
  }

  /**
   * The group of a part; whoever asks must {@link #leave} it.
   *
   * @throws dev.rebasis.error.RebasisException if the part cannot be told
   */
  PartGroup enter(PartRule rule) {
    PartGroup group = groups.get(rule);
    if (group == null) {
      group = new PartGroup(new ScopeState(
          rule, machine.master().database(), machine.master().forcedT(), machine.master()::schema));
      groups.put(rule, group);
    }
    group.enter();
    return group;
  }

  void leave(PartGroup group) {
    if (group.leave()) {
      groups.remove(group.rule(), group);
    }
  }

  int size() {
    return groups.size();
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
  }
}
