package dev.rebasis.server.internal.master;

import datomic.Database;
import dev.rebasis.conflict.RemoteChanges;
import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Schema;
import dev.rebasis.data.SystemIds;
import dev.rebasis.data.Transaction;
import dev.rebasis.data.Unique;
import dev.rebasis.protocol.RebasisSchema;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The database that the author of an intent stood on: as of its basis T, with the transactions of the same client since.
 * Where there are such, it is the newest database with what others changed taken back. Costs as much as was written since the
 * basis; premises are rare. Pure but for reading.
 */
final class BaseDatabase {
  private record Place(long e, long a) {}

  private BaseDatabase() {}

  /**
   * The base.
   *
   * @param t the T up to which the database value is in the log; what it has besides is on trial, and the client's own
   * @param log the transactions of the log after the basis, up to that T
   */
  static Database of(Database now, long t, Schema schema, long basisT, long client, RemoteChanges remote,
      List<Transaction> log) {
    long txClient = schema.entid(RebasisSchema.TX_CLIENT);
    boolean alone = now.basisT() <= t;
    Set<Place> places = new HashSet<>();
    for (Transaction transaction : log) {
      for (Datom datom : transaction.datoms()) {
        alone &= datom.a() != txClient || !datom.v().equals(client) || datom.e() != transaction.tx();
        Attribute attribute = schema.attribute(datom.a());
        if (attribute != null && canBeTakenBack(attribute, datom.e(), schema)) {
          places.add(new Place(datom.e(), attribute.id()));
        }
      }
    }
    return alone ? now.asOf(basisT) : withoutOthers(now, schema, places, remote);
  }

  private static Database withoutOthers(Database now, Schema schema, Set<Place> places, RemoteChanges remote) {
    List<Object> forms = new ArrayList<>();
    for (Place place : places) {
      if (!remote.of(place.e, place.a).isEmpty()) {
        takeBack(now, schema.attribute(place.a), place.e, remote, forms);
      }
    }
    return forms.isEmpty() ? now
        : (Database) now.with((List<?>) DatomicValues.toDatomic(forms)).get(datomic.Connection.DB_AFTER);
  }

  private static void takeBack(Database now, Attribute attribute, long e, RemoteChanges remote, List<Object> forms) {
    List<Object> base = remote.baseValues(e, attribute.id()).stream()
        .filter(value -> !isTaken(now, attribute, e, value, remote)).toList();
    Set<Object> left = new HashSet<>();
    for (datomic.Datom datom : now.datoms(Database.EAVT, e, attribute.id())) {
      left.add(DatomicValues.fromDatomic(datom.v()));
    }
    for (Object value : left) {
      if (!base.contains(value) && (attribute.isMany() || base.isEmpty())) {
        forms.add(List.of(Names.DB_RETRACT, e, attribute.ident(), value));
      }
    }
    for (Object value : base) {
      if (!left.contains(value)) {
        forms.add(List.of(Names.DB_ADD, e, attribute.ident(), value));
      }
    }
  }

  /** Whether a unique value that others took from an entity is by now another one's, by the client's own doing. */
  private static boolean isTaken(Database now, Attribute attribute, long e, Object value, RemoteChanges remote) {
    if (attribute.unique() == Unique.NONE) {
      return false;
    }
    for (datomic.Datom holder : now.datoms(Database.AVET, attribute.id(), DatomicValues.toDatomic(value))) {
      long other = (Long) holder.e();
      if (other != e && remote.of(other, attribute.id()).isEmpty()) {
        return true;
      }
    }
    return false;
  }

  /** Schema is that of now on both sides; tuples that Datomic composes follow their parts; the server's own facts are nobody's. */
  private static boolean canBeTakenBack(Attribute attribute, long e, Schema schema) {
    String namespace = attribute.ident().namespace();
    boolean named = attribute.id() == SystemIds.DB_IDENT || attribute.id() == SystemIds.DB_DOC;
    return (named ? schema.attribute(e) == null : attribute.id() > SystemIds.DB_TUPLE_ATTRS)
        && attribute.tupleAttributes().isEmpty()
        && (namespace == null || !namespace.equals("rebasis") && !namespace.startsWith("rebasis."));
  }
}
