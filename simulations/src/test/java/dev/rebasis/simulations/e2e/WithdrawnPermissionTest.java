package dev.rebasis.simulations.e2e;

import static dev.rebasis.simulations.e2e.EndToEnd.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.ConflictRecord;
import dev.rebasis.client.Credentials;
import dev.rebasis.client.Durability;
import dev.rebasis.client.Pending;
import dev.rebasis.client.Retry;
import dev.rebasis.client.SyncClient;
import dev.rebasis.client.Tuning;
import dev.rebasis.client.internal.core.ClientConfig;
import dev.rebasis.client.internal.core.ClientCore;
import dev.rebasis.client.internal.log.StoreFiles;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.LookupRef;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.server.RebasisServer;
import dev.rebasis.server.access.AccessRules;
import dev.rebasis.server.access.User;
import dev.rebasis.simulations.inside.Alone;
import dev.rebasis.simulations.inside.InsideCheck;
import dev.rebasis.simulations.inside.Opened;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: edits of what a user may no longer see are kept as parked, with their values, and can be made again when the permission
 * is back. Method: a role that changes while the client is offline; what the server says about pushes is swallowed until it
 * has said that the data differ, so that the window stays full and the rest of the queue unsent.
 */
@Alone
@ExtendWith(InsideCheck.class)
class WithdrawnPermissionTest {
  private static final String RULES = "{:roles {:boss {} :clerk {:hide [:order/quantity]}}}";
  private static final Tuning NARROW =
      Tuning.DEFAULT.withBackoff(Duration.ofMillis(1), Duration.ofMillis(20)).withPush(1, 1);

  @TempDir
  private Path folder;

  private final AtomicReference<String> role = new AtomicReference<>("boss");
  private final AtomicBoolean compared = new AtomicBoolean(true);

  private Opened opened;

  @BeforeEach
  void watch(Opened everything) {
    opened = everything;
  }

  private SyncClient open(RebasisServer server) {
    UnaryOperator<Message> swallow = message -> {
      if (message instanceof Message.Verified verified && !verified.different().isEmpty()) {
        compared.set(true);
      }
      boolean aboutPushes = message instanceof Message.Outcomes || message instanceof Message.Transactions;
      return aboutPushes && !compared.get() ? null : message;
    };
    return opened.watched("client", ClientCore.open(
        new ClientConfig(StoreFiles.folder(folder.resolve("client")), Durability.POWER_LOSS, NARROW),
        TamperedTransport.environment(server.uri(), Credentials.bearer("token"), swallow)));
  }

  @Test
  void whatIsUnsentIsSetAsideWithItsValuesAndMadeAgainLater() {
    try (RebasisServer server = RebasisServer.builder().inMemory().database("orders").schema("orders", EndToEnd.SCHEMA)
        .authenticator(token -> new User("ann", Set.of(role.get()), null)).access(AccessRules.parse(RULES)).start()) {
      get(server.transact("[{:order/number \"A-1\" :order/quantity 1 :order/note \"a\"}"
          + " {:order/number \"A-2\" :order/quantity 2 :order/note \"b\"}]"));
      Pending first;
      Pending edit;
      try (SyncClient client = open(server)) {
        get(client.sync());
        client.goOffline();
        first = client.transact("[[:db/add [:order/number \"A-1\"] :order/note \"mine\"]]");
        edit = client.transact("[[:db/add [:order/number \"A-2\"] :order/quantity 20]]");
        Pending seen = client.transact("[[:db/add [:order/number \"A-2\"] :order/note \"mine too\"]]");
        CompletableFuture<ConflictRecord> heard = new CompletableFuture<>();
        client.onConflict(heard::complete);
        role.set("clerk");
        compared.set(false);
        client.goOnline();

        assertThat(get(heard).id()).isEqualTo(edit.id());
        assertThat(get(edit.outcome()).kind()).isEqualTo(OutcomeKind.PARKED);
        assertThat(get(edit.outcome()).code()).isEqualTo(Keyword.of(":rebasis.error/withdrawn"));
        assertThat(get(edit.outcome()).conflicts()).singleElement().satisfies(conflict -> {
          assertThat(conflict.attribute()).isEqualTo(Keyword.of(":order/quantity"));
          assertThat(conflict.base()).containsExactly(2L);
          assertThat(conflict.local()).containsExactly(20L);
        });
        assertThat(get(first.outcome()).kind()).isEqualTo(OutcomeKind.ACCEPTED);
        assertThat(get(seen.outcome()).kind()).isEqualTo(OutcomeKind.ACCEPTED);
        get(client.sync());
        assertThat(client.db().entity(LookupRef.of(":order/number", "A-2")).get(":order/quantity")).isNull();
        assertThat(client.db().entity(LookupRef.of(":order/number", "A-2")).get(":order/note")).isEqualTo("mine too");
        assertThat(client.status().parkedCount()).isEqualTo(1);
      }
      role.set("boss");
      try (SyncClient client = open(server)) {
        assertThat(client.parked()).extracting(ConflictRecord::id).containsExactly(edit.id());
        CompletableFuture<Object> loaded = new CompletableFuture<>();
        client.subscribe("[:find ?q . :where [?o :order/number \"A-2\"] [?o :order/quantity ?q]]", List.of(),
            change -> {
              if (client.db().entity(LookupRef.of(":order/number", "A-2")).get(":order/quantity") != null) {
                loaded.complete(true);
              }
            });
        get(loaded);
        Retry retry = client.retry(edit.id());
        assertThat(get(retry.transaction().outcome()).kind()).isEqualTo(OutcomeKind.ACCEPTED);
        assertThat(client.parked()).isEmpty();
        Object there = datomic.Peer.query(
            "[:find ?q . :where [?o :order/number \"A-2\"] [?o :order/quantity ?q]]", server.database());
        assertThat(there).isEqualTo(20L);
      }
    }
  }

  @Test
  void whatWasSentBeforeThePermissionWasLost_isKeptToo() {
    try (RebasisServer server = RebasisServer.builder().inMemory().database("orders").schema("orders", EndToEnd.SCHEMA)
            .authenticator(token -> new User("ann", Set.of(role.get()), null)).access(AccessRules.parse(RULES)).start();
        SyncClient client = opened.watched("client", SyncClient.builder().inMemory().server(server.uri())
            .credentials(Credentials.bearer("token")).open())) {
      get(server.transact("[{:order/number \"A-1\" :order/quantity 1}]"));
      get(client.sync());
      client.goOffline();
      Pending edit = client.transact("[[:db/add [:order/number \"A-1\"] :order/quantity 20]]");
      role.set("clerk");
      client.goOnline();
      // The server refuses it, or the client sets it aside before that: whichever is first.
      assertThat(get(edit.outcome()).kind().isCommitted()).isFalse();
      assertThat(client.parked()).extracting(ConflictRecord::id).containsExactly(edit.id());
      role.set("boss");
      client.goOffline();
      CompletableFuture<Object> seen = new CompletableFuture<>();
      client.subscribe("[:find ?q . :where [?o :order/number \"A-1\"] [?o :order/quantity ?q]]", List.of(), change -> {
        if (client.db().entity(LookupRef.of(":order/number", "A-1")).get(":order/quantity") != null) {
          seen.complete(true);
        }
      });
      if (client.db().entity(LookupRef.of(":order/number", "A-1")).get(":order/quantity") != null) {
        seen.complete(true);
      }
      client.goOnline();
      get(seen);
      assertThat(get(client.retry(edit.id()).transaction().outcome()).kind()).isEqualTo(OutcomeKind.ACCEPTED);
      assertThat(client.parked()).isEmpty();
    }
  }
}
