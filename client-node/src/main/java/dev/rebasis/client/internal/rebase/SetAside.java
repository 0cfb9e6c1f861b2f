package dev.rebasis.client.internal.rebase;

import dev.rebasis.conflict.Conflict;
import dev.rebasis.data.Keyword;
import dev.rebasis.protocol.Intent;
import java.util.List;
import java.util.Objects;

/**
 * A pending transaction that is taken out of the queue and kept as parked, because this client may no longer see what it
 * touches. Immutable.
 *
 * @param intent the transaction
 * @param code why: {@link Custody#WITHDRAWN}, or that it stands on another one that was set aside
 * @param message the same in words
 * @param conflicts one for each place that it touches, with the values that stood there and those that it wanted; empty
 *     if it only stands on another one
 */
public record SetAside(Intent intent, Keyword code, String message, List<Conflict> conflicts) {
  /** Copies the list. */
  public SetAside {
    Objects.requireNonNull(intent, "intent");
    Objects.requireNonNull(code, "code");
    Objects.requireNonNull(message, "message");
    conflicts = List.copyOf(conflicts);
  }
}
