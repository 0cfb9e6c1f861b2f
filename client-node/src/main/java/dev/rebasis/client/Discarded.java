package dev.rebasis.client;

import java.util.List;
import java.util.UUID;

/**
 * What became of the transactions that waited with a discarded one. Immutable.
 *
 * @param again those that take up what waited with it, the references to its entities cut out, in order; none under
 *     {@link Dependents#DISCARD}
 * @param stillParked what waited with it and cannot be made without it, for example because it looks its entity up by a
 *     key; it stays parked, to be retried with other forms or discarded
 */
public record Discarded(List<Pending> again, List<UUID> stillParked) {
  /** Copies the lists. */
  public Discarded {
    again = List.copyOf(again);
    stillParked = List.copyOf(stillParked);
  }
}
