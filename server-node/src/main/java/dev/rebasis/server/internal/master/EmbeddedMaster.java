package dev.rebasis.server.internal.master;

import datomic.Database;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Schema;
import dev.rebasis.data.Transaction;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Fork;
import dev.rebasis.protocol.RebasisSchema;
import java.io.OutputStream;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * The master over {@code datomic:mem} and a durable log.
 *
 * <p>The core decides one transaction after the other and commits each to memory, in slices; a slice is handed to the
 * log, which writes and forces all the slices that came in meanwhile at once (group commit) while the core decides the
 * next ones. Only what is forced is shown: answers wait in a queue, each for the T that it speaks of, and are released
 * after the transactions up to that T have been broadcast.
 *
 * <p>Memory may be ahead of the disk, never behind. If the log fails, the two can no longer be brought together in this
 * process: the master tells {@link MasterSetup#fatal()}, refuses whatever would be written, and goes on being read as of the last
 * T that is durable. The next start replays the log.
 * What Datomic refuses is not logged, and uses up neither T nor ids.
 *
 * <p>At the start the log is replayed into an empty memory database, and T, ids and datoms are compared with what the
 * log says; policies, functions and the decider take no part in that.
 */
public final class EmbeddedMaster extends QueuedMaster {
  /** After so many transactions the log gets what there is, and others get their turn on the core. */
  private static final int SLICE = 32;

  /** So many transactions may wait for the log; then the core stops deciding until it has caught up. */
  private static final int UNFORCED_MAX = 4096;

  private static final long BROKEN_RETRY_MILLIS = 30_000;

  private final MasterSetup setup;
  private final MasterLog log;
  private final MemoryDatabase memory;
  private final LogWriter writer;
  private final Committer committer;
  private final Works works;
  private final UUID databaseId;

  private final ArrayDeque<Works.Work> queue = new ArrayDeque<>();
  private final AnswerQueue answers = new AnswerQueue();
  private Consumer<List<Transaction>> listener = transactions -> { };
  private boolean scheduled;
  private boolean stopped;
  /** Why the log cannot be written any more; null while it can. */
  private RebasisException broken;
  private int queued;
  private int unforced;
  private long forcedT;
  /** The schema at {@link #forcedT}: what is shown once memory is ahead for good. */
  private Schema forcedSchema;
  private long transactions;

  private EmbeddedMaster(MasterSetup setup, MasterLog log, MemoryDatabase memory) {
    this.setup = setup;
    this.log = log;
    this.memory = memory;
    this.writer = new LogWriter(log, setup, this::forced, this::logFailed);
    this.committer = new Committer(memory, setup.clock(), setup.rules(), setup.databaseFunctions());
    this.works = new Works(memory, committer, setup.uuids(), () -> answers, decided -> queued -= decided);
    committer.replay(log, setup.progress());
    log.append(committer.install(setup.uuids()));
    log.force();
    this.databaseId = (UUID) memory.now().entity(DatomicValues.keyword(RebasisSchema.DATABASE))
        .get(RebasisSchema.DB_ID.toString());
    this.forcedT = memory.t();
    this.forcedSchema = memory.schema();
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

  /**
   * Replays a log and compares it with what it says, and changes nothing.
   *
   * @return how many transactions it holds, and the newest T
   */
  public static LogArchive.Summary verify(MasterSetup setup) {
    try (MasterLog log = MasterLog.open(setup.logPath(), setup.logName()); MemoryDatabase memory = new MemoryDatabase()) {
      new Committer(memory, setup.clock(), setup.rules(), setup.databaseFunctions()).replay(log, setup.progress());
      return new LogArchive.Summary(log.count(), memory.t());
    }
  }

  @Override
  public LogArchive.Summary archive(long upToT, OutputStream out) {
    if (setup.logPath() == null) {
      throw new RebasisException(Keyword.of(":rebasis.error/in-memory"), ErrorCategory.FIX_REQUEST,
          "This database is kept in memory only and has no log. Start the server with --data to have one.");
    }
    return LogArchive.write(log, upToT, out);
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
  public Schema schema() {
    return broken == null ? memory.schema() : forcedSchema;
  }

  @Override
  public long datomsAfter(long afterT) {
    return memory.datomsAfter(afterT);
  }

  @Override
  public long retractionsAfter(long afterT) {
    return memory.retractionsAfter(afterT);
  }

  @Override
  public Missing missingAfter(long afterT) {
    return memory.missingAfter(afterT, database(), forcedT);
  }

  @Override
  public UUID tokenOf(long client) {
    return broken == null ? committer.tokenOf(client)
        : durable(RebasisSchema.CLIENT_NUMBER, client, RebasisSchema.CLIENT_TOKEN, UUID.class);
  }

  @Override
  public UUID newId() {
    return setup.uuids().get();
  }

  @Override
  public List<Fork> forks() {
    return Forks.of(database());
  }

  @Override
  public Instant instantOf(long t) {
    return hasTransaction(t) ? memory.instantOf(t) : null;
  }

  @Override
  public void onForced(Consumer<List<Transaction>> newListener) {
    listener = newListener;
  }

  @Override
  public Stats stats() {
    long behind = memory.lastInstant().toEpochMilli() - setup.clock().millis();
    return new Stats(transactions, writer.forces(), unforced, queued, Math.max(0, behind), committer.rebased(), 0, null);
  }

  // ---- writing ----

  @Override
  Works works() {
    return works;
  }

  @Override
  public void push(Push push) {
    queued += push.intents().size();
    enqueue(works.push(push));
  }

  @Override
  public void catchUp(Answer<Long> answer) {
    answer.done(forcedT);
  }

  @Override
  void enqueue(Works.Work work) {
    if (stopped || broken != null) {
      work.refuse(broken != null ? broken : shuttingDown());
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
    List<Committed> slice = committer.takeCommitted();
    if (!slice.isEmpty()) {
      unforced += slice.size();
      writer.write(slice);
    }
    answers.release(forcedT);
    schedule();
  }

  private void forced(List<Committed> batch) {
    forcedT = batch.get(batch.size() - 1).t();
    for (Committed one : batch) {
      forcedSchema = forcedSchema.with(one.transaction().datoms());
    }
    unforced -= batch.size();
    transactions += batch.size();
    listener.accept(batch.stream().map(Committed::transaction).toList());
    answers.release(forcedT);
    schedule();
  }

  /**
   * Memory is ahead of the disk from now on, and nobody may see by what: nothing is decided any more, and who waits for an
   * answer is told that there will be none. What was durable before can still be read.
   */
  private void logFailed(RebasisException cause) {
    broken = new RebasisException(Keyword.of(":rebasis.error/log-failed"), ErrorCategory.RETRY_LATER,
        "The server cannot write its log any more, so that nothing is decided until its operator has seen to the disk and"
            + " started it again; everything durable can be read. " + cause.getMessage(),
        Map.of(RebasisException.RETRY_AFTER, BROKEN_RETRY_MILLIS), cause);
    for (Works.Work work = queue.poll(); work != null; work = queue.poll()) {
      work.refuse(broken);
    }
    answers.refuse(broken);
    setup.fatal().accept(broken);
  }

  @Override
  public void clientNumber(UUID store, Answer<Long> answer) {
    if (broken == null) {
      super.clientNumber(store, answer);
      return;
    }
    Long number = durable(RebasisSchema.CLIENT_STORE, store, RebasisSchema.CLIENT_NUMBER, Long.class);
    if (number != null) {
      answer.done(number);
    } else {
      answer.refused(broken);
    }
  }

  /** What the disk holds of a client, who is found by another attribute; null if nothing. */
  private <T> T durable(Keyword by, Object value, Keyword wanted, Class<T> type) {
    Database durable = database();
    Object entity = durable.entid(datomic.Util.list(DatomicValues.keyword(by), value));
    return entity == null ? null : type.cast(durable.entity(entity).get(wanted.toString()));
  }

  static RebasisException shuttingDown() {
    return new RebasisException(Keyword.of(":rebasis.error/shutting-down"), ErrorCategory.RETRY_LATER,
        "The server is shutting down. Come back later.", Map.of(RebasisException.RETRY_AFTER, 1000L), null);
  }

  @Override
  public void stop() {
    stopped = true;
    for (Works.Work work = queue.poll(); work != null; work = queue.poll()) {
      work.refuse(shuttingDown());
    }
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
}
