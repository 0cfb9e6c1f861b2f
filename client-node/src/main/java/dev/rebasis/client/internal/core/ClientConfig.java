package dev.rebasis.client.internal.core;

import dev.rebasis.client.Durability;
import dev.rebasis.client.Tuning;
import dev.rebasis.client.internal.log.StoreFiles;
import dev.rebasis.client.internal.query.QueryExtensions;
import dev.rebasis.conflict.Rules;
import dev.rebasis.data.Keyword;
import dev.rebasis.protocol.Terms.PolicyRef;
import java.util.Map;
import java.util.Objects;

/**
 * What a client is opened with, beside its environment. Immutable.
 *
 * @param files where the store is
 * @param durability what a transaction survives
 * @param tuning limits and delays
 * @param extensions what queries can call beside the built-in functions
 * @param rules what the program registered
 * @param policies the client's own policies, by attribute
 * @param scopes the parts of the database that the program wants
 */
public record ClientConfig(
    StoreFiles files, Durability durability, Tuning tuning, QueryExtensions extensions, Rules rules,
    Map<Keyword, PolicyRef> policies, WantedScopes scopes) {
  /** With the scopes that the store holds. */
  public ClientConfig(
      StoreFiles files, Durability durability, Tuning tuning, QueryExtensions extensions, Rules rules,
      Map<Keyword, PolicyRef> policies) {
    this(files, durability, tuning, extensions, rules, policies, WantedScopes.AS_HELD);
  }

  /** With nothing registered. */
  public ClientConfig(StoreFiles files, Durability durability, Tuning tuning) {
    this(files, durability, tuning, QueryExtensions.NONE);
  }

  /** With extensions of queries only. */
  public ClientConfig(StoreFiles files, Durability durability, Tuning tuning, QueryExtensions extensions) {
    this(files, durability, tuning, extensions, Rules.BUILT_IN, Map.of());
  }

  /** Checks for nulls. */
  public ClientConfig {
    Objects.requireNonNull(files, "files");
    Objects.requireNonNull(durability, "durability");
    Objects.requireNonNull(tuning, "tuning");
    Objects.requireNonNull(extensions, "extensions");
    Objects.requireNonNull(rules, "rules");
    Objects.requireNonNull(scopes, "scopes");
    policies = Map.copyOf(policies);
  }
}
