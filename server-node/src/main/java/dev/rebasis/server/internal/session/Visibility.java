package dev.rebasis.server.internal.session;

import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Schema;
import dev.rebasis.data.Transaction;
import dev.rebasis.digest.Digest;
import dev.rebasis.protocol.AttributeDigest;
import dev.rebasis.protocol.RebasisSchema;
import dev.rebasis.server.internal.scope.HiddenAttributes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Which datoms a reader sees: all but those of some attributes and of tuples made of them, and of what the server recorded about
 * conflicts on them, which quotes their values; and of others' transactions neither the forms nor why they were refused, which
 * quotes values too. Immutable.
 *
 * @param hidden the attributes' names
 * @param reader the user, whose own transactions are seen as they were pushed; null for nobody
 */
public record Visibility(Set<Keyword> hidden, String reader) {
  /** Sees everything. */
  public static final Visibility ALL = new Visibility(Set.of(), null);

  private static final String NOTHING = "0".repeat(32);

  /** Copies the set. */
  public Visibility {
    hidden = Set.copyOf(hidden);
  }

  /** Whether everything is seen. */
  public boolean isAll() {
    return hidden.isEmpty();
  }

  /** What all readers of the role see. */
  Visibility shared() {
    return isAll() ? this : new Visibility(hidden, null);
  }

  /** Whether the reader sees more of a transaction than others of the role. */
  boolean isOwn(Transaction transaction, Schema schema) {
    Long user = reader == null ? null : schema.entid(RebasisSchema.TX_USER);
    return user != null && transaction.datoms().stream()
        .anyMatch(datom -> datom.a() == user && datom.e() == transaction.tx() && reader.equals(datom.v()));
  }

  /** What the reader sees of a transaction, under the newest schema. */
  public Transaction of(Transaction transaction, Schema schema) {
    if (isAll()) {
      return transaction;
    }
    Set<Long> attributes = HiddenAttributes.of(hidden, schema);
    if (!isOwn(transaction, schema)) {
      attributes.addAll(HiddenAttributes.ids(HiddenAttributes.QUOTING, schema));
    }
    Set<Long> conflicts = new HashSet<>();
    Long named = schema.entid(RebasisSchema.CONFLICT_ATTRIBUTE);
    for (Datom datom : transaction.datoms()) {
      if (named != null && datom.a() == named && datom.v() instanceof Keyword name && attributes.contains(schema.entid(name))) {
        conflicts.add(datom.e());
      }
    }
    Long owns = schema.entid(RebasisSchema.TX_CONFLICTS);
    List<Datom> seen = new ArrayList<>(transaction.datoms().size());
    for (Datom datom : transaction.datoms()) {
      boolean quoted = conflicts.contains(datom.e())
          || owns != null && datom.a() == owns && conflicts.contains((Long) datom.v());
      if (!quoted && !attributes.contains(datom.a())) {
        seen.add(datom);
      }
    }
    return new Transaction(transaction.t(), seen, transaction.withdrawn());
  }

  /** Changes the server's digest and a client's into those that must be the same if the client sees what it may. */
  void adapt(Digest ours, Digest theirs, Schema schema) {
    if (isAll()) {
      return;
    }
    adaptPart(ours, theirs, schema);
  }

  /** The same for a reader who holds a part of the database and so does not see all records of conflicts either. */
  void adaptPart(Digest ours, Digest theirs, Schema schema) {
    HiddenAttributes.of(hidden, schema).forEach(a -> ours.put(new AttributeDigest(a, 0, NOTHING)));
    // Which of these are seen depends on what they quote, and on who reads; they are not compared.
    Set<Long> varying = HiddenAttributes.ids(HiddenAttributes.CONFLICTS, schema);
    varying.addAll(HiddenAttributes.ids(HiddenAttributes.QUOTING, schema));
    for (long a : varying) {
      ours.put(new AttributeDigest(a, 0, NOTHING));
      theirs.put(new AttributeDigest(a, 0, NOTHING));
    }
  }
}
