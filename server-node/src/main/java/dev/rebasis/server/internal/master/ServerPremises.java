package dev.rebasis.server.internal.master;

import datomic.Database;
import dev.rebasis.conflict.FactView;
import dev.rebasis.conflict.Guard;
import dev.rebasis.conflict.LocalIds;
import dev.rebasis.conflict.PremiseCheck;
import dev.rebasis.conflict.PremiseInputs;
import dev.rebasis.edn.Edn;
import dev.rebasis.protocol.QueryGuard;
import dev.rebasis.protocol.Terms.Premise;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.LongPredicate;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers a premise's query with Datomic, on the base of one intent and now, and compares the two answers: so a client
 * cannot be wrong about what it saw. Confined to one decision; made anew for each.
 */
final class ServerPremises implements PremiseCheck {
  /** A query that takes longer is given up. Two answers and the search stay below what a guard has patience for. */
  private static final long TIMEOUT_MILLIS = 800;
  /** All premises of one transaction together; everybody's transactions wait for them. */
  private static final long TOGETHER_MILLIS = 4_000;
  /** So long a query may be asked again and again to find out who made its answer what it is. */
  private static final long SEARCH_MILLIS = 300;
  /** What the record says where the search came to no end. */
  static final String UNSEARCHED = "Who changed the answer was not searched any further: the query cannot be answered on"
      + " each earlier value within " + SEARCH_MILLIS + " ms.";
  private static final Logger LOG = LoggerFactory.getLogger(ServerPremises.class);

  private final Database now;
  private final long basisT;
  private final LongPredicate isOther;
  private final Supplier<Database> base;
  private final LongSupplier millis;
  private final Guard guard;
  private final long startedMillis;

  /**
   * Makes the check for one intent.
   *
   * @param basisT its basis T
   * @param isOther whether a transaction, by its entity, was made by others than its client
   * @param base the database that its author stood on; null from it if nobody else wrote since; throws if it cannot be had
   * @param millis a clock; only differences count
   * @param guard says how long an answer may take
   */
  ServerPremises(Database now, long basisT, LongPredicate isOther, Supplier<Database> base, LongSupplier millis, Guard guard) {
    this.guard = guard;
    this.now = now;
    this.basisT = basisT;
    this.isOther = isOther;
    this.base = base;
    this.millis = millis;
    this.startedMillis = millis.getAsLong();
  }

  @Override
  public Broken check(Premise premise, FactView view, LocalIds ids) {
    String fault = QueryGuard.faultOfPremise(premise.query(), premise.inputs());
    if (fault != null) {
      throw new IllegalArgumentException(fault);
    }
    Database then = base.get();
    if (then == null) {
      return null;
    }
    Object before = answer(premise, then, ids, TIMEOUT_MILLIS);
    Object after = answer(premise, now, ids, TIMEOUT_MILLIS);
    return Objects.equals(before, after) ? null : broken(premise, before, after, ids);
  }

  private Broken broken(Premise premise, Object before, Object after, LocalIds ids) {
    long until = millis.getAsLong() + SEARCH_MILLIS;
    try {
      OptionalLong tx = AnswerHistory.lastTurn(now, basisT,
          (past, limit) -> Objects.equals(after, answer(premise, past, ids, limit)), () -> until - millis.getAsLong());
      if (tx.isPresent()) {
        return new Broken(plain(before), plain(after), isOther.test(tx.getAsLong()) ? tx.getAsLong() : 0, null);
      }
    } catch (Exception e) { // Datomic throws checked ones too, without declaring them
      // On an older value it may take longer, or fail where an attribute was not there yet: the premise is broken all the same.
      LOG.debug("Who changed the answer of the premise {} cannot be told: {}", premise.query(), e.toString());
    }
    return new Broken(plain(before), plain(after), 0, UNSEARCHED);
  }

  private Object answer(Premise premise, Database database, LocalIds ids, long timeoutMillis) {
    List<Object> inputs = new ArrayList<>();
    inputs.add(database);
    long patience = guard.patienceMillis(timeoutMillis);
    if (patience < Guard.FOREVER) {
      long left = startedMillis + TOGETHER_MILLIS - millis.getAsLong();
      if (left <= 0) {
        throw new IllegalStateException("the premises of this transaction take more than " + TOGETHER_MILLIS + " ms together");
      }
      patience = Math.min(patience, left);
    }
    PremiseInputs.resolved(premise.inputs(), ids).forEach(input -> inputs.add(DatomicValues.toDatomic(input)));
    return DatomicQuery.ask(Edn.write(premise.query()), inputs.toArray(), patience);
  }

  /** As plain data, so that the record says it in the words of the client's prediction. */
  private static Object plain(Object answer) {
    if (answer instanceof Set<?> set) {
      return set.stream().map(ServerPremises::plain).collect(Collectors.toSet());
    }
    if (answer instanceof Map<?, ?> map) {
      Map<Object, Object> entries = new HashMap<>();
      map.forEach((key, value) -> entries.put(DatomicValues.fromDatomic(key), plain(value)));
      return entries;
    }
    if (answer instanceof List<?> list) {
      List<Object> elements = new ArrayList<>(list.size());
      list.forEach(element -> elements.add(plain(element)));
      return elements;
    }
    return DatomicValues.fromDatomic(answer);
  }
}
