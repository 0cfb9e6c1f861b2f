package dev.rebasis.client;

import dev.rebasis.data.Keyword;
import java.time.Instant;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongFunction;

/**
 * Which conflicts are wanted: those that fit everything that was said. Immutable.
 *
 * @param attribute only transactions with a conflict about it, or null
 * @param entity only transactions with a conflict about it, by its id, or null; with an attribute, about that of this entity
 * @param since only what the server decided at this instant or later, by its clock, or null
 * @param states only those that stand so; empty for all
 */
public record ConflictFilter(Keyword attribute, Long entity, Instant since, Set<ConflictRecord.State> states) {
  /** Everything. */
  public static final ConflictFilter ALL = new ConflictFilter(null, null, null, Set.of());

  /** Copies the set. */
  public ConflictFilter {
    states = Set.copyOf(states);
  }

  /** With a conflict about this attribute, for example {@code ":order/note"}. */
  public ConflictFilter attribute(String ident) {
    return new ConflictFilter(Keyword.of(ident), entity, since, states);
  }

  /** With a conflict about this entity, by the server's id. */
  public ConflictFilter entity(long id) {
    return new ConflictFilter(attribute, id, since, states);
  }

  /** Decided at this instant or later. */
  public ConflictFilter since(Instant begin) {
    return new ConflictFilter(attribute, entity, Objects.requireNonNull(begin, "begin"), states);
  }

  /** That stand so. */
  public ConflictFilter states(ConflictRecord.State... wanted) {
    return new ConflictFilter(attribute, entity, since, Set.of(wanted));
  }

  /**
   * Whether a record fits. Where nothing is known about the instant, since the server recorded nothing, it fits any: nothing
   * that waits for a person is hidden by a time.
   *
   * @param instantOf when the server wrote a T; null if that is not known
   */
  boolean fits(ConflictRecord record, LongFunction<Instant> instantOf) {
    if (!states.isEmpty() && !states.contains(record.state())) {
      return false;
    }
    boolean place = attribute == null && entity == null || record.outcome().conflicts().stream().anyMatch(conflict ->
        (attribute == null || attribute.equals(conflict.attribute())) && (entity == null || entity == conflict.e()));
    if (!place || since == null) {
      return place;
    }
    Instant at = record.outcome().t() == 0 ? null : instantOf.apply(record.outcome().t());
    return at == null || !at.isBefore(since);
  }
}
