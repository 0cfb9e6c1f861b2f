package dev.rebasis.server.access;

import java.time.Instant;
import java.util.Objects;
import java.util.Set;

/**
 * Whom a token stands for. Immutable.
 *
 * @param name as it is written on the user's transactions ({@code :rebasis.tx/user})
 * @param roles what {@link AccessRules} go by
 * @param expires when the token stops being good, null for never
 */
public record User(String name, Set<String> roles, Instant expires) {
  /** Checks the values and copies the roles. */
  public User {
    Objects.requireNonNull(name, "name");
    roles = Set.copyOf(roles);
  }
}
