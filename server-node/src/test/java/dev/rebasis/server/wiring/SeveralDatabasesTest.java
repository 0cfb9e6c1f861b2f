package dev.rebasis.server.wiring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import datomic.Peer;
import dev.rebasis.server.RebasisServer;
import dev.rebasis.server.access.AccessRules;
import dev.rebasis.server.access.TokenFile;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Goal: databases of one server share its port and nothing else. Method: a real server, asked by HTTP. */
class SeveralDatabasesTest {
  private static final String SCHEMA =
      "[{:db/ident :a/b :db/valueType :db.type/string :db/cardinality :db.cardinality/one}]";
  private static final String TOKEN = "0123456789abcdef";

  @TempDir private Path folder;

  private RebasisServer start() {
    return RebasisServer.builder().database("orders").data(folder.resolve("orders")).schema("s", SCHEMA)
        .database("stock", settings -> settings.data(folder.resolve("stock")).schema("s", SCHEMA)).start();
  }

  @Test
  void eachHasItsOwnDataAndKeepsIt() throws Exception {
    long orders;
    try (RebasisServer server = start()) {
      assertThat(server.names()).containsExactly("orders", "stock");
      assertThat(server.uri()).isEqualTo(server.uri("orders"));
      assertThat(server.uri("stock").getPath()).isEqualTo("/db/stock");
      server.transact("[{:a/b \"an order\"}]").join();
      server.transact("[{:a/b \"another order\"}]").join();
      server.transact("stock", List.of(List.of(dev.rebasis.data.Keyword.of(":db/add"), "x",
          dev.rebasis.data.Keyword.of(":a/b"), "a thing"))).join();
      assertThat(values(server, "orders")).contains("an order", "another order").doesNotContain("a thing");
      assertThat(values(server, "stock")).contains("a thing").doesNotContain("order");
      orders = server.t();
      assertThat(orders).isGreaterThan(server.t("stock"));
      assertThat(get(server, "/db/stock/q?query=" + query()).body()).contains("a thing").doesNotContain("order");
      assertThat(get(server, "/").body()).contains("[\"orders\",\"stock\"]");
      assertThat(get(server, "/health").body()).contains("\"status\":\"up\"")
          .contains("\"database\":\"orders\",\"t\":" + orders).contains("\"database\":\"stock\"");
      assertThat(get(server, "/metrics").body()).contains("rebasis_t{database=\"orders\"} " + (double) orders)
          .contains("rebasis_t{database=\"stock\"}").contains("rebasis_push_outcomes_total{database=\"stock\",kind=\"parked\"}");
    }
    try (RebasisServer server = start()) {
      assertThat(server.t()).isEqualTo(orders);
      assertThat(values(server, "stock")).contains("a thing");
    }
  }

  @Test
  void anUnknownNameIsAnErrorWithACode() throws Exception {
    try (RebasisServer server = start()) {
      for (String page : List.of("/db/stocks/q?query=x", "/db/stocks/sync", "/db/stocks")) {
        HttpResponse<String> response = get(server, page);
        assertThat(response.statusCode()).as(page).isEqualTo(404);
        assertThat(response.body()).as(page).contains(":rebasis.error/unknown-database");
      }
      assertThat(get(server, "/db/stock/nothing").statusCode()).isEqualTo(404);
      assertThatThrownBy(() -> server.t("stocks")).hasMessageContaining("stocks").hasMessageContaining("orders");
    }
  }

  @Test
  void eachGoesByItsOwnRules() throws Exception {
    try (RebasisServer server = RebasisServer.builder()
        .authenticator(TokenFile.parse("tokens", List.of(TOKEN + " ann clerk")))
        .access(AccessRules.parse("{:roles {:clerk {}}}"))
        .database("open", settings -> settings.schema("s", SCHEMA))
        .database("closed", settings -> settings.schema("s", SCHEMA)
            .access(AccessRules.parse("{:roles {:clerk {:hide [:a/b]}}}"))).start()) {
      assertThat(server.names()).containsExactly("open", "closed");
      assertThat(get(server, "/db/open/q?query=" + query()).statusCode()).isEqualTo(200);
      assertThat(get(server, "/db/closed/q?query=" + query()).statusCode()).isEqualTo(403);
    }
  }

  @Test
  void twoDatabasesOfOneFolderOrNameAreRefused() {
    assertThatThrownBy(() -> RebasisServer.builder().data(folder.resolve("one"))
        .database("two", settings -> settings.data(folder.resolve("one"))).start()).hasMessageContaining("in use");
    assertThatThrownBy(() -> RebasisServer.builder().database("a").database("a", settings -> { }).start())
        .hasMessageContaining("'a'");
    try (RebasisServer server = RebasisServer.builder().data(folder.resolve("one")).start()) {
      assertThat(server.t()).as("the folder was given back").isPositive();
    }
  }

  private static String query() {
    return URLEncoder.encode("[:find [?v ...] :where [_ :a/b ?v]]", StandardCharsets.UTF_8);
  }

  private static String values(RebasisServer server, String database) {
    return Peer.query("[:find [?v ...] :where [_ :a/b ?v]]", server.database(database)).toString();
  }

  private static HttpResponse<String> get(RebasisServer server, String page) throws Exception {
    return HttpClient.newHttpClient().send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + page))
            .header("Authorization", "Bearer " + TOKEN).build(), HttpResponse.BodyHandlers.ofString());
  }
}
