package dev.rebasis.server.internal.master;

import datomic.Connection;
import datomic.Database;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Schema;
import dev.rebasis.data.Transaction;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Fork;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.RebasisSchema;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The master over a Datomic database that other server-nodes, and any other peers, write to as well.
 *
 * <p>The writer, an executor of its own since a commit waits for the transactor, decides one transaction after the other on
 * the newest value that it knows and commits each with a guard (see {@link SharedDatabase}): if anyone wrote meanwhile,
 * nothing is committed, the writer reads what the others wrote from Datomic's log, and decides again. At each such meeting
 * one of the nodes gets on. Which ids were decided, which tokens and sequence numbers clients used, is thus always known
 * up to the very value that is written to.
 *
 * <p>The core sees what the writer has handed over: the newest value, and the transactions up to it, its own and those of
 * others alike, each broadcast before any answer that speaks of it. What Datomic has acknowledged is durable.
 */
public final class DatomicMaster extends QueuedMaster {
  private static final Logger LOG = LoggerFactory.getLogger(DatomicMaster.class);

  /** So many transactions of others are handed over at once. */
  private static final int FOLLOW_MAX = 1_000;

  /** A node that has not finished a group for so long is taken to be gone. */
  private static final Duration HELD_MAX = Duration.ofSeconds(30);
  private static final long HELD_RETRY_MILLIS = 100;

  /** What the core sees. */
  private record Shown(Database database, Schema schema, long t) {}

  private final MasterSetup setup;
  private final SharedDatabase database;
  private final Committer committer;
  private final Works works;
  private final UUID databaseId;
  private final AtomicInteger queued = new AtomicInteger();
  private final AtomicBoolean looking = new AtomicBoolean();
  private final AtomicBoolean probing = new AtomicBoolean();
  private final Excisions excisions;
  private volatile Runnable excised = () -> { };

  /** The writer's. */
  private AnswerQueue answers = new AnswerQueue();
  private final AtomicLong again = new AtomicLong();

  /** The core's. */
  private final DatomCounts counts = new DatomCounts();
  private Consumer<List<Transaction>> listener = transactions -> { };
  private Shown shown;
  private long transactions;
  private volatile boolean stopped;

  private DatomicMaster(MasterSetup setup, Connection connection) {
    this.setup = setup;
    SharedDatabase.prepare(connection);
    this.database = new SharedDatabase(connection);
    this.committer = new Committer(database, setup.clock(), setup.rules(), setup.databaseFunctions());
    this.works = new Works(database, committer, setup.uuids(), () -> answers, decided -> queued.addAndGet(-decided));
    this.excisions = new Excisions(database, new SharedExcision(database, committer, setup.uuids()), works, this::enqueue,
        this::follow);
    Consumer<Committed> old = committed -> {
      committer.noteOld(committed.transaction());
      counts.add(committed.transaction());
    };
    install(old).forEach(committed -> counts.add(committed.transaction()));
    this.databaseId = (UUID) database.now().entity(DatomicValues.keyword(RebasisSchema.DATABASE))
        .get(RebasisSchema.DB_ID.toString());
    this.shown = new Shown(database.now(), database.schema(), database.t());
  }

  /** Several nodes may begin at once; one of them gives the database its id. */
  private List<Committed> install(Consumer<Committed> old) {
    while (true) {
      database.follow(Integer.MAX_VALUE, old);
      try {
        return committer.install(setup.uuids());
      } catch (MovedException e) {
        LOG.debug("Another node wrote while this one began; it looks again.");
      }
    }
  }

  /**
   * Reads the database's log once, for what it says about clients and pushed transactions, and installs what Rebasis needs
   * if it is not there. Blocks until done.
   *
   * @param setup its paths are not used; {@code log} is the writer
   * @param connection to the database; stays open when the master is closed
   */
  public static DatomicMaster open(MasterSetup setup, Connection connection) {
    return new DatomicMaster(setup, connection);
  }

  // ---- reading, on the core ----

  @Override
  public UUID databaseId() {
    return databaseId;
  }

  @Override
  public long forcedT() {
    return shown.t();
  }

  @Override
  public boolean hasTransaction(long t) {
    return t <= shown.t() && database.hasTransaction(t);
  }

  @Override
  public Database database() {
    return shown.database();
  }

  @Override
  public List<Transaction> transactionsAfter(long afterT, int datomsMax) {
    return database.transactionsAfter(afterT, shown.t(), datomsMax);
  }

  @Override
  public Schema schema() {
    return shown.schema();
  }

  @Override
  public long datomsAfter(long afterT) {
    return counts.after(afterT);
  }

  @Override
  public long retractionsAfter(long afterT) {
    return counts.retractionsAfter(afterT);
  }

  @Override
  public Missing missingAfter(long afterT) {
    return new Missing(afterT, shown.t(), counts.after(afterT),
        new NetChanges(database.connection(), afterT, shown.database(), shown.t()));
  }

  @Override
  public UUID tokenOf(long client) {
    Object entity = shown.database().entid(
        clojure.lang.Tuple.create(DatomicValues.keyword(RebasisSchema.CLIENT_NUMBER), client));
    return entity == null ? null : (UUID) shown.database().entity(entity).get(RebasisSchema.CLIENT_TOKEN.toString());
  }

  @Override
  public UUID newId() {
    return setup.uuids().get();
  }

  @Override
  public List<Fork> forks() {
    return Forks.of(shown.database());
  }

  @Override
  public Instant instantOf(long t) {
    return hasTransaction(t) ? MasterDatabase.instantOf(shown.database(), t) : null;
  }

  @Override
  public void onForced(Consumer<List<Transaction>> newListener) {
    listener = newListener;
  }

