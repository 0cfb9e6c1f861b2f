package dev.rebasis.server.internal.master;

import dev.rebasis.conflict.Reason;
import dev.rebasis.conflict.Rules;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Transaction;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.error.TransactionException;
import dev.rebasis.protocol.Fork;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.PushOutcome;
import dev.rebasis.protocol.RebasisSchema;
import dev.rebasis.server.internal.scope.QueryTime;
import dev.rebasis.server.internal.scope.Sights;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongPredicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides and commits to memory: everything of the embedded master that comes before the log. Confined to the core.
 */
final class Committer {
  private static final Logger LOG = LoggerFactory.getLogger(Committer.class);
  private static final int PROGRESS_EVERY = 1000;

  private final MasterDatabase memory;
  private final Clock clock;
  private final MadeIndex made = new MadeIndex();
  private final ClientRecords clients = new ClientRecords();
  private final PushDecider decider;
  private final ForeignT foreign = new ForeignT();
  private final List<Committed> committed = new ArrayList<>();
  private final Sights sights;
  /** Written where decisions are made, read by whoever wants the figure. */
  private final AtomicLong rebased = new AtomicLong();

  /** Works on a database, which may hold nothing yet. */
  Committer(MasterDatabase memory, Clock clock, Rules rules, DatabaseFunctions databaseFunctions) {
    this.memory = memory;
    this.sights = new Sights(memory::schema, QueryTime.of(rules.guard()));
    this.clock = clock;
    this.decider = new PushDecider(made, rules, databaseFunctions, new BaseDatabase(memory, clients), clock::millis);
  }

  /** What was committed since the last call, in order. */
  List<Committed> takeCommitted() {
    List<Committed> taken = List.copyOf(committed);
    committed.clear();
    return taken;
  }

  // ---- the start ----

  /**
   * Commits every row of the log again.
   *
   * @throws RebasisException if what comes of it is not what the log says, or the log is later than the clock
   */
  void replay(MasterLog log, MasterSetup.Progress progress) {
    Instant newest = log.lastInstant();
    Instant now = clock.instant();
    if (newest.isAfter(now)) {
      throw MemoryDatabase.clockBehind(newest, now);
    }
    long total = log.count();
    long[] done = {0};
    log.replay((t, txInstant, forms) -> {
      Committed again = commitAgain(log, t, txInstant, forms);
      note(again.transaction());
      if (++done[0] % PROGRESS_EVERY == 0 || done[0] == total) {
        progress.replayed(done[0], total);
      }
      return again;
    });
  }

  private Committed commitAgain(MasterLog log, long t, Instant txInstant, List<?> forms) {
    try {
      return memory.commit(forms, txInstant);
    } catch (TransactionException e) {
      throw log.differs(t, "Datomic now refuses it: " + e.getMessage());
    }
  }

  /** Takes note of a transaction that was committed before the start. */
  void noteOld(Transaction transaction) {
    note(transaction);
  }

  /** Takes note of a transaction that another node committed; the database stands at it. */
  void noteOthers(Committed one) {
    note(one.transaction());
    sights.committed(one.transaction(), memory.now());
    committed.add(one);
  }

  /** What the record of a transaction says about who made it. */
  private void note(Transaction transaction) {
    Long idAttribute = memory.schema().entid(RebasisSchema.TX_ID);
    Long clientAttribute = memory.schema().entid(RebasisSchema.TX_CLIENT);
    long client = ForeignT.NO_CLIENT;
    clients.note(transaction, memory.schema());
    for (Datom datom : transaction.datoms()) {
      if (idAttribute != null && datom.e() == transaction.tx()) {
        if (datom.a() == idAttribute) {
          decider.decided((UUID) datom.v());
        } else if (datom.a() == clientAttribute) {
          client = (Long) datom.v();
        }
      }
    }
    foreign.add(client, transaction.t());
  }

  /** Commits what every database of ours holds, as far as it is not there, and returns it for the log. */
  List<Committed> install(Supplier<UUID> uuids) {
    boolean isNew = memory.schema().entid(RebasisSchema.DATABASE) == null;
    if (isNew || !memory.speculate(RebasisSchema.forms()).isEmpty()) {
      commit(RebasisSchema.forms());
    }
    if (isNew) {
      Map<Object, Object> database = new LinkedHashMap<>();
      database.put(Names.DB_ID, "database");
      database.put(Names.DB_IDENT, RebasisSchema.DATABASE);
      database.put(RebasisSchema.DB_ID, uuids.get());
      commit(List.of(database));
    }
    return takeCommitted();
  }

