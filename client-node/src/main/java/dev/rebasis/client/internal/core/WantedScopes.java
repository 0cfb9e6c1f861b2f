package dev.rebasis.client.internal.core;

import dev.rebasis.client.internal.log.LogEntry;
import dev.rebasis.protocol.ScopeSpec;
import java.util.List;

/**
 * Which parts of the database a program wants when it opens a store. Immutable.
 *
 * @param scopes the parts; null for all of the database, or for what the store holds
 * @param asHeld whether it is what the store holds
 */
public record WantedScopes(List<ScopeSpec> scopes, boolean asHeld) {
  /** What the store holds: all of the database if it is new. */
  public static final WantedScopes AS_HELD = new WantedScopes(null, true);
  /** All of the database, whatever the store holds. */
  public static final WantedScopes ALL = new WantedScopes(null, false);

  /** These parts. */
  public static WantedScopes of(List<ScopeSpec> scopes) {
    return new WantedScopes(List.copyOf(scopes), false);
  }

  /** The parts that are wanted, null for all of the database. */
  List<ScopeSpec> in(LogEntry.Part held) {
    return asHeld ? held.scopes() : scopes;
  }
}
