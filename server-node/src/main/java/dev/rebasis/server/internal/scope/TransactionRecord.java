package dev.rebasis.server.internal.scope;

import datomic.Database;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Schema;
import dev.rebasis.data.Transaction;
import dev.rebasis.protocol.RebasisSchema;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What the server wrote about a transaction on its entity, and who may read it. Its client reads all of it, as long as the user
 * who made it uses it. Others are not told which entities it made, some of which they may not see, nor what was said of
 * conflicts or why it was refused, which quotes values, nor its forms.
 * Immutable.
 */
public final class TransactionRecord {
  private final Long client;
  private final Long user;
  private final Set<Long> quoting;
  private final Long made;
  private final Long conflicts;
  private final Long conflictEntity;

  /** Looks the attributes up. */
  public TransactionRecord(Schema schema) {
    client = id(schema, RebasisSchema.TX_CLIENT);
    user = id(schema, RebasisSchema.TX_USER);
    quoting = HiddenAttributes.ids(HiddenAttributes.QUOTING, schema);
    made = id(schema, RebasisSchema.TX_MADE);
    conflicts = id(schema, RebasisSchema.TX_CONFLICTS);
    conflictEntity = id(schema, RebasisSchema.CONFLICT_ENTITY);
  }

  private static Long id(Schema schema, Keyword attribute) {
    return schema.entid(attribute);
  }

  private static boolean is(Long attribute, Datom datom) {
    return attribute != null && datom.a() == attribute;
  }

  /** The number of the client that made it, 0 if none did. */
  long client(Transaction transaction) {
    for (Datom datom : transaction.datoms()) {
      if (datom.e() == transaction.tx() && is(client, datom) && datom.v() instanceof Long number) {
        return number;
      }
    }
    return 0;
  }

  /** The user who made it, or null. */
  String user(Transaction transaction) {
    for (Datom datom : transaction.datoms()) {
      if (datom.e() == transaction.tx() && is(user, datom) && datom.v() instanceof String name) {
        return name;
      }
    }
    return null;
  }

  /** What everybody reads who sees something of it. */
  List<Datom> shared(Transaction transaction) {
    return transaction.datoms().stream()
        .filter(datom -> datom.e() == transaction.tx() && !is(made, datom) && !is(conflicts, datom)
            && !quoting.contains(datom.a())).toList();
  }

  /** What its author reads. */
  List<Datom> own(Transaction transaction) {
    Set<Object> records = new HashSet<>();
    List<Datom> own = new ArrayList<>();
    for (Datom datom : transaction.datoms()) {
      if (datom.e() == transaction.tx()) {
        own.add(datom);
        if (is(conflicts, datom)) {
          records.add(datom.v());
        }
      }
    }
    transaction.datoms().stream().filter(datom -> records.contains(datom.e())).forEach(own::add);
    return own;
  }

  /** Tells the records of conflicts about some entities: they quote values of these. */
  public void conflictsAbout(Collection<Long> entities, Database db, Consumer<Long> found) {
    if (conflictEntity == null) {
      return;
    }
    for (long e : entities) {
      for (datomic.Datom datom : db.datoms(Database.VAET, e, conflictEntity)) {
        found.accept(((Number) datom.e()).longValue());
      }
    }
  }

  /** What a client sees of a transaction if it holds certain entities throughout; null if that is nothing. */
  public Transaction seen(Transaction transaction, Set<Long> members, Reader reader) {
    List<Datom> datoms = transaction.datoms().stream().filter(datom -> datom.e() != transaction.tx()
        && (members.contains(datom.e()) || ScopeState.isOfSchema(datom.e(), datom.a()))).toList();
    boolean isOwn = reader.made(client(transaction), user(transaction));
    if (datoms.isEmpty() && !isOwn) {
      return null;
    }
    List<Datom> all = new ArrayList<>(isOwn ? own(transaction) : shared(transaction));
    all.addAll(datoms);
    return new Transaction(transaction.t(), List.copyOf(all));
  }
}
