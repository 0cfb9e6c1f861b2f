package dev.rebasis.server.wiring;

import dev.rebasis.data.Keyword;
import dev.rebasis.data.Transaction;
import dev.rebasis.edn.Edn;
import dev.rebasis.error.RebasisException;
import dev.rebasis.executor.InlineExecutor;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Limits;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.PushOutcome;
import dev.rebasis.protocol.codec.WireCodec;
import dev.rebasis.server.internal.master.EmbeddedMaster;
import dev.rebasis.server.internal.master.Master;
import dev.rebasis.server.internal.master.MasterSetup;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets the JVM compile what a push runs through, before the first client comes: pushes made-up transactions to a scratch
 * database in memory, on a thread of its own, for a few seconds after the start.
 *
 * <p>Why: measured, a server's first 10,000 transactions cost it five to seven times what later ones do, and the first
 * hundred some 10 ms each; the clients that wait longest to reconnect are those of a server that was just started again.
 *
 * <p>Ends early when real transactions arrive in number, since they warm up as well. Thread-safe.
 */
final class WarmUp implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WarmUp.class);
  private static final int TRANSACTIONS = 20_000;
  private static final int PUSH = 64;
  private static final Duration TIME_MAX = Duration.ofSeconds(30);
  /** So many real transactions end it. */
  private static final int REAL_MAX = 500;

  private static final String SCHEMA = """
      [{:db/ident :warm/key :db/valueType :db.type/string :db/cardinality :db.cardinality/one
        :db/unique :db.unique/identity}
       {:db/ident :warm/name :db/valueType :db.type/string :db/cardinality :db.cardinality/one}
       {:db/ident :warm/count :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
       {:db/ident :warm/at :db/valueType :db.type/instant :db/cardinality :db.cardinality/one}
       {:db/ident :warm/other :db/valueType :db.type/ref :db/cardinality :db.cardinality/many}]""";

  private final AtomicBoolean stopped = new AtomicBoolean();
  private final CompletableFuture<Duration> done = new CompletableFuture<>();
  private final LongSupplier realTransactions;
  private final Thread thread;
  private final WireCodec client = WireCodec.cbor(Limits.client());
  private final WireCodec server = WireCodec.cbor(Limits.server());
  private long seq;
  private long number;
  private int outcomes;

  private WarmUp(LongSupplier realTransactions) {
    this.realTransactions = realTransactions;
    this.thread = new Thread(this::run, "rebasis-warm-up");
    thread.setDaemon(true);
    thread.setPriority(Thread.MIN_PRIORITY);
  }

  /**
   * Begins.
   *
   * @param realTransactions how many the real master has committed since the start; any thread
   */
  static WarmUp start(LongSupplier realTransactions) {
    WarmUp warmUp = new WarmUp(realTransactions);
    warmUp.thread.start();
    return warmUp;
  }

  /** Completes when it has ended, with the time it took. */
  CompletableFuture<Duration> done() {
    return done.copy();
  }

  private void run() {
    Instant begin = Instant.now();
    InlineExecutor executor = new InlineExecutor();
    MasterSetup setup = new MasterSetup(null, "(warm-up)", Clock.systemUTC(), UUID::randomUUID, executor, executor,
        this::ended, (done, total) -> { });
    try (EmbeddedMaster master = EmbeddedMaster.open(setup)) {
      master.onForced(this::encode);
      master.transact(forms(SCHEMA), new Nobody<>());
      long[] clientNumber = {0};
      master.clientNumber(UUID.randomUUID(), new Nobody<>() {
        @Override
        public void done(Long result) {
          clientNumber[0] = result;
        }
      });
      while (seq < TRANSACTIONS && goOn(begin)) {
        push(master, clientNumber[0]);
      }
    } catch (RuntimeException e) {
      // The real database is not touched by this; whatever is wrong shows there, too.
      LOG.warn("The warm-up ended early: {}", e.toString());
    }
    Duration took = Duration.between(begin, Instant.now());
    LOG.debug("Warmed up with {} transactions, {} decided, in {} ms.", seq, outcomes, took.toMillis());
    done.complete(took);
  }

  private boolean goOn(Instant begin) {
    return !stopped.get() && realTransactions.getAsLong() < REAL_MAX
        && Duration.between(begin, Instant.now()).compareTo(TIME_MAX) < 0;
  }

  private void push(Master master, long clientNumber) {
    List<Intent> intents = new ArrayList<>();
    for (int i = 0; i < PUSH; i++) {
      intents.add(intent(master.forcedT()));
    }
    byte[] bytes = client.encode(new Message.Push(intents));
    List<Intent> received = ((Message.Push) server.decode(bytes)).intents();
    master.push(new Master.Push() {
      @Override
      public long client() {
        return clientNumber;
      }

      @Override
      public String user() {
        return null;
      }

      @Override
      public List<Intent> intents() {
        return received;
      }

      @Override
      public void decided(List<PushOutcome> decided) {
        outcomes += decided.size();
        server.encode(new Message.Outcomes(decided));
      }

      @Override
      public void refused(RebasisException reason) {
        ended(reason);
      }
    });
  }

  /** New entities, and now and then a change of an old one and a reference to it. */
  private Intent intent(long basisT) {
    seq++;
    long tx = ++number;
    long entity = ++number;
    String key = "key " + (seq % 8 == 0 ? seq / 2 : seq);
    List<Object> forms = seq % 4 == 0
        ? List.of(
            Map.of(Keyword.of(":db/id"), "e", Keyword.of(":warm/key"), key, Keyword.of(":warm/count"), seq),
            List.of(Keyword.of(":db/add"), "e", Keyword.of(":warm/other"),
                List.of(Keyword.of(":warm/key"), "key " + (seq / 4 * 2 + 1) / 2)))
        : List.of(Map.of(Keyword.of(":db/id"), "e", Keyword.of(":warm/key"), key, Keyword.of(":warm/name"), "name " + seq,
            Keyword.of(":warm/count"), seq, Keyword.of(":warm/at"), Instant.EPOCH));
    return new Intent(UUID.randomUUID(), seq, basisT, Instant.now().truncatedTo(ChronoUnit.MILLIS), forms,
        Map.of(Intent.TX_TEMPID, tx, "e", entity));
  }

  private void encode(List<Transaction> transactions) {
    Transaction newest = transactions.get(transactions.size() - 1);
    client.decode(server.encode(new Message.Transactions(transactions.get(0).t() - 1, transactions, newest.t())));
  }

  private void ended(RebasisException reason) {
    LOG.debug("The warm-up ends: {}", reason.getMessage());
    stopped.set(true);
  }

  private static List<?> forms(String edn) {
    return (List<?>) Edn.read(edn);
  }

  @Override
  public void close() {
    stopped.set(true);
    try {
      thread.join(Duration.ofSeconds(5).toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Nobody waits for the answer. */
  private static class Nobody<T> implements Master.Answer<T> {
    @Override
    public void done(T result) {
      // that it was done is all that is wanted
    }

    @Override
    public void refused(RebasisException reason) {
      throw reason;
    }
  }
}
