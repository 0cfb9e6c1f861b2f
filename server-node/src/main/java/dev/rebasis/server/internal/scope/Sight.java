package dev.rebasis.server.internal.scope;

import dev.rebasis.data.Keyword;
import dev.rebasis.protocol.ScopeSpec;
import dev.rebasis.server.access.ReadRule;
import dev.rebasis.server.access.User;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What one user sees by one rule. Immutable; equal if the same is seen.
 *
 * @param query the rule as a scope, or null
 * @param predicate the rule as a predicate, or null
 * @param user whom the predicate is asked about, whose token's end is left out; or null
 */
public record Sight(ScopeSpec query, ReadRule.Predicate predicate, User user) {
  private static final String NAME = "of the operator's read rule";

  /** What a user sees by a rule. */
  public static Sight of(ReadRule rule, User user) {
    if (rule instanceof ReadRule.Chosen chosen) {
      Objects.requireNonNull(user, "user");
      // Whoever renews a token sees the same as before.
      return new Sight(null, chosen.predicate(), new User(user.name(), user.roles(), null));
    }
    ReadRule.Query query = (ReadRule.Query) rule;
    return new Sight(new ScopeSpec(NAME, query.query(),
        asksForUser(query.query()) ? List.of(user.name()) : List.of(), query.pull()), null, null);
  }

  private static boolean asksForUser(Object query) {
    Object in = query instanceof Map<?, ?> map ? map.get(Keyword.of(":in")) : null;
    if (in instanceof List<?> names) {
      return names.size() > 1;
    }
    List<?> elements = query instanceof List<?> list ? list : List.of();
    int at = elements.indexOf(Keyword.of(":in"));
    return at >= 0 && at + 2 < elements.size() && !(elements.get(at + 2) instanceof Keyword);
  }
}
