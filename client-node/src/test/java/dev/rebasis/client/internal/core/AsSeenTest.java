package dev.rebasis.client.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rebasis.client.ConflictRecord;
import dev.rebasis.client.Database;
import dev.rebasis.client.Durability;
import dev.rebasis.client.Pending;
import dev.rebasis.client.Speculation;
import dev.rebasis.client.SyncClient;
import dev.rebasis.client.Tuning;
import dev.rebasis.client.internal.Samples;
import dev.rebasis.client.internal.fake.FakeEnvironment;
import dev.rebasis.client.internal.log.StoreFiles;
import dev.rebasis.client.internal.query.QueryExtensions;
import dev.rebasis.conflict.Rules;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.LookupRef;
import dev.rebasis.data.Transaction;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * What {@code asSeen} shows is what {@code db()} showed when the transaction was made, whatever came since: other schema,
 * other data, other decisions.
 */
class AsSeenTest extends ClientRig {
  private static final String COUNTER = """
      [{:db/ident :count :db/valueType :db.type/long :db/cardinality :db.cardinality/one
        :rebasis/policy :rebasis.policy/counter}]""";

  private SyncClient client;

  private void offlineWith(String... transactions) {
    client = online();
    for (String transaction : transactions) {
      server.transact(transaction);
    }
    transport.broadcast();
    client.goOffline();
  }

  private void settle() {
    transport.heal();
    client.goOffline();
    client.goOnline();
    client.sync();
    assertThat(client.pending()).isEmpty();
    reopen(); // nothing that is needed is in memory only
  }

  @Test
  void theCardinalityIsThatOfThen() {
    offlineWith("[{:k \"A\" :n 1}]");
    client.transact("[[:db/add [:k \"A\"] :n 2]]");
    Pending second = client.transact("[{:k \"B\"}]");
    List<Datom> shown = datoms(client.asSeen(second));
    settle();
    server.transact("[{:db/id :n :db/cardinality :db.cardinality/many}]");
    server.transact("[[:db/add [:k \"A\"] :n 7]]");
    transport.broadcast();

    Database seen = client.asSeen(second);
    assertThat(seen.attribute(":n").isMany()).isFalse();
    assertThat(value(seen, "A", ":n")).isEqualTo(2L);
    assertThat(datoms(seen)).isEqualTo(shown);
  }

  @Test
  void theNamesAndTheIndexesAreThoseOfThen() {
    offlineWith("[{:db/id :n :db/index true}]", "[{:k \"A\" :n 5} {:k \"B\" :n 3} {:k \"C\" :n 4}]");
    client.transact("[[:db/add [:k \"A\"] :n 2]]");
    Pending second = client.transact("[{:k \"D\"}]");
    settle();
    server.transact("[{:db/id :n :db/ident :number} [:db/retract :n :db/index true]"
        + " [:db/add :tag :db/index true]]");
    server.transact("[[:db/add [:k \"B\"] :number 9] {:k \"E\" :tag \"x\"}]");
    transport.broadcast();

    Database seen = client.asSeen(second);
    assertThat(seen.ident(seen.entid(":n"))).isEqualTo(Keyword.of(":n"));
    assertThat(seen.q("[:find ?k ?n :where [?e :n ?n] [?e :k ?k]]"))
        .containsExactlyInAnyOrder(List.of("A", 2L), List.of("B", 3L), List.of("C", 4L));
    assertThat(values(seen.datoms(IndexOrder.AVET, ":n"))).containsExactly(2L, 3L, 4L);
    assertThat(values(seen.indexRange(":n", 3L, null))).containsExactly(3L, 4L);
    assertThat(values(seen.datoms(IndexOrder.AVET, ":n", 5L))).isEmpty();
    assertThat(values(seen.rseekDatoms(IndexOrder.AVET, ":n", 3L)).subList(0, 2)).containsExactly(3L, 2L);
    assertThatThrownBy(() -> client.db().datoms(IndexOrder.AVET, ":n")).hasMessageContaining("no index by value");
    assertThatThrownBy(() -> seen.datoms(IndexOrder.AVET, ":tag")).hasMessageContaining("no index by value");
    assertThat(seen.attribute(":number")).isNull();
  }

  private static List<Object> values(Iterable<Datom> datoms) {
    List<Object> values = new ArrayList<>();
    datoms.forEach(datom -> values.add(datom.v()));
    return values;
  }

