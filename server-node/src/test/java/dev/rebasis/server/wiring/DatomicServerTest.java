package dev.rebasis.server.wiring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import datomic.Peer;
import dev.rebasis.data.Keyword;
import dev.rebasis.error.RebasisException;
import dev.rebasis.server.RebasisServer;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Servers on a Datomic URI; a database in memory that two servers of this process share stands in for a transactor. */
class DatomicServerTest {
  private static final AtomicLong NAMES = new AtomicLong();
  private static final String SCHEMA =
      "[{:db/ident :a/b :db/valueType :db.type/string :db/cardinality :db.cardinality/one :db/unique :db.unique/identity}]";

  private final String uri = "datomic:mem://rebasis-server-test-" + NAMES.incrementAndGet();

  @Test
  void twoServersShareOneDatabaseAndHearOfEachOther() throws Exception {
    try (RebasisServer one = RebasisServer.builder().datomic(uri).schema("s", SCHEMA).start();
        RebasisServer two = RebasisServer.builder().datomic(uri).schema("s", SCHEMA).start()) {
      long entity = one.transact("[{:db/id \"x\" :a/b \"A\"}]").join().tempids().get("x");
      assertThat(two.transact("[{:db/id \"x\" :a/b \"A\" :db/doc \"same\"}]").join().tempids().get("x")).isEqualTo(entity);
      long t = two.t();
      // The first is told by Datomic's report queue; it is asked until it has heard.
      long deadline = System.nanoTime() + 20_000_000_000L;
      while (one.t() < t && System.nanoTime() < deadline) {
        Thread.onSpinWait();
      }
      assertThat(one.t()).isEqualTo(t);
      assertThat(one.database().entity(entity).get(":db/doc")).isEqualTo("same");
    }
    assertThat(Peer.connect(uri).db().entid(datomic.Util.read("[:a/b \"A\"]"))).as("the database outlives the servers").isNotNull();
    try (RebasisServer again = RebasisServer.builder().datomic(uri).schema("s", SCHEMA).start()) {
      assertThat(again.database().entid(datomic.Util.read("[:a/b \"A\"]"))).isNotNull();
    }
  }

  @Test
  void whatCannotBeReachedIsOneSentence() {
    for (String wrong : new String[] {"orders", "datomic:", "datomic:dev://127.0.0.1:1/orders?password=secret",
        "datomic:nothing://x", "datomic:sql://orders?jdbc:nobody://127.0.0.1:1/x&password=secret"}) {
      assertThatThrownBy(() -> RebasisServer.builder().datomic(wrong).start())
          .isInstanceOfSatisfying(RebasisException.class, e -> {
            assertThat(e.code()).isEqualTo(Keyword.of(":rebasis.error/cannot-connect"));
            assertThat(e.getMessage()).contains(wrong.replaceFirst("\\?.*", "")).doesNotContain("secret").doesNotContain("\n");
          });
    }
  }
}
