package dev.rebasis.simulations.conflicts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.Pending;
import dev.rebasis.client.SyncClient;
import dev.rebasis.client.TransactionOptions;
import dev.rebasis.conflict.Policies;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.LookupRef;
import dev.rebasis.protocol.OutcomeKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Goal: the query of docs/conflicts.md tells which edits were overridden, by whom, when and why, and lists nothing else.
 * Method: it is run as it stands on the page, by the one who lost and by the one who won, for each way there is to lose.
 */
@Timeout(180)
class OverriddenEditsTest extends OneClientAndItsServer {
  private static final Keyword PRICE = Keyword.of(":i/price");

  private SyncClient openOther() throws Exception {
    SyncClient other = SyncClient.builder().store(folder.resolve("other")).server(server.uri()).tuning(FAST).open();
    get(other.sync());
    return other;
  }

  /** What is listed for a client, without entity and instant: {@code [attribute mine stands policy who]}. */
  private Set<List<Object>> overridden(SyncClient who) throws Exception {
    get(client.sync());
    Instant begin = Instant.now().minus(Duration.ofDays(7));
    Set<?> rows = (Set<?>) client.db().q(documentedQuery(), who.status().clientNumber(), begin);
    assertThat((Set<?>) client.db().q(documentedQuery(), who.status().clientNumber(), Instant.now().plusSeconds(60)))
        .isEmpty();
    Object a = client.db().entid(LookupRef.of(":i/key", "A"));
    return rows.stream().map(row -> {
      List<Object> columns = new ArrayList<>((List<?>) row);
      assertThat(columns.get(0)).isEqualTo(a);
      columns.remove(0);
      columns.remove(4);
      return columns;
    }).collect(Collectors.toSet());
  }

  private static List<Object> row(String mine, String stands, String policy, long who) {
    return List.of(PRICE, mine, stands, Keyword.of(":rebasis.policy/" + policy), who);
  }

  @Test
  void underLastWriterWinsTheEarlierOneIsOverridden() throws Exception {
    try (SyncClient other = openOther()) {
      other.goOffline();
      other.transact("[[:db/add " + A + " :i/price 50]]");
      get(client.transact("[[:db/add " + A + " :i/price 11]]").outcome());
      other.goOnline();
      get(other.sync());
      assertThat(overridden(client))
          .containsExactly(row("[11]", "[50]", "last-writer-wins", other.status().clientNumber()));
      assertThat(overridden(other)).isEmpty();
    }
  }

  @Test
  void underFirstWriterWinsTheLaterOneIsOverridden() throws Exception {
    try (SyncClient other = openOther()) {
      client.goOffline();
      client.transact("[[:db/add " + A + " :i/price 11]]",
          TransactionOptions.DEFAULT.policy(":i/price", Policies.firstWriterWins()));
      get(other.transact("[[:db/add " + A + " :i/price 50]]").outcome());
      reconnect();
      assertThat(overridden(client))
          .containsExactly(row("[11]", "[50]", "first-writer-wins", other.status().clientNumber()));
      assertThat(overridden(other)).isEmpty();
    }
  }

  @Test
  void theServersOwnWritesCountToo() throws Exception {
    client.goOffline();
    client.transact("[[:db/add " + A + " :i/price 11]]",
        TransactionOptions.DEFAULT.policy(":i/price", Policies.serverWins()));
    others("[[:db/add " + A + " :i/price 50]]");
    reconnect();
    assertThat(overridden(client)).containsExactly(row("[11]", "[50]", "server-wins", 0));
  }

  @Test
  void whatWinsIsMergedOrWasSeenIsNotOverridden() throws Exception {
    client.goOffline();
    Pending edit = client.transact("[[:db/add " + A + " :i/price 11] [:db/add " + A + " :i/count 6]]");
    others("[[:db/add " + A + " :i/price 50] [:db/add " + A + " :i/count 9]]");
    reconnect();
    assertThat(get(edit.outcome()).kind()).isEqualTo(OutcomeKind.MERGED);
    assertThat(get(edit.outcome()).conflicts()).hasSize(2);
    others("[[:db/add " + A + " :i/price 51]]");
    assertThat(overridden(client)).isEmpty();
  }

  @Test
  void theOtherQueriesOfThePageAnswerWhatTheySay() throws Exception {
    client.goOffline();
    Pending merged = client.transact("[[:db/add " + A + " :i/count 6] [:db/add " + A + " :i/price 11]]");
    Pending parked = client.transact("[[:db/add " + A + " :i/strict 2]]");
    Pending refused = client.transact("[[:db/cas [:i/key \"B\"] :i/price 20 21]]");
    others("[[:db/add " + A + " :i/count 9] [:db/add " + A + " :i/price 50] [:db/add " + A + " :i/strict 3]"
        + " [:db/add [:i/key \"B\"] :i/price 30]]");
    reconnect();
    long me = client.status().clientNumber();
    assertThat(get(merged.outcome()).kind()).isEqualTo(OutcomeKind.MERGED);
    assertThat(rows("refused", me)).extracting(row -> List.of(row.get(0), row.get(1))).containsExactlyInAnyOrder(
        List.of(parked.id(), Keyword.of(":rebasis.error/conflict-parked")),
        List.of(refused.id(), Keyword.of(":db.error/cas-failed")));
    Object a = client.db().entid(LookupRef.of(":i/key", "A"));
    assertThat(rows("merged", me)).containsExactly(
        List.of(a, Keyword.of(":i/count"), "[6]", "[9]", "[10]", Keyword.of(":rebasis.policy/counter")));
    assertThat(rows("contested")).containsExactlyInAnyOrder(
        List.of(Keyword.of(":i/count"), Keyword.of(":rebasis.policy/counter"), 1L),
        List.of(PRICE, Keyword.of(":rebasis.policy/last-writer-wins"), 1L),
        List.of(PRICE, Keyword.of(":rebasis.policy/reject"), 1L),
        List.of(Keyword.of(":i/strict"), Keyword.of(":rebasis.policy/park"), 1L));
    assertThat(rows("writer", a, PRICE)).singleElement()
        .satisfies(row -> assertThat(row.subList(0, 2)).isEqualTo(List.of(11L, me)));
    assertThat(rows("writer", a, Keyword.of(":i/strict"))).as("the server's own").isEmpty();
  }

  private List<List<Object>> rows(String query, Object... inputs) throws IOException {
    return client.db().q(documentedQuery(query), inputs).stream()
        .map(row -> row.stream().map(v -> v instanceof Integer n ? (Object) n.longValue() : v).toList()).toList();
  }

  /** As it stands on the page. */
  private static String documentedQuery() throws IOException {
    return documentedQuery("overridden");
  }

  private static String documentedQuery(String name) throws IOException {
    List<String> lines = Files.readAllLines(Path.of("..", "docs", "conflicts.md"));
    int begin = lines.indexOf("<!-- query: " + name + " -->");
    assertThat(begin).as(name).isNotNegative();
    return lines.stream().skip(begin + 1L).takeWhile(line -> line.startsWith("    "))
        .collect(Collectors.joining("\n"));
  }
}
