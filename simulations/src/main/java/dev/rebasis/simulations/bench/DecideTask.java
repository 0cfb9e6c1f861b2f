package dev.rebasis.simulations.bench;

import datomic.Connection;
import datomic.Peer;
import datomic.Util;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Transaction;
import dev.rebasis.edn.Edn;
import dev.rebasis.error.RebasisException;
import dev.rebasis.executor.InlineExecutor;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.protocol.PushOutcome;
import dev.rebasis.protocol.RebasisSchema;
import dev.rebasis.server.internal.master.EmbeddedMaster;
import dev.rebasis.server.internal.master.Master;
import dev.rebasis.server.internal.master.MasterDigest;
import dev.rebasis.server.internal.master.MasterSetup;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ExecutionException;

/**
 * What a server adds to Datomic's own time for one pushed edit of one entity, made on a basis that others have long left
 * behind: finding whether it was decided before, expanding it, looking for what it meets, deciding, and handing the result
 * to the log, whose writing is not timed. In one process and without a network; the limit is Datomic in memory with the
 * same history, taking the very facts that the server committed.
 */
final class DecideTask {
  private static final int ENTITIES = 10_000;
  private static final int ENTITIES_PER_LOAD = 100;
  private static final int PUSH = 50;
  /** So many transactions of others lie between the basis and now; fewer only if few edits are measured. */
  private static final int HISTORY = 100_000;
  private static final int HISTORY_PER_EDIT = 20;
  private static final long OTHER = 2;
  private static final long CLIENT = 1;

  private final Queue<Runnable> logTasks = new ArrayDeque<>();
  private final EmbeddedMaster master;
  private final long[] seqs = new long[3];
  private int committed;

  private DecideTask() {
    InlineExecutor core = new InlineExecutor();
    this.master = EmbeddedMaster.open(new MasterSetup(null, "(bench)", Clock.systemUTC(), UUID::randomUUID, core,
        logTasks::add, DecideTask::fail, (done, total) -> { }));
  }

  /** Times the pushes on the server's side. */
  static Figures onServer(BenchOptions options) {
    DecideTask task = new DecideTask();
    try (task.master) {
      return Figures.ofEach(task.measure(options.n(), null));
    }
  }

  /**
   * Times Datomic with the facts that a server commits for the same pushes.
   *
   * @param metadata whether with what the server notes on the transaction, or with the author's facts alone
   */
  static Figures onDatomic(BenchOptions options, boolean metadata) throws ExecutionException, InterruptedException {
    DecideTask task = new DecideTask();
    try (task.master) {
      return Figures.ofEach(task.measure(options.n(), new Plain(metadata)));
    }
  }

  /** Times the deciding of edits that come fifty at a time, without their digests. */
  static Figures withoutDigests(BenchOptions options) {
    return new DecideTask().timedEdits(options.n(), false);
  }

  /** Times what following these edits costs the digest of a server, which looks up what each of them took the place of. */
  static Figures digests(BenchOptions options) {
    return new DecideTask().timedEdits(options.n(), true);
  }

  private Figures timedEdits(int edits, boolean ofDigests) {
    try (master) {
      load(null);
      MasterDigest digest = new MasterDigest(master);
      int warmUp = edits / 2;
      long nanos = 0;
      for (int i = 0; i < warmUp + edits;) {
        // No batch lies across the end of the part that runs code which is not compiled yet.
        int batch = Math.min(PUSH, (i < warmUp ? warmUp : warmUp + edits) - i);
        List<Intent> intents = new ArrayList<>();
        for (int k = 0; k < batch; k++) {
          intents.add(edit(CLIENT, (i + k) % ENTITIES, i + k + edits, master.forcedT()));
        }
        long start = System.nanoTime();
        master.push(pushed(CLIENT, intents));
        runLog();
        long decided = System.nanoTime();
        digest.follow(Integer.MAX_VALUE);
        if (i >= warmUp) {
          nanos += ofDigests ? System.nanoTime() - decided : decided - start;
        }
        i += batch;
      }
      if (digest.at(master.forcedT()).isEmpty()) {
        throw new IllegalStateException("the digest did not follow");
      }
      return Figures.ofTotal(edits, nanos);
    }
  }

  private long[] measure(int edits, Plain plain) {
    load(plain);
    long basisT = master.forcedT();
    int history = (int) Math.min(HISTORY, (long) edits * HISTORY_PER_EDIT);
    for (int i = 0; i < history; i += PUSH) {
      List<Intent> intents = new ArrayList<>();
      for (int k = 0; k < Math.min(PUSH, history - i); k++) {
        // Others edit the first half, the measured client the second: what it meets is nothing, but that must be found out.
        intents.add(edit(OTHER, (i + k) % (ENTITIES / 2), i, master.forcedT()));
      }
      push(OTHER, intents, plain);
    }
    long[] nanos = new long[edits];
    for (int i = 0; i < edits; i++) {
      Intent intent = edit(CLIENT, ENTITIES / 2 + i % (ENTITIES / 2), i + 1, basisT);
      if (plain == null) {
        nanos[i] = timed(intent);
        runLog();
      } else {
        nanos[i] = push(CLIENT, List.of(intent), plain);
      }
    }
    if (committed != edits + history) {
      throw new IllegalStateException("only " + committed + " transactions were committed");
    }
    return nanos;
  }

