package dev.rebasis.simulations.conflicts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rebasis.client.Database;
import dev.rebasis.client.Pending;
import dev.rebasis.client.Preview;
import dev.rebasis.client.SyncClient;
import dev.rebasis.client.TransactionOptions;
import dev.rebasis.conflict.Policies;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.LookupRef;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.OutcomeKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Goal: transactions that are pending already can be bound together; then all of them are committed or none, nothing else changes, and
 * what cannot be bound is refused with the reason. Method: real client and server.
 */
@Timeout(180)
class BindTest extends OneClientAndItsServer {
  private Pending strict;
  private Pending between;
  private Pending price;

  /** Three edits that meet nowhere. */
  private void edit() {
    client.goOffline();
    strict = client.transact("[[:db/add " + A + " :i/strict 2]]");
    between = client.transact("[[:db/add [:i/key \"B\"] :i/note \"mine\"]]");
    price = client.transact("[[:db/add " + A + " :i/price 11]]");
  }

  private List<UUID> pending() {
    return client.pending().stream().map(Pending::id).toList();
  }

  private static List<Datom> shown(Database db) {
    List<Datom> all = new ArrayList<>();
    db.datoms(IndexOrder.EAVT).forEach(all::add);
    return all;
  }

  private void refused(String code, UUID... ids) {
    List<UUID> before = pending();
    List<Datom> shown = shown(client.db());
    assertThatThrownBy(() -> client.bind(List.of(ids))).isInstanceOfSatisfying(RebasisException.class,
        e -> assertThat(e.code()).isEqualTo(Keyword.of(":rebasis.error/" + code)));
    assertThat(pending()).isEqualTo(before);
    assertThat(shown(client.db())).isEqualTo(shown);
  }

  @Test
  void ofWhatIsBoundNoneIsCommittedIfOneIsParked() throws Exception {
    edit();
    List<Datom> shown = shown(client.db());
    List<Pending> bound = client.bind(List.of(price.id(), strict.id()));
    assertThat(bound).as("in their order, the same handles").containsExactly(strict, price);
    assertThat(pending()).containsExactly(between.id(), strict.id(), price.id());
    assertThat(shown(client.db())).isEqualTo(shown);
    assertThat(client.preview()).extracting(Preview::kind).containsOnly(OutcomeKind.ACCEPTED);

    others("[[:db/add " + A + " :i/strict 9]]");
    reconnect();
    assertThat(get(strict.outcome()).kind()).isEqualTo(OutcomeKind.PARKED);
    assertThat(get(price.outcome()).code()).isEqualTo(Keyword.of(":rebasis.error/group-not-committed"));
    assertThat(get(between.outcome()).kind()).isEqualTo(OutcomeKind.ACCEPTED);
    assertThat(value(":i/price")).isEqualTo(10L);
    assertThat(client.status().counters().predictedWrong()).isZero();

    client.retry(price.id());
    get(client.sync());
    assertThat(List.of(value(":i/strict"), value(":i/price"))).as("retried together").containsExactly(2L, 11L);
  }

  @Test
  void whatIsBoundIsCommittedWhereNothingMeetsIt() throws Exception {
    edit();
    client.bind(List.of(strict.id(), price.id()));
    Pending later = client.transact("[[:db/add " + A + " :i/price 12]]");
    reconnect();
    for (Pending one : List.of(strict, between, price, later)) {
      assertThat(get(one.outcome()).kind()).isEqualTo(OutcomeKind.ACCEPTED);
    }
    assertThat(value(":i/price")).isEqualTo(12L);
    assertThat(datomic.Peer.<Object>query(
        "[:find (count ?t) . :in $ [?id ...] :where [?t :rebasis.tx/id ?id] [?t :rebasis.tx/group]]",
        server.database(), List.of(strict.id(), between.id(), price.id(), later.id()))).isEqualTo(2);
    assertThat(client.status().counters().predictedWrong()).isZero();
  }

  @Test
  void whoWaitsToBeLevelWaitsForWhatIsMovedBehind() throws Exception {
    edit();
    var level = client.sync();
    client.bind(List.of(strict.id(), price.id()));
    client.goOnline();
    get(level);
    assertThat(pending()).isEmpty();
  }

  @Test
  void itsPredictionIsThatOfTheGroup() throws Exception {
    edit();
    Pending premised = client.transact("[[:db/add [:i/key \"B\"] :i/price 21]]",
        TransactionOptions.DEFAULT.premise("[:find ?p . :where [?a :i/key \"A\"] [?a :i/price ?p]]"));
    others("[[:db/add " + A + " :i/count 50]]");
    client.bind(List.of(between.id(), premised.id()));
    assertThat(client.preview()).extracting(Preview::kind).containsOnly(OutcomeKind.ACCEPTED);
    assertThat(client.preview(Map.of(":i/note", Policies.park())))
        .extracting(Preview::kind).containsOnly(OutcomeKind.ACCEPTED);
    reconnect();
    assertThat(pending()).isEmpty();
    assertThat(get(premised.outcome()).isCommitted()).isTrue();
    assertThat(client.status().counters().predictedWrong()).isZero();
  }