  @Test
  void whatOthersConfirmedInBetweenCountsAsItDidThen() {
    offlineWith(COUNTER, "[{:k \"A\" :count 5 :n 1} {:k \"B\" :n 1}]");
    client.transact("[[:db/add [:k \"A\"] :count 6]]");
    client.transact("[[:db/cas [:k \"B\"] :n 1 2]]");
    server.transact("[[:db/add [:k \"A\"] :count 10] [:db/add [:k \"B\"] :n 7]]");
    long t = server.t();
    transport.deliverOnly(message -> !(message instanceof Message.Outcomes)
        && !(message instanceof Message.Transactions batch && lastT(batch) > t));
    client.goOnline();
    assertThat(client.pending()).hasSize(2);
    assertThat(value(client.db(), "A", ":count")).isEqualTo(11L);
    assertThat(value(client.db(), "B", ":n")).as("the cas is predicted to fail").isEqualTo(7L);
    List<Datom> shown = datoms(client.db());
    Pending third = client.transact("[{:k \"C\"}]");
    assertThat(third.basisT()).isEqualTo(t);
    assertThat(datoms(client.asSeen(third))).isEqualTo(shown);
    settle();
    server.transact("[[:db/add [:k \"A\"] :count 50]]");
    transport.broadcast();
    assertThat(datoms(client.asSeen(third))).isEqualTo(shown);
  }

  private static long lastT(Message.Transactions batch) {
    List<Transaction> transactions = batch.transactions();
    return transactions.isEmpty() ? 0 : transactions.get(transactions.size() - 1).t();
  }

  @Test
  void whatWasAcceptedThenAndIsRefusedNowIsNoReasonToShowLess() {
    boolean[] refuses = {false};
    Rules rules = Rules.BUILT_IN.toBuilder().function(Keyword.of(":test/raise"), (db, arguments) -> {
      if (refuses[0]) {
        throw new IllegalStateException("not any more");
      }
      return List.of(List.of(Keyword.of(":db/add"), arguments.get(0), Keyword.of(":n"), 2L));
    }).build();
    client = ClientCore.open(
        new ClientConfig(StoreFiles.inMemory(), Durability.PROCESS_CRASH, Tuning.DEFAULT, QueryExtensions.NONE, rules,
            Map.of()), new FakeEnvironment(null, Samples.ids()));
    open.add(client);
    client.transact(SCHEMA);
    client.transact("[{:k \"A\" :n 1}]");
    Pending raised = client.transact("[[:test/raise [:k \"A\"]]]");
    Pending later = client.transact("[{:k \"B\"}]");
    assertThat(value(client.asSeen(later), "A", ":n")).isEqualTo(2L);
    refuses[0] = true;
    assertThatThrownBy(() -> client.asSeen(later)).isInstanceOfSatisfying(RebasisException.class, e -> {
      assertThat(e.code()).isEqualTo(Keyword.of(":rebasis.error/not-as-seen"));
      assertThat(e.getMessage()).contains(raised.id().toString(), "not any more");
    });
    assertThat(value(client.asSeen(raised), "A", ":n")).isEqualTo(1L);
    refuses[0] = false; // the rig looks into the client at the end
  }

  /** Makes a transaction, and remembers what was shown before it. */
  private Seen seenAt(String transaction) {
    List<Datom> shown = datoms(client.db());
    return new Seen(client.transact(transaction), shown);
  }

  private record Seen(Pending pending, List<Datom> shown) {}

  private void stillShown(Seen... moments) {
    for (Seen moment : moments) {
      assertThat(datoms(client.asSeen(moment.pending))).as("seen at " + moment.pending.seq()).isEqualTo(moment.shown);
    }
  }

  private void reopen() {
    client.close();
    client = client("one", transport);
  }

  @Test
  void whatWasTakenBackSinceWasInTheView() {
    offlineWith("[{:k \"A\" :n 1}]");
    Seen raised = seenAt("[[:db/add [:k \"A\"] :n 2]]");
    Seen before = seenAt("[{:k \"B\"}]");
    assertThat(client.undo(raised.pending.id())).isEmpty();
    assertThat(value(client.db(), "A", ":n")).isEqualTo(1L);
    Seen after = seenAt("[{:k \"C\"}]");
    assertThat(value(client.asSeen(before.pending), "A", ":n")).isEqualTo(2L);
    stillShown(raised, before, after);
    reopen();
    stillShown(raised, before, after);
    settle();
    server.transact("[[:db/add [:k \"A\"] :n 9]]");
    transport.broadcast();
    stillShown(raised, before, after);
  }

  @Test
  void whatStoodOnATransactionTakenBackWasInTheViewToo() {
    offlineWith("[{:k \"A\" :n 1}]");
    Seen maker = seenAt("[{:k \"X\" :n 1}]");
    Seen raised = seenAt("[[:db/add [:k \"X\"] :n 2]]");
    Seen before = seenAt("[{:k \"B\"}]");
    client.undo(maker.pending.id());
    Seen after = seenAt("[{:k \"C\"}]");
    stillShown(maker, raised, before, after);
    assertThat(client.asSeen(after.pending).entid(LookupRef.of(":k", "X"))).isNull();
    reopen();
    settle();
    stillShown(maker, raised, before, after);
  }

