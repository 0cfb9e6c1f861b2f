package dev.rebasis.server.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.data.Datom;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.protocol.ProtocolVersion;
import dev.rebasis.server.RebasisServer;
import dev.rebasis.server.ServerLimits;
import dev.rebasis.server.access.AccessRules;
import dev.rebasis.server.access.TokenFile;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * Goal: a user with a restricted role, whose program speaks the protocol perfectly and says in it whatever it likes, is told
 * nothing that the rules do not show, changes nothing of it, finds no fault in the server, and takes no memory that stays.
 * Method: random sessions over real sockets, each with a valid hello and then valid messages of random content
 * ({@link HostileWords}); after each the whole of what was received is searched for the secrets, and what is not the attacker's
 * is compared with what it was. A failure names its seed.
 */
@Timeout(300)
@Isolated
class HostileSessionTest {
  private static final int SEEDS = Integer.getInteger("rebasis.fuzz.sessions", 10);
  private static final int STEPS = 40;
  private static final long HEAP_GROWTH_MAX = 48L << 20;
  /** What a fact that was written costs, with the indexes of Datomic's and the values of the newest transactions. */
  private static final long HEAP_OF_A_DATOM = 1_000;
  private static final String BOSS = "boss-token-0123456789";
  private static final String MALLORY = "mallory-token-0123456789";
  private static final String SCHEMA = """
      [{:db/ident :order/number :db/valueType :db.type/string :db/cardinality :db.cardinality/one
        :db/unique :db.unique/identity}
       {:db/ident :order/code :db/valueType :db.type/long :db/cardinality :db.cardinality/one :db/unique :db.unique/value}
       {:db/ident :order/owner :db/valueType :db.type/string :db/cardinality :db.cardinality/one}
       {:db/ident :order/quantity :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
       {:db/ident :order/note :db/valueType :db.type/string :db/cardinality :db.cardinality/many}
       {:db/ident :order/next :db/valueType :db.type/ref :db/cardinality :db.cardinality/one}
       {:db/ident :order/lines :db/valueType :db.type/ref :db/cardinality :db.cardinality/many :db/isComponent true}
       {:db/ident :order/margin :db/valueType :db.type/string :db/cardinality :db.cardinality/one
        :db/unique :db.unique/identity}
       {:db/ident :order/auditor :db/valueType :db.type/ref :db/cardinality :db.cardinality/one}]""";
  private static final String RULES = """
      {:roles {:boss {}
               :sales {:read "[:find ?o :in $ ?user :where [?o :order/owner ?user]]" :pull "[* {:order/lines [*]}]"
                       :hide [:order/margin :order/auditor] :unique [:order/number]
                       :write [:order/number :order/code :order/owner :order/quantity :order/note :order/next :order/lines]}}}""";

  private final HttpClient http = HttpClient.newHttpClient();
  private RebasisServer server;
  private Set<Long> secretEntities;

