package dev.rebasis.server.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Symbol;
import dev.rebasis.edn.Edn;
import dev.rebasis.protocol.Limits;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.ProtocolVersion;
import dev.rebasis.protocol.ScopeSpec;
import dev.rebasis.protocol.codec.WireCodec;
import dev.rebasis.server.RebasisServer;
import dev.rebasis.server.ServerLimits;
import dev.rebasis.server.access.AccessRules;
import dev.rebasis.server.access.ReadRule;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Goal: what a read rule does not show is not sent to its users, and they cannot find out about it by scopes, also while rules
 * change. Method: the attacker's side of real sockets. What they push is for {@link UnseenFactsTest}.
 */
@Timeout(120)
class ReadRulesTest extends ReadRulesServer {
  @Test
  void onlyWhatTheRuleShowsIsStreamedAndLoaded() throws Exception {
    try (TestSocket ann = welcome(ANN, 1); TestSocket bob = welcome(BOB, 2)) {
      assertThat(values(streamed(ann))).contains("A1", "tea").doesNotContain("B1", 777L, "gold", "bobs secret");
      assertThat(values(streamed(bob))).contains("B1", "gold").doesNotContain("A1", "tea");
      server.transact("[[:db/add " + bobsOrder + " :order/owner \"ann\"]]").join();
      assertThat(values(streamed(ann))).contains("B1", 777L, "gold", "bobs secret");
    }
    HttpResponse<byte[]> load = http.send(HttpRequest.newBuilder(URI.create(server.uri() + "/snapshot"))
        .header("Authorization", "Bearer " + BOB).build(), HttpResponse.BodyHandlers.ofByteArray());
    WireCodec cbor = WireCodec.cbor(Limits.client());
    List<Datom> loaded = new ArrayList<>();
    for (ByteBuffer rest = ByteBuffer.wrap(load.body()); rest.hasRemaining(); ) {
      byte[] message = new byte[rest.getInt()];
      rest.get(message);
      if (cbor.decode(message) instanceof Message.Transactions batch) {
        batch.transactions().forEach(transaction -> loaded.addAll(transaction.datoms()));
      }
    }
    assertThat(values(loaded)).doesNotContain("A1", "B1", "tea", "gold");
  }

  @Test
  void scopesFindNothingBeyondTheRule() throws Exception {
    List<String> attempts = List.of(
        "[:find ?o :where [?o :order/number]]",
        "[:find ?o :in $ [?o ...] :where [?o :order/number]]",
        "[:find ?o :where [?a :order/number \"A1\"] [?o :order/owner] [?b :order/quantity 777]]",
        "[:find ?l :where [_ :order/lines ?l]]");
    long store = 10;
    for (String query : attempts) {
      List<Object> inputs = query.contains("...") ? List.of(List.of(bobsOrder)) : List.of();
      try (TestSocket ann = hello(ANN, ++store, List.of(new ScopeSpec("s", Edn.read(query), inputs,
          (List<?>) Edn.read("[* {:order/_next [*]} {:order/next [*]}]"))))) {
        ann.next(Message.Welcome.class);
        assertThat(values(streamed(ann))).as(query).doesNotContain("B1", 777L, "gold", "bobs secret");
      }
    }
    // Whether a comparison with what is not seen holds must not show in what is found either.
    try (TestSocket ann = hello(ANN, ++store, List.of(new ScopeSpec("s",
        Edn.read("[:find ?o :where [?o :order/owner \"ann\"] [?x :order/quantity 777]]"), List.of(), null)))) {
      ann.next(Message.Welcome.class);
      assertThat(values(streamed(ann))).doesNotContain("A1");
    }
  }

  @Test
  void queriesThatCallWhatTheyMayNot_areRefused() throws Exception {
    long store = 30;
    for (String query : List.of(
        "[:find ?x :where [(slurp \"/etc/passwd\") ?x]]", "[:find ?x :where [(java.lang.System/exit 1) ?x]]",
        "[:find ?x :where [(datomic.api/q [:find ?e :where [?e]] $) ?x]]", "[:find ?x :in $ % :where (rule ?x)]",
        "[:find ?x :where (or [?x :order/number] [?y :order/owner])]", "[:find ?x :where (or-join [] [?x :order/number])]",
        "[:find (pull ?x [*]) :where [?x :order/number]]", "[:find ?x ?y :where [?x :order/number ?y]]")) {
      try (TestSocket ann = hello(ANN, ++store, List.of(new ScopeSpec("s", Edn.read(query), List.of(), null)))) {
        Message.Failed failed = ann.next(Message.Failed.class);
        assertThat(failed.code().toString()).as(query).isEqualTo(":rebasis.error/scope");
      }
    }
    assertThat(server.t()).isPositive();
  }

  @Test
  void rulesThatChangeWhileConnected_withdrawWhatMayNoLongerBeSeen() throws Exception {
    try (TestSocket ann = welcome(ANN, 1)) {
      streamed(ann);
      server.access(AccessRules.parse(RULES.replace("[?o :order/owner ?user]", "[?o :order/owner \"bob\"] [(= ?user \\\"ann\\\")]")
          .replace("\"bob\"", "\\\"bob\\\"")));
      Message.ScopeChange change = ann.next(Message.ScopeChange.class);
      assertThat(change.ref()).isZero();
      assertThat(change.change().withdrawn()).contains(annsOrder, bobsOrder);
      assertThat(values(change.change().datoms())).contains("B1", "gold").doesNotContain("A1", "tea");
      server.access(AccessRules.parse("{:roles {:boss {}}}"));
      assertThat(ann.next(Message.Failed.class).fatal()).isTrue();
    }
  }