  @Test
  void aTrimmedStoreShowsWhatItReachesBackTo() {
    offlineWith("[{:k \"A\" :n 1}]");
    Seen early = seenAt("[[:db/add [:k \"A\"] :n 2]]");
    settle();
    server.transact("[[:db/add [:k \"A\"] :n 7]]");
    transport.broadcast();
    client.goOffline();
    Seen late = seenAt("[[:db/add [:k \"A\"] :n 8]]");
    Seen last = seenAt("[{:k \"B\"}]");
    settle();
    stillShown(early, late, last);
    client.close();
    long from = SyncClient.trimHistory(folder.resolve("one"), late.pending.basisT());
    assertThat(from).isEqualTo(late.pending.basisT());
    client = client("one", transport);
    stillShown(late, last);
    assertThatThrownBy(() -> client.asSeen(early.pending)).isInstanceOfSatisfying(RebasisException.class,
        e -> assertThat(e.code()).isEqualTo(Keyword.of(":rebasis.error/history-incomplete")));
  }

  @Test
  void whatIsTriedOnATrimmedStoreMayWriteAgainToWhatItMadeAndRetracted() {
    offlineWith("[{:k \"A\" :n 1}]");
    long t = client.confirmed().basisT();
    client.close();
    assertThat(SyncClient.trimHistory(folder.resolve("one"), t)).isEqualTo(t);
    client = client("one", transport);
    Speculation made = client.db().with("[{:db/id \"b\" :k \"B\"}]");
    long b = made.resolve("b");
    Speculation retracted = made.after().with(List.of(List.of(Keyword.of(":db/retractEntity"), b)));
    assertThat(retracted.after().entid(LookupRef.of(":k", "B"))).isNull();
    Speculation again = retracted.after().with(List.of(List.of(Keyword.of(":db/add"), b, Keyword.of(":n"), 4L)));
    assertThat(again.after().entity(b).get(":n")).isEqualTo(4L);
    List<?> unknown = List.of(List.of(Keyword.of(":db/add"), b - 1_000, Keyword.of(":n"), 4L));
    assertThatThrownBy(() -> retracted.after().with(unknown)).isInstanceOfSatisfying(RebasisException.class,
        e -> assertThat(e.code()).isNotEqualTo(Keyword.of(":rebasis.error/history-incomplete")));
  }

  @Test
  void whatWasMadeBeforeAnythingWasConfirmedIsKnownHoweverLateTheHistoryBegins() {
    transport.cut();
    client = client("one", transport);
    Seen schema = seenAt(SCHEMA);
    Seen first = seenAt("[{:k \"A\" :n 1}]");
    Seen second = seenAt("[[:db/add [:k \"A\"] :n 2]]");
    settle();
    server.transact("[[:db/add [:k \"A\"] :n 7]]");
    transport.broadcast();
    long t = client.confirmed().basisT();
    client.close();
    assertThat(SyncClient.trimHistory(folder.resolve("one"), t)).isEqualTo(t);
    client = client("one", transport);
    stillShown(schema, first, second);
    Database seen = client.asSeen(second.pending);
    assertThat(value(seen, "A", ":n")).isEqualTo(1L);
    assertThat(seen.history().q("[:find ?n :where [_ :n ?n]]")).containsExactly(List.of(1L));
  }

  @Test
  void aStoreThatIsToBeLoadedAnewSaysSoUntilItIs() {
    offlineWith("[{:k \"A\" :n 1}]");
    Seen raised = seenAt("[[:db/add [:k \"A\"] :n 2]]");
    transport.deliverAs((message, arrived) -> message instanceof Message.Welcome ? List.of(new Message.Failed(
        Keyword.of(":rebasis.error/load-anew"), ErrorCategory.RETRY_LATER, "away long", 0, true)) : List.of());
    client.goOnline();
    transport.deliverAs((message, arrived) -> message instanceof Message.Welcome ? List.of(message) : List.of());
    client.goOffline();
    client.goOnline();
    transport.cut();
    reopen();
    assertThatThrownBy(() -> client.asSeen(raised.pending)).isInstanceOfSatisfying(RebasisException.class,
        e -> assertThat(e.code()).isEqualTo(Keyword.of(":rebasis.error/loading")));
    transport.deliverAs((message, arrived) -> List.of(message));
    settle();
    stillShown(raised);
  }

  @Test
  void whatWasSetAsideSinceWasInTheView() {
    offlineWith("[{:k \"A\" :n 1}]");
    transport.messageBytesMax(4_000);
    Seen large = seenAt("[[:db/add [:k \"A\"] :tag \"" + "x".repeat(5_000) + "\"]]");
    Seen before = seenAt("[{:k \"B\" :n 3}]");
    settle();
    assertThat(client.conflicts()).extracting(ConflictRecord::id).containsExactly(large.pending.id());
    assertThat(value(client.db(), "A", ":tag")).isNull();
    client.goOffline();
    Seen after = seenAt("[{:k \"C\"}]");
    stillShown(large, before, after);
    reopen();
    stillShown(large, before, after);
  }
}
