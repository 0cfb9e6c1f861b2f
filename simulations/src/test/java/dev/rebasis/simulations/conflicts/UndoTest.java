package dev.rebasis.simulations.conflicts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rebasis.client.Outcome;
import dev.rebasis.client.Pending;
import dev.rebasis.client.SyncClient;
import dev.rebasis.client.TransactionOptions;
import dev.rebasis.conflict.Policies;
import dev.rebasis.conflict.Resolved;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.LookupRef;
import dev.rebasis.error.RebasisException;
import dev.rebasis.error.TransactionException;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.protocol.Terms.PolicyRef;
import dev.rebasis.server.RebasisServer;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Goal: what is taken back leaves alone what others did since, whatever policies the client has and the operator allows;
 * and a transaction can be taken back in each of its states, or the client says why not. Method: real client and server.
 */
@Timeout(180)
class UndoTest extends OneClientAndItsServer {
  private void restart(Set<Keyword> allowed, PolicyRef ofClient) throws Exception {
    client.close();
    server.close();
    RebasisServer.Builder builder = RebasisServer.builder().inMemory().port(0)
        .schema("test", SCHEMA.replace("\n[{:i/key", "\n\n[{:i/key")).register(":shop/slow", 0, meeting -> Resolved.value(7L));
    server = (allowed == null ? builder : builder.allowPolicies(allowed)).start();
    var mine = SyncClient.builder().store(folder.resolve("another")).server(server.uri()).tuning(FAST);
    client = (ofClient == null ? mine : mine.policy(":i/price", ofClient)).open();
    get(client.sync());
  }

  /** The price was 10; it is 13, then others make it 99, then the 13 is taken back. */
  private Object priceAfterUndo() throws Exception {
    Pending edit = client.transact("[[:db/add " + A + " :i/price 13]]");
    get(edit.outcome());
    others("[[:db/add " + A + " :i/price 99]]");
    get(client.sync());
    Pending inverse = client.undo(edit.id()).orElseThrow();
    Object predicted = value(":i/price");
    Outcome outcome = get(inverse.outcome());
    assertThat(outcome.kind()).isEqualTo(OutcomeKind.MERGED);
    get(client.sync());
    assertThat(value(":i/price")).isEqualTo(predicted);
    return predicted;
  }

  @Test
  void underAClosedListWhatOthersDidStays() throws Exception {
    restart(Set.of(), null);
    assertThat(priceAfterUndo()).isEqualTo(99L);
    assertThat(client.status().counters().predictedWrong()).isZero();
  }

  @Test
  void aClientThatWantsTheLastWordDoesNotHaveItWhenItTakesBack() throws Exception {
    restart(null, Policies.clientWins());
    assertThat(priceAfterUndo()).isEqualTo(99L);
  }

  @Test
  void aClientsOwnPolicyThatMergesApplies() throws Exception {
    restart(null, Policies.counter());
    assertThat(priceAfterUndo()).as("the difference is taken back").isEqualTo(96L);
  }

  @Test
  void underAListWithoutItTheClientsPolicyIsPassedOver() throws Exception {
    restart(Set.of(Policies.max().name()), Policies.counter());
    Pending edit = client.transact("[[:db/add " + A + " :i/price 13]]");
    get(edit.outcome());
    others("[[:db/add " + A + " :i/price 99]]");
    get(client.sync());
    get(client.undo(edit.id()).orElseThrow().outcome());
    get(client.sync());
    assertThat(value(":i/price")).isEqualTo(99L);
  }

  @Test
  void whatStandsOnAnUnsentOneWaitsForAPerson() throws Exception {
    client.goOffline();
    Pending made = client.transact("[{:db/id \"n\" :i/key \"N\"}]");
    Pending onIt = client.transact("[[:db/add [:i/key \"N\"] :i/price 3]]");
    Pending apart = client.transact("[[:db/add " + A + " :i/price 4]]");
    assertThat(client.undo(made.id())).isEmpty();
    assertThatThrownBy(() -> get(made.outcome())).hasMessageContaining("undone");
    assertThat(client.pending()).extracting(Pending::id).containsExactly(onIt.id(), apart.id());
    assertThat(client.db().entid(LookupRef.of(":i/key", "N"))).as("nothing of it is left in the view").isNull();
    assertThat(value(":i/price")).isEqualTo(4L);
    client.close();
    client = openClient();
    assertThat(client.db().entid(LookupRef.of(":i/key", "N"))).as("after a restart").isNull();
    List<UUID> left = client.pending().stream().map(Pending::id).toList();
    assertThat(left).containsExactly(onIt.id(), apart.id());
    get(client.sync());
    assertThat(client.parked()).singleElement().satisfies(record -> {
      assertThat(record.id()).isEqualTo(onIt.id());
      assertThat(record.outcome().kind().isCommitted()).isFalse();
    });
    assertThat(value(":i/price")).isEqualTo(4L);
  }

