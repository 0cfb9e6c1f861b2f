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