  @Test
  void theGroupIsTakenBackWhole() {
    edit();
    client.bind(List.of(strict.id(), price.id()));
    assertThat(client.undo(price.id())).isEmpty();
    assertThat(pending()).containsExactly(between.id());
    assertThat(List.of(value(":i/strict"), value(":i/price"))).containsExactly(1L, 10L);
  }

  @Test
  void whatStandsOnItStaysBehindIt() throws Exception {
    client.goOffline();
    Pending makes = client.transact("[{:db/id \"n\" :i/key \"N\" :i/price 1}]");
    Pending overwrites = client.transact("[[:db/add [:i/key \"N\"] :i/price 2]]");
    Pending apart = client.transact("[[:db/add [:i/key \"B\"] :i/price 21]]");
    Pending other = client.transact("[[:db/add " + A + " :i/price 11]]");
    refused("cannot-bind", makes.id(), client.transact("[[:db/add [:i/key \"N\"] :i/price 3]]").id());

    client.bind(List.of(makes.id(), other.id()));
    assertThat(pending().subList(0, 3)).containsExactly(apart.id(), makes.id(), other.id());
    assertThat(client.pending().get(3).id()).isEqualTo(overwrites.id());
    assertThat(client.db().entity(LookupRef.of(":i/key", "N")).get(":i/price")).isEqualTo(3L);
    reconnect();
    assertThat(client.db().entity(LookupRef.of(":i/key", "N")).get(":i/price")).isEqualTo(3L);
    assertThat(client.status().counters().predictedWrong()).isZero();
  }

  @Test
  void whatWasSeenWhenOneWasMadeIsShownAsBefore() throws Exception {
    client.goOffline();
    List<Pending> made = new ArrayList<>();
    List<List<Datom>> seen = new ArrayList<>();
    for (String forms : List.of("[{:db/id \"n\" :i/key \"N\" :i/price 1}]", "[[:db/add [:i/key \"B\"] :i/price 21]]",
        "[[:db/add [:i/key \"N\"] :i/price 2]]", "[[:db/add " + A + " :i/price 11]]")) {
      seen.add(shown(client.db()));
      made.add(client.transact(forms));
    }
    client.bind(List.of(made.get(0).id(), made.get(3).id()));
    client.bind(List.of(made.get(1).id(), made.get(2).id()));
    seen.add(shown(client.db()));
    made.add(client.transact("[[:db/add " + A + " :i/note \"one two three\"]]"));
    compareSeen("while all wait", made, seen);
    client.undo(made.get(4).id());
    compareSeen("after one was taken back", made.subList(0, 4), seen);
    reconnect();
    compareSeen("when all are decided", made.subList(0, 4), seen);
  }

  private void compareSeen(String when, List<Pending> made, List<List<Datom>> seen) {
    for (int i = 0; i < made.size(); i++) {
      assertThat(shown(client.asSeen(made.get(i)))).as("transaction %s, %s", i, when).isEqualTo(seen.get(i));
    }
  }

  @Test
  void aStoreThatNeverHadAServerBindsWhatAnEarlierRunMade() throws Exception {
    List<UUID> ids = new ArrayList<>();
    try (SyncClient first = SyncClient.builder().store(folder.resolve("alone")).open()) {
      first.transact("[{:db/ident :n :db/valueType :db.type/long :db/cardinality :db.cardinality/one}]");
      ids.add(first.transact("[{:n 1}]").id());
      ids.add(first.transact("[{:n 2}]").id());
    }
    try (SyncClient second = SyncClient.builder().store(folder.resolve("alone")).open()) {
      ids.add(second.transact("[{:n 3}]").id());
      second.bind(List.of(ids.get(0), ids.get(2)));
    }
    try (SyncClient third = SyncClient.builder().store(folder.resolve("alone")).open()) {
      assertThat(third.pending()).extracting(Pending::id).endsWith(ids.get(1), ids.get(0), ids.get(2));
      third.undo(ids.get(2));
      assertThat(third.pending()).extracting(Pending::id).endsWith(ids.get(1)).hasSize(2);
    }
  }

  @Test
  void whatCannotBeBoundIsRefusedWithTheReason() throws Exception {
    Pending decided = client.transact("[[:db/add " + A + " :i/price 12]]");
    get(decided.outcome());
    edit();
    refused("wrong-argument");
    refused("wrong-argument", strict.id(), strict.id());
    refused("not-found", strict.id(), new UUID(1, 2));
    refused("not-pending", strict.id(), decided.id());
    client.bind(List.of(strict.id(), price.id()));
    refused("in-group", between.id(), price.id());
    Pending gone = client.transact("[[:db/add " + A + " :i/note \"x\"]]");
    client.undo(gone.id());
    refused("not-found", between.id(), gone.id());
    client.close();
    client = SyncClient.builder().store(folder.resolve("store")).policy(":i/note", Policies.textMerge())
        .open();
    Pending fresh = client.transact("[[:db/add " + A + " :i/price 13]]");
    assertThat(Set.copyOf(pending())).contains(fresh.id(), between.id());
    refused("already-sent", between.id(), fresh.id());
  }
}
