package dev.rebasis.simulations.scenario;

import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Schema;

/** Tells what a scenario's author wrote from what Datomic and Rebasis write for themselves. */
final class UserFacts {
  private UserFacts() {}

  static boolean isUsers(Datom datom, Schema schema) {
    Keyword ident = schema.ident(datom.a());
    String namespace = ident == null || ident.namespace() == null ? "" : ident.namespace();
    return !(namespace.equals("db") || namespace.startsWith("db.") || namespace.equals("fressian")
        || namespace.equals("rebasis") || namespace.startsWith("rebasis."));
  }
}
