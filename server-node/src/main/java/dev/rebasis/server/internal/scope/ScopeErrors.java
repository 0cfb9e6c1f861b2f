package dev.rebasis.server.internal.scope;

import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import java.util.Map;

/** Why a scope cannot be served. Pure functions. */
final class ScopeErrors {
  static final Keyword SCOPE = Keyword.of(":rebasis.error/scope");

  private ScopeErrors() {}

  static RebasisException wrong(String name, String why) {
    return new RebasisException(SCOPE, ErrorCategory.FIX_REQUEST,
        "The scope " + name + " cannot be served: " + why + ".", Map.of(Keyword.of(":scope"), name), null);
  }
}
