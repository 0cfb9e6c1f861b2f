package dev.rebasis.server.wiring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rebasis.conflict.Rules;
import dev.rebasis.data.Keyword;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.ProtocolVersion;
import dev.rebasis.server.DatabaseConfig;
import dev.rebasis.server.ServerConfig;
import dev.rebasis.server.ServerLimits;
import dev.rebasis.server.access.AccessRules;
import dev.rebasis.server.access.Authenticator;
import dev.rebasis.server.access.TokenFile;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: a database that does not answer keeps no other from hearing of new tokens, and those that have heard of them do not end
 * their sessions again when they are told once more. Method: a server with three databases, of which one has stopped.
 */
@Timeout(60)
class TokensOfSeveralDatabasesTest {
  private static final String ANN = "ann-token-0123456789";
  private static final List<String> NAMES = List.of("first", "stopped", "last");

  @TempDir private Path folder;
  private final HttpClient http = HttpClient.newHttpClient();

  private TestSocket connected(ServerRuntime server, String database) throws Exception {
    TestSocket socket = TestSocket.connect(http, server.uri(database), "rebasis.cbor", ANN);
    socket.send(new Message.Hello(ProtocolVersion.CURRENT, Set.of(), new UUID(1, 1), 0, null, 0, 1_000_000));
    socket.next(Message.Welcome.class);
    return socket;
  }

  private static void assertGoesOn(TestSocket socket) throws Exception {
    socket.send(new Message.Sync(1, 0));
    for (Message message = socket.next(Message.class); !(message instanceof Message.Synced); message = socket.next(Message.class)) {
      assertThat(message).isNotInstanceOf(Message.Failed.class);
    }
  }

  private static void assertEnded(TestSocket socket) throws Exception {
    List<Message> rest = socket.untilClosed();
    assertThat(rest.get(rest.size() - 1)).isInstanceOfSatisfying(Message.Failed.class,
        failed -> assertThat(failed.code()).isEqualTo(Keyword.of(":rebasis.error/tokens-changed")));
  }

  @Test
  void theOthersHearItOnce() throws Exception {
    Stream<DatabaseConfig> databases = NAMES.stream().map(name -> new DatabaseConfig(
        name, name.equals("stopped") ? folder : null, null, List.of(), AccessRules.NONE, Rules.BUILT_IN, List.of()));
    Authenticator before = TokenFile.parse("tokens", List.of(ANN + " ann"));
    Authenticator after = TokenFile.parse("tokens", List.of(ANN + " ann"));
    try (ServerRuntime server = ServerRuntime.start(new ServerConfig(
        "127.0.0.1", 0, databases.toList(), before, null, false, fault -> { }, ServerLimits.DEFAULT));
        TestSocket first = connected(server, "first"); TestSocket last = connected(server, "last")) {
      server.of("stopped").core().close();

      assertThatThrownBy(() -> server.authenticator(after)).hasMessageContaining("'stopped'");
      assertEnded(first);
      assertEnded(last);

      try (TestSocket firstAgain = connected(server, "first"); TestSocket lastAgain = connected(server, "last")) {
        assertThatThrownBy(() -> server.authenticator(after)).as("tried again").hasMessageContaining("'stopped'");
        assertGoesOn(firstAgain);
        assertGoesOn(lastAgain);
        assertThatThrownBy(() -> server.excise("stopped")).as("it is opened anew").hasMessageContaining("closed");
        server.authenticator(after);
        assertGoesOn(firstAgain);
        assertGoesOn(lastAgain);
      }
    }
  }
}
