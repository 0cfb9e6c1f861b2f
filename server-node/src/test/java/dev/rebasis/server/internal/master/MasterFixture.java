package dev.rebasis.server.internal.master;

import dev.rebasis.data.Transaction;
import dev.rebasis.edn.Edn;
import dev.rebasis.error.RebasisException;
import dev.rebasis.executor.InlineExecutor;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.PushOutcome;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/** A master in one thread, on a clock that moves only when told. */
final class MasterFixture implements AutoCloseable {
  static final String SCHEMA = """
      [{:db/ident :order/number :db/valueType :db.type/string :db/cardinality :db.cardinality/one
        :db/unique :db.unique/identity}
       {:db/ident :order/note :db/valueType :db.type/string :db/cardinality :db.cardinality/one}
       {:db/ident :order/quantity :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
       {:db/ident :order/tags :db/valueType :db.type/keyword :db/cardinality :db.cardinality/many}
       {:db/ident :order/items :db/valueType :db.type/ref :db/cardinality :db.cardinality/many :db/isComponent true}
       {:db/ident :order/parent :db/valueType :db.type/ref :db/cardinality :db.cardinality/one}]""";

  private static final AtomicLong URIS = new AtomicLong();

  /** Simulated time; it starts in 2001, far behind the machine's. */
  static final class TestClock extends Clock {
    Instant now = Instant.parse("2001-01-01T00:00:00Z");

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      throw new UnsupportedOperationException("one zone only");
    }

    @Override
    public Instant instant() {
      return now;
    }

    void advance(Duration duration) {
      now = now.plus(duration);
    }
  }

  final TestClock clock;
  final Master master;
  final List<RebasisException> fatal = new ArrayList<>();
  final List<Transaction> broadcast = new ArrayList<>();
  private long seq;
  private long nextLocal;

  private MasterFixture(TestClock clock, Master master) {
    this.clock = clock;
    this.master = master;
    master.onForced(broadcast::addAll);
  }

  static MasterFixture inMemory() {
    return open(null, new TestClock());
  }

  static MasterFixture in(Path folder, TestClock clock) {
    return open(folder.toAbsolutePath().resolve("log").toString(), clock);
  }

  static MasterFixture open(String path, TestClock clock) {
    InlineExecutor inline = new InlineExecutor();
    return open(path, clock, inline, inline);
  }

  static MasterFixture open(String path, TestClock clock, Executor core, Executor log) {
    List<RebasisException> fatal = new ArrayList<>();
    EmbeddedMaster master = EmbeddedMaster.open(new MasterSetup(path, "log at " + path, clock,
        countingUuids(), core, log, fatal::add, (done, total) -> { }));
    return new MasterFixture(clock, master);
  }

  /** A URI of a Datomic database in memory that nobody uses yet. */
  static String newUri() {
    return "datomic:mem://rebasis-test-" + URIS.incrementAndGet();
  }

  /** A node on a Datomic database, which is made if it is not there. */
  static MasterFixture datomic(String uri) {
    InlineExecutor inline = new InlineExecutor();
    return datomic(uri, inline, inline);
  }

  static MasterFixture datomic(String uri, Executor core, Executor writer) {
    datomic.Peer.createDatabase(uri);
    return datomic(uri, core, writer, datomic.Peer.connect(uri));
  }

  static MasterFixture datomic(String uri, Executor core, Executor writer, datomic.Connection connection) {
    TestClock clock = new TestClock();
    return new MasterFixture(clock, DatomicMaster.open(new MasterSetup(null, uri, clock, UUID::randomUUID, core, writer,
        e -> { throw e; }, (done, total) -> { }), connection));
  }

  static Supplier<UUID> countingUuids() {
    AtomicLong count = new AtomicLong();
    return () -> new UUID(7, count.incrementAndGet());
  }

  /** One result. */
  static final class Result<T> implements Master.Answer<T> {
    T value;
    RebasisException refused;

    @Override
    public void done(T result) {
      value = result;
    }

    @Override
    public void refused(RebasisException reason) {
      refused = reason;
    }

    T get() {
      if (refused != null) {
        throw refused;
      }
      return value;
    }
  }

  Master.Transacted transact(String edn) {
    Result<Master.Transacted> result = new Result<>();
    master.transact((List<?>) Edn.read(edn), result);
    return result.get();
  }

  long client(long store) {
    Result<Long> result = new Result<>();
    master.clientNumber(new UUID(1, store), result);
    return result.get();
  }

  /** An intent, with a local number for each of the named tempids. */
  Intent intent(long basisT, String edn, String... tempids) {
    Map<String, Long> numbers = new java.util.TreeMap<>();
    numbers.put(Intent.TX_TEMPID, ++nextLocal);
    for (String tempid : tempids) {
      numbers.put(tempid, ++nextLocal);
    }
    seq++;
    return new Intent(new UUID(9, seq), seq, basisT, clock.instant(), forms(edn), numbers);
  }

  @SuppressWarnings("unchecked")
  static List<Object> forms(String edn) {
    return (List<Object>) Edn.read(edn);
  }

  /** Outcomes of one push. */
  static final class Pushed implements Master.Push {
    final long client;
    final List<Intent> intents;
    final List<PushOutcome> outcomes = new ArrayList<>();
    RebasisException refused;
    private final PushLine line;

    Pushed(long client, List<Intent> intents) {
      this(client, intents, null);
    }

    private Pushed(long client, List<Intent> intents, PushLine line) {
      this.client = client;
      this.intents = intents;
      this.line = line;
    }

    @Override
    public PushLine line() {
      return line;
    }

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
    public void decided(List<PushOutcome> more) {
      outcomes.addAll(more);
    }

    @Override
    public void refused(RebasisException reason) {
      refused = reason;
    }

    PushOutcome only() {
      if (refused != null) {
        throw refused;
      }
      if (outcomes.size() != 1) {
        throw new AssertionError("one outcome expected: " + outcomes);
      }
      return outcomes.get(0);
    }
  }

  Pushed push(long client, Intent... intents) {
    Pushed pushed = new Pushed(client, List.of(intents));
    master.push(pushed);
    return pushed;
  }

  /** Pushes in a session. */
  Pushed push(PushLine session, long client, Intent... intents) {
    Pushed pushed = new Pushed(client, List.of(intents), session);
    master.push(pushed);
    return pushed;
  }

  @Override
  public void close() {
    master.close();
  }
}
