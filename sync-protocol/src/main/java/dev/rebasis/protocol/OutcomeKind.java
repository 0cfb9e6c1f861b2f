package dev.rebasis.protocol;

import dev.rebasis.data.Keyword;

/** What became of a pushed transaction. */
public enum OutcomeKind {
  /** Committed as its author meant it; nothing that others did meets it. */
  ACCEPTED,
  /** Committed after a policy resolved at least one conflict; the losers are recorded. */
  MERGED,
  /** Not committed; it waits for a person, with the reason. */
  PARKED,
  /** Not committed and never will be, with the reason. */
  REJECTED;

  private final Keyword ident = Keyword.of(":rebasis.outcome/" + name().toLowerCase(java.util.Locale.ROOT));

  /** As it is written in the database, for example {@code :rebasis.outcome/accepted}. */
  public Keyword ident() {
    return ident;
  }

  /** The kind with this ident, or null. */
  public static OutcomeKind of(Keyword ident) {
    for (OutcomeKind kind : values()) {
      if (kind.ident == ident) {
        return kind;
      }
    }
    return null;
  }

  /** Whether the transaction's datoms are in the database. */
  public boolean isCommitted() {
    return this == ACCEPTED || this == MERGED;
  }
}
