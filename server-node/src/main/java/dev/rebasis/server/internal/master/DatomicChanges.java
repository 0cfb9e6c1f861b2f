package dev.rebasis.server.internal.master;

import datomic.Attribute;
import datomic.Database;
import dev.rebasis.conflict.HistoryChanges;
import dev.rebasis.conflict.RemoteChanges;
import dev.rebasis.data.Datom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.LongPredicate;

/** What others confirmed after an intent's base, read from Datomic's history. */
final class DatomicChanges {
  private DatomicChanges() {}

  /**
   * The changes that an intent meets.
   *
   * @param database the current database value
   * @param clientAttribute the entity id of {@code :rebasis.tx/client}
   * @param client the number of the intent's client
   * @param basisT the intent's basis T
   * @param foreignT the T of the newest transaction that changed user data and was not this client's
   */
  static RemoteChanges after(Database database, long clientAttribute, long client, long basisT, long foreignT) {
    if (foreignT <= basisT) {
      return RemoteChanges.NONE;
    }
    return new HistoryChanges(history(database.history()), basisT, ownTx(database, clientAttribute, client), false);
  }

  /**
   * All changes after a T, those of the intent's own client as well: what a transaction meets that takes the one at that T
   * back.
   */
  static RemoteChanges all(Database database, long t) {
    return new HistoryChanges(history(database.history()), t, tx -> false, false);
  }

  private static HistoryChanges.History history(Database history) {
    return new HistoryChanges.History() {
      @Override
      public Iterable<Datom> of(long e, long a) {
        return translated(history.datoms(Database.EAVT, e, a));
      }

      @Override
      public Iterable<Datom> of(long e) {
        return translated(history.datoms(Database.EAVT, e));
      }

      @Override
      public Iterable<Datom> ofValue(long a, Object v) {
        return translated(history.attribute(a).valueType() == Attribute.TYPE_REF
            ? history.datoms(Database.VAET, v, a) : history.datoms(Database.AVET, a, DatomicValues.toDatomic(v)));
      }

      @Override
      public boolean isMany(long a) {
        return history.attribute(a).cardinality() == Attribute.CARDINALITY_MANY;
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

  private static List<Datom> translated(Iterable<datomic.Datom> datoms) {
    List<Datom> translated = new ArrayList<>();
    for (datomic.Datom datom : datoms) {
      translated.add(DatomicFactView.translate(datom));
    }
    return translated;
  }
}
