package dev.rebasis.client;

import java.util.List;
import java.util.Objects;
import java.util.UUID;

/**
 * What a retry brought. Immutable.
 *
 * @param transaction the transaction that takes up the parked one
 * @param dependents those that take up the others of its group, and then what waited with it, in order
 * @param stillParked what waited with it and cannot be made now either; it stays parked
 */
public record Retry(Pending transaction, List<Pending> dependents, List<UUID> stillParked) {
  /** Copies the lists. */
  public Retry {
    Objects.requireNonNull(transaction, "transaction");
    dependents = List.copyOf(dependents);
    stillParked = List.copyOf(stillParked);
  }
}
