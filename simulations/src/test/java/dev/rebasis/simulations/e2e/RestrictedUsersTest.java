package dev.rebasis.simulations.e2e;

import static dev.rebasis.simulations.e2e.EndToEnd.get;
import static org.assertj.core.api.Assertions.assertThat;

import datomic.Peer;
import dev.rebasis.client.ConnectionState;
import dev.rebasis.client.Credentials;
import dev.rebasis.client.Database;
import dev.rebasis.client.LeftBehind;
import dev.rebasis.client.Outcome;
import dev.rebasis.client.Pending;
import dev.rebasis.client.SyncClient;
import dev.rebasis.client.Tuning;
import dev.rebasis.client.TxReport;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.server.RebasisServer;
import dev.rebasis.server.access.AccessRules;
import dev.rebasis.server.access.User;
import dev.rebasis.simulations.inside.Alone;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: who sees a part of the database sees that part and no more, whichever server-node it is connected to, and whoever used the
 * store before. Method: two servers on one Datomic database in memory, with users who each see their own orders; every fact that a
 * client holds is searched for what is another's.
 */
@Alone
class RestrictedUsersTest {
  private static final AtomicLong NAMES = new AtomicLong();
  private static final Tuning QUICK = Tuning.DEFAULT.withBackoff(Duration.ofMillis(1), Duration.ofMillis(20));
  private static final String SCHEMA = """
      [{:db/ident :order/number :db/valueType :db.type/string :db/cardinality :db.cardinality/one
        :db/unique :db.unique/identity}
       {:db/ident :order/owner :db/valueType :db.type/string :db/cardinality :db.cardinality/one}
       {:db/ident :order/note :db/valueType :db.type/string :db/cardinality :db.cardinality/one}]""";
  private static final String RULES = "{:roles {:boss {} :rep {:read \"[:find ?o :in $ ?user :where [?o :order/owner ?user]]\""
      + " :unique [:order/number]}}}";

  @TempDir Path dir;
  private final String uri = "datomic:mem://rebasis-restricted-" + NAMES.incrementAndGet();

  private RebasisServer node() {
    return RebasisServer.builder().datomic(uri).database("orders").schema("orders", SCHEMA)
        .authenticator(token -> new User(token, Set.of(token.equals("zoe") ? "boss" : "rep"), null))
        .access(AccessRules.parse(RULES)).start();
  }

  private SyncClient client(String name, String user, RebasisServer node) {
    SyncClient client = SyncClient.builder().store(dir.resolve(name)).server(node.uri()).tuning(QUICK)
        .credentials(Credentials.bearer(user)).open();
    get(client.sync());
    return client;
  }

  /** All strings that a client holds. */
  private static List<String> strings(SyncClient client) {
    return strings(client.db());
  }

  private static List<String> strings(Database db) {
    return StreamSupport.stream(db.datoms(IndexOrder.EAVT).spliterator(), false).map(datom -> datom.v())
        .filter(String.class::isInstance).map(String.class::cast).toList();
  }

  private static Object owner(RebasisServer node, String number) {
    return Peer.query("[:find ?w . :in $ ?n :where [?o :order/number ?n] [?o :order/owner ?w]]", node.database(), number);
  }