  // ---- writing ----

  /** The number of a store; a new one if it has none. */
  long clientNumber(UUID store) {
    Object known = memory.now().entid(
        clojure.lang.Tuple.create(DatomicValues.keyword(RebasisSchema.CLIENT_STORE), store));
    if (known != null) {
      return (Long) memory.now().entity(known).get(RebasisSchema.CLIENT_NUMBER.toString());
    }
    long number = clients.newestNumber() + 1;
    Map<Object, Object> client = new LinkedHashMap<>();
    client.put(Names.DB_ID, "client");
    client.put(RebasisSchema.CLIENT_STORE, store);
    client.put(RebasisSchema.CLIENT_NUMBER, number);
    commit(List.of(client));
    return number;
  }

  /** A hash of the token under which a client pushed last, or null. */
  UUID tokenOf(long client) {
    return clients.token(client);
  }

  /** Notes a token under which nothing was pushed. */
  void setToken(long client, UUID hash) {
    commit(List.of(tokenForm(client, hash)));
  }

  private Object tokenForm(long client, UUID hash) {
    return List.of(Names.DB_ADD, clients.entity(client), RebasisSchema.CLIENT_TOKEN, hash);
  }

  /** Notes that what followed on a T before is gone. */
  Fork fork(long t, UUID id) {
    List<Transaction> next = memory.transactionsAfter(t, memory.t(), 1);
    Fork fork = new Fork(t, next.isEmpty() ? memory.nextT() : next.get(0).t(), id);
    Map<Object, Object> form = new LinkedHashMap<>();
    form.put(Names.DB_ID, RebasisSchema.DATABASE);
    form.put(RebasisSchema.DB_FORKS, List.of(List.of(fork.t(), fork.nextT(), id)));
    transact(List.of(form));
    return fork;
  }

  /** Commits a program's forms. */
  Committed transact(List<?> forms) {
    Committed done = commit(forms);
    foreign.add(ForeignT.NO_CLIENT, done.t());
    return done;
  }

  /**
   * Decides an intent and commits what came of it.
   *
   * @throws RebasisException if it stays undecided
   */
  PushOutcome decide(Master.Push push, Intent intent) {
    checkStore(push, intent);
    return decide(push, intent, Map.of());
  }

  private PushOutcome decide(Master.Push push, Intent intent, Map<Long, Long> together) {
    PushDecider.Verdict verdict = verdict(push, intent, ground(push, together));
    if (verdict instanceof PushDecider.Verdict.Known known) {
      return known.outcome();
    }
    boolean othersWrote = foreign.of(push.client()) > intent.basisT();
    PushOutcome outcome = write(push, intent, ((PushDecider.Verdict.Write) verdict).draft());
    if (othersWrote) {
      rebased.incrementAndGet();
    }
    return outcome;
  }

  /** How many pushed transactions were decided after others had written since the T that they were made on. Any thread. */
  long rebased() {
    return rebased.get();
  }

  /** What was decided before is answered whoever asks; anything else must come from the store that has the number. */
  private void checkStore(Master.Push push, Intent intent) {
    if (decider.decidedBefore(memory.now(), intent) == null) {
      clients.check(push, intent, number -> made.find(memory.now(), push.client(), number));
    }
  }

  private PushDecider.Ground ground(Master.Push push, Map<Long, Long> together) {
    return new PushDecider.Ground(memory.now(), memory.schema(), memory.t(), nextInstant(), foreign.of(push.client()),
        memory.lastWrites(), push.client(), push.user(), push.access(), push.known(), together, seen(push), false);
  }

  private LongPredicate seen(Master.Push push) {
    return sights.of(push.access().sight(), memory.now(), memory.t());
  }

  private PushOutcome write(Master.Push push, Intent intent, Draft decided) {
    Draft draft = decided;
    Committed done;
    try {
      done = commit(withToken(push, draft.forms()));
    } catch (TransactionException e) {
      // Our own expansion missed a rule of Datomic's. The client gets Datomic's reason, and the refusal is recorded.
      draft = decider.refused(memory.schema(), push.client(), push.user(), intent,
          new Reason(e.code(), e.getMessage(), Map.of()));
      done = commit(withToken(push, draft.forms()));
    }
    decider.decided(intent.id());
    if (draft.kind().isCommitted()) {
      foreign.add(push.client(), done.t());
    }
    return outcome(push, intent, draft, done);
  }

