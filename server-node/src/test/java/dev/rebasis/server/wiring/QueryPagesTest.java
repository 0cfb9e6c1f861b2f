package dev.rebasis.server.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.edn.Edn;
import dev.rebasis.server.RebasisServer;
import dev.rebasis.server.access.AccessRules;
import dev.rebasis.server.access.TokenFile;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: a tool can ask the server by HTTP, and nobody can make it run code or tell what it should not. Method: requests
 * over a socket, their answers compared with what was transacted.
 */
class QueryPagesTest {
  private static final String ALL = "all-token-0123456789012345";
  private static final String PART = "part-token-0123456789012345";
  private static final String SCHEMA = """
      [{:db/ident :item/key :db/valueType :db.type/string :db/cardinality :db.cardinality/one
        :db/unique :db.unique/identity}
       {:db/ident :item/price :db/valueType :db.type/bigdec :db/cardinality :db.cardinality/one}
       {:db/ident :item/at :db/valueType :db.type/instant :db/cardinality :db.cardinality/one}
       {:db/ident :node/next :db/valueType :db.type/ref :db/cardinality :db.cardinality/many}
       {:db/ident :item/secret :db/valueType :db.type/string :db/cardinality :db.cardinality/one}]""";

  private final HttpClient http = HttpClient.newHttpClient();
  private RebasisServer server;
  private long firstT;

