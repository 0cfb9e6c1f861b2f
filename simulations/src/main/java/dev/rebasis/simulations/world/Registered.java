package dev.rebasis.simulations.world;

import dev.rebasis.conflict.Rules;
import dev.rebasis.data.Keyword;
import dev.rebasis.protocol.Terms.PolicyRef;
import java.util.Map;
import java.util.Objects;

/**
 * What the programs of a world have registered, the same on all clients and on the server. Immutable; as thread-safe as
 * what is registered.
 *
 * @param rules custom policies and transaction functions
 * @param policies the clients' own policies, by attribute
 */
public record Registered(Rules rules, Map<Keyword, PolicyRef> policies) {
  /** Nothing. */
  public static final Registered NOTHING = new Registered(Rules.BUILT_IN, Map.of());

  /** These, or others if nothing is registered here. */
  public Registered or(Registered others) {
    return equals(NOTHING) ? others : this;
  }

  /** Checks for nulls. */
  public Registered {
    Objects.requireNonNull(rules, "rules");
    policies = Map.copyOf(policies);
  }
}
