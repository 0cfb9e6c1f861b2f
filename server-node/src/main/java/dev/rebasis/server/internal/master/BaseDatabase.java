package dev.rebasis.server.internal.master;

import datomic.Database;
import dev.rebasis.conflict.RemoteChanges;
import dev.rebasis.data.Attribute;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Schema;
import dev.rebasis.data.SystemIds;
import dev.rebasis.data.Unique;
import dev.rebasis.protocol.RebasisSchema;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The database that the author of an intent stood on: as of its basis T, with the transactions of the same client since.
 * Where there are such, it is the newest database with what others changed taken back, which costs as much as they
 * changed; premises are rare. Pure but for reading.
 */
final class BaseDatabase {
  private record Place(long e, long a) {}

  private BaseDatabase() {}

  /** The base. */
  static Database of(Database now, Schema schema, long basisT, long client, RemoteChanges remote) {
    Database since = now.since(basisT);
    boolean alone = true;
    for (datomic.Datom datom : since.datoms(Database.AEVT, schema.entid(RebasisSchema.TX_CLIENT))) {
      alone &= !datom.v().equals(client) || EntityIds.tOf((Long) datom.e()) <= basisT;
    }
    return alone ? now.asOf(basisT) : withoutOthers(now, schema, basisT, remote);
  }

  private static Database withoutOthers(Database now, Schema schema, long basisT, RemoteChanges remote) {
    Set<Place> places = new HashSet<>();
    for (datomic.Datom datom : now.history().since(basisT).datoms(Database.EAVT)) {
      Attribute attribute = schema.attribute(((Number) datom.a()).longValue());
      if (attribute != null && isUserData(attribute)) {
        places.add(new Place((Long) datom.e(), attribute.id()));
      }
    }
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

  private static boolean isUserData(Attribute attribute) {
    Keyword ident = attribute.ident();
    return attribute.id() > SystemIds.DB_TUPLE_ATTRS && attribute.tupleAttributes().isEmpty()
        && !(ident.namespace() != null && ident.namespace().startsWith("rebasis"));
  }
}
