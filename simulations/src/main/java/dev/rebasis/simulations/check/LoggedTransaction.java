package dev.rebasis.simulations.check;

import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Schema;
import dev.rebasis.data.Transaction;
import dev.rebasis.protocol.RebasisSchema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * A transaction of the server's log, read as anyone could read it: from its datoms. Immutable.
 *
 * @param t its T
 * @param id the id of a client's transaction, null if no client pushed it
 * @param client the client's number, 0 if no client pushed it
 * @param seq the client's count
 * @param basisT what the client had seen
 * @param outcome {@code merged}, {@code parked}, {@code rejected}; {@code accepted} if it says nothing
 * @param reason why it was parked or rejected, else null
 * @param conflicts what was recorded as overridden or open
 * @param conflictTexts the same records whole, as {@link #conflictText} writes them, in order
 * @param made local number to entity
 * @param datoms what the users wrote, without what Datomic and Rebasis write for themselves
 */
record LoggedTransaction(
    long t, UUID id, long client, long seq, long basisT, String outcome, Keyword reason, Set<Spot> conflicts,
    List<String> conflictTexts, Map<Long, Long> made, List<Datom> datoms) {

  /** An entity and an attribute's ident; the ident is null if the whole entity is meant. */
  record Spot(long e, Keyword attribute) {}

  boolean isPushed() {
    return id != null;
  }

  boolean isCommitted() {
    return outcome.equals("accepted") || outcome.equals("merged");
  }

  static LoggedTransaction read(Transaction transaction, Schema schema) {
    Map<Keyword, Object> own = new HashMap<>();
    Map<Long, Map<Keyword, Object>> conflicts = new HashMap<>();
    Map<Long, Long> made = new HashMap<>();
    List<Datom> users = new ArrayList<>();
    for (Datom datom : transaction.datoms()) {
      Keyword ident = schema.ident(datom.a());
      if (ident.equals(RebasisSchema.TX_MADE)) {
        List<?> tuple = (List<?>) datom.v();
        made.put((Long) tuple.get(1), (Long) tuple.get(2));
      } else if ("rebasis.conflict".equals(ident.namespace())) {
        conflicts.computeIfAbsent(datom.e(), e -> new HashMap<>()).put(ident, datom.v());
      } else if (isOwn(ident)) {
        own.put(ident, datom.v());
      } else {
        users.add(datom);
      }
    }
    made.put(0L, transaction.tx());
    Keyword outcome = (Keyword) own.get(RebasisSchema.TX_OUTCOME);
    return new LoggedTransaction(
        transaction.t(), (UUID) own.get(RebasisSchema.TX_ID), number(own, RebasisSchema.TX_CLIENT),
        number(own, RebasisSchema.TX_SEQ), number(own, RebasisSchema.TX_BASIS),
        outcome == null ? "accepted" : outcome.name(), (Keyword) own.get(RebasisSchema.TX_REASON), spots(conflicts, schema),
        texts(conflicts), made, users);
  }

  /** What Datomic and Rebasis write beside what users ask for. */
  static boolean isOwn(Keyword ident) {
    String namespace = ident.namespace() == null ? "" : ident.namespace();
    return namespace.equals("rebasis.tx") || namespace.equals("rebasis.conflict") || namespace.equals("rebasis.client")
        || namespace.equals("rebasis.db") || ident.equals(Keyword.of(":db/txInstant"))
        || namespace.equals("db.install") || namespace.equals("db.alter");
  }

  private static long number(Map<Keyword, Object> own, Keyword attribute) {
    return own.get(attribute) instanceof Long number ? number : 0;
  }

  /** A record names an attribute as it was called then; here it is called as in the end. */
  private static Set<Spot> spots(Map<Long, Map<Keyword, Object>> conflicts, Schema schema) {
    Set<Spot> spots = new HashSet<>();
    for (Map<Keyword, Object> conflict : conflicts.values()) {
      if (conflict.get(RebasisSchema.CONFLICT_ENTITY) instanceof Long entity) {
        Keyword named = (Keyword) conflict.get(RebasisSchema.CONFLICT_ATTRIBUTE);
        Long attribute = named == null ? null : schema.entid(named);
        spots.add(new Spot(entity, attribute == null ? named : schema.ident(attribute)));
      }
    }
    return spots;
  }

  private static List<String> texts(Map<Long, Map<Keyword, Object>> conflicts) {
    return conflicts.values().stream().map(conflict -> conflictText(
        conflict.get(RebasisSchema.CONFLICT_KIND), conflict.get(RebasisSchema.CONFLICT_ENTITY),
        conflict.get(RebasisSchema.CONFLICT_ATTRIBUTE), conflict.get(RebasisSchema.CONFLICT_POLICY),
        conflict.get(RebasisSchema.CONFLICT_BASE), conflict.get(RebasisSchema.CONFLICT_LOCAL),
        conflict.get(RebasisSchema.CONFLICT_REMOTE), conflict.get(RebasisSchema.CONFLICT_RESOLVED),
        conflict.get(RebasisSchema.CONFLICT_REMOTE_TX))).sorted().toList();
  }

  /** A record of a conflict in one line, to be compared. */
  static String conflictText(Object kind, Object e, Object attribute, Object policy, Object base, Object local,
      Object remote, Object resolved, Object remoteTx) {
    return kind + " on " + e + " " + attribute + " by " + policy + ": base " + base + ", local " + local + ", remote "
        + remote + " of " + remoteTx + ", resolved " + resolved;
  }

  /** A local id of the client that pushed it, as the server knows it; other ids stay what they are. */
  long resolve(long id, Map<Long, Long> earlier) {
    if (!EntityIds.isLocal(id)) {
      return id;
    }
    Long found = made.containsKey(-id) ? made.get(-id) : earlier.get(-id);
    return found == null ? id : found;
  }
}