  @Test
  void eachNodeHoldsToTheRulesWhoeverWroteAtTheOther() {
    try (RebasisServer one = node(); RebasisServer two = node();
        SyncClient zoe = client("zoe", "zoe", one); SyncClient ann = client("ann", "ann", one); SyncClient bob = client("bob", "bob", two)) {
      Pending made = zoe.transact("[{:db/id \"a\" :order/number \"A\" :order/owner \"ann\" :order/note \"ann's note\"}"
          + " {:order/number \"B\" :order/owner \"bob\" :order/note \"bob's note\"}]");
      get(made.outcome());
      long anns = made.resolve("a");
      get(ann.sync(one.t()));
      get(bob.sync(one.t()));
      assertThat(strings(ann)).contains("ann's note").doesNotContain("bob's note");
      assertThat(strings(bob)).contains("bob's note").doesNotContain("ann's note");

      Outcome forbidden = get(bob.transact("[[:db/add " + anns + " :order/note \"bob was here\"]]").outcome());
      Outcome nobody = get(bob.transact("[[:db/add " + (anns + 1_000_000) + " :order/note \"bob was here\"]]").outcome());
      assertThat(forbidden.isCommitted()).isFalse();
      assertThat(nobody.isCommitted()).isFalse();
      assertThat(forbidden.message().replace(Long.toString(anns), "ID")).as("whether it exists is not told")
          .isEqualTo(nobody.message().replace(Long.toString(anns + 1_000_000), "ID"));

      ann.goOffline();
      bob.goOffline();
      Pending annsU = ann.transact("[{:order/number \"U\" :order/owner \"ann\"}]");
      Pending bobsU = bob.transact("[{:order/number \"U\" :order/owner \"bob\"}]");
      ann.goOnline();
      bob.goOnline();
      boolean annGotIt = get(annsU.outcome()).isCommitted();
      assertThat(get(bobsU.outcome()).isCommitted()).as("one of them has the number, at whichever node").isNotEqualTo(annGotIt);
      assertThat(owner(two, "U")).isEqualTo(annGotIt ? "ann" : "bob");

      get(zoe.transact("[{:order/number \"A\" :order/owner \"bob\"}]").outcome());
      get(ann.sync(one.t()));
      get(bob.sync(one.t()));
      assertThat(ann.db().q("[:find ?o :where [?o :order/number \"A\"]]")).as("withdrawn at node one").isEmpty();
      assertThat(bob.db().q("[:find ?o :where [?o :order/number \"A\"]]")).as("come in at node two").hasSize(1);
      assertThat(get(ann.verify()).isSame()).isTrue();
      assertThat(get(bob.verify()).isSame()).isTrue();
    }
  }

  @Test
  void aStoreThatChangesItsUserHoldsWhatTheNewOneSeesAndNothingElse() {
    try (RebasisServer node = node(); SyncClient zoe = client("zoe", "zoe", node)) {
      get(zoe.transact("[{:order/number \"A\" :order/owner \"ann\" :order/note \"ann's note\"}"
          + " {:order/number \"B\" :order/owner \"bob\" :order/note \"bob's note\"}]").outcome());
      try (SyncClient shared = client("shared", "ann", node)) {
        get(shared.sync(node.t()));
        assertThat(strings(shared)).contains("ann's note").doesNotContain("bob's note");
        shared.goOffline();
        Pending waits = shared.transact("[{:order/number \"A2\" :order/owner \"ann\"}]");
        shared.logout(LeftBehind.ANYTHING);
        assertThat(shared.pending()).as("it waits in the store").extracting(Pending::id).containsExactly(waits.id());
        assertThat(shared.status().state()).isNotEqualTo(ConnectionState.LIVE);
        assertThat(owner(node, "A2")).isNull();
        shared.login(Credentials.bearer("ann"));
        assertThat(get(waits.outcome()).kind()).isEqualTo(OutcomeKind.ACCEPTED);

        shared.logout(LeftBehind.NOTHING);
        shared.login(Credentials.bearer("bob"));
        get(shared.sync());
        assertThat(shared.db().q("[:find ?n :where [_ :order/number ?n]]").toString()).contains("B").doesNotContain("A");
        assertThat(strings(shared)).contains("bob's note").doesNotContain("ann's note", "A2");
        assertThat(get(shared.transact("[{:order/number \"B\" :order/note \"by bob\"}]").outcome()).kind())
            .isEqualTo(OutcomeKind.ACCEPTED);
      }
    }
  }

