package dev.rebasis.client.internal.fake;

import dev.rebasis.client.internal.db.ConfirmedChanges;
import dev.rebasis.client.internal.db.DatabaseValue;
import dev.rebasis.client.internal.db.IndexSnapshot;
import dev.rebasis.client.internal.db.Overlay;
import dev.rebasis.client.internal.index.DatomIndex;
import dev.rebasis.client.Durability;
import dev.rebasis.client.internal.Samples;
import dev.rebasis.client.internal.log.ClientLog;
import dev.rebasis.client.internal.log.StoreFiles;
import dev.rebasis.client.internal.query.QueryEngine;
import dev.rebasis.conflict.Conflict;
import dev.rebasis.conflict.Decider;
import dev.rebasis.conflict.Decision;
import dev.rebasis.conflict.Footprint;
import dev.rebasis.conflict.GroupFate;
import dev.rebasis.conflict.IntentBuilder;
import dev.rebasis.conflict.LocalIds;
import dev.rebasis.conflict.Rules;
import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Schema;
import dev.rebasis.data.SystemIds;
import dev.rebasis.data.Transaction;
import dev.rebasis.edn.Edn;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.protocol.PushOutcome;
import dev.rebasis.protocol.RebasisSchema;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * A server without Datomic, network or disk: decides pushes with the real {@link Decider} on an index of its own, and
 * writes the same records on transaction entities as the real one. Confined to one test.
 */
public final class FakeServer implements AutoCloseable {
  /** A client number for transactions that {@link #transact} makes. */
  private static final long NOBODY = 0;

  private final ClientLog log =
      ClientLog.open(StoreFiles.inMemory(), Durability.PROCESS_CRASH, Samples.ids());
  private final DatomIndex index = DatomIndex.open(StoreFiles.inMemory(), log);
  private final List<Transaction> transactions = new ArrayList<>();
  private final Map<UUID, PushOutcome> decided = new HashMap<>();
  private final Map<UUID, Decision> decisions = new HashMap<>();
  private final Map<Long, Map<Long, Long>> madeByClient = new HashMap<>();
  private long nextT = 1_000;
  private long nextAttribute = 72;
  private long ownNumbers;
  private long ownSeq;
  private Rules rules = Rules.BUILT_IN;

  /** Makes a server whose database has Rebasis's own schema. */
  public FakeServer() {
    transact(RebasisSchema.forms());
  }

  private FakeServer(FakeServer other) {
    transactions.addAll(other.transactions);
    index.apply(transactions);
    decided.putAll(other.decided);
    other.madeByClient.forEach((client, made) -> madeByClient.put(client, new HashMap<>(made)));
    nextT = other.nextT;
    nextAttribute = other.nextAttribute;
    rules = other.rules;
  }

  /** Decides by other rules from now on. */
  public void rules(Rules others) {
    rules = others;
  }

  /** The newest T. */
  public long t() {
    return index.position();
  }

  /** The current value. */
  public DatabaseValue db() {
    IndexSnapshot snapshot = index.snapshot();
    return DatabaseValue.of(snapshot, Overlay.EMPTY, localId -> localId, snapshot.basisT(), new QueryEngine());
  }

  /** The transactions after a T, in order. */
  public List<Transaction> after(long t) {
    int from = transactions.size();
    while (from > 0 && transactions.get(from - 1).t() > t) {
      from--;
    }
    return List.copyOf(transactions.subList(from, transactions.size()));
  }

  /** Transacts as the server's own program; throws if it is refused. */
  public Transaction transact(Object formsOrText) {
    Object forms = formsOrText instanceof String text ? Edn.read(text) : formsOrText;
    IntentBuilder.Completed completed = IntentBuilder.complete(forms, db().schema(), () -> ++ownNumbers);
    Intent intent = new Intent(
        new UUID(7, ++ownSeq), ownSeq, t(), Samples.EPOCH, completed.forms(), completed.tempids());
    PushOutcome outcome = push(NOBODY, intent);
    if (!outcome.kind().isCommitted()) {
      throw new IllegalArgumentException(outcome.code() + " " + outcome.message());
    }
    return transactions.get(transactions.size() - 1);
  }

  /** Decides a pushed intent, once. */
  public PushOutcome push(long client, Intent intent) {
    PushOutcome before = decided.get(intent.id());
    if (before != null) {
      return new PushOutcome(before.id(), before.kind(), true, before.t(), before.made(), before.code(), before.message());
    }
    return commit(client, intent, decide(client, intent));
  }

  /** Decides a group: all are committed or none. It is tried on a copy of everything. */
  public List<PushOutcome> pushTogether(long client, List<Intent> group) {
    boolean before = group.stream().anyMatch(one -> decided.containsKey(one.id()));
    GroupFate fate = before ? null : tried(client, group);
    return group.stream().map(one -> fate == null ? push(client, one)
        : commit(client, one, fate.of(one, Footprint.EMPTY))).toList();
  }

  private GroupFate tried(long client, List<Intent> group) {
    try (FakeServer trial = new FakeServer(this)) {
      for (Intent one : group) {
        Decision decision = trial.decide(client, one);
        if (!decision.kind().isCommitted()) {
          return new GroupFate(one.id(), decision.reason(), decision.conflicts());
        }
        trial.commit(client, one, decision);
      }
      return null;
    }
  }

  /** What was decided about a transaction. */
  public Decision decision(UUID id) {
    return decisions.get(id);
  }

