package dev.rebasis.simulations.check;

import dev.rebasis.client.Database;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Terms;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;

/**
 * Asks premises a second time, on a client's database as of then and as of the decision: who relied on an answer that had
 * changed is not committed, and who relied on one that had not is not set aside for it. Only where the base is plain: nothing
 * of the same client was decided in between, and the inputs are the server's ids. Confined to one use.
 */
final class PremiseCheck {
  private static final String FAILED = "premise-failed";
  private static final String HISTORY_INCOMPLETE = "history-incomplete";

  private final Map<UUID, LocalWrite> known = new HashMap<>();
  private final Pushed pushed;
  private final ServerLog log;
  private final Database database;
  private final List<Finding> findings = new ArrayList<>();

  PremiseCheck(List<LocalWrite> writes, Pushed pushed, ServerLog log, Database database) {
    writes.forEach(write -> known.put(write.id(), write));
    this.pushed = pushed;
    this.log = log;
    this.database = database;
  }

  List<Finding> findings() {
    for (LoggedTransaction transaction : log.transactions()) {
      LocalWrite write = transaction.isPushed() ? known.get(transaction.id()) : null;
      Set<Intent> intents = write == null ? Set.of() : pushed.intents().getOrDefault(write.id(), Set.of());
      if (intents.size() == 1 && write.isNumberingKnown()) {
        judge(write, transaction, intents.iterator().next());
      }
    }
    return findings;
  }

  private void judge(LocalWrite write, LoggedTransaction transaction, Intent intent) {
    List<Terms.Premise> premises = intent.terms().premises();
    if (premises.isEmpty() || intent.terms().group() != null || !isBasePlain(intent, transaction)
        || premises.stream().anyMatch(PremiseCheck::namesLocalIds)) {
      return;
    }
    boolean hold;
    try {
      Database then = database.asOf(intent.basisT());
      Database now = database.asOf(transaction.t() - 1);
      hold = premises.stream().allMatch(premise -> Objects.equals(answer(then, premise), answer(now, premise)));
    } catch (RebasisException e) {
      if (e.code().name().equals(HISTORY_INCOMPLETE)) {
        return; // This client has loaded the database since, and not what was before.
      }
      throw e;
    }
    boolean blamed = transaction.reason() != null && transaction.reason().name().equals(FAILED);
    if (hold && blamed) {
      findings.add(new Finding(Promise.PREDICTION, write + " was " + transaction.outcome() + " at T " + transaction.t()
          + " because a premise had changed, and the answer is what it was at its basis T " + intent.basisT()));
    } else if (!hold && transaction.isCommitted()) {
      findings.add(new Finding(Promise.INTENTION, write + " was " + transaction.outcome() + " at T " + transaction.t()
          + ", though a premise has another answer than at its basis T " + intent.basisT()));
    }
  }

  private boolean isBasePlain(Intent intent, LoggedTransaction transaction) {
    return log.transactions().stream().noneMatch(other -> (other.client() == transaction.client()
        || other.isPushed() && intent.terms().after().contains(other.id())) && other.t() > intent.basisT()
        && other.t() < transaction.t() && !other.datoms().isEmpty());
  }

  private static boolean namesLocalIds(Terms.Premise premise) {
    return premise.inputs().stream().anyMatch(input -> input instanceof Long id && id < 0);
  }

  private static Object answer(Database database, Terms.Premise premise) {
    Object answer = database.query(premise.query(), premise.inputs().toArray());
    return answer instanceof Collection<?> rows ? new HashSet<>(rows) : answer;
  }
}
