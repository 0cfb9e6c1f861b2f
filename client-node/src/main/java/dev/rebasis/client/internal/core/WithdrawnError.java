package dev.rebasis.client.internal.core;

import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import java.util.Map;
import java.util.UUID;

/** Why a transaction that was taken back has no outcome. */
final class WithdrawnError {
  private WithdrawnError() {}

  static RebasisException of(UUID id) {
    return new RebasisException(Keyword.of(":rebasis.error/undone"), ErrorCategory.ASK_PERSON,
        "The transaction " + id + " was taken back before it was sent, so the server will never decide it.",
        Map.of(Keyword.of(":id"), id), null);
  }
}
