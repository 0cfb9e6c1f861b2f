package dev.rebasis.server.internal.master;

import datomic.Database;
import dev.rebasis.conflict.Decider;
import dev.rebasis.conflict.Decision;
import dev.rebasis.conflict.FactView;
import dev.rebasis.conflict.Footprint;
import dev.rebasis.conflict.GroupFate;
import dev.rebasis.conflict.LocalIds;
import dev.rebasis.conflict.Reason;
import dev.rebasis.conflict.RemoteChanges;
import dev.rebasis.conflict.Rules;
import dev.rebasis.conflict.TransactionFunction;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Schema;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.protocol.PushOutcome;
import dev.rebasis.protocol.RebasisSchema;
import dev.rebasis.protocol.Terms;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.LongPredicate;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides one pushed intent on one database value. The order matters: first whether it was decided before (so that a
 * repeated push gets the same answer whatever has changed since), then whether it is well formed, then the decision of
 * {@link Decider} on what the server itself expands. Writes nothing. Confined.
 */
final class PushDecider {
  private static final Keyword MALFORMED = Keyword.of(":rebasis.error/malformed-push");
  private static final Logger LOG = LoggerFactory.getLogger(PushDecider.class);
  private static final Keyword FORBIDDEN = Keyword.of(":rebasis.error/forbidden");
  private static final Keyword TAKEN_UP = Keyword.of(":rebasis.error/taken-up");
  private static final Keyword RESERVED = Keyword.of(":rebasis.error/reserved-fact");

  private final MadeIndex made;
  private final Rules rules;
  private final DatabaseFunctions functions;
  private final BaseDatabase bases;
  private final LongSupplier millis;
  private final SeenIds seen = new SeenIds();
  private final Withheld.Cache withheld = new Withheld.Cache();
  private ReservedFacts reserved = new ReservedFacts(dev.rebasis.data.Bootstrap.schema());

  /**
   * Makes one.
   *
   * @param bases what authors stood on
   * @param millis a clock, to bound what is looked up beside a decision; only differences count
   */
  PushDecider(MadeIndex made, Rules rules, DatabaseFunctions databaseFunctions, BaseDatabase bases, LongSupplier millis) {
    this.bases = bases;
    this.made = made;
    this.millis = millis;
    this.rules = rules;
    this.functions = databaseFunctions;
  }

  /**
   * On what a decision is made.
   *
   * @param now the newest database value, or one that stands for it
   * @param schema its schema
   * @param t its T
   * @param instant the time
   * @param foreignT the T of the newest transaction that was not the client's
   * @param writes when things were last written up to the database value
   * @param client the client's number
   * @param user the user, or null
   * @param access what the user's transactions may hold
   * @param known local numbers that the client names with its push: its own words, which give sight of nothing
   * @param together what the server itself made of the local numbers of the same group's earlier transactions; these
   *     entities the user sees whatever the rules say, until the group is decided
   * @param seen the entities that the user sees by the rules; null for all
   * @param onTrial whether the database value stands for one that is never to be: its new ids mean nothing outside of it
   */
  record Ground(Database now, Schema schema, long t, Instant instant, long foreignT, LastWrites writes, long client,
      String user, Access access, Map<Long, Long> known, Map<Long, Long> together, LongPredicate seen,
      boolean onTrial) {}

  /** How a user is answered who does not see everything; null for one who does. */
  private Sighted sighted(Ground ground) {
    LongPredicate seen = ground.seen();
    return ground.access().seesEverything() ? null : new Sighted(
        seen == null ? null : e -> seen.test(e) || ground.together().containsValue(e),
        withheld.of(ground.access().hidden(), ground.schema()));
  }

  /** Either an answer that needs no write, or what is to be written. */
  sealed interface Verdict {
    /** Answered without a write. */
    record Known(PushOutcome outcome) implements Verdict {}

    /** To be committed. */
    record Write(Draft draft) implements Verdict {}
  }

