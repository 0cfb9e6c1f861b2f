package dev.rebasis.simulations.e2e;

import static dev.rebasis.simulations.e2e.EndToEnd.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.Credentials;
import dev.rebasis.client.Pending;
import dev.rebasis.client.SyncClient;
import dev.rebasis.client.Tuning;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.server.RebasisServer;
import dev.rebasis.server.access.Authenticator;
import dev.rebasis.server.access.User;
import dev.rebasis.simulations.inside.Alone;
import dev.rebasis.simulations.inside.InsideCheck;
import dev.rebasis.simulations.inside.Opened;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Goal: a token that is no longer good costs nothing but the time until there is another. Method: a server whose tokens
 * end at once, a client whose program gives another at each connection; a client whose token is refused and then mended.
 */
@Alone
@ExtendWith(InsideCheck.class)
class CredentialsTest {
  private static final Tuning QUICK = Tuning.DEFAULT.withBackoff(Duration.ofMillis(1), Duration.ofMillis(20));

  private Opened opened;

  @BeforeEach
  void watch(Opened everything) {
    opened = everything;
  }

  private static RebasisServer server(Authenticator authenticator) {
    return RebasisServer.builder().inMemory().database("orders").schema("orders", EndToEnd.SCHEMA)
        .authenticator(authenticator).start();
  }

  @Test
  void aTokenThatExpires_isReplacedByTheProgram() {
    AtomicInteger given = new AtomicInteger();
    try (RebasisServer server = server(token ->
            new User("ann", Set.of(), token.equals("token 1") ? Instant.now() : null));
        SyncClient client = opened.watched("client", SyncClient.builder().inMemory().server(server.uri()).tuning(QUICK)
            .credentials(() -> "token " + given.incrementAndGet()).open())) {
      CompletableFuture<String> expired = new CompletableFuture<>();
      client.onStateChange(status -> {
        if (status.lastError() != null && status.lastError().code().toString().equals(":rebasis.error/token-expired")) {
          expired.complete(status.lastError().getMessage());
        }
      });
      assertThat(get(expired)).contains("nothing is lost");
      Pending pending = client.transact("[{:db/id \"x\" :db/doc \"made while the token was none\"}]");
      assertThat(get(pending.outcome()).kind()).isEqualTo(OutcomeKind.ACCEPTED);
      assertThat(given.get()).isGreaterThan(1);
      Object user = datomic.Peer.query("[:find ?u . :where [?x :db/doc \"made while the token was none\" ?tx]"
          + " [?tx :rebasis.tx/user ?u]]", server.database());
      assertThat(user).isEqualTo("ann");
    }
  }

  @Test
  void aTokenThatIsRefused_isToldAndCanBeMended() {
    CompletableFuture<RebasisException> refused = new CompletableFuture<>();
    Credentials credentials = new Credentials() {
      @Override
      public String token() {
        return refused.isDone() ? "good" : "bad";
      }

      @Override
      public void refused(RebasisException reason) {
        refused.complete(reason);
      }
    };
    try (RebasisServer server = server(token -> {
          if (!"good".equals(token)) {
            throw Authenticator.unauthorized("No.");
          }
          return new User("ann", Set.of(), null);
        });
        SyncClient client = opened.watched("client", SyncClient.builder().inMemory().server(server.uri()).tuning(QUICK)
            .credentials(credentials).open())) {
      Pending pending = client.transact("[{:db/id \"x\" :db/doc \"waits for a token\"}]");
      assertThat(get(refused).code()).isEqualTo(Authenticator.UNAUTHORIZED);
      client.goOnline();
      assertThat(get(pending.outcome()).kind()).isEqualTo(OutcomeKind.ACCEPTED);
    }
  }
}