  private Decision decide(long client, Intent intent) {
    DatabaseValue now = db();
    Map<Long, Long> made = madeByClient.getOrDefault(client, Map.of());
    return Decider.decide(
        intent, now, intent.terms().undoes() != null ? ConfirmedChanges.ofAll(now.snapshot(), intent.basisT())
            : ConfirmedChanges.of(now.snapshot(), intent.basisT(), client, tx -> false),
        new LocalIds() {
          @Override
          public long resolve(long localId) {
            return made.getOrDefault(-localId, localId);
          }

          @Override
          public boolean hasFailed(UUID transaction) {
            PushOutcome predecessor = decided.get(transaction);
            return predecessor == null || !predecessor.kind().isCommitted();
          }
        }, rules);
  }

  private PushOutcome commit(long client, Intent intent, Decision decision) {
    PushOutcome outcome = new Commit(client, intent, decision, db().schema()).commit();
    Map<Long, Long> made = madeByClient.computeIfAbsent(client, number -> new HashMap<>());
    made.putAll(outcome.made());
    if (decision.kind().isCommitted()) {
      made.put(-intent.txLocalId(), EntityIds.txOf(outcome.t()));
    }
    decided.put(intent.id(), outcome);
    decisions.put(intent.id(), decision);
    return outcome;
  }

  @Override
  public void close() {
    index.close();
    log.close();
  }

  /** Makes one confirmed transaction of a decision. */
  private final class Commit {
    private final long client;
    private final Intent intent;
    private final Decision decision;
    private final Schema schema;
    private final long t = nextT++;
    private final long tx = EntityIds.txOf(t);
    private final Map<Long, Long> ids = new HashMap<>();
    private final List<Datom> datoms = new ArrayList<>();

    Commit(long client, Intent intent, Decision decision, Schema schema) {
      this.client = client;
      this.intent = intent;
      this.decision = decision;
      this.schema = schema;
      ids.put(intent.txLocalId(), tx);
    }

    PushOutcome commit() {
      datoms.add(new Datom(tx, SystemIds.DB_TX_INSTANT, Samples.EPOCH.plusMillis(t), tx, true));
      for (Datom datom : decision.datoms()) {
        datoms.add(new Datom(id(datom.e()), id(datom.a()), value(datom), tx, datom.added()));
      }
      Map<Long, Long> made = new LinkedHashMap<>();
      if (client != NOBODY) {
        made = record();
      }
      Transaction transaction = new Transaction(t, Collections.unmodifiableList(new ArrayList<>(datoms)));
      transactions.add(transaction);
      index.apply(List.of(transaction));
      return new PushOutcome(intent.id(), decision.kind(), false, t, made,
          decision.reason() == null ? null : decision.reason().code(),
          decision.reason() == null ? null : decision.reason().message());
    }

    private Object value(Datom datom) {
      boolean ref = schema.attribute(datom.a()) != null && schema.attribute(datom.a()).isRef();
      return ref ? (Object) id((Long) datom.v()) : datom.v();
    }

    private long id(long given) {
      if (given >= 0) {
        return given;
      }
      return ids.computeIfAbsent(given, localId -> isAttribute(localId) ? nextAttribute++ : Samples.USER + nextT++);
    }

    private boolean isAttribute(long localId) {
      return decision.datoms().stream()
          .anyMatch(datom -> datom.e() == localId && datom.a() == SystemIds.DB_VALUE_TYPE);
    }

    private Map<Long, Long> record() {
      Map<Long, Long> made = new LinkedHashMap<>();
      add(tx, RebasisSchema.TX_ID, intent.id());
      add(tx, RebasisSchema.TX_CLIENT, client);
      add(tx, RebasisSchema.TX_SEQ, intent.seq());
      add(tx, RebasisSchema.TX_BASIS, intent.basisT());
      add(tx, RebasisSchema.TX_MADE_AT, intent.madeAt());
      if (decision.kind() != OutcomeKind.ACCEPTED) {
        add(tx, RebasisSchema.TX_OUTCOME, decision.kind().ident());
      }
      if (!decision.kind().isCommitted()) {
        add(tx, RebasisSchema.TX_REASON, decision.reason().code());
        add(tx, RebasisSchema.TX_MESSAGE, decision.reason().message());
      } else {
        decision.numbers().forEach((number, entity) -> {
          if (-number != intent.txLocalId()) {
            made.put(number, id(entity));
          }
        });
        made.forEach((number, entity) -> add(tx, RebasisSchema.TX_MADE, List.of(client, number, entity)));
      }
      decision.conflicts().forEach(this::conflict);
      return made;
    }

    private void conflict(Conflict conflict) {
      long e = Samples.USER + nextT++;
      add(tx, RebasisSchema.TX_CONFLICTS, e);
      add(e, RebasisSchema.CONFLICT_KIND, conflict.kind());
      if (conflict.e() >= 0) {
        add(e, RebasisSchema.CONFLICT_ENTITY, conflict.e());
      }
      if (conflict.attribute() != null) {
        add(e, RebasisSchema.CONFLICT_ATTRIBUTE, conflict.attribute());
      }
      add(e, RebasisSchema.CONFLICT_BASE, Edn.write(conflict.base()));
      add(e, RebasisSchema.CONFLICT_LOCAL, Edn.write(conflict.local()));
      add(e, RebasisSchema.CONFLICT_REMOTE, Edn.write(conflict.remote()));
      add(e, RebasisSchema.CONFLICT_RESOLVED, Edn.write(conflict.resolved()));
      add(e, RebasisSchema.CONFLICT_POLICY, conflict.policy());
      if (conflict.remoteTx() > 0) {
        add(e, RebasisSchema.CONFLICT_REMOTE_TX, conflict.remoteTx());
      }
    }

    private void add(long e, Keyword attribute, Object value) {
      datoms.add(new Datom(e, schema.entid(attribute), value, tx, true));
    }
  }

  /** The current datoms of the whole database. */
  public List<Datom> datoms() {
    List<Datom> all = new ArrayList<>();
    db().datoms(IndexOrder.EAVT).forEach(all::add);
    return all;
  }
}
