package dev.rebasis.server.internal.scope;

import dev.rebasis.data.Keyword;
import dev.rebasis.protocol.QueryGuard;
import dev.rebasis.protocol.ScopeSpec;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Which part of the database a session is to have: what its scopes find in what its user may see. Immutable; equal for
 * sessions that see the same.
 *
 * @param scopes the client's; null for everything that its user may see
 * @param readable what the user may see, each of these being enough; null for everything
 * @param hidden attributes that the user does not see
 */
public record PartRule(List<ScopeSpec> scopes, List<Sight> readable, Set<Keyword> hidden) {
  private static final int SCOPES_MAX = 32;

  /** Copies the collections. */
  public PartRule {
    scopes = scopes == null ? null : List.copyOf(scopes);
    readable = readable == null ? null : List.copyOf(readable);
    hidden = Set.copyOf(hidden);
  }

  /** Whether it is the whole database, but perhaps for some attributes. */
  public boolean isAll() {
    return scopes == null && readable == null;
  }

  /**
   * Checks what comes from a client, as far as that is possible without a database: Datomic's queries can call any function of
   * the process, and those of strangers must not.
   *
   * @throws dev.rebasis.error.RebasisException {@code :rebasis.error/scope}
   */
  public void check() {
    if (scopes == null) {
      return;
    }
    if (scopes.size() > SCOPES_MAX) {
      throw ScopeErrors.wrong(scopes.get(SCOPES_MAX).name(), "a client has at most " + SCOPES_MAX + " scopes");
    }
    Set<String> names = new HashSet<>();
    for (ScopeSpec scope : scopes) {
      if (!names.add(scope.name())) {
        throw ScopeErrors.wrong(scope.name(), "there are two of this name");
      }
      for (Object part : new Object[] {scope.query(), scope.inputs()}) {
        String fault = QueryGuard.fault(part, "a scope");
        if (fault != null) {
          throw ScopeErrors.wrong(scope.name(), fault.substring(0, fault.length() - 1));
        }
      }
      EntityQuery.of(scope.name(), scope.query(), scope.inputs());
      Reach.of(scope.name(), scope.pull());
    }
  }
}