  @Override
  public Stats stats() {
    return new Stats(transactions, 0, 0, queued.get(), 0, committer.rebased(), again.get(), database.unreachable());
  }

  @Override
  public LogArchive.Summary archive(long upToT, OutputStream out) {
    throw new RebasisException(Keyword.of(":rebasis.error/no-log"), ErrorCategory.FIX_REQUEST,
        "This server keeps its database in Datomic and has no log of its own. Back it up with Datomic's own tools"
            + " (bin/datomic backup-db).");
  }

  // ---- writing ----

  @Override
  Works works() {
    return works;
  }

  @Override
  public void push(Push push) {
    queued.addAndGet(push.intents().size());
    // A client may have seen more at another node than this one has heard of. The writer looks after it, in its turn:
    // pushes of one client must not overtake each other.
    enqueue(works.push(push), push.intents().stream().mapToLong(Intent::basisT).max().orElse(0));
  }

  @Override
  public void catchUp(Answer<Long> answer) {
    enqueue(works.single(() -> {
      database.sync();
      follow();
      return database.t();
    }, answer));
  }

  /** How often a decision was made again because others wrote meanwhile. Any thread. */
  long decidedAgain() {
    return again.get();
  }

  /** Asks the transactor for a sign of life, which {@link #stats()} then tells of. For any thread; does not wait. */
  public void probe() {
    if (probing.compareAndSet(false, true)) {
      setup.log().execute(() -> {
        probing.set(false);
        try {
          database.sync();
        } catch (RebasisException e) {
          LOG.warn("{}", e.getMessage());
        }
      });
    }
  }

  /** What Datomic was asked to excise. For any thread. */
  public Excisions excisions() {
    return excisions;
  }

  /** Registers who is told, on the core, that facts were excised: whatever was derived from them is to be made anew. */
  public void onExcised(Runnable listener) {
    excised = listener;
  }

  /** Others may have written: looks, and shows what they wrote. For any thread. */
  public void lookAgain() {
    if (looking.compareAndSet(false, true)) {
      setup.log().execute(() -> {
        looking.set(false);
        try {
          follow();
        } catch (Exception e) { // Datomic throws checked exceptions without saying so
          LOG.warn("What others wrote cannot be read yet: {}", database.passing(e).getMessage());
        }
        handOver();
      });
    }
  }

  @Override
  void enqueue(Works.Work work) {
    enqueue(work, 0);
  }

  /** Has the writer do some work, which stands on a T. */
  private void enqueue(Works.Work work, long basisT) {
    setup.log().execute(() -> {
      if (stopped) {
        setup.core().execute(() -> work.refuse(EmbeddedMaster.shuttingDown()));
        return;
      }
      try {
        perform(work, basisT);
      } catch (Exception e) { // Datomic throws checked exceptions without saying so
        RebasisException reason = database.passing(e);
        database.within(null);
        handOver();
        setup.core().execute(() -> work.refuse(reason));
      }
    });
  }

  private void perform(Works.Work work, long basisT) {
    if (basisT > database.t()) {
      database.sync();
      follow();
    }
    boolean more = true;
    while (more) {
      try {
        more = guarded(work::step);
      } catch (HeldException e) {
        more = isGivenUp();
        if (!more) {
          throw groupUnderWay();
        }
      }
      handOver();
    }
  }

  /** Does a step; if others wrote meanwhile, again on what they wrote, until nobody did. */
  private boolean guarded(Supplier<Boolean> step) {
    while (true) {
      try {
        return step.get();
      } catch (MovedException e) {
        again.incrementAndGet();
        follow();
      }
    }
  }

  /** Whether the node that keeps others out has not gone on for so long that it must have died; then they are let in. */
  private boolean isGivenUp() {
    follow();
    SharedDatabase.Holder holder = database.holder();
    if (holder == null) {
      return true;
    }
    if (holder.since().plus(HELD_MAX).isAfter(setup.clock().instant())) {
      return false;
    }
    LOG.warn("The group {} was begun at {} by a node that has not finished it; others may write again.", holder.group(),
        holder.since());
    database.within(holder.group());
    try {
      return guarded(() -> {
        committer.letIn(holder.group());
        return true;
      });
    } catch (HeldException e) {
      // Somebody else has let others in, and the next group has begun.
      return false;
    } finally {
      database.within(null);
    }
  }

  private static RebasisException groupUnderWay() {
    return new RebasisException(Keyword.of(":rebasis.error/group-under-way"), ErrorCategory.RETRY_LATER,
        "Another server-node is in the middle of a group of transactions. Come back in a moment.",
        Map.of(RebasisException.RETRY_AFTER, HELD_RETRY_MILLIS), null);
  }

  private void follow() {
    while (database.follow(FOLLOW_MAX, committer::noteOthers)) {
      handOver();
    }
  }

  /** Gives the core what is new, and the answers that may be given then. */
  private void handOver() {
    List<Transaction> next = committer.takeCommitted().stream().map(Committed::transaction).toList();
    AnswerQueue ready = answers;
    answers = new AnswerQueue();
    Shown newest = new Shown(database.now(), database.schema(), database.t());
    setup.core().execute(() -> {
      if (!next.isEmpty()) {
        shown = newest;
        transactions += next.size();
        next.forEach(counts::add);
        listener.accept(next);
      }
      ready.release(Long.MAX_VALUE);
      if (next.stream().anyMatch(one -> SharedExcision.isDoneIn(one.datoms(), newest.schema()))) {
        excised.run();
      } else if (next.stream().anyMatch(one -> SharedExcision.isAskedIn(one.datoms(), newest.schema()))) {
        excisions.look();
      }
    });
  }

  @Override
  public void stop() {
    stopped = true;
  }

  @Override
  public void close() {
    stopped = true;
    database.close();
  }
}