  /** Decides. */
  Verdict decide(Ground ground, Intent intent) {
    PushOutcome before = decidedBefore(ground.now(), intent);
    if (before != null && !isOf(ground.user(), ground.now(), intent.id())) {
      // What became of another user's transaction is nobody else's business.
      return new Verdict.Known(unwritten(intent, MALFORMED, "The id " + intent.id() + " cannot be pushed by this user."));
    }
    if (before != null) {
      return new Verdict.Known(before);
    }
    String fault = fault(intent, ground.t());
    if (fault != null) {
      return new Verdict.Known(unwritten(intent, MALFORMED, fault));
    }
    Schema schema = ground.schema();
    String forbidden = ground.access().refusalOfForms(intent, schema);
    if (forbidden != null) {
      return new Verdict.Known(unwritten(intent, FORBIDDEN, forbidden));
    }
    Long retried = retried(ground, intent);
    DraftBuilder builder = new DraftBuilder(schema, ground.client(), ground.user(), intent, retried);
    Decision late = Decider.tooLate(intent, ground.instant());
    if (late != null) {
      return new Verdict.Write(builder.recorded(late.kind(), late.reason(), late.conflicts()));
    }
    RetryChain.End end = retried == null ? null : RetryChain.end(ground.now(), retried);
    if (end != null) {
      return new Verdict.Write(builder.recorded(OutcomeKind.REJECTED, takenUp(intent, end), List.of()));
    }
    Sighted sighted = sighted(ground);
    Decision decision = decision(ground, intent, sighted);
    forbidden = sighted == null ? null : sighted.refusal(decision, schema);
    if (forbidden == null && sighted != null && decision.kind().isCommitted()) {
      forbidden = sighted.refusalOfUnique(decision, schema, ground.access(), ground.now());
    }
    if (forbidden != null) {
      return new Verdict.Known(unwritten(intent, FORBIDDEN, forbidden));
    }
    String offence = decision.kind().isCommitted() ? reserved(schema).offence(decision.datoms(), ground.access()) : null;
    if (offence != null) {
      return new Verdict.Known(unwritten(intent, RESERVED, offence));
    }
    if (!decision.kind().isCommitted()) {
      return new Verdict.Write(builder.recorded(decision.kind(), decision.reason(), decision.conflicts()));
    }
    Draft draft = builder.committed(decision);
    forbidden = ground.access().refusalOfDatoms(decision.datoms(), schema);
    if (forbidden == null) {
      forbidden = ground.access().refusalOfResult(
          ground.now(), () -> speculated(ground.now(), draft.forms()), decision.datoms());
    }
    return forbidden == null ? new Verdict.Write(draft) : new Verdict.Known(unwritten(intent, FORBIDDEN, forbidden));
  }

  /** The database as it would be; null if Datomic refuses the forms, which the commit will find out too. */
  private static Database speculated(Database now, List<Object> forms) {
    try {
      return (Database) now.with((List<?>) DatomicValues.toDatomic(forms)).get(datomic.Connection.DB_AFTER);
    } catch (RuntimeException e) {
      LOG.debug("The forms of a draft cannot be tried: {}", e.toString());
      return null;
    }
  }

  private Decision decision(Ground ground, Intent intent, Sighted sighted) {
    Database now = ground.now();
    Schema schema = ground.schema();
    Set<Long> own = reliedOn(ground, intent);
    RemoteChanges changes = intent.terms().undoes() != null
        ? DatomicChanges.all(now, schema, ground.writes(), intent.basisT())
        : DatomicChanges.after(now, schema, ground.writes(), ground.client(), own, intent.basisT(), ground.foreignT());
    Rules all = rules;
    if (!intent.terms().premises().isEmpty() || !functions.isEmpty()) {
      Database shown = sighted == null ? now : sighted.of(now);
      all = rules.toBuilder().functions(name -> functionOf(name, shown))
          .premises(new ServerPremises(now, intent.basisT(), tx -> !own.contains(tx) && isOfOther(ground, tx),
              base(ground, intent, own, changes), millis,
              rules.guard()))
          .build();
    }
    FactView view = new DatomicFactView(now, schema);
    return sighted == null ? Decider.decide(intent, view, changes, ids(ground, intent), all)
        : Decider.decide(intent, sighted.of(view), sighted.of(changes), ids(ground, intent), all);
  }

  /** Made here and once, and not where premises are answered: there may be several, each on a thread that is given up after a while. */
  private Supplier<Database> base(Ground ground, Intent intent, Set<Long> own, RemoteChanges changes) {
    if (intent.terms().premises().isEmpty() || changes.isEmpty()) {
      return () -> null;
    }
    try {
      Database base = bases.of(ground, intent.basisT(), own, changes);
      return () -> base;
    } catch (BaseDatabase.TooFarBack e) {
      return () -> {
        throw e;
      };
    }
  }

  /**
   * The committed transactions after the basis T that a premise's author names among the predecessors: what was seen of them
   * counts as part of the base. Another number may have pushed one, when the store was copied. It gives nobody a power: whoever
   * wants something to count as seen can name a later basis T.
   */
  private Set<Long> reliedOn(Ground ground, Intent intent) {
    Set<Long> own = new HashSet<>();
    if (!intent.terms().premises().isEmpty()) {
      for (UUID id : intent.terms().after()) {
        PushOutcome outcome = ofPredecessor(ground, id);
        if (outcome != null && outcome.kind().isCommitted() && outcome.t() > intent.basisT()) {
          own.add(EntityIds.txOf(outcome.t()));
        }
      }
    }
    return own;
  }

