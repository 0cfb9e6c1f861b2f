package dev.rebasis.simulations.e2e;

import static dev.rebasis.simulations.e2e.EndToEnd.get;
import static org.assertj.core.api.Assertions.assertThat;

import datomic.Peer;
import dev.rebasis.client.ConflictRecord;
import dev.rebasis.client.Outcome;
import dev.rebasis.client.Pending;
import dev.rebasis.client.SyncClient;
import dev.rebasis.data.Cardinality;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Unique;
import dev.rebasis.protocol.OutcomeKind;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: a change of the schema on the server reaches a client that was offline in order with the data, and what it had made on
 * the old schema is decided by the new one and never lost. Method: a real server that changes an attribute while a real client
 * is away with pending transactions on it; afterwards both hold the same, datom by datom, and the same schema.
 */
class SchemaChangeTest {
  @TempDir private Path folder;
  private EndToEnd world;
  private SyncClient client;

  @BeforeEach
  void start() {
    world = new EndToEnd(folder);
    client = world.open("client", false);
    server("[{:order/number \"A\" :order/note \"first\" :order/tags [:a]}]");
    get(client.sync());
    client.goOffline();
  }

  @AfterEach
  void end() {
    world.close();
  }

  private void server(String forms) {
    get(world.server().transact(forms));
  }

  private Outcome decided(Pending pending) {
    client.goOnline();
    Outcome outcome = get(pending.outcome());
    world.assertAgreement();
    return outcome;
  }

  private dev.rebasis.data.Attribute attribute(String ident) {
    return client.db().schema().attribute(client.db().schema().entid(Keyword.of(ident)));
  }

  private List<?> values(String ident) {
    return List.copyOf((java.util.Collection<?>) Peer.query(
        "[:find [?v ...] :in $ ?a :where [?o :order/number \"A\"] [?o ?a ?v]]", world.server().database(),
        datomic.Util.read(ident)));
  }

  @Test
  void aRenamedAttributeIsFollowed() {
    Pending pending = client.transact("[{:order/number \"A\" :order/note \"mine\"} {:order/number \"B\" :order/note \"new\"}]");
    server("[[:db/add :order/note :db/ident :order/remark]]");
    server("[{:order/number \"C\" :order/remark \"after the change\"}]");
    assertThat(decided(pending).kind()).isEqualTo(OutcomeKind.ACCEPTED);
    assertThat(values(":order/remark")).asString().isEqualTo("[mine]");
    assertThat(client.db().q("[:find ?n ?r :where [?o :order/number ?n] [?o :order/remark ?r]]")).hasSize(3);
    assertThat(attribute(":order/remark").ident()).isEqualTo(Keyword.of(":order/remark"));
  }

  @Test
  void oneValueBecomesMany() {
    Pending pending = client.transact("[{:order/number \"A\" :order/note \"mine\"}]");
    server("[[:db/add :order/note :db/cardinality :db.cardinality/many]]");
    server("[{:order/number \"A\" :order/note \"theirs\"}]");
    assertThat(decided(pending).kind()).as("whether it still means the same is for a person to say").isEqualTo(OutcomeKind.PARKED);
    assertThat(attribute(":order/note").cardinality()).isEqualTo(Cardinality.MANY);
    assertThat(values(":order/note")).asString().contains("first").contains("theirs").doesNotContain("mine");
    assertThat(get(client.retry(pending.id()).transaction().outcome()).isCommitted()).isTrue();
    assertThat(values(":order/note")).asString().contains("first").contains("theirs").contains("mine");
    world.assertAgreement();
  }

  @Test
  void manyValuesBecomeOneAndWhatWroteTwoIsKeptForAPerson() {
    Pending two = client.transact("[{:order/number \"A\" :order/tags [:b :c]}]");
    Pending beside = client.transact("[{:order/number \"B\" :order/note \"beside it\"}]");
    server("[[:db/add :order/tags :db/cardinality :db.cardinality/one]]");
    Outcome outcome = decided(two);
    assertThat(outcome.isCommitted()).isFalse();
    assertThat(get(beside.outcome()).kind()).isEqualTo(OutcomeKind.ACCEPTED);
    assertThat(attribute(":order/tags").cardinality()).isEqualTo(Cardinality.ONE);
    assertThat(values(":order/tags")).asString().isEqualTo("[:a]");
    ConflictRecord kept = client.conflicts().get(0);
    assertThat(kept.id()).isEqualTo(two.id());
    assertThat(kept.forms()).contains(":b").contains(":c");
  }

  @Test
  void anAttributeBecomesUniqueAndASecondHolderIsKeptForAPerson() {
    server("[{:order/number \"S\" :order/quantity 7}]");
    Pending second = client.transact("[{:order/number \"B\" :order/quantity 7}]");
    server("[[:db/add :order/quantity :db/index true]]");
    server("[[:db/add :order/quantity :db/unique :db.unique/value]]");
    // Not compared datom by datom: at the second change Datomic asserts :db.alter/attribute again and holds it twice.
    client.goOnline();
    Outcome outcome = get(second.outcome());
    assertThat(outcome.isCommitted()).isFalse();
    get(client.sync());
    assertThat(attribute(":order/quantity").unique()).isEqualTo(Unique.VALUE);
    assertThat(client.conflicts()).extracting(ConflictRecord::id).containsExactly(second.id());
    assertThat(get(client.transact("[{:order/number \"B\" :order/quantity 8}]").outcome()).kind()).isEqualTo(OutcomeKind.ACCEPTED);
    assertThat(client.db().q("[:find ?n :where [?o :order/number ?n] [?o :order/quantity 7]]").toString()).contains("S").doesNotContain("B");
  }

  @Test
  void anIdentityThatIsNoneAnyMoreDoesNotLoseWhatWentByIt() {
    Pending pending = client.transact("[{:order/number \"A\" :order/note \"mine\"}]");
    server("[[:db/retract :order/number :db/unique :db.unique/identity]]");
    Outcome outcome = decided(pending);
    assertThat(attribute(":order/number").unique()).isEqualTo(Unique.NONE);
    Object noted = Peer.query("[:find ?o . :where [?o :order/note \"mine\"]]", world.server().database());
    assertThat(outcome.isCommitted() ? noted != null
        : client.conflicts().stream().anyMatch(record -> record.id().equals(pending.id()))).isTrue();
  }
}
