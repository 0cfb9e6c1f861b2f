package dev.rebasis.simulations.docs;

import static org.assertj.core.api.Assertions.assertThat;

import datomic.Peer;
import dev.rebasis.client.SyncClient;
import dev.rebasis.server.RebasisServer;
import dev.rebasis.simulations.inside.Alone;
import dev.rebasis.simulations.inside.InsideCheck;
import dev.rebasis.simulations.inside.Opened;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Runs what docs/server.md shows: the program, the queries on the log, and the health page. */
@Alone
@ExtendWith(InsideCheck.class)
class ServerPageTest {
  private static final Path PAGE = Path.of("..", "docs", "server.md");
  private static final String SCHEMA = "[{:db/ident :order/number :db/valueType :db.type/string"
      + " :db/cardinality :db.cardinality/one :db/unique :db.unique/identity}"
      + " {:db/ident :order/quantity :db/valueType :db.type/long :db/cardinality :db.cardinality/one}]";

  @TempDir private Path folder;

  @Test
  void theProgramRuns() {
    assertThat(example(folder.resolve("orders-data"), SCHEMA)).containsExactly(List.of("A-1"), "/db/orders");
  }

  @Test
  void thePageShowsThisProgram() throws IOException {
    Snippet.assertSame("server", PAGE, ServerPageTest.class);
  }

  private static List<Object> example(Path folder, String schema) {
    // tag::server[]
    try (RebasisServer server = RebasisServer.builder()
        .data(folder)                                          // Path.of("orders-data")
        .database("orders")
        .schema("orders.edn", schema)                          // installed if it is new
        .start()) {
      server.transact("[{:order/number \"A-1\"}]").join();     // durable, and on its way to all clients
      Object numbers = Peer.query(                             // Datomic's own query, on Datomic's own value
          "[:find [?n ...] :where [_ :order/number ?n]]", server.database());
      URI uri = server.uri();                                  // for SyncClient.builder().server(...)
      return List.of(numbers, uri.getPath());
    }
    // end::server[]
  }

  @Test
  void theHealthPageHasTheFieldsThatThePageShows() throws Exception {
    JsonNode shown = JsonMapper.shared().readTree(blocks("json").get(0));
    try (RebasisServer server = RebasisServer.builder().inMemory().start()) {
      URI health = URI.create("http://127.0.0.1:" + server.port() + "/health");
      HttpResponse<String> answer = HttpClient.newHttpClient().send(
          HttpRequest.newBuilder(health).build(), HttpResponse.BodyHandlers.ofString());
      JsonNode found = JsonMapper.shared().readTree(answer.body());
      assertThat(found.propertyNames()).containsExactlyElementsOf(shown.propertyNames());
      assertThat(found.get("status").asString()).isEqualTo(shown.get("status").asString());
    }
  }

  @Test
  void theQueriesOnTheLogFindWhatTheySay(Opened opened) throws Exception {
    Path data = folder.resolve("data");
    long client;
    try (RebasisServer server = RebasisServer.builder().data(data).schema("orders.edn", SCHEMA).start();
        SyncClient one = opened.watched("one", client("one", server));
        SyncClient two = opened.watched("two", client("two", server))) {
      two.transact("[{:order/number \"A-1\" :order/quantity 1}]").outcome().get(60, TimeUnit.SECONDS);
      one.sync().get(60, TimeUnit.SECONDS);
      one.goOffline();
      one.transact("[{:order/number \"A-2\"}]");
      one.transact("[[:db/cas [:order/number \"A-1\"] :order/quantity 1 2]]");
      two.transact("[[:db/add [:order/number \"A-1\"] :order/quantity 3]]").outcome().get(60, TimeUnit.SECONDS);
      one.goOnline();
      one.sync().get(60, TimeUnit.SECONDS);
      assertThat(one.status().counters().rejected()).as("the cas meets another value").isEqualTo(1);
      client = one.status().clientNumber();
    }
    String[] queries = blocks("sql").get(0).replace("tx/client 3]", "tx/client " + client + "]").split(";\\s*");
    assertThat(queries).hasSize(3);
    try (Connection log = DriverManager.getConnection("jdbc:h2:" + data.resolve("log") + ";ACCESS_MODE_DATA=r", "sa", "")) {
      assertThat(rows(log, queries[0])).hasSizeBetween(4, 10);
      assertThat(rows(log, queries[1])).hasSize(2);
      assertThat(rows(log, queries[2])).hasSize(1).allMatch(row -> row.contains(":rebasis.outcome/rejected"));
    }
  }

