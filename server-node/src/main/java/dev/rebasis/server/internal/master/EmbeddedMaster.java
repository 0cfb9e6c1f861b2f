package dev.rebasis.server.internal.master;

import datomic.Database;
import dev.rebasis.conflict.Reason;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Transaction;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.error.TransactionException;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.PushOutcome;
import dev.rebasis.protocol.RebasisSchema;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The master over {@code datomic:mem} and a durable log.
 *
 * <p>The core decides one transaction after the other and commits each to memory, in slices; a slice is handed to the
 * log, which writes and forces all the slices that came in meanwhile at once (group commit) while the core decides the
 * next ones. Only what is forced is shown: answers wait in a queue, each for the T that it speaks of, and are released
 * after the transactions up to that T have been broadcast.
 *
 * <p>Memory may be ahead of the disk, never behind. If the log fails, the two can no longer be brought together in this
 * process: the master tells {@link MasterSetup#fatal()} and answers nothing more, and the next start replays the log.
 * What Datomic refuses is not logged, and uses up neither T nor ids.
 *
 * <p>At the start the log is replayed into an empty memory database, and T, ids and datoms are compared with what the
 * log says; policies, functions and the decider take no part in that.
 */
public final class EmbeddedMaster implements Master {
  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedMaster.class);

  /** After so many transactions the log gets what there is, and others get their turn on the core. */
  private static final int SLICE = 32;

  /** So many transactions may wait for the log; then the core stops deciding until it has caught up. */
  private static final int UNFORCED_MAX = 4096;

  private static final int PROGRESS_EVERY = 1000;

  /** In the data of errors that pass: after how many milliseconds to come back. */
  public static final Keyword RETRY_AFTER = Keyword.of(":rebasis.error/retry-after-millis");

  private static final Keyword CLOCK_BEHIND = Keyword.of(":rebasis.error/clock-behind");

  private final MasterSetup setup;
  private final MasterLog log;
  private final MemoryDatabase memory;
  private final LogWriter writer;
  private final MadeIndex made = new MadeIndex();
  private final PushDecider decider = new PushDecider(made);
  private final ForeignT foreign = new ForeignT();
  private final UUID databaseId;

  private final ArrayDeque<Work> queue = new ArrayDeque<>();
  private final List<Committed> slice = new ArrayList<>();
  private final AnswerQueue answers = new AnswerQueue();
  private Consumer<List<Transaction>> listener = transactions -> { };
  private boolean scheduled;
  private boolean stopped;
  private int queued;
  private int unforced;
  private long forcedT;
  private long lastClientNumber;
  private long transactions;

  private EmbeddedMaster(MasterSetup setup, MasterLog log, MemoryDatabase memory) {
    this.setup = setup;
    this.log = log;
    this.memory = memory;
    this.writer = new LogWriter(log, setup.log(), setup.core(), this::forced, setup.fatal());
    replay();
    install();
    this.databaseId = (UUID) memory.now().entity(DatomicValues.keyword(RebasisSchema.DATABASE))
        .get(RebasisSchema.DB_ID.toString());
    this.lastClientNumber = newestClientNumber();
    this.forcedT = memory.t();
  }

  /**
   * Opens the log, replays it, and makes the database if the log is new. Blocks until done.
   *
   * @throws RebasisException if the log is in use, damaged, of another version, from a later time than the clock's, or
   *     replays to something else than before
   */
  public static EmbeddedMaster open(MasterSetup setup) {
    MasterLog log = MasterLog.open(setup.logPath(), setup.logName());
    MemoryDatabase memory = null;
    try {
      memory = new MemoryDatabase();
      return new EmbeddedMaster(setup, log, memory);
    } catch (RuntimeException e) {
      if (memory != null) {
        memory.close();
      }
      log.close();
      throw e;
    }
  }

  private void replay() {
    Instant newest = log.lastInstant();
    Instant now = setup.clock().instant();
    if (newest.isAfter(now)) {
      throw clockBehind(newest, now);
    }
    long total = log.count();
    long[] done = {0};
    log.replay((t, txInstant, forms) -> {
      Committed again = commitAgain(t, txInstant, forms);
      note(again.transaction());
      if (++done[0] % PROGRESS_EVERY == 0 || done[0] == total) {
        setup.progress().replayed(done[0], total);
      }
      return again;
    });
  }

  private Committed commitAgain(long t, Instant txInstant, List<?> forms) {
    try {
      return memory.commit(forms, txInstant);
    } catch (TransactionException e) {
      throw log.differs(t, "Datomic now refuses it: " + e.getMessage());
    }
  }

  /** What the record of a replayed transaction says about who made it. */
  private void note(Transaction transaction) {
    Long idAttribute = memory.schema().entid(RebasisSchema.TX_ID);
    Long clientAttribute = memory.schema().entid(RebasisSchema.TX_CLIENT);
    long client = ForeignT.NO_CLIENT;
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

  /** What every database of ours holds; written directly, since nobody listens yet. */
  private void install() {
    List<Committed> installed = new ArrayList<>();
    if (!memory.speculate(RebasisSchema.forms()).isEmpty()) {
      installed.add(memory.commit(RebasisSchema.forms(), nextInstant()));
    }
    if (memory.schema().entid(RebasisSchema.DATABASE) == null) {
      Map<Object, Object> database = new LinkedHashMap<>();
      database.put(Names.DB_ID, "database");
      database.put(Names.DB_IDENT, RebasisSchema.DATABASE);
      database.put(RebasisSchema.DB_ID, setup.uuids().get());
      installed.add(memory.commit(List.of(database), nextInstant()));
    }
    if (!installed.isEmpty()) {
      log.append(installed);
      log.force();
    }
  }

  private long newestClientNumber() {
    long newest = 0;
    for (datomic.Datom datom : memory.now().datoms(Database.AEVT, RebasisSchema.CLIENT_NUMBER.toString())) {
      newest = Math.max(newest, (Long) datom.v());
    }
    return newest;
  }

  // ---- reading ----

  @Override
  public UUID databaseId() {
    return databaseId;
  }

  @Override
  public long forcedT() {
    return forcedT;
  }

  @Override
  public boolean hasTransaction(long t) {
    return t <= forcedT && memory.hasTransaction(t);
  }

  @Override
  public Database database() {
    return forcedT == memory.t() ? memory.now() : memory.now().asOf(forcedT);
  }

  @Override
  public List<Transaction> transactionsAfter(long afterT, int datomsMax) {
    return memory.transactionsAfter(afterT, forcedT, datomsMax);
  }

  @Override
  public void onForced(Consumer<List<Transaction>> newListener) {
    listener = newListener;
  }

  @Override
  public Stats stats() {
    long behind = memory.lastInstant().toEpochMilli() - setup.clock().millis();
    return new Stats(transactions, writer.forces(), unforced, queued, Math.max(0, behind));
  }

  // ---- writing ----

  @Override
  public void push(Push push) {
    queued += push.intents().size();
    enqueue(new PushWork(push));
  }

  @Override
  public void clientNumber(UUID store, Answer<Long> answer) {
    enqueue(new SingleWork(() -> register(store, answer), answer::refused));
  }

  @Override
  public void transact(List<?> forms, Answer<Transacted> answer) {
    enqueue(new SingleWork(() -> {
      Committed committed = commit(ServerForms.checked(forms));
      foreign.add(ForeignT.NO_CLIENT, committed.t());
      Transacted result = new Transacted(committed.transaction(), committed.tempids());
      answers.add(committed.t(), () -> answer.done(result));
    }, answer::refused));
  }

  @Override
  public void transactIfNew(List<?> forms, Answer<Boolean> answer) {
    enqueue(new SingleWork(() -> {
      List<Object> checked = ServerForms.checked(forms);
      boolean isNew = !memory.speculate(checked).isEmpty();
      if (isNew) {
        foreign.add(ForeignT.NO_CLIENT, commit(checked).t());
      }
      answers.add(memory.t(), () -> answer.done(isNew));
    }, answer::refused));
  }

  private void register(UUID store, Answer<Long> answer) {
    Object known = memory.now().entid(
        clojure.lang.Tuple.create(DatomicValues.keyword(RebasisSchema.CLIENT_STORE), store));
    long number;
    if (known != null) {
      number = (Long) memory.now().entity(known).get(RebasisSchema.CLIENT_NUMBER.toString());
    } else {
      number = lastClientNumber + 1;
      Map<Object, Object> client = new LinkedHashMap<>();
      client.put(Names.DB_ID, "client");
      client.put(RebasisSchema.CLIENT_STORE, store);
      client.put(RebasisSchema.CLIENT_NUMBER, number);
      commit(List.of(client));
      lastClientNumber = number;
    }
    answers.add(memory.t(), () -> answer.done(number));
  }

  private void enqueue(Work work) {
    if (stopped) {
      work.refuse(shuttingDown());
      return;
    }
    queue.add(work);
    schedule();
  }

  private void schedule() {
    if (!scheduled && !queue.isEmpty() && unforced < UNFORCED_MAX) {
      scheduled = true;
      setup.core().execute(this::workOnSlice);
    }
  }

  private void workOnSlice() {
    scheduled = false;
    for (int i = 0; i < SLICE && !queue.isEmpty(); i++) {
      if (!queue.peek().step()) {
        queue.poll();
      }
    }
    if (!slice.isEmpty()) {
      unforced += slice.size();
      writer.write(List.copyOf(slice));
      slice.clear();
    }
    answers.release(forcedT);
    schedule();
  }

  private void forced(List<Committed> batch) {
    forcedT = batch.get(batch.size() - 1).t();
    unforced -= batch.size();
    transactions += batch.size();
    listener.accept(batch.stream().map(Committed::transaction).toList());
    answers.release(forcedT);
    schedule();
  }

  private PushOutcome decide(Push push, Intent intent) {
    PushDecider.Verdict verdict = verdict(push, intent);
    if (verdict instanceof PushDecider.Verdict.Known known) {
      return known.outcome();
    }
    Draft draft = ((PushDecider.Verdict.Write) verdict).draft();
    Committed committed;
    try {
      committed = commit(draft.forms());
    } catch (TransactionException e) {
      // Our own expansion missed a rule of Datomic's. The client gets Datomic's reason, and the refusal is recorded.
      draft = decider.refused(memory.schema(), push.client(), push.user(), intent,
          new Reason(e.code(), e.getMessage(), Map.of()));
      committed = commit(draft.forms());
    }
    decider.decided(intent.id());
    if (draft.kind().isCommitted()) {
      foreign.add(push.client(), committed.t());
    }
    return outcome(push, intent, draft, committed);
  }

  /** A fault of ours in deciding is not the intent's: it stays undecided, and the others go on. */
  private PushDecider.Verdict verdict(Push push, Intent intent) {
    try {
      return decider.decide(memory.now(), memory.schema(), memory.t(), foreign.of(push.client()), push.client(),
          push.user(), intent);
    } catch (RuntimeException e) {
      LOG.error("A fault while deciding the transaction {} of client {}.", intent.id(), push.client(), e);
      throw new RebasisException(Keyword.of(":rebasis.error/broken"), ErrorCategory.PROGRAMMING_ERROR,
          "The transaction " + intent.id() + " cannot be decided because of a fault in the server (" + e
              + "). Report this; the transaction stays undecided.", Map.of(), e);
    }
  }

  private PushOutcome outcome(Push push, Intent intent, Draft draft, Committed committed) {
    Map<Long, Long> ids = new HashMap<>();
    for (Draft.Made one : draft.made()) {
      long entity = one.entity() instanceof Long id ? id
          : one.entity().equals(Intent.TX_TEMPID) ? committed.transaction().tx()
          : committed.tempids().get((String) one.entity());
      ids.put(one.number(), entity);
      made.add(push.client(), one.number(), entity);
    }
    return new PushOutcome(intent.id(), draft.kind(), false, committed.t(), ids, draft.code(), draft.message());
  }

  private Committed commit(List<?> forms) {
    Committed committed = memory.commit(forms, nextInstant());
    slice.add(committed);
    return committed;
  }

  /** Datomic refuses times that go back, and times in the future. */
  private Instant nextInstant() {
    Instant now = setup.clock().instant().truncatedTo(ChronoUnit.MILLIS);
    Instant last = memory.lastInstant();
    if (last.isAfter(now)) {
      throw clockBehind(last, now);
    }
    return now;
  }

  private static RebasisException clockBehind(Instant last, Instant now) {
    return new RebasisException(CLOCK_BEHIND, ErrorCategory.RETRY_LATER, "The server's clock says " + now
        + ", which is before the newest transaction's time " + last
        + ". Set the clock right, or come back when it has caught up.",
        Map.of(RETRY_AFTER, Math.max(1, last.toEpochMilli() - now.toEpochMilli())), null);
  }

  private static RebasisException shuttingDown() {
    return new RebasisException(Keyword.of(":rebasis.error/shutting-down"), ErrorCategory.RETRY_LATER,
        "The server is shutting down. Come back later.", Map.of(RETRY_AFTER, 1000L), null);
  }

  @Override
  public void stop() {
    stopped = true;
    for (Work work = queue.poll(); work != null; work = queue.poll()) {
      work.refuse(shuttingDown());
    }
    queued = 0;
  }

  @Override
  public void close() {
    stopped = true;
    try {
      log.close();
    } finally {
      memory.close();
    }
  }

  /** One piece of work in the queue, done step by step. */
  private interface Work {
    /** Does one step; true if there are more. */
    boolean step();

    /** The rest is not done. */
    void refuse(RebasisException reason);
  }

  /** One step. */
  private final class SingleWork implements Work {
    private final Runnable step;
    private final Consumer<RebasisException> refused;

    SingleWork(Runnable step, Consumer<RebasisException> refused) {
      this.step = step;
      this.refused = refused;
    }

    @Override
    public boolean step() {
      try {
        step.run();
      } catch (RebasisException e) {
        answers.add(memory.t(), () -> refused.accept(e));
      }
      return false;
    }

    @Override
    public void refuse(RebasisException reason) {
      refused.accept(reason);
    }
  }

  /** Pushed intents, one a step. */
  private final class PushWork implements Work {
    private final Push push;
    private final Iterator<Intent> rest;

    PushWork(Push push) {
      this.push = push;
      this.rest = push.intents().iterator();
    }

    @Override
    public boolean step() {
      try {
        PushOutcome outcome = decide(push, rest.next());
        queued--;
        // A duplicate may speak of a transaction that is not forced yet, and outcomes keep their order anyway.
        answers.add(memory.t(), push, outcome);
        return rest.hasNext();
      } catch (RebasisException e) {
        queued--;
        for (; rest.hasNext(); rest.next()) {
          queued--;
        }
        answers.add(memory.t(), () -> push.refused(e));
        return false;
      }
    }

    @Override
    public void refuse(RebasisException reason) {
      push.refused(reason);
    }
  }
}