  @Test
  void oneThatIsRetriedOnOtherTermsStillGivesWay() throws Exception {
    restart(null, Policies.park());
    Pending edit = client.transact("[[:db/add " + A + " :i/price 13]]");
    get(edit.outcome());
    client.goOffline();
    Pending inverse = client.undo(edit.id()).orElseThrow();
    others("[[:db/add " + A + " :i/price 20]]");
    reconnect();
    assertThat(get(inverse.outcome()).kind()).isEqualTo(OutcomeKind.PARKED);
    client.goOffline();
    client.retry(inverse.id(), null, TransactionOptions.DEFAULT.policy(":i/price", Policies.lastWriterWins()));
    others("[[:db/add " + A + " :i/price 30]]");
    reconnect();
    assertThat(value(":i/price")).isEqualTo(30L);
  }

  @Test
  void oneOfAGroupTakesTheGroupWithIt() throws Exception {
    client.goOffline();
    List<Pending> group = client.transactTogether(
        List.of("[[:db/add " + A + " :i/price 3]]", "[[:db/add [:i/key \"B\"] :i/price 4]]"),
        TransactionOptions.DEFAULT);
    assertThat(client.undo(group.get(1).id())).isEmpty();
    assertThat(client.pending()).isEmpty();
    assertThat(value(":i/price")).isEqualTo(10L);
    reconnect();
    assertThat(value(":i/price")).isEqualTo(10L);
  }

  @Test
  void whatWasSentWaitsForItsOutcome() throws Exception {
    CountDownLatch deciding = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    client.close();
    server.close();
    server = RebasisServer.builder().inMemory().port(0).schema("test", SCHEMA.replace("\n[{:i/key", "\n\n[{:i/key"))
        .register(":shop/slow", 0, meeting -> Resolved.value(7L))
        .register(":shop/wait", (db, args) -> {
          deciding.countDown();
          try {
            go.await(1, TimeUnit.SECONDS);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          return List.of(List.of(Keyword.of(":db/add"), args.get(0), Keyword.of(":i/price"), 8L));
        }).start();
    client = SyncClient.builder().store(folder.resolve("another")).server(server.uri()).tuning(FAST).open();
    get(client.sync());
    Pending sent = client.transact("[[:shop/wait " + A + "]]");
    assertThat(deciding.await(60, TimeUnit.SECONDS)).isTrue();
    assertThatThrownBy(() -> client.undo(sent.id())).isInstanceOf(RebasisException.class)
        .satisfies(e -> assertThat(((RebasisException) e).code()).isEqualTo(Keyword.of(":rebasis.error/already-sent")));
    go.countDown();
    assertThat(get(sent.outcome()).isCommitted()).isTrue();
    get(client.sync());
    assertThat(value(":i/price")).isEqualTo(8L);
    get(client.undo(sent.id()).orElseThrow().outcome());
    assertThat(value(":i/price")).isEqualTo(10L);
  }

  @Test
  void whatWasTrimmedIsNotTakenBackByHalves() throws Exception {
    Pending edit = client.transact("[[:db/add " + A + " :i/price 13]]");
    long t = get(edit.outcome()).t();
    get(client.sync());
    client.close();
    SyncClient.trimHistory(folder.resolve("store"), t);
    client = openClient();
    get(client.sync());
    assertThatThrownBy(() -> client.undo(edit.id()))
        .satisfies(e -> assertThat(((RebasisException) e).code()).isEqualTo(Keyword.of(":rebasis.error/history-missing")));
    Pending later = client.transact("[[:db/add " + A + " :i/price 14]]");
    get(later.outcome());
    get(client.sync());
    get(client.undo(later.id()).orElseThrow().outcome());
    get(client.sync());
    assertThat(value(":i/price")).as("what was written since is whole").isEqualTo(13L);
  }

  @Test
  void whatIsUnknownOrTakenBackAlreadyIsSaidToBeSo() {
    client.goOffline();
    Pending made = client.transact("[{:i/key \"N\"}]");
    client.undo(made.id());
    for (UUID id : List.of(made.id(), UUID.randomUUID())) {
      assertThatThrownBy(() -> client.undo(id)).hasMessageContaining(id.toString())
          .satisfies(e -> assertThat(((RebasisException) e).code()).isEqualTo(Keyword.of(":rebasis.error/not-found")));
    }
  }

  @Test
  void whatCannotBeTakenBackSaysWhy() throws Exception {
    Pending schema = client.transact("[[:db/add :i/price :db/index true]]");
    get(schema.outcome());
    assertThatThrownBy(() -> client.undo(schema.id())).hasMessageContaining("schema")
        .satisfies(e -> assertThat(((RebasisException) e).code()).isEqualTo(Keyword.of(":rebasis.error/cannot-undo")));
    client.goOffline();
    Pending refused = client.transact("[[:db/cas " + A + " :i/price 10 11]]");
    others("[[:db/add " + A + " :i/price 12]]");
    reconnect();
    assertThat(get(refused.outcome()).kind()).isEqualTo(OutcomeKind.REJECTED);
    assertThatThrownBy(() -> client.undo(refused.id()))
        .satisfies(e -> assertThat(((RebasisException) e).code()).isEqualTo(Keyword.of(":rebasis.error/not-committed")));
    Pending strict = client.transact("[[:db/add " + A + " :i/strict 2]]");
    get(strict.outcome());
    others("[[:db/add " + A + " :i/strict 3]]");
    get(client.sync());
    assertThatThrownBy(() -> client.undo(strict.id())).as("its attribute's policy leaves conflicts to a person")
        .isInstanceOf(TransactionException.class);
    assertThat(client.pending()).isEmpty();
  }
}
