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
import java.util.function.LongPredicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers a premise's query with Datomic, on the base of one intent and now, and compares the two answers: so a client
 * cannot be wrong about what it saw. Confined to one decision; made anew for each.
 */
final class ServerPremises implements PremiseCheck {
  /** A query that takes longer is given up. */
  private static final long TIMEOUT_MILLIS = 1_000;
  /** So many times a query may be asked again to find out who made its answer what it is. */
  private static final long TURN_TIMEOUT_MILLIS = 100;
  private static final Logger LOG = LoggerFactory.getLogger(ServerPremises.class);

  private final Database now;
  private final long basisT;
  private final LongPredicate isOther;
  private final Supplier<Database> base;

  /**
   * Makes the check for one intent.
   *
   * @param basisT its basis T
   * @param isOther whether a transaction, by its entity, was made by others than its client
   * @param base the database that its author stood on; null from it if nobody else wrote since
   */
  ServerPremises(Database now, long basisT, LongPredicate isOther, Supplier<Database> base) {
    this.now = now;
    this.basisT = basisT;
    this.isOther = isOther;
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
    Object before = answer(premise, then, ids, TIMEOUT_MILLIS);
    Object after = answer(premise, now, ids, TIMEOUT_MILLIS);
    return Objects.equals(before, after) ? null : new Broken(text(before), text(after), writer(premise, after, ids));
  }

  /** The entity of the transaction of others that made the answer what it is, or 0 if that cannot be told. */
  private long writer(Premise premise, Object after, LocalIds ids) {
    try {
      long tx = AnswerHistory.lastTurn(now, basisT,
          past -> Objects.equals(after, answer(premise, past, ids, TURN_TIMEOUT_MILLIS)));
      return isOther.test(tx) ? tx : 0;
    } catch (Exception e) { // Datomic throws checked ones too, without declaring them
      // On an older value it may take longer, or fail where an attribute was not there yet: the premise is broken all the same.
      LOG.debug("Who changed the answer of the premise {} cannot be told: {}", premise.query(), e.toString());
      return 0;
    }
  }

  private static Object answer(Premise premise, Database database, LocalIds ids, long timeoutMillis) {
    List<Object> inputs = new ArrayList<>();
    inputs.add(database);
    PremiseInputs.resolved(premise.inputs(), ids).forEach(input -> inputs.add(DatomicValues.toDatomic(input)));
    return DatomicQuery.ask(Edn.write(premise.query()), inputs.toArray(), timeoutMillis);
  }

  private static String text(Object answer) {
    return answer == null ? "nothing" : answer.toString();
  }
}
