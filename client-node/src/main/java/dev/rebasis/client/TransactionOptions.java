package dev.rebasis.client;

import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import dev.rebasis.protocol.Terms;
import dev.rebasis.protocol.Terms.PolicyRef;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * On which terms a transaction is made. Immutable: each method gives another one.
 *
 * <pre>{@code
 * client.transact("[[:db/add [:item/code \"A\"] :item/approved true]]",
 *     TransactionOptions.DEFAULT
 *         .premise("[:find ?n . :where [?i :item/code \"A\"] [?i :item/stock ?n]]")
 *         .notAfter(Instant.now().plus(Duration.ofDays(2))));
 * }</pre>
 */
public final class TransactionOptions {
  /** No terms. */
  public static final TransactionOptions DEFAULT = new TransactionOptions(Map.of(), List.of(), null);

  private final Map<Keyword, PolicyRef> policies;
  private final List<Premise> premises;
  private final Instant notAfter;

  private TransactionOptions(Map<Keyword, PolicyRef> policies, List<Premise> premises, Instant notAfter) {
    this.policies = policies;
    this.premises = premises;
    this.notAfter = notAfter;
  }

  /**
   * A query whose answer the author relies on.
   *
   * @param query EDN text, or the same as a {@code List} or {@code Map}
   * @param inputs what stands in its {@code :in} behind the database
   */
  public record Premise(Object query, List<Object> inputs) {}

  /** The policy that settles conflicts of this transaction about an attribute; see docs/conflicts.md. */
  public TransactionOptions policy(String attribute, PolicyRef policy) {
    Map<Keyword, PolicyRef> more = new LinkedHashMap<>(policies);
    more.put(Keyword.of(attribute), policy);
    return new TransactionOptions(Collections.unmodifiableMap(more), premises, notAfter);
  }

  /**
   * A premise: if the query's answer is another one when the server decides, the transaction is parked with both
   * answers, though nobody wrote the same facts. Name entities in the inputs by lookup refs or
   * {@link dev.rebasis.data.EntityId}: a plain number is a number.
   *
   * @throws IllegalArgumentException if there are {@link Terms#PREMISES_MAX} already
   */
  public TransactionOptions premise(Object query, Object... inputs) {
    if (premises.size() == Terms.PREMISES_MAX) {
      throw new IllegalArgumentException("A transaction has at most " + Terms.PREMISES_MAX + " premises. Ask several things in one query.");
    }
    List<Premise> more = new ArrayList<>(premises);
    more.add(new Premise(query, Collections.unmodifiableList(Arrays.asList(inputs.clone()))));
    return new TransactionOptions(policies, Collections.unmodifiableList(more), notAfter);
  }

  /** A premise about what a pull pattern gives for an entity, named by lookup ref, ident or id. */
  public TransactionOptions pullPremise(Object pattern, Object entity) {
    return premise("[:find (pull ?e " + (pattern instanceof String text ? text : Edn.write(pattern))
        + ") . :in $ ?e :where [?e]]", entity);
  }

  /** The server rejects the transaction if it decides later than this, by its own clock. In whole milliseconds. */
  public TransactionOptions notAfter(Instant instant) {
    return new TransactionOptions(policies, premises, instant.truncatedTo(ChronoUnit.MILLIS));
  }

  /** The policies by attribute. */
  public Map<Keyword, PolicyRef> policies() {
    return policies;
  }

  /** The premises. */
  public List<Premise> premises() {
    return premises;
  }

  /** When it is too late, or null. */
  public Instant notAfter() {
    return notAfter;
  }
}