  @Test
  void theSessionByHandIsWelcomed() throws Exception {
    Matcher hello = Pattern.compile("'(\\{\"type\":\"hello\".*?\\})'").matcher(Files.readString(PAGE));
    assertThat(hello.find()).isTrue();
    HttpClient http = HttpClient.newHttpClient();
    try (RebasisServer server = RebasisServer.builder().inMemory().start()) {
      String url = server.uri() + "/exchange";
      HttpResponse<String> opened = http.send(HttpRequest.newBuilder(URI.create(url))
          .header("Content-Type", "application/x-ndjson").POST(HttpRequest.BodyPublishers.ofString("")).build(),
          HttpResponse.BodyHandlers.ofString());
      String session = "?session=" + opened.headers().firstValue("Rebasis-Session").orElseThrow();
      assertThat(http.send(HttpRequest.newBuilder(URI.create(url + session + "&n=2"))
          .POST(HttpRequest.BodyPublishers.ofString(hello.group(1))).build(),
          HttpResponse.BodyHandlers.ofString()).statusCode()).isEqualTo(204);
      assertThat(http.send(HttpRequest.newBuilder(URI.create(url + session + "&n=1")).build(),
          HttpResponse.BodyHandlers.ofString()).body()).contains("\"type\":\"welcome\"");
    }
  }

  @Test
  void whatIsAskedByCurlIsAnswered() throws Exception {
    String schema = "[{:db/ident :item/key :db/valueType :db.type/string :db/cardinality :db.cardinality/one"
        + " :db/unique :db.unique/identity}"
        + " {:db/ident :item/name :db/valueType :db.type/string :db/cardinality :db.cardinality/one}]";
    try (RebasisServer server = RebasisServer.builder().inMemory().schema("items", schema).start()) {
      server.transact("[{:item/key \"A-1\" :item/name \"a shovel\"}]").join();
      assertThat(body(server, "GET", "/q?" + parameter("query") + "&" + parameter("args"), "*/*")).contains("a shovel");
      assertThat(body(server, "GET", "/pull?" + parameter("pattern") + "&" + parameter("entity"), "application/json"))
          .startsWith("{").contains("a shovel");
      Matcher snapshot = Pattern.compile("curl --compressed -H 'Accept: (\\S+)' http://127.0.0.1:8484/db/main(/\\S+)")
          .matcher(Files.readString(PAGE));
      assertThat(snapshot.find()).isTrue();
      assertThat(body(server, "GET", snapshot.group(2), snapshot.group(1))).contains("a shovel").contains("\"type\":\"basis\"");
    }
  }

  private static String parameter(String name) throws IOException {
    Matcher shown = Pattern.compile("--data-urlencode '" + name + "=([^']*)'").matcher(Files.readString(PAGE));
    assertThat(shown.find()).as(name).isTrue();
    return name + "=" + URLEncoder.encode(shown.group(1), StandardCharsets.UTF_8);
  }

  private static HttpResponse<String> ask(RebasisServer server, String method, String page, String accept)
      throws IOException, InterruptedException {
    return HttpClient.newHttpClient().send(HttpRequest.newBuilder(URI.create(server.uri() + page)).header("Accept", accept)
        .method(method, HttpRequest.BodyPublishers.noBody()).build(), HttpResponse.BodyHandlers.ofString());
  }

  private static String body(RebasisServer server, String method, String page, String accept) throws Exception {
    HttpResponse<String> answer = ask(server, method, page, accept);
    assertThat(answer.statusCode()).as(page + ": " + answer.body()).isEqualTo(200);
    return answer.body();
  }

  @Test
  void theOperatorsPagesAreWhereThePageSays(Opened opened) throws Exception {
    Matcher line = Pattern.compile("curl (-X POST )?-H \"Authorization: Bearer \\$TOKEN\" http://HOST:8484/db/main(/(?:devices|parked)\\S*)")
        .matcher(Files.readString(PAGE));
    try (RebasisServer server = RebasisServer.builder().inMemory().schema("orders.edn", SCHEMA).start();
        SyncClient one = opened.watched("one", client("one", server))) {
      one.transact("[{:order/number \"A-1\"}]").outcome().get(60, TimeUnit.SECONDS);
      int pages = 0;
      for (; line.find(); pages++) {
        String page = line.group(2).replace("/3/", "/" + one.status().clientNumber() + "/").replace("ID", new UUID(1, 1).toString());
        HttpResponse<String> answer = ask(server, line.group(1) == null ? "GET" : "POST", page, "*/*");
        assertThat(answer.statusCode()).as(page + ": " + answer.body()).isEqualTo(page.startsWith("/parked/") ? 409 : 200);
      }
      assertThat(pages).isEqualTo(6);
    }
  }

  private SyncClient client(String name, RebasisServer server) throws Exception {
    SyncClient client = SyncClient.builder().store(folder.resolve(name)).server(server.uri()).open();
    client.sync().get(60, TimeUnit.SECONDS);
    return client;
  }

  private static List<String> rows(Connection log, String query) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (Statement statement = log.createStatement(); ResultSet found = statement.executeQuery(query)) {
      while (found.next()) {
        rows.add(found.getString("forms"));
      }
    }
    return rows;
  }

  private static List<String> blocks(String language) throws IOException {
    Matcher block = Pattern.compile("```" + language + "\\R(.*?)```", Pattern.DOTALL).matcher(Files.readString(PAGE));
    List<String> found = new ArrayList<>();
    while (block.find()) {
      found.add(block.group(1));
    }
    assertThat(found).as("blocks of " + language).isNotEmpty();
    return found;
  }
}
