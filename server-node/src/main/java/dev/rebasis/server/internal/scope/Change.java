package dev.rebasis.server.internal.scope;

import datomic.Database;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Schema;
import dev.rebasis.data.SystemIds;
import dev.rebasis.data.Transaction;

/**
 * One transaction with what lies before and after it. Immutable.
 *
 * @param transaction all of it
 * @param before the value before it
 * @param after the value after it
 * @param schema the schema after it, or a later one
 */
record Change(Transaction transaction, Database before, Database after, Schema schema) {
  /** Whether names or attributes changed, so that a query may mean something else than before. */
  boolean isOfSchema() {
    for (Datom datom : transaction.datoms()) {
      if (SystemIds.isSchemaAttribute(datom.a())) {
        return true;
      }
    }
    return false;
  }
}