  /** Null for one that is not here, and for one of another's, which is none of this client's predecessors. */
  private static PushOutcome ofPredecessor(Ground ground, UUID id) {
    return isOf(ground.user(), ground.now(), id) || isOfClient(ground.client(), ground.now(), id) ? outcome(ground.now(), id) : null;
  }

  private static boolean isOfOther(Ground ground, long tx) {
    return tx > 0 && !Objects.equals(ground.client(), ground.now().entity(tx).get(RebasisSchema.TX_CLIENT.toString()));
  }

  private TransactionFunction functionOf(Keyword name, Database now) {
    TransactionFunction registered = rules.registered(name);
    return registered != null ? registered : functions.of(name, now);
  }

  private LocalIds ids(Ground ground, Intent intent) {
    return new LocalIds() {
      @Override
      public long resolve(long localId) {
        Long entity = ground.onTrial() ? made.findOnTrial(ground.now(), ground.client(), -localId)
            : made.find(ground.now(), ground.client(), -localId);
        entity = entity == null ? ground.together().get(-localId) : entity;
        entity = entity == null ? ground.known().get(-localId) : entity;
        return entity == null ? localId : entity;
      }

      @Override
      public boolean hasFailed(UUID transaction) {
        // One that is not here never will be: clients push in order.
        PushOutcome predecessor = ofPredecessor(ground, transaction);
        return predecessor == null || !predecessor.kind().isCommitted();
      }
    };
  }

  /** The outcome of an intent that was decided before, or null. */
  PushOutcome decidedBefore(Database now, Intent intent) {
    return seen.mayContain(intent.id()) ? outcome(now, intent.id()) : null;
  }

  /** The record of a transaction of a group of which one cannot be committed. */
  Draft kept(Ground ground, Intent intent, GroupFate fate) {
    Decision kept = fate.of(intent, Footprint.EMPTY);
    return new DraftBuilder(
        ground.schema(), ground.client(), ground.user(), intent, retried(ground, intent))
        .recorded(kept.kind(), kept.reason(), kept.conflicts());
  }

  /** The transaction that this one takes up; null as well if it is another user's, which must not be found out. */
  private static Long retried(Ground ground, Intent intent) {
    UUID retries = intent.terms().retries();
    Object tx = retries == null ? null : ground.now().entid(
        clojure.lang.Tuple.create(DatomicValues.keyword(RebasisSchema.TX_ID), retries));
    return tx != null && (ground.access().mayTakeUp() || isOf(ground.user(), ground.now(), retries)) ? (Long) tx : null;
  }

  /** Two of one chain would be the same deed twice. */
  private static Reason takenUp(Intent intent, RetryChain.End end) {
    String why = end.how().equals(RetryChain.DISCARDED) ? "was given up by an operator" : "was committed at T " + end.t();
    return new Reason(TAKEN_UP, "The transaction " + intent.terms().retries() + " cannot be taken up again, since it " + why
        + ", itself or as a retry. Give this one up, or make what is still wanted as a new transaction.", Map.of());
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

  private static PushOutcome outcome(Database now, UUID id) {
    Object tx = now.entid(clojure.lang.Tuple.create(DatomicValues.keyword(RebasisSchema.TX_ID), id));
    if (tx == null) {
      return null;
    }
    datomic.Entity record = now.entity(tx);
    OutcomeKind kind = OutcomeKind.ACCEPTED;
    if (record.get(RebasisSchema.TX_OUTCOME.toString()) instanceof clojure.lang.Keyword ident) {
      kind = OutcomeKind.of(DatomicValues.keyword(ident));
    }
    Object reason = record.get(RebasisSchema.TX_REASON.toString());
    return new PushOutcome(id, kind, true, EntityIds.tOf((Long) tx), MadeIndex.of(record),
        reason == null ? null : DatomicValues.keyword((clojure.lang.Keyword) reason),
        (String) record.get(RebasisSchema.TX_MESSAGE.toString()));
  }

  private static boolean isOf(String user, Database now, UUID id) {
    return has(RebasisSchema.TX_USER, user, now, id);
  }

  private static boolean isOfClient(long client, Database now, UUID id) {
    return has(RebasisSchema.TX_CLIENT, client, now, id);
  }

  /** Whether there is such a transaction, and its record says this; null for nothing. */
  private static boolean has(Keyword attribute, Object value, Database now, UUID id) {
    Object tx = now.entid(clojure.lang.Tuple.create(DatomicValues.keyword(RebasisSchema.TX_ID), id));
    return tx != null && Objects.equals(value, now.entity(tx).get(attribute.toString()));
  }

  /** The answer to what is not recorded. */
  static PushOutcome unwritten(Intent intent, Reason reason) {
    return unwritten(intent, reason.code(), reason.message());
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
    if (intent.terms().premises().size() > Terms.PREMISES_MAX) {
      return "A transaction has at most " + Terms.PREMISES_MAX + " premises, not " + intent.terms().premises().size() + ".";
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
}