  private long timed(Intent intent) {
    Master.Push push = pushed(CLIENT, List.of(intent));
    long start = System.nanoTime();
    master.push(push);
    return System.nanoTime() - start;
  }

  private void load(Plain plain) {
    transact((List<?>) Edn.read(BenchEntities.SCHEMA));
    for (int first = 0; first < ENTITIES; first += ENTITIES_PER_LOAD) {
      List<Object> forms = new ArrayList<>();
      for (int i = first; i < first + ENTITIES_PER_LOAD; i++) {
        forms.add(Map.of(Keyword.of(":item/key"), BenchEntities.key("item", i), Keyword.of(":item/count"), -1L));
      }
      transact(forms);
      if (plain != null) {
        plain.transact((List<?>) Util.read(Edn.write(forms)));
      }
    }
  }

  private Intent edit(long client, int item, long count, long basisT) {
    long seq = ++seqs[(int) client];
    return new Intent(UUID.randomUUID(), seq, basisT, Instant.now().truncatedTo(ChronoUnit.MILLIS),
        List.of(List.of(Keyword.of(":db/add"), List.of(Keyword.of(":item/key"), BenchEntities.key("item", item)),
            Keyword.of(":item/count"), count)),
        Map.of(Intent.TX_TEMPID, seq));
  }

  /** Pushes, and gives Datomic's time for the last of what came of it. */
  private long push(long client, List<Intent> intents, Plain plain) {
    long before = master.forcedT();
    master.push(pushed(client, intents));
    runLog();
    long nanos = 0;
    if (plain != null) {
      for (Transaction transaction : master.transactionsAfter(before, Integer.MAX_VALUE)) {
        nanos = plain.take(transaction, master);
      }
    }
    return nanos;
  }

  private void runLog() {
    for (Runnable task = logTasks.poll(); task != null; task = logTasks.poll()) {
      task.run();
    }
  }

  private void transact(List<?> forms) {
    master.transact(forms, new Master.Answer<>() {
      @Override
      public void done(Master.Transacted result) {
        // that it did not fail is enough
      }

      @Override
      public void refused(RebasisException reason) {
        fail(reason);
      }
    });
    runLog();
  }

  private Master.Push pushed(long client, List<Intent> intents) {
    return new Master.Push() {
      @Override
      public long client() {
        return client;
      }

      @Override
      public String user() {
        return null;
      }

      @Override
      public List<Intent> intents() {
        return intents;
      }

      @Override
      public void decided(List<PushOutcome> outcomes) {
        committed += (int) outcomes.stream().filter(outcome -> outcome.kind() == OutcomeKind.ACCEPTED).count();
      }

      @Override
      public void refused(RebasisException reason) {
        fail(reason);
      }
    };
  }

  private static void fail(RebasisException reason) {
    throw reason;
  }

  /** Datomic alone. Confined to the task. */
  private static final class Plain {
    private final Connection connection;
    private final boolean metadata;

    Plain(boolean metadata) {
      this.metadata = metadata;
      String uri = "datomic:mem://bench-" + UUID.randomUUID();
      Peer.createDatabase(uri);
      this.connection = Peer.connect(uri);
      transact((List<?>) Util.read(Edn.write(RebasisSchema.forms())));
      transact((List<?>) Util.read(BenchEntities.SCHEMA));
    }

    long transact(List<?> forms) {
      long start = System.nanoTime();
      try {
        connection.transact(forms).get();
      } catch (ExecutionException e) {
        throw new IllegalStateException("Datomic refuses " + forms, e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted", e);
      }
      return System.nanoTime() - start;
    }

    /** Takes the assertions of an edit; entities are named by their keys, since their ids are others here. */
    long take(Transaction transaction, EmbeddedMaster master) {
      List<Object> forms = new ArrayList<>();
      for (Datom datom : transaction.datoms()) {
        String attribute = master.schema().ident(datom.a()).toString();
        if (datom.added() && (metadata || datom.e() != transaction.tx()) && !attribute.equals(":db/txInstant")) {
          Object entity = datom.e() == transaction.tx() ? "datomic.tx"
              : List.of(":item/key", master.database().entity(datom.e()).get(":item/key"));
          forms.add(List.of(":db/add", entity, attribute,
              datom.v() instanceof Instant instant ? Date.from(instant) : datom.v()));
        }
      }
      return transact(forms);
    }
  }
}
