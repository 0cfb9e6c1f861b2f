package dev.rebasis.simulations.e2e;

import static dev.rebasis.simulations.e2e.EndToEnd.get;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import ch.qos.logback.core.ConsoleAppender;
import dev.rebasis.client.Credentials;
import dev.rebasis.client.Pending;
import dev.rebasis.client.SyncClient;
import dev.rebasis.client.Tuning;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.server.RebasisServer;
import dev.rebasis.server.access.User;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Goal: whoever looks after a server finds in its log, by client, user and transaction, who came, what was parked and who was
 * sent away. Method: a real server and real clients; what they log goes through the encoder of the command line's own
 * configuration, and the lines are read as JSON.
 */
class StructuredLogsTest {
  private static final String DATABASE = "structured-logs";
  private static final String SCHEMA = "[{:db/ident :item/name :db/valueType :db.type/string"
      + " :db/cardinality :db.cardinality/one :db/unique :db.unique/identity}"
      + " {:db/ident :item/note :db/valueType :db.type/string :db/cardinality :db.cardinality/one"
      + " :rebasis/policy :rebasis.policy/park}]";

  /** What the server logs about this test's database; other tests may log at the same time. */
  private static final class Collected extends AppenderBase<ILoggingEvent> implements AutoCloseable {
    private final List<ILoggingEvent> events = new CopyOnWriteArrayList<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger("dev.rebasis.server");
    private final Logger sessions = (Logger) LoggerFactory.getLogger("dev.rebasis.server.internal.session");
    private final Level sessionsLevel = sessions.getLevel();

    Collected() {
      setContext(logger.getLoggerContext());
      start();
      logger.setLevel(Level.INFO);
      sessions.setLevel(Level.INFO);
      logger.addAppender(this);
    }

    @Override
    protected void append(ILoggingEvent event) {
      if (DATABASE.equals(event.getMDCPropertyMap().get("database"))) {
        events.add(event);
      }
    }

    @Override
    public void close() {
      logger.detachAppender(this);
      logger.setLevel(null);
      sessions.setLevel(sessionsLevel);
    }
  }

  @Test
  void linesNameClientUserAndTransaction() throws Exception {
    String parkedId;
    String refusedId;
    long annsNumber;
    Collected log = new Collected();
    try (log; RebasisServer server = RebasisServer.builder().inMemory().database(DATABASE).schema("items", SCHEMA)
        .authenticator(token -> new User(token, token.equals("olga") ? Set.of("operator") : Set.of(), null)).start()) {
      try (SyncClient ann = client(server, "ann"); SyncClient bob = client(server, "bob")) {
        get(ann.sync());
        get(ann.transact("[{:item/name \"A\" :item/note \"first\"} {:item/name \"C\" :item/note \"first\"}]").outcome());
        get(bob.sync(server.t()));
        ann.goOffline();
        Pending parked = ann.transact("[[:db/add [:item/name \"A\"] :item/note \"ann's\"]]");
        Pending refused = ann.transact("[[:db/cas [:item/name \"C\"] :item/note \"first\" \"ann's\"]]");
        get(bob.transact("[[:db/add [:item/name \"A\"] :item/note \"bob's\"] [:db/add [:item/name \"C\"] :item/note \"bob's\"]]")
            .outcome());
        ann.goOnline();
        assertThat(get(parked.outcome()).kind()).isEqualTo(OutcomeKind.PARKED);
        parkedId = parked.id().toString();
        assertThat(get(refused.outcome()).kind()).isEqualTo(OutcomeKind.REJECTED);
        refusedId = refused.id().toString();
        annsNumber = ann.status().clientNumber();
        CompletableFuture<RebasisException> revoked = new CompletableFuture<>();
        ann.onStateChange(status -> {
          if (status.lastError() != null && status.lastError().code().toString().equals(":rebasis.error/device-revoked")) {
            revoked.complete(status.lastError());
          }
        });
        HttpClient.newHttpClient().send(HttpRequest.newBuilder(URI.create(server.uri() + "/devices/" + annsNumber + "/revoke"))
            .method("POST", HttpRequest.BodyPublishers.noBody()).header("Authorization", "Bearer olga").build(),
            HttpResponse.BodyHandlers.ofString());
        get(revoked);
      }
    }
    List<JsonNode> lines = asJson(log.events);
    String client = Long.toString(annsNumber);
    assertThat(lines).anySatisfy(line -> has(line, "INFO", "has connected", Map.of("client", client, "user", "ann")));
    assertThat(lines).anySatisfy(line -> has(line, "INFO", "parked", Map.of("client", client, "user", "ann", "tx", parkedId)));
    assertThat(lines).anySatisfy(line -> has(line, "INFO", "rejected",
        Map.of("client", client, "user", "ann", "tx", refusedId, "code", ":db.error/cas-failed")));
    assertThat(lines).anySatisfy(line -> has(line, "WARN", "revoked",
        Map.of("client", client, "user", "ann", "code", ":rebasis.error/device-revoked")));
    assertThat(lines).anySatisfy(line -> has(line, "INFO", "/devices/" + client + "/revoke", Map.of("user", "olga")));
    assertThat(lines).anySatisfy(line -> has(line, "INFO", "session has ended", Map.of("user", "bob")));
    assertThat(lines).allSatisfy(line -> assertThat(line.at("/mdc/database").asString()).isEqualTo(DATABASE));
  }

  private static SyncClient client(RebasisServer server, String user) {
    return SyncClient.builder().inMemory().server(server.uri()).credentials(Credentials.bearer(user))
        .tuning(Tuning.DEFAULT.withBackoff(Duration.ofMillis(1), Duration.ofMillis(20))).open();
  }

  private static void has(JsonNode line, String level, String message, Map<String, String> pairs) {
    assertThat(line.path("level").asString()).isEqualTo(level);
    assertThat(line.path("formattedMessage").asString()).contains(message);
    Map<String, String> found = new HashMap<>();
    line.path("kvpList").forEach(pair -> pair.properties().forEach(one -> found.put(one.getKey(), one.getValue().asString())));
    assertThat(found).containsAllEntriesOf(pairs);
  }

  /** Through the encoder that the command line uses with {@code --log-format json}. */
  private static List<JsonNode> asJson(List<ILoggingEvent> events) throws Exception {
    LoggerContext context = new LoggerContext();
    context.putProperty("REBASIS_LOG_FORMAT", "json");
    JoranConfigurator configurator = new JoranConfigurator();
    configurator.setContext(context);
    configurator.doConfigure(StructuredLogsTest.class.getResource("/logback.xml"));
    @SuppressWarnings("unchecked")
    ConsoleAppender<ILoggingEvent> json = (ConsoleAppender<ILoggingEvent>)
        context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).getAppender("json");
    List<JsonNode> lines = new ArrayList<>();
    for (ILoggingEvent event : events) {
      String line = new String(json.getEncoder().encode(event), StandardCharsets.UTF_8);
      assertThat(line.strip()).doesNotContain("\n");
      lines.add(JsonMapper.builder().build().readTree(line));
    }
    context.stop();
    return lines;
  }
}
