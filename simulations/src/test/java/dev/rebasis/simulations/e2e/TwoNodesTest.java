package dev.rebasis.simulations.e2e;

import static dev.rebasis.simulations.e2e.EndToEnd.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.rebasis.client.Outcome;
import dev.rebasis.client.OutcomeCursor;
import dev.rebasis.client.Pending;
import dev.rebasis.client.SyncClient;
import dev.rebasis.client.Tuning;
import dev.rebasis.client.TxReport;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.server.RebasisServer;
import dev.rebasis.simulations.inside.Alone;
import dev.rebasis.simulations.inside.InsideCheck;
import dev.rebasis.simulations.inside.Opened;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: it does not matter to clients which of several server-nodes they are connected to. Method: two servers on one Datomic
 * database in memory, which stands in for a transactor, and real clients at both, which all write at once.
 */
@Alone
@ExtendWith(InsideCheck.class)
class TwoNodesTest {
  private static final AtomicLong NAMES = new AtomicLong();
  private static final Tuning QUICK = Tuning.DEFAULT.withBackoff(Duration.ofMillis(1), Duration.ofMillis(20));

  @TempDir Path dir;
  private final String uri = "datomic:mem://rebasis-two-nodes-" + NAMES.incrementAndGet();

  private RebasisServer node() {
    return RebasisServer.builder().datomic(uri).database("orders").schema("orders", EndToEnd.SCHEMA)
        .schema("counter", "[[:db/add :order/quantity :rebasis/policy :rebasis.policy/counter]]").start();
  }

  private Opened opened;

  @BeforeEach
  void watch(Opened everything) {
    opened = everything;
  }

  private SyncClient client(String name, RebasisServer node) {
    SyncClient client = opened.watched(
        name, SyncClient.builder().store(dir.resolve(name)).server(node.uri()).tuning(QUICK).open());
    get(client.sync());
    return client;
  }

  @Test
  void clientsOfBothNodesWriteAtOnceAndConverge() {
    int edits = 40;
    try (RebasisServer one = node(); RebasisServer two = node();
        SyncClient a = client("a", one); SyncClient b = client("b", two)) {
      get(a.transact("[{:order/number \"A\" :order/quantity 0}]").outcome());
      get(b.sync(one.t()));
      List<Pending> made = new ArrayList<>();
      // What a number is raised from must not change between the look and the write.
      a.goOffline();
      b.goOffline();
      for (int i = 1; i <= edits; i++) {
        made.add(a.transact("[[:db/add [:order/number \"A\"] :order/quantity " + raised(a, 1) + "] {:order/number \"a" + i + "\"}]"));
        made.add(b.transact("[[:db/add [:order/number \"A\"] :order/quantity " + raised(b, 100) + "] {:order/number \"b" + i + "\"}]"));
      }
      a.goOnline();
      b.goOnline();
      for (Pending pending : made) {
        Outcome outcome = get(pending.outcome());
        assertThat(outcome.kind()).isIn(OutcomeKind.ACCEPTED, OutcomeKind.MERGED);
      }
      long t = Math.max(one.t(), two.t());
      get(a.sync(t));
      get(b.sync(t));
      assertThat((Object) a.db().query("[:find ?q . :where [?o :order/number \"A\"] [?o :order/quantity ?q]]"))
          .isEqualTo(101L * edits);
      Set<String> expected = EndToEnd.datoms(a.confirmed());
      assertThat(EndToEnd.datoms(b.confirmed())).isEqualTo(expected);
      assertThat((Object) datomic.Peer.query("[:find (count ?t) . :where [?t :rebasis.tx/id]]", two.database()))
          .as("each happened once").isEqualTo(2 * edits + 1);
      assertThat(get(a.verify()).isSame()).as("the digests of node one agree").isTrue();
      assertThat(get(b.verify()).isSame()).as("the digests of node two agree").isTrue();
    }
  }

  private static long raised(SyncClient client, long step) {
    Long quantity = client.db().query("[:find ?q . :where [?o :order/number \"A\"] [?o :order/quantity ?q]]");
    return quantity + step;
  }