  @BeforeEach
  void start() {
    server = RebasisServer.builder().inMemory().database("orders").schema("s", SCHEMA)
        .limits(new ServerLimits(64 << 10, 50, 100_000, 0, Duration.ZERO, 2, 2))
        .authenticator(TokenFile.parse("tokens", List.of(BOSS + " boss boss", MALLORY + " mallory sales")))
        .access(AccessRules.parse(RULES)).start();
    Map<String, Long> ids = server.transact("""
        [{:db/id "m1" :order/number "M1" :order/owner "mallory" :order/quantity 1 :order/margin "plugh-1" :order/auditor "b1"
          :order/lines [{:db/id "ml" :order/note "a line"}]}
         {:db/id "m2" :order/number "M2" :order/owner "mallory" :order/next "m1" :order/margin "plugh-2"}
         {:db/id "b1" :order/number "xyzzy-1" :order/owner "bob" :order/quantity 777777 :order/note "xyzzy-note" :order/next "m1"
          :order/margin "plugh-3" :order/lines [{:db/id "bl" :order/note "xyzzy-line"}]}
         {:db/id "b2" :order/number "xyzzy-2" :order/owner "bob" :order/code 777778 :order/next "b1"}]""").join().tempids();
    secretEntities = Set.of(ids.get("b1"), ids.get("b2"), ids.get("bl"));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  /** All that the attacker may not change. */
  private Set<String> untouchable() {
    Set<String> facts = new TreeSet<>();
    datomic.Database db = server.database();
    for (Object attribute : List.of(":order/margin", ":order/auditor")) {
      db.datoms(datomic.Database.AEVT, attribute).forEach(datom -> facts.add(datom.e() + " " + attribute + " " + datom.v()));
    }
    for (long e : secretEntities) {
      db.datoms(datomic.Database.EAVT, e).forEach(datom -> facts.add(datom.e() + " " + datom.a() + " " + datom.v()));
    }
    return facts;
  }

  @Test
  void whateverIsSaidInASession_tellsChangesAndBreaksNothing() throws Exception {
    Set<String> before = untouchable();
    assertThat(before).hasSizeGreaterThan(10);
    session(0);
    long heap = heap();
    long datoms = datoms();
    int accepted = 0;
    for (int seed = 1; seed <= SEEDS; seed++) {
      accepted += session(seed);
      assertThat(untouchable()).as("seed " + seed).isEqualTo(before);
    }
    assertThat(accepted).as("pushes that came through, so that more than refusals was tried").isGreaterThan(SEEDS);
    try (Attacker boss = Attacker.welcome(http, server, BOSS, 1_000_000)) {
      assertThat(boss.push("[{:db/id \"x\" :order/number \"of the boss\"}]", "x").kind()).isEqualTo(OutcomeKind.ACCEPTED);
    }
    assertThat(heap() - heap).as("bytes of heap that stay")
        .isLessThan(HEAP_GROWTH_MAX + HEAP_OF_A_DATOM * (datoms() - datoms));
  }

  private long datoms() {
    long count = 0;
    for (datomic.Datom datom : server.database().history().datoms(datomic.Database.EAVT)) {
      count += datom == null ? 0 : 1;
    }
    return count;
  }

  private static long heap() {
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  /** One attacker; says how many pushes were accepted. */
  private int session(int seed) throws Exception {
    Random random = new Random(seed);
    List<String> said = new ArrayList<>();
    HostileWords words = new HostileWords(random, server.database(), secretEntities, UUID.nameUUIDFromBytes(("seed " + seed).getBytes(StandardCharsets.UTF_8)));
    int accepted = 0;
    TestSocket socket = null;
    try {
      for (int step = 0; step < STEPS; step++) {
        if (socket == null) {
          socket = TestSocket.connect(http, server.uri(), "rebasis.cbor", MALLORY);
          say(socket, new Message.Hello(ProtocolVersion.CURRENT, Set.of("part"), new UUID(3, words.freshStore()), 0, null, 0,
              1_000_000, null, words.scopes(), null));
        } else {
          say(socket, words.message(server.t()));
        }
        // Nothing is waited for but an answer that always comes: the sync's, or the error that ended the session.
        say(socket, new Message.Sync(step + 1, 0));
        Message answer;
        do {
          answer = socket.next(Message.class);
          said.add(answer.toString());
          words.hears(answer);
          if (answer instanceof Message.Outcomes outcomes) {
            accepted += (int) outcomes.outcomes().stream().filter(one -> one.kind().isCommitted()).count();
          }
        } while (!(answer instanceof Message.Synced) && !(answer instanceof Message.Failed failed && failed.fatal()));
        if (answer instanceof Message.Failed) {
          socket.close();
          socket = null;
        }
      }
    } finally {
      if (socket != null) {
        socket.close();
      }
    }
    for (String text : said) {
      assertThat(text).as("seed " + seed).doesNotContain("xyzzy").doesNotContain("plugh").doesNotContain("777777")
          .doesNotContain("777778").doesNotContain(":rebasis.error/broken");
    }
    return accepted;
  }

  /** Says something, unless the server has hung up, as it may; why is to be read then. */
  private static void say(TestSocket socket, Message.FromClient message) {
    try {
      socket.send(message);
    } catch (CompletionException e) {
      assertThat(e).hasCauseInstanceOf(IOException.class);
    }
  }

  /** What the streams are made of is searched as text, which must show datoms' values. */
  @Test
  void theSearchWouldFindASecret() {
    assertThat(new Message.Transactions(1, List.of(new dev.rebasis.data.Transaction(2,
        List.of(new Datom(1, 2, "xyzzy", 3, true)))), 2).toString()).contains("xyzzy");
  }
}
