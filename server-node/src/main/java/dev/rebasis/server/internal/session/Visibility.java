package dev.rebasis.server.internal.session;

import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Schema;
import dev.rebasis.data.Transaction;
import dev.rebasis.digest.Digest;
import dev.rebasis.protocol.AttributeDigest;
import dev.rebasis.protocol.RebasisSchema;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Which datoms a reader sees: all but those of some attributes, and of what the server recorded about conflicts on them,
 * which quotes their values. Immutable.
 *
 * @param hidden the attributes' names
 */
public record Visibility(Set<Keyword> hidden) {
  /** Sees everything. */
  public static final Visibility ALL = new Visibility(Set.of());

  private static final List<Keyword> CONFLICTS = List.of(RebasisSchema.TX_CONFLICTS, RebasisSchema.CONFLICT_KIND,
      RebasisSchema.CONFLICT_ENTITY, RebasisSchema.CONFLICT_ATTRIBUTE, RebasisSchema.CONFLICT_BASE,
      RebasisSchema.CONFLICT_LOCAL, RebasisSchema.CONFLICT_REMOTE, RebasisSchema.CONFLICT_RESOLVED,
      RebasisSchema.CONFLICT_POLICY, RebasisSchema.CONFLICT_REMOTE_TX);
  /** What quotes whole transactions of others. */
  private static final Set<Keyword> QUOTING = Set.of(RebasisSchema.TX_FORMS);
  private static final String NOTHING = "0".repeat(32);

  /** Copies the set. */
  public Visibility {
    hidden = Set.copyOf(hidden);
  }

  /** Whether everything is seen. */
  public boolean isAll() {
    return hidden.isEmpty();
  }

  /** What the reader sees of a transaction, under the newest schema. */
  public Transaction of(Transaction transaction, Schema schema) {
    if (isAll()) {
      return transaction;
    }
    Set<Long> attributes = ids(hidden, schema);
    attributes.addAll(ids(QUOTING, schema));
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
    ids(hidden, schema).forEach(a -> ours.put(new AttributeDigest(a, 0, NOTHING)));
    ids(QUOTING, schema).forEach(a -> ours.put(new AttributeDigest(a, 0, NOTHING)));
    // Which of these are seen depends on what they quote; they are not compared.
    for (long a : ids(Set.copyOf(CONFLICTS), schema)) {
      ours.put(new AttributeDigest(a, 0, NOTHING));
      theirs.put(new AttributeDigest(a, 0, NOTHING));
    }
  }

  private static Set<Long> ids(Set<Keyword> names, Schema schema) {
    Set<Long> ids = new HashSet<>();
    for (Keyword name : names) {
      Long id = schema.entid(name);
      if (id != null) {
        ids.add(id);
      }
    }
    return ids;
  }
}
