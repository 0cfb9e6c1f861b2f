package dev.rebasis.server.internal.master;

import datomic.Database;
import dev.rebasis.conflict.Decider;
import dev.rebasis.conflict.Decision;
import dev.rebasis.conflict.Reason;
import dev.rebasis.conflict.RemoteChanges;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Schema;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.protocol.PushOutcome;
import dev.rebasis.protocol.RebasisSchema;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * Decides one pushed intent on one database value. The order matters: first whether it was decided before (so that a
 * repeated push gets the same answer whatever has changed since), then whether it is well formed, then the decision of
 * {@link Decider} on what the server itself expands. Writes nothing. Confined.
 */
final class PushDecider {
  private static final Keyword MALFORMED = Keyword.of(":rebasis.error/malformed-push");
  private static final Keyword RESERVED = Keyword.of(":rebasis.error/reserved-fact");

  private final MadeIndex made;
  private final SeenIds seen = new SeenIds();
  private ReservedFacts reserved = new ReservedFacts(dev.rebasis.data.Bootstrap.schema());

  PushDecider(MadeIndex made) {
    this.made = made;
  }

  /** Either an answer that needs no write, or what is to be written. */
  sealed interface Verdict {
    /** Answered without a write. */
    record Known(PushOutcome outcome) implements Verdict {}

    /** To be committed. */
    record Write(Draft draft) implements Verdict {}
  }

  /**
   * Decides.
   *
   * @param now the newest database value
   * @param schema its schema
   * @param nowT its T
   * @param foreignT the T of the newest transaction that was not this client's
   */
  Verdict decide(Database now, Schema schema, long nowT, long foreignT, long client, String user, Intent intent) {
    PushOutcome before = seen.mayContain(intent.id()) ? decidedBefore(now, intent) : null;
    if (before != null) {
      return new Verdict.Known(before);
    }
    String fault = fault(intent, nowT);
    if (fault != null) {
      return new Verdict.Known(unwritten(intent, MALFORMED, fault));
    }
    RemoteChanges changes =
        DatomicChanges.after(now, schema.entid(RebasisSchema.TX_CLIENT), client, intent.basisT(), foreignT);
    Decision decision = Decider.decide(intent, new DatomicFactView(now, schema), changes,
        localId -> resolve(now, client, localId));
    String offence = decision.kind().isCommitted() ? reserved(schema).offence(decision.datoms()) : null;
    if (offence != null) {
      return new Verdict.Known(unwritten(intent, RESERVED, offence));
    }
    DraftBuilder draft = new DraftBuilder(schema, client, user, intent, null);
    return new Verdict.Write(decision.kind().isCommitted() ? draft.committed(decision)
        : draft.recorded(decision.kind(), decision.reason(), decision.conflicts()));
  }

  /** Notes that the id is in the database; all ids that are have to be noted. */
  void decided(UUID id) {
    seen.add(id);
  }

  /** The record of a transaction that was decided well, but that Datomic refused all the same. */
  Draft refused(Schema schema, long client, String user, Intent intent, Reason reason) {
    return new DraftBuilder(schema, client, user, intent, null).recorded(OutcomeKind.REJECTED, reason, List.of());
  }

  private ReservedFacts reserved(Schema schema) {
    if (reserved.schema() != schema) {
      reserved = new ReservedFacts(schema);
    }
    return reserved;
  }

  private static PushOutcome decidedBefore(Database now, Intent intent) {
    Object tx = now.entid(clojure.lang.Tuple.create(DatomicValues.keyword(RebasisSchema.TX_ID), intent.id()));
    if (tx == null) {
      return null;
    }
    datomic.Entity record = now.entity(tx);
    OutcomeKind kind = OutcomeKind.ACCEPTED;
    if (record.get(RebasisSchema.TX_OUTCOME.toString()) instanceof clojure.lang.Keyword ident) {
      kind = OutcomeKind.of(DatomicValues.keyword(ident));
    }
    Map<Long, Long> made = new HashMap<>();
    if (record.get(RebasisSchema.TX_MADE.toString()) instanceof Iterable<?> tuples) {
      for (Object tuple : tuples) {
        List<?> elements = (List<?>) tuple;
        made.put((Long) elements.get(1), (Long) elements.get(2));
      }
    }
    Object reason = record.get(RebasisSchema.TX_REASON.toString());
    return new PushOutcome(intent.id(), kind, true, EntityIds.tOf((Long) tx), made,
        reason == null ? null : DatomicValues.keyword((clojure.lang.Keyword) reason),
        (String) record.get(RebasisSchema.TX_MESSAGE.toString()));
  }

  private static PushOutcome unwritten(Intent intent, Keyword code, String message) {
    return new PushOutcome(intent.id(), OutcomeKind.REJECTED, false, 0, Map.of(), code, message);
  }

  /** What no client of ours sends, or null. */
  private static String fault(Intent intent, long nowT) {
    if (!intent.tempids().containsKey(Intent.TX_TEMPID)) {
      return "The push names no local number for \"datomic.tx\".";
    }
    Set<Long> numbers = new HashSet<>(intent.tempids().values());
    if (numbers.size() != intent.tempids().size() || numbers.stream().anyMatch(number -> number <= 0)) {
      return "The local numbers of a push are positive and each stands for one entity.";
    }
    if (intent.seq() <= 0) {
      return "The sequence number of a push is positive, not " + intent.seq() + ".";
    }
    if (intent.basisT() < 0 || intent.basisT() > nowT) {
      return "The push stands on T " + intent.basisT() + ", which this database has not reached; it stands at T "
          + nowT + ".";
    }
    return null;
  }

  /** The decider asks only for what the intent does not introduce itself. */
  private long resolve(Database now, long client, long localId) {
    Long entity = made.find(now, client, -localId);
    return entity == null ? localId : entity;
  }
}