  /** With the session's token, if this is the first that is written under it. */
  private List<?> withToken(Master.Push push, List<Object> forms) {
    if (!clients.isTokenDue(push)) {
      return forms;
    }
    List<Object> more = new ArrayList<>(forms);
    more.add(tokenForm(push.client(), push.token()));
    return more;
  }

  /**
   * Decides the transactions of a group: all are committed or none. They are tried on values that nobody else sees; if
   * all come through, they are decided and committed in earnest, with the same result.
   *
   * @param group consecutive, whole
   */
  List<PushOutcome> decideTogether(Master.Push push, List<Intent> group) {
    List<PushOutcome> outcomes = new ArrayList<>();
    group.forEach(intent -> checkStore(push, intent));
    boolean isNew = group.stream().allMatch(intent -> decider.decidedBefore(memory.now(), intent) == null);
    GroupTrial trial = isNew ? trial(push) : null;
    boolean through = !isNew || trial.passes(group);
    if (!through && trial.isForbidden()) {
      return trial.unwritten(group);
    }
    for (Intent intent : group) {
      outcomes.add(through ? decide(push, intent, isNew ? trial.together() : Map.of())
          : write(push, intent, decider.kept(ground(push, Map.of()), intent, trial.fate())));
    }
    return outcomes;
  }

  /**
   * The outcomes of a group of which one transaction may not even be wanted, found before others are kept out for it; null if
   * there is none, as far as can be told now.
   *
   * @throws RebasisException if the push does not come from the store that it names
   */
  List<PushOutcome> forbidden(Master.Push push, List<Intent> group) {
    group.forEach(intent -> checkStore(push, intent));
    if (group.stream().anyMatch(intent -> decider.decidedBefore(memory.now(), intent) != null)) {
      return null;
    }
    GroupTrial trial = trial(push);
    return trial.passes(group) || !trial.isForbidden() ? null : trial.unwritten(group);
  }

  /** Keeps all others out of a shared database while a group is committed. */
  void keepOut(UUID group) {
    commit(memory.keepOut(group));
  }

  /** Lets others in again. */
  void letIn(UUID group) {
    commit(memory.letIn(group));
  }

  private GroupTrial trial(Master.Push push) {
    return new GroupTrial(ground(push, Map.of()), (intent, ground) -> verdict(push, intent, ground));
  }

  /**
   * A fault of ours in deciding is not the intent's: it stays undecided, and the others go on. So it is for a fault of the
   * operator's rules and functions, and of Datomic, which throws checked exceptions without saying so and asserts what it
   * expects of queries.
   */
  private PushDecider.Verdict verdict(Master.Push push, Intent intent, PushDecider.Ground ground) {
    try {
      return decider.decide(ground, intent);
    } catch (Exception | AssertionError | StackOverflowError e) {
      LOG.atError().setCause(e).addKeyValue("tx", intent.id()).addKeyValue("client", push.client())
          .log("A fault while deciding the transaction {} of client {}.", intent.id(), push.client());
      throw new RebasisException(Keyword.of(":rebasis.error/broken"), ErrorCategory.PROGRAMMING_ERROR,
          "The transaction " + intent.id() + " cannot be decided because of a fault in the server (" + e
              + "). Report this; the transaction stays undecided.", Map.of(), e);
    }
  }

  private PushOutcome outcome(Master.Push push, Intent intent, Draft draft, Committed done) {
    Map<Long, Long> ids = new HashMap<>();
    for (Draft.Made one : draft.made()) {
      long entity = one.entity() instanceof Long id ? id
          : one.entity().equals(Intent.TX_TEMPID) ? done.transaction().tx()
          : done.tempids().get((String) one.entity());
      ids.put(one.number(), entity);
      made.add(push.client(), one.number(), entity);
    }
    if (draft.kind().isCommitted()) {
      // Written only for forms that mention it, which saves a fact for each push; later ones may mention it all the same.
      made.add(push.client(), -intent.txLocalId(), done.transaction().tx());
    }
    return new PushOutcome(intent.id(), draft.kind(), false, done.t(), ids, draft.code(), draft.message());
  }

  private Committed commit(List<?> forms) {
    Committed done = memory.commit(forms, nextInstant());
    committed.add(done);
    sights.committed(done.transaction(), memory.now());
    clients.note(done.transaction(), memory.schema());
    return done;
  }

  private Instant nextInstant() {
    return memory.nextInstant(clock);
  }
}
