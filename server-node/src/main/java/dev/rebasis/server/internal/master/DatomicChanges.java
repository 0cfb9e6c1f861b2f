package dev.rebasis.server.internal.master;

import datomic.Database;
import dev.rebasis.conflict.HistoryChanges;
import dev.rebasis.conflict.RemoteChanges;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Schema;
import dev.rebasis.protocol.RebasisSchema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongPredicate;

/** What others confirmed after an intent's base, read from Datomic's history. */
final class DatomicChanges {
  private DatomicChanges() {}

  /**
   * The changes that an intent meets.
   *
   * @param database the current database value
   * @param schema its schema
   * @param client the number of the intent's client
   * @param own transactions (their entities) that count as this client's whatever number they have
   * @param basisT the intent's basis T
   * @param writes when things were last written
   * @param foreignT the T of the newest transaction that changed user data and was not this client's
   */
  static RemoteChanges after(Database database, Schema schema, LastWrites writes, long client, Set<Long> own,
      long basisT, long foreignT) {
    if (foreignT <= basisT) {
      return RemoteChanges.NONE;
    }
    LongPredicate ofClient = ownTx(database, schema.entid(RebasisSchema.TX_CLIENT), client);
    return new HistoryChanges(history(database, schema, writes), basisT, tx -> own.contains(tx) || ofClient.test(tx), false);
  }

  /**
   * All changes after a T, those of the intent's own client as well: what a transaction meets that takes the one at that T
   * back.
   */
  static RemoteChanges all(Database database, Schema schema, LastWrites writes, long t) {
    return new HistoryChanges(history(database, schema, writes), t, tx -> false, false);
  }

  /** The history value is made when it is first asked for: most intents meet nothing that changed. */
  private static HistoryChanges.History history(Database database, Schema schema, LastWrites writes) {
    return new HistoryChanges.History() {
      private Database history;

      private Iterable<Datom> datoms(Object index, Object... components) {
        if (history == null) {
          history = database.history();
        }
        List<Datom> translated = new ArrayList<>();
        for (datomic.Datom datom : history.datoms(index, components)) {
          translated.add(DatomicFactView.translate(datom));
        }
        return translated;
      }

      @Override
      public Iterable<Datom> of(long e, long a) {
        return datoms(Database.EAVT, e, a);
      }

      @Override
      public Iterable<Datom> of(long e) {
        return datoms(Database.EAVT, e);
      }

      @Override
      public Iterable<Datom> ofValue(long a, Object v) {
        return schema.attribute(a).isRef()
            ? datoms(Database.VAET, v, a) : datoms(Database.AVET, a, DatomicValues.toDatomic(v));
      }

      @Override
      public boolean isMany(long a) {
        return schema.attribute(a).isMany();
      }

      @Override
      public boolean mayHaveChanged(long e, long sinceT) {
        return writes.mayHaveChanged(e, sinceT);
      }

      @Override
      public boolean mayHaveChanged(long a, Object v, long sinceT) {
        return writes.mayHaveChanged(schema.attribute(a), v, sinceT);
      }
    };
  }

  private static LongPredicate ownTx(Database database, long clientAttribute, long client) {
    Map<Long, Boolean> known = new HashMap<>();
    return tx -> known.computeIfAbsent(tx, id -> {
      Iterator<datomic.Datom> maker = database.datoms(Database.EAVT, id, clientAttribute).iterator();
      return maker.hasNext() && maker.next().v().equals(client);
    });
  }
}