  @BeforeEach
  void start() {
    server = RebasisServer.builder().inMemory().database("shop").schema("s", SCHEMA)
        .authenticator(TokenFile.parse("tokens", List.of(ALL + " ann boss", PART + " bob sales")))
        .access(AccessRules.parse("{:roles {:boss {} :sales {:hide [:item/secret]}}}")).start();
    firstT = server.transact("[{:item/key \"a\" :item/price 1.50M :item/at #inst \"2020-01-02T03:04:05.000Z\"}]").join().transaction().t();
    server.transact("[{:item/key \"b\" :item/price 2.00M} [:db/add [:item/key \"a\"] :item/price 3.25M]]").join();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private HttpResponse<String> get(String page, String token, String accept, String... parameters) throws Exception {
    StringBuilder uri = new StringBuilder(server.uri() + "/" + page + "?");
    for (int i = 0; i < parameters.length; i += 2) {
      uri.append(parameters[i]).append('=').append(URLEncoder.encode(parameters[i + 1], StandardCharsets.UTF_8)).append('&');
    }
    HttpRequest request = HttpRequest.newBuilder(URI.create(uri.toString())).header("Accept", accept)
        .header("Authorization", "Bearer " + token).build();
    return http.send(request, HttpResponse.BodyHandlers.ofString());
  }

  private Object edn(String page, String... parameters) throws Exception {
    HttpResponse<String> answer = get(page, ALL, "application/edn", parameters);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return Edn.read(answer.body());
  }

  @Test
  void aQueryIsAnsweredOnTheNewestTOrOnAnOlderOne() throws Exception {
    String query = "[:find ?k ?p :in $ [?k ...] :where [?e :item/key ?k] [?e :item/price ?p]]";
    assertThat(Set.copyOf((List<?>) edn("q", "query", query, "args", "[[\"a\" \"b\"]]")))
        .isEqualTo(Set.of(Edn.read("[\"a\" 3.25M]"), Edn.read("[\"b\" 2.00M]")));
    assertThat(edn("q", "query", query, "args", "[[\"a\" \"b\"]]", "t", Long.toString(firstT)))
        .isEqualTo(Edn.read("[[\"a\" 1.50M]]"));
  }

  @Test
  void aPullIsAnsweredAsEdnAndAsJson() throws Exception {
    assertThat(edn("pull", "pattern", "[:item/key :item/price]", "entity", "[:item/key \"a\"]"))
        .isEqualTo(Edn.read("{:item/key \"a\" :item/price 3.25M}"));
    HttpResponse<String> json = get("pull", ALL, "application/json",
        "pattern", "[:item/key :item/price :item/at]", "entity", "[:item/key \"a\"]");
    assertThat(json.headers().firstValue("Content-Type")).hasValue("application/json");
    assertThat(json.body().strip()).isEqualTo(
        "{\":item/key\":\"a\",\":item/price\":3.25,\":item/at\":\"2020-01-02T03:04:05Z\"}");
  }

  @ParameterizedTest
  @ValueSource(strings = {
      "[:find ?x :where [(System/exit 1) ?x]]",
      "[:find ?x :where [(java.lang.System/getenv) ?x]]",
      "[:find ?x :where [(clojure.core/eval 1) ?x]]",
      "[:find ?x :in $ % :where (r ?x)]",
      "[:find (pull ?e [(:item/key :xform clojure.core/load-string)]) :where [?e :item/key]]",
      "[:find ?x :where",
      "7",
      "[:find ?x :where [?x :no/such]]"})
  void whatCallsCodeOrCannotBeReadIsRefusedWithAReason(String query) throws Exception {
    HttpResponse<String> answer = get("q", ALL, "application/edn", "query", query);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
    assertThat(answer.body()).contains("\"code\":\":rebasis.error/query-");
  }

  @Test
  void missingAndWrongParametersAreNamed() throws Exception {
    assertThat(get("q", ALL, "*/*").body()).contains("'query' is missing");
    assertThat(get("pull", ALL, "*/*", "pattern", "[*]").body()).contains("'entity' is missing");
    assertThat(get("q", ALL, "*/*", "query", "[:find ?e :where [?e :item/key]]", "t", "-1").body()).contains("'t' is a T");
    assertThat(get("q", ALL, "*/*", "query", "[:find ?e :where [?e :item/key]]", "args", "1").body()).contains("'args' is a vector");
  }

  @Test
  void whoDoesNotSeeEverythingIsNotAnswered() throws Exception {
    String query = "[:find ?s :where [_ :item/secret ?s]]";
    assertThat(get("q", PART, "*/*", "query", query).statusCode()).isEqualTo(403);
    assertThat(get("q", "wrong-token-0123456789012345", "*/*", "query", query).statusCode()).isEqualTo(401);
  }

  /** A pull that Datomic would follow until its stack or the heap is at an end; the places are free again after it. */
  @Test
  void aPullWithoutEndIsRefusedAndKeepsNoPlace() throws Exception {
    StringBuilder chain = new StringBuilder("[{:item/key \"first\" :db/id \"0\" :node/next \"1\"}");
    for (int i = 1; i < 8_000; i++) {
      chain.append("{:db/id \"").append(i).append("\" :node/next \"").append(i + 1).append("\"}");
    }
    server.transact(chain.append("{:db/id \"8000\" :item/key \"last\"}]").toString()).join();
    server.transact("[{:item/key \"x\" :db/id \"x\" :node/next [\"x\" \"y\" \"z\"]}"
        + " {:item/key \"y\" :db/id \"y\" :node/next [\"x\" \"y\" \"z\"]}"
        + " {:item/key \"z\" :db/id \"z\" :node/next [\"x\" \"y\" \"z\"]}]").join();
    String wide = "{:node/next [".repeat(16) + ":item/key" + "]}".repeat(16);
    HttpResponse<String> deep = get("pull", ALL, "*/*", "pattern", "[{:node/next ...}]", "entity", "[:item/key \"first\"]");
    assertThat(deep.body()).contains("\"code\":\":rebasis.error/query-failed\"", "nested too deep");
    HttpResponse<String> all = get("pull", ALL, "*/*", "pattern", "[" + wide + "]", "entity", "[:item/key \"x\"]");
    // Which limit it meets first depends on the machine.
    assertThat(all.body()).contains("\"code\":\":rebasis.error/query-failed\"").containsPattern("reads more than|takes longer than");
    assertThat(edn("pull", "pattern", "[:db/id {:node/next 3}]", "entity", "[:item/key \"first\"]").toString())
        .contains(":node/next");
  }
}
