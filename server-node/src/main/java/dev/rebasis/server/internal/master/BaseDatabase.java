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
 * Where there are such, it is the newest database with what others changed taken back. That costs as much as was written since
 * the basis, and is not done beyond {@link #DATOMS_MAX}. Confined, like what it reads.
 */
final class BaseDatabase {
  /** With so many datoms since the basis it takes about a second, and everybody's transactions wait for it. */
  static final long DATOMS_MAX = 100_000;
  private static final int STEP_DATOMS = 10_000;

  /** What the author stood on cannot be put together; the message says why. */
  static final class TooFarBack extends IllegalStateException {
    private static final long serialVersionUID = 1;

    TooFarBack(String message) {
      super(message);
    }
  }

  private record Place(long e, long a) {}

  private final MasterDatabase database;
  private final ClientRecords clients;

  /** For intents that are decided on this database. */
  BaseDatabase(MasterDatabase database, ClientRecords clients) {
    this.database = database;
    this.clients = clients;
  }

  /**
   * The base.
   *
   * @param ground what the intent is decided on; of what it has beyond its T, all is the client's own
   * @param others transactions (their entities) since the basis T that count as the client's own beside those with its number
   * @throws TooFarBack if too much was written since
   */
  Database of(PushDecider.Ground ground, long basisT, Set<Long> others, RemoteChanges remote) {
    boolean behindOthersOfItsGroup = ground.onTrial() && !ground.together().isEmpty();
    if (!behindOthersOfItsGroup && others.isEmpty() && clients.pushedT(ground.client()) <= basisT) {
      return ground.now().asOf(basisT);
    }
    long datoms = database.datomsAfter(basisT);
    if (datoms > DATOMS_MAX) {
      throw new TooFarBack("since T " + basisT + ", on which it was made, some " + datoms + " facts were written, more than "
          + DATOMS_MAX + ". Try it again: then it stands on what is there now");
    }
    return withoutOthers(ground.now(), ground.schema(), places(ground, basisT, others), remote);
  }

  private Set<Place> places(PushDecider.Ground ground, long basisT, Set<Long> others) {
    Schema schema = ground.schema();
    long txClient = schema.entid(RebasisSchema.TX_CLIENT);
    Set<Place> places = new HashSet<>();
    long t = basisT;
    while (t < ground.t()) {
      for (Transaction transaction : database.transactionsAfter(t, ground.t(), STEP_DATOMS)) {
        t = transaction.t();
        boolean own = others.contains(transaction.tx()) || transaction.datoms().stream().anyMatch(datom ->
            datom.a() == txClient && datom.e() == transaction.tx() && datom.v().equals(ground.client()));
        for (Datom datom : own ? List.<Datom>of() : transaction.datoms()) {
          Attribute attribute = schema.attribute(datom.a());
          if (attribute != null && canBeTakenBack(attribute, datom.e(), schema)) {
            places.add(new Place(datom.e(), attribute.id()));
          }
        }
      }
    }
    return places;
  }

  private static Database withoutOthers(Database now, Schema schema, Set<Place> places, RemoteChanges remote) {
    List<Object> forms = new ArrayList<>();
    for (Place place : places) {
      takeBack(now, schema.attribute(place.a), place.e, remote, forms);
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
