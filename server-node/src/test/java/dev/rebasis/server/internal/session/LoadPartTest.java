package dev.rebasis.server.internal.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import dev.rebasis.error.RebasisException;
import dev.rebasis.executor.InlineExecutor;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.ProtocolVersion;
import dev.rebasis.protocol.ScopeSpec;
import dev.rebasis.server.access.AccessRules.Role;
import dev.rebasis.server.access.ReadRule;
import dev.rebasis.server.access.User;
import dev.rebasis.server.internal.master.Access;
import dev.rebasis.server.internal.master.EmbeddedMaster;
import dev.rebasis.server.internal.master.MasterSetup;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Goal: a load brings what the store's session is to hold and never more, whoever asks for it and when, and costs others nothing.
 * Method: sessions with scopes and rules, and loads under renewed tokens, others' names, and without a session.
 */
class LoadPartTest {
  private static final UUID STORE = new UUID(1, 1);
  private static final List<ScopeSpec> EMEA = List.of(
      new ScopeSpec("emea", Edn.read("[:find ?o :where [?o :order/region \"emea\"]]"), List.of(), null));

  private final InlineExecutor inline = new InlineExecutor();
  private final EmbeddedMaster master = EmbeddedMaster.open(new MasterSetup(null, "memory",
      Clock.fixed(Instant.parse("2001-01-01T00:00:00Z"), ZoneOffset.UTC), () -> new UUID(7, 7), inline, inline,
      e -> { throw e; }, (done, total) -> { }));
  private long now;
  private final ServerMachine machine = new ServerMachine(master, SessionLimits.DEFAULT, () -> now);

  @BeforeEach
  void orders() {
    transact("[{:db/ident :order/region :db/valueType :db.type/string :db/cardinality :db.cardinality/one}"
        + "{:db/ident :order/note :db/valueType :db.type/string :db/cardinality :db.cardinality/one}]");
    transact("[{:order/region \"emea\" :order/note \"near\"} {:order/region \"apac\" :order/note \"far\"}]");
  }

  @AfterEach
  void close() {
    master.close();
  }

  private void transact(String forms) {
    InlineTransact.transact(inline, master, forms);
  }

  /** Whoever shows a token that is good until then. */
  private static Access until(String user, long second, Role role) {
    return new Access(new User(user, Set.of("sales"), Instant.ofEpochSecond(second)), role);
  }

  private static Role reading(ReadRule rule) {
    return new Role(Set.of(), null, List.of(), List.of(rule), Set.of());
  }

  private VirtualClient connect(Access access, List<ScopeSpec> scopes) {
    VirtualClient client = VirtualClient.connect(machine, 1, access);
    inline.execute(() -> client.session.received(new Message.Hello(
        ProtocolVersion.CURRENT, Set.of("part", "load"), STORE, 0, null, 0, 1, null, scopes, scopes)));
    assertThat(client.last(Message.Welcome.class)).isNotNull();
    return client;
  }

  private String loaded(Access access, UUID store, long after) {
    List<Object> values = new ArrayList<>();
    machine.seenBy(access, store, master.missingAfter(after)).transactions()
        .forEach(transaction -> transaction.datoms().stream().map(Datom::v).forEach(values::add));
    return values.toString();
  }

  private void assertRefused(Access access, UUID store, long after, String code) {
    assertThatThrownBy(() -> loaded(access, store, after)).isInstanceOfSatisfying(
        RebasisException.class, refused -> assertThat(refused.code()).isEqualTo(Keyword.of(":rebasis.error/" + code)));
  }

  @Test
  void aRenewedTokenLoadsThePartOfItsSession() {
    connect(until("ann", 5_000_000_000L, Role.ALL), EMEA);
    assertThat(loaded(until("ann", 5_000_000_060L, Role.ALL), STORE, 0)).contains("near").doesNotContain("far");
  }

  @Test
  void withoutASessionOfThisUserNothingIsLoaded() {
    Access ann = until("ann", 5_000_000_000L, Role.ALL);
    assertRefused(ann, STORE, 0, "load-without-session");
    VirtualClient client = connect(ann, EMEA);
    assertRefused(until("bob", 5_000_000_000L, Role.ALL), STORE, 0, "load-without-session");
    assertRefused(ann, new UUID(1, 2), 0, "load-without-session");
    assertRefused(ann, STORE, master.forcedT(), "unexpected-message");
    assertThat(loaded(ann, STORE, 0)).contains("near");
    inline.execute(client.session::closed);
    assertRefused(ann, STORE, 0, "load-without-session");
  }

  @Test
  void whoHoldsEverythingLoadsEverything() {
    connect(until("ann", 5_000_000_000L, Role.ALL), null);
    assertThat(loaded(until("ann", 6_000_000_000L, Role.ALL), STORE, 0)).contains("near", "far");
  }

  @Test
  void aSessionThatGoesByFormerRulesLoadsNothingByThem() {
    Access before = until("ann", 5_000_000_000L, reading(ReadRule.query("[:find ?o :where [?o :order/region]]", null)));
    Role narrow = reading(ReadRule.query("[:find ?o :where [?o :order/region \"emea\"]]", null));
    VirtualClient client = connect(before, null);
    assertRefused(until("ann", 5_000_000_000L, narrow), STORE, 0, "load-without-session");
    client.slow = true;
    inline.execute(() -> machine.accessChanged(access -> new Access(access.user(), narrow)));
    assertThat(client.last(Message.Failed.class).code()).isEqualTo(Keyword.of(":rebasis.error/rules-changed"));
    assertRefused(until("ann", 5_000_000_000L, narrow), STORE, 0, "load-without-session");
  }

  @Test
  void whatATokenSeesByAPredicateDoesNotDependOnWhenItEnds() {
    Role near = reading(ReadRule.predicate((user, facts) -> facts.toString().contains("near")));
    connect(until("ann", 5_000_000_000L, near), null);
    assertThat(loaded(until("ann", 5_000_000_060L, near), STORE, 0)).contains("near").doesNotContain("far");
  }

  @Test
  void whoAsksForWhatIsSeenAgainAndAgainPaysForIt() {
    Access ann = until("ann", 5_000_000_000L, reading(ReadRule.predicate((user, facts) -> {
      now += 60_000_000;
      return facts.toString().contains("near");
    })));
    assertThat(loaded(ann, null, 0)).contains("near").doesNotContain("far");
    int loads = 0;
    RebasisException refused = null;
    while (refused == null && loads < 100) {
      try {
        loaded(ann, null, 0);
        loads++;
      } catch (RebasisException e) {
        refused = e;
      }
    }
    assertThat(loads).isBetween(1, 60);
    assertThat(refused.code()).isEqualTo(Keyword.of(":rebasis.error/scope-cost"));
    assertThat(refused.data().get(RebasisException.RETRY_AFTER)).isInstanceOf(Long.class);
    assertThat(loaded(until("bob", 5_000_000_000L, reading(ReadRule.query("[:find ?o :where [?o :order/region]]", null))), null, 0))
        .as("others go on").contains("far");
  }
}
