package dev.rebasis.simulations.conflicts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rebasis.client.ConflictRecord;
import dev.rebasis.client.OutcomeCursor;
import dev.rebasis.client.Pending;
import dev.rebasis.client.Preview;
import dev.rebasis.client.SyncClient;
import dev.rebasis.conflict.Policies;
import dev.rebasis.conflict.Resolved;
import dev.rebasis.data.Keyword;
import dev.rebasis.error.TransactionException;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.server.RebasisServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Goal: a program can look ahead, take back, and hear of every decision. Method: as in {@link ConflictEndToEndTest}. */
@Timeout(180)
class OutcomesEndToEndTest extends OneClientAndItsServer {
  @Test
  void previewsSayWhatWouldHappenAndChangeNothing() throws Exception {
    client.goOffline();
    client.transact("[[:db/add " + A + " :i/price 11]]");
    assertThat(client.preview()).extracting(Preview::kind).containsExactly(OutcomeKind.ACCEPTED);
    assertThatThrownBy(() -> client.preview(Map.of(":i/price", Policies.custom(":no/such", 0))))
        .isInstanceOf(TransactionException.class);
    assertThat(client.pending()).hasSize(1);
  }

  @Test
  void undoRemovesWhatIsUnsentAndTakesBackWhatIsConfirmed() throws Exception {
    client.goOffline();
    Pending unsent = client.transact("[[:db/add " + A + " :i/price 11]]");
    assertThat(client.undo(unsent.id())).isEmpty();
    assertThat(value(":i/price")).isEqualTo(10L);
    assertThat(client.pending()).isEmpty();
    reconnect();

    Pending confirmed = client.transact("[[:db/add " + A + " :i/price 12] [:db/add " + A + " :i/count 8]]");
    get(confirmed.outcome());
    others("[[:db/add " + A + " :i/count 18]]");
    get(client.sync());
    Pending inverse = client.undo(confirmed.id()).orElseThrow();
    get(inverse.outcome());
    assertThat(value(":i/price")).isEqualTo(10L);
    assertThat(value(":i/count")).as("the difference is taken back").isEqualTo(15L);

    Pending another = client.transact("[[:db/add " + A + " :i/price 13]]");
    get(another.outcome());
    others("[[:db/add " + A + " :i/price 99]]");
    get(client.sync());
    get(client.undo(another.id()).orElseThrow().outcome());
    get(client.sync());
    assertThat(value(":i/price")).as("what others did since stays").isEqualTo(99L);
  }

  @Test
  void aCursorGivesEachOutcomeOnceAcrossRestarts() throws Exception {
    List<Pending> made = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      made.add(client.transact("[{:i/key \"C" + i + "\"}]"));
    }
    get(client.sync());
    List<UUID> seen = new ArrayList<>();
    OutcomeCursor cursor = client.outcomes("mail");
    for (int i = 0; i < 3; i++) {
      OutcomeCursor.Entry entry = cursor.next().orElseThrow();
      seen.add(entry.outcome().id());
      cursor.done(entry);
    }
    client.close();
    client = openClient();
    cursor = client.outcomes("mail");
    for (var entry = cursor.next(); entry.isPresent(); entry = cursor.next()) {
      seen.add(entry.get().outcome().id());
      cursor.done(entry.get());
    }
    assertThat(seen).containsExactlyElementsOf(made.stream().map(Pending::id).toList());
    assertThat(client.outcomes("other").next()).isPresent();
  }

  @Test
  void whoEndsBetweenTheEffectAndDoneIsGivenTheSameEntryAgain() throws Exception {
    Pending first = client.transact("[{:i/key \"C1\"}]");
    Pending second = client.transact("[{:i/key \"C2\"}]");
    get(client.sync());
    OutcomeCursor.Entry before = client.outcomes("mail").next().orElseThrow();
    assertThat(client.outcomes("mail").next()).as("asking moves nothing").contains(before);
    client.close();
    client = openClient();
    OutcomeCursor cursor = client.outcomes("mail");
    OutcomeCursor.Entry again = cursor.next().orElseThrow();
    assertThat(again).isEqualTo(before);
    assertThat(again.outcome().id()).as("by which the caller knows that its effect is there").isEqualTo(first.id());
    cursor.done(again);
    assertThat(cursor.next().orElseThrow().outcome().id()).isEqualTo(second.id());
    assertThat(cursor.next().orElseThrow().n()).isGreaterThan(again.n());
  }

  @Test
  void aListenerHearsOfConflictsAndTheServerRecordsThem() throws Exception {
    CompletableFuture<ConflictRecord> heard = new CompletableFuture<>();
    client.onConflict(heard::complete);
    client.goOffline();
    Pending edit = client.transact("[[:db/add " + A + " :i/price 11]]");
    others("[[:db/add " + A + " :i/price 50]]");
    reconnect();
    assertThat(get(heard).id()).isEqualTo(edit.id());
    Object rows = client.db().q("""
        [:find ?attribute ?local ?remote ?policy
         :where [?tx :rebasis.tx/conflicts ?c] [?c :rebasis.conflict/attribute ?attribute]
                [?c :rebasis.conflict/local ?local] [?c :rebasis.conflict/remote ?remote]
                [?c :rebasis.conflict/policy ?policy]]""");
    assertThat((Set<?>) rows).hasSize(1);
    assertThat(rows.toString()).contains("[11]").contains("[50]").contains("last-writer-wins");
  }

  @Test
  void aCustomPolicyUnknownHereIsDecidedByTheServer() throws Exception {
    client.goOffline();
    Pending edit = client.transact("[[:db/add " + A + " :i/custom 2]]");
    others("[[:db/add " + A + " :i/custom 3]]");
    reconnect();
    assertThat(get(edit.outcome()).kind()).isEqualTo(OutcomeKind.MERGED);
    assertThat(value(":i/custom")).isEqualTo(77L);
  }

  @Test
  void aPolicyThatNeverEndsParksItsTransactionAndStopsNobody() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    server.close();
    server = RebasisServer.builder().inMemory().port(0).schema("test", SCHEMA)
        .register(":shop/slow", 0, meeting -> {
          try {
            never.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          return Resolved.value(1L);
        }).start();
    client.close();
    client = opened.watched("other",
        SyncClient.builder().store(folder.resolve("other")).server(server.uri()).tuning(FAST).open());
    get(client.sync());
    client.goOffline();
    Pending edit = client.transact("[[:db/add " + A + " :i/custom 2]]");
    Pending next = client.transact("[[:db/add " + A + " :i/price 2]]");
    others("[[:db/add " + A + " :i/custom 3]]");
    reconnect();
    assertThat(get(edit.outcome()).code()).isEqualTo(Keyword.of(":rebasis.error/policy-failed"));
    assertThat(get(edit.outcome()).message()).contains("2000 ms");
    assertThat(get(next.outcome()).kind()).isEqualTo(OutcomeKind.ACCEPTED);
    never.countDown();
  }
}