  private static CompletableFuture<TxReport> loadsAnew(SyncClient client) {
    CompletableFuture<TxReport> loaded = new CompletableFuture<>();
    client.onTxReport(report -> {
      if (report.kind() == TxReport.Kind.LOADED) {
        loaded.complete(report);
      }
    });
    return loaded;
  }

  /** A database in memory takes a request and keeps the facts; one about facts that are not there is as good as carried out. */
  @Test
  void whatDatomicHasExcisedIsGivenUpByTheClientsOfBothNodes() {
    try (RebasisServer one = node(); RebasisServer two = node();
        SyncClient a = client("a", one); SyncClient b = client("b", two)) {
      get(a.transact("[{:order/number \"A\" :order/note \"x\"}]").outcome());
      get(b.sync(one.t()));
      CompletableFuture<TxReport> first = loadsAnew(a);
      CompletableFuture<TxReport> second = loadsAnew(b);
      get(one.transact("[{:db/id \"r\" :db/excise :order/note :db.excise/beforeT 1}]"));
      get(first);
      get(second);
      Pending after = a.transact("[{:order/number \"B\"}]");
      get(after.outcome());
      get(b.sync(get(after.outcome()).t()));
      assertThat(EndToEnd.datoms(b.confirmed())).isEqualTo(EndToEnd.datoms(a.confirmed()));
      assertThat(get(a.verify()).isSame()).isTrue();
      assertThat(get(b.verify()).isSame()).isTrue();

      get(two.transact("[{:db/id \"r\" :db/excise :order/note}]"));
      RebasisException early = catchThrowableOfType(RebasisException.class, () -> one.excise("orders"));
      assertThat(early.code().toString()).isEqualTo(":rebasis.error/not-excised-yet");
      assertThat(early).hasMessageContaining("datomic:mem never excises");
      get(a.sync());
    }
  }

  /** As above: that nothing is there stands in for facts that Datomic took away while no node ran. */
  @Test
  void ofWhatWasExcisedWhileNoNodeRanClientsForgetAllTheirOwn() throws Exception {
    try (RebasisServer one = node(); SyncClient a = client("a", one)) {
      get(a.transact("[{:order/number \"A\" :order/note \"mine\"}]").outcome());
      assertThat(forms(a)).anyMatch(form -> form.contains("mine"));
    }
    datomic.Peer.connect(uri).transact(List.of(datomic.Util.map(datomic.Util.read(":db/excise"), datomic.Util.read(":order/note"),
        datomic.Util.read(":db.excise/beforeT"), 1L))).get();
    try (RebasisServer one = node()) {
      one.excise("orders");
      try (SyncClient a = client("a", one)) {
        get(a.transact("[{:order/number \"B\" :order/note \"later\"}]").outcome());
        assertThat(forms(a)).anyMatch(form -> form.contains("later")).noneMatch(form -> form.contains("mine"));
        assertThat(get(a.verify()).isSame()).isTrue();
      }
    }
  }

  /** What the client keeps of its own that was decided. */
  private static List<String> forms(SyncClient client) {
    OutcomeCursor cursor = client.outcomes("test " + NAMES.incrementAndGet());
    List<String> forms = new ArrayList<>();
    for (Optional<OutcomeCursor.Entry> next = cursor.next(); next.isPresent(); next = cursor.next()) {
      forms.add(next.get().forms());
      cursor.done(next.get());
    }
    return forms;
  }

  @Test
  void aClientGoesOnAtTheOtherNode() {
    try (RebasisServer two = node()) {
      try (RebasisServer one = node(); SyncClient a = client("a", one)) {
        Pending made = a.transact("[{:db/id \"x\" :order/number \"A\"}]");
        get(made.outcome());
        a.goOffline();
        a.transact("[[:db/add [:order/number \"A\"] :order/note \"made offline\"]]");
      }
      try (SyncClient a = client("a", two)) {
        get(a.sync());
        assertThat((Object) a.confirmed().query("[:find ?n . :where [?o :order/number \"A\"] [?o :order/note ?n]]"))
            .isEqualTo("made offline");
        assertThat((Object) datomic.Peer.query("[:find (count ?c) . :where [?c :rebasis.client/number]]", two.database()))
            .as("it is the same device").isEqualTo(1);
      }
    }
  }
}