  @Test
  void nothingOfTheFormerUserIsSeenOnceTheServerHasNamedTheNewOne() {
    try (RebasisServer node = node(); SyncClient zoe = client("zoe", "zoe", node);
        SyncClient shared = client("shared", "ann", node)) {
      get(zoe.transact("[{:order/number \"A\" :order/owner \"ann\" :order/note \"ann's note\"}"
          + " {:order/number \"B\" :order/owner \"bob\" :order/note \"bob's note\"}]").outcome());
      get(shared.sync());
      long annsT = shared.status().basisT(); // after bob's login it is 0 as soon as the server begins to load what he may see
      shared.logout(LeftBehind.NOTHING);
      List<List<String>> seen = Collections.synchronizedList(new ArrayList<>());
      List<List<String>> before = Collections.synchronizedList(new ArrayList<>());
      shared.onTxReport(report -> {
        seen.add(strings(report.after()));
        if (report.kind() == TxReport.Kind.LOADED) {
          before.add(strings(report.before()));
        }
      });
      shared.login(Credentials.bearer("bob"));
      // Made on what ann saw; it is bob's, and is decided as his.
      Pending bobs = shared.transact("[{:order/number \"C\" :order/owner \"bob\"}]");
      assertThat(strings(get(shared.sync(annsT)))).as("also a T that ann had reached is waited for")
          .doesNotContain("ann's note");
      assertThat(get(bobs.outcome()).kind()).isEqualTo(OutcomeKind.ACCEPTED);
      get(shared.sync());
      assertThat(strings(shared)).contains("bob's note", "C").doesNotContain("ann's note");
      assertThat(get(shared.verify()).isSame()).as("no digest has to mend it").isTrue();
      List<Boolean> anns = seen.stream().map(strings -> strings.contains("ann's note")).toList();
      assertThat(anns.lastIndexOf(true)).as("bob's own write may still be seen among ann's facts, nothing after that: %s", anns)
          .isLessThanOrEqualTo(0);
      assertThat(anns).contains(false);
      assertThat(before).as("nor handed out as what was before").isNotEmpty()
          .noneMatch(strings -> strings.contains("ann's note"));

      shared.login(Credentials.bearer("ann"));
      get(shared.sync());
      assertThat(strings(shared)).contains("ann's note").doesNotContain("bob's note", "C");
    }
  }

  @Test
  void whoIsConnectedWhenTheRulesChange_holdsWhatItMaySeeNowAndLosesNothingItMade() {
    try (RebasisServer node = node(); SyncClient zoe = client("zoe", "zoe", node); SyncClient ann = client("ann", "ann", node)) {
      get(zoe.transact("[{:order/number \"A\" :order/owner \"ann\" :order/note \"ann's note\"}"
          + " {:order/number \"B\" :order/owner \"ann\" :order/note \"taken away\"}]").outcome());
      get(ann.sync(node.t()));
      assertThat(strings(ann)).contains("ann's note", "taken away");
      Pending before = ann.transact("[{:order/number \"A\" :order/note \"before\"}]");
      node.access(AccessRules.parse(RULES.replace("[?o :order/owner ?user]", "[?o :order/owner ?user] (not [?o :order/number \\\"B\\\"])")));
      Pending after = ann.transact("[{:order/number \"C\" :order/owner \"ann\" :order/note \"after\"}]");
      assertThat(get(before.outcome()).kind()).isEqualTo(OutcomeKind.ACCEPTED);
      assertThat(get(after.outcome()).kind()).isEqualTo(OutcomeKind.ACCEPTED);
      get(zoe.transact("[{:order/number \"B\" :order/note \"not for ann\"}]").outcome());
      get(ann.sync(node.t()));
      assertThat(strings(ann)).contains("A", "before", "C", "after").doesNotContain("B", "taken away", "not for ann");
      assertThat(get(ann.verify()).isSame()).isTrue();
      node.access(AccessRules.parse(RULES));
      get(zoe.transact("[{:order/number \"A\" :order/note \"last\"}]").outcome());
      get(ann.sync(node.t()));
      assertThat(strings(ann)).as("what she may see again").contains("B", "not for ann", "last").doesNotContain("taken away");
    }
  }

  @Test
  void aUserWhoLogsInAgainLoadsNothingAnew() {
    try (RebasisServer node = node(); SyncClient zoe = client("zoe", "zoe", node);
        SyncClient ann = client("shared", "ann", node)) {
      get(zoe.transact("[{:order/number \"A\" :order/owner \"ann\"}]").outcome());
      get(ann.sync());
      List<TxReport.Kind> kinds = Collections.synchronizedList(new ArrayList<>());
      ann.onTxReport(report -> kinds.add(report.kind()));
      ann.logout(LeftBehind.NOTHING);
      ann.login(Credentials.bearer("ann"));
      get(ann.sync());
      get(zoe.transact("[{:order/number \"A2\" :order/owner \"ann\"}]").outcome());
      get(ann.sync());
      assertThat(strings(ann)).contains("A", "A2");
      assertThat(kinds).containsOnly(TxReport.Kind.CONFIRMED);
    }
  }
}