  @Test
  void whoTakesNothingWhileTheRulesChange_isSentNothingByTheFormerOnes() throws Exception {
    try (TestSocket ann = TestSocket.connect(http, server.uri(), "rebasis.cbor", ANN)) {
      ann.send(new Message.Hello(ProtocolVersion.CURRENT, Set.of("part"), new UUID(1, 1), 0, null, 0, 0));
      ann.next(Message.Welcome.class);
      server.access(AccessRules.parse(RULES.replace("[?o :order/owner ?user]", "[?o :order/note ?user]")));
      List<Message> rest = ann.untilClosed();
      assertThat(rest).noneMatch(message -> message instanceof Message.Transactions || message instanceof Message.ScopeChange);
      Message.Failed failed = (Message.Failed) rest.get(rest.size() - 1);
      assertThat(failed.fatal()).as("credit that comes later brings nothing more").isTrue();
      assertThat(failed.code().toString()).isEqualTo(":rebasis.error/rules-changed");
    }
  }

  @Test
  void aPredicateShowsSingleEntities() throws Exception {
    ReadRule.Predicate small = (user, facts) -> facts.values().stream().flatMap(Set::stream)
        .anyMatch(value -> value instanceof Long n && n < 100 || value.equals("gold"));
    server.access(new AccessRules(Map.of("sales", new AccessRules.Role(
        Set.of(), null, List.of(), List.of(ReadRule.predicate(small)), Set.of())), null));
    try (TestSocket ann = welcome(ANN, 1)) {
      assertThat(values(streamed(ann))).contains("A1", "gold").doesNotContain("B1", 777L, "tea");
      server.transact("[[:db/add " + bobsOrder + " :order/quantity 7]]").join();
      assertThat(values(streamed(ann))).contains("B1", 7L);
    }
  }

  @Test
  void manyLargeAndDeepScopes_areRefused_andOthersAreServed() throws Exception {
    ScopeSpec good = new ScopeSpec("s", Edn.read("[:find ?o :where [?o :order/owner]]"), List.of(), null);
    List<ScopeSpec> many = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      many.add(new ScopeSpec("s" + i, good.query(), List.of(), null));
    }
    try (TestSocket ann = hello(ANN, 1, many)) {
      assertThat(ann.next(Message.Failed.class).message()).contains("at most");
    }
    Object deep = Edn.read("[?o :order/owner]");
    for (int i = 0; i < 100; i++) {
      deep = List.of(Symbol.of("not"), deep);
    }
    Object query = List.of(Keyword.of(":find"), Symbol.of("?o"),
        Keyword.of(":where"), deep);
    try (TestSocket ann = hello(ANN, 2, List.of(new ScopeSpec("s", query, List.of(), null)))) {
      assertThat(ann.next(Message.Failed.class).message()).contains("nested");
    }
    try (TestSocket ann = TestSocket.connect(http, server.uri(), "rebasis.cbor", ANN)) {
      // Without credit nothing can be sent, so each request waits; the last is one too many, and ends the session.
      ann.send(new Message.Hello(ProtocolVersion.CURRENT, Set.of("part"), new UUID(1, 3), 0, null, 0, 0, null,
          List.of(good), List.of(good)));
      for (int i = 1; i <= 17; i++) {
        ann.send(new Message.Scope(i, List.of(good)));
      }
      assertThat(ann.next(Message.Failed.class).fatal()).isTrue();
    }
    try (TestSocket bob = welcome(BOB, 4)) {
      assertThat(values(streamed(bob))).contains("B1");
    }
  }

  @Test
  void aClientThatCannotHoldAPart_isNotLetIn() throws Exception {
    try (TestSocket ann = TestSocket.connect(http, server.uri(), "rebasis.cbor", ANN)) {
      ann.send(new Message.Hello(ProtocolVersion.CURRENT, Set.of(), new UUID(1, 1), 0, null, 0, 1_000_000));
      assertThat(ann.next(Message.Failed.class).code().toString()).isEqualTo(":rebasis.error/unsupported-version");
    }
    try (TestSocket boss = TestSocket.connect(http, server.uri(), "rebasis.cbor", BOSS)) {
      boss.send(new Message.Hello(ProtocolVersion.CURRENT, Set.of(), new UUID(1, 2), 0, null, 0, 1_000_000));
      assertThat(boss.next(Message.Welcome.class).version()).isEqualTo(ProtocolVersion.CURRENT);
    }
    assertThat(EntityIds.isSchema(annsOrder)).isFalse();
  }

  @Test
  void anOldProtocolIsSpokenOnlyIfTheOperatorSaysSo() throws Exception {
    try (TestSocket boss = TestSocket.connect(http, server.uri(), "rebasis.cbor", BOSS)) {
      boss.send(new Message.Hello(3, Set.of(), new UUID(1, 2), 0, null, 0, 1_000_000));
      assertThat(boss.next(Message.Failed.class).code().toString()).isEqualTo(":rebasis.error/unsupported-version");
    }
    ServerLimits lenient = new ServerLimits(64 << 10, 10, 10, 0, Duration.ZERO, 8, 2, 3, null, 0, 64 << 20);
    try (RebasisServer other = RebasisServer.builder().inMemory().database("old").limits(lenient).start();
        TestSocket old = TestSocket.connect(http, other.uri(), "rebasis.cbor")) {
      old.send(new Message.Hello(3, Set.of(), new UUID(1, 2), 0, null, 0, 1_000_000));
      assertThat(old.next(Message.Welcome.class).version()).isEqualTo(3);
    }
  }
}
