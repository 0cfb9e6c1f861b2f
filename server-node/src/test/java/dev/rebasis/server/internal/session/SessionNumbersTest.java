package dev.rebasis.server.internal.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.error.ErrorCategory;
import dev.rebasis.executor.InlineExecutor;
import dev.rebasis.protocol.Message;
import dev.rebasis.server.access.AccessRules;
import dev.rebasis.server.access.User;
import dev.rebasis.server.internal.master.Access;
import dev.rebasis.server.internal.master.EmbeddedMaster;
import dev.rebasis.server.internal.master.MasterSetup;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Goal: there are never more sessions than the limits say, in all and for one user, and whoever is turned away learns when
 * to come back. Method: a real machine with small limits.
 */
class SessionNumbersTest {
  private static final SessionLimits SMALL = new SessionLimits(100, 4, 100, 100, 10_000, 20_000, 3, 2);

  private final InlineExecutor inline = new InlineExecutor();
  private final EmbeddedMaster master = EmbeddedMaster.open(new MasterSetup(null, "log in memory",
      Clock.fixed(Instant.parse("2001-01-01T00:00:00Z"), ZoneOffset.UTC), UUID::randomUUID, inline, inline, failure -> {
        throw failure;
      }, (done, total) -> { }));
  private final ServerMachine machine = new ServerMachine(master, SMALL);

  @AfterEach
  void close() {
    master.close();
  }

  private VirtualClient connect(String user) {
    Access access = new Access(new User(user, Set.of(), null), AccessRules.NONE.of(new User(user, Set.of(), null)));
    return VirtualClient.connect(machine, machine.sessionCount() + 1, access);
  }

  private static void assertTurnedAway(VirtualClient client, String who) {
    Message.Failed failed = client.last(Message.Failed.class);
    assertThat(failed.code().toString()).isEqualTo(":rebasis.error/too-many-sessions");
    assertThat(failed.category()).isEqualTo(ErrorCategory.RETRY_LATER);
    assertThat(failed.retryAfterMillis()).isPositive();
    assertThat(failed.message()).contains(who);
    assertThat(client.closed).isTrue();
  }

  @Test
  void oneUserHasAtMostSoManySessions() {
    VirtualClient first = connect("ann");
    connect("ann");
    assertTurnedAway(connect("ann"), "ann");
    assertThat(machine.sessionCount()).isEqualTo(2);
    assertThat(connect("bob").closed).isFalse();
    first.session.closed();
    assertThat(connect("ann").closed).as("there is room again").isFalse();
  }

  @Test
  void theServerHasAtMostSoManySessions() {
    connect("ann");
    connect("bob");
    connect("cy");
    assertTurnedAway(connect("di"), "server");
    assertThat(machine.sessionCount()).isEqualTo(3);
  }
}
