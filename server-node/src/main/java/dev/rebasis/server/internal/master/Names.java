package dev.rebasis.server.internal.master;

import dev.rebasis.data.Keyword;

/** Datomic's own names that the master writes. */
final class Names {
  static final Keyword DB_ADD = Keyword.of(":db/add");
  static final Keyword DB_RETRACT = Keyword.of(":db/retract");
  static final Keyword DB_ID = Keyword.of(":db/id");
  static final Keyword DB_IDENT = Keyword.of(":db/ident");
  static final Keyword DB_DOC = Keyword.of(":db/doc");
  static final Keyword TX_INSTANT = Keyword.of(":db/txInstant");

  private Names() {}
}
