package dev.rebasis.server.internal.master;

import datomic.Database;
import dev.rebasis.conflict.FactView;
import dev.rebasis.conflict.LocalIds;
import dev.rebasis.conflict.PremiseCheck;
import dev.rebasis.conflict.PremiseInputs;
import dev.rebasis.edn.Edn;
import dev.rebasis.protocol.Terms.Premise;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * Answers a premise's query with Datomic, on the base of one intent and now, and compares the two answers: so a client
 * cannot be wrong about what it saw. Confined to one decision; made anew for each.
 */
final class ServerPremises implements PremiseCheck {
  /** A query that takes longer is given up. */
  private static final long TIMEOUT_MILLIS = 1_000;

  private final Database now;
  private final Supplier<Database> base;

  /**
   * Makes the check for one intent.
   *
   * @param base the database that its author stood on; null from it if nobody else wrote since
   */
  ServerPremises(Database now, Supplier<Database> base) {
    this.now = now;
    this.base = base;
  }

  @Override
  public Broken check(Premise premise, FactView view, LocalIds ids) {
    String fault = QueryGuard.fault(premise);
    if (fault != null) {
      throw new IllegalArgumentException(fault);
    }
    Database then = base.get();
    if (then == null) {
      return null;
    }
    Object before = answer(premise, then, ids);
    Object after = answer(premise, now, ids);
    return Objects.equals(before, after) ? null : new Broken(text(before), text(after));
  }

  private static Object answer(Premise premise, Database database, LocalIds ids) {
    List<Object> inputs = new ArrayList<>();
    inputs.add(database);
    PremiseInputs.resolved(premise.inputs(), ids).forEach(input -> inputs.add(DatomicValues.toDatomic(input)));
    return DatomicQuery.ask(Edn.write(premise.query()), inputs.toArray(), TIMEOUT_MILLIS);
  }

  private static String text(Object answer) {
    return answer == null ? "nothing" : answer.toString();
  }
}
