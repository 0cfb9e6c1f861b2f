package dev.rebasis.simulations.e2e;

import static dev.rebasis.simulations.e2e.EndToEnd.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rebasis.client.Credentials;
import dev.rebasis.client.Durability;
import dev.rebasis.client.SchemaCheck;
import dev.rebasis.client.SyncClient;
import dev.rebasis.client.Tuning;
import dev.rebasis.client.TxReport;
import dev.rebasis.client.internal.core.ClientConfig;
import dev.rebasis.client.internal.core.ClientCore;
import dev.rebasis.client.internal.log.StoreFiles;
import dev.rebasis.data.Keyword;
import dev.rebasis.protocol.Message;
import dev.rebasis.server.RebasisServer;
import dev.rebasis.server.access.AccessRules;
import dev.rebasis.server.access.User;
import dev.rebasis.simulations.inside.Alone;
import dev.rebasis.simulations.inside.InsideCheck;
import dev.rebasis.simulations.inside.Opened;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Goal: a program gets the schema that it needs, or learns what differs, and changes nothing that others rely on. Method: a
 * real server and client; needs that are met, missing, and otherwise.
 */
@Alone
@ExtendWith(InsideCheck.class)
class SchemaNeedsTest {
  private static final String NAME = "{:db/ident :item/name :db/valueType :db.type/string"
      + " :db/cardinality :db.cardinality/one :db/unique :db.unique/identity}";
  private static final String COUNT =
      "{:db/ident :item/count :db/valueType :db.type/long :db/cardinality :db.cardinality/one}";

  @Test
  void whatIsMissingIsInstalledAndWhatIsOtherwiseIsTold(Opened opened) {
    try (RebasisServer server = RebasisServer.builder().inMemory().schema("items", "[" + NAME + "]").start();
        SyncClient client = opened.watched("client", SyncClient.builder().inMemory().server(server.uri()).open())) {
      assertThat(get(client.needs("[" + NAME + "]")).isMet()).isTrue();
      assertThat(get(client.needs("[" + NAME + " " + COUNT + "]")).isMet()).isTrue();
      assertThat((Object) datomic.Peer.query("[:find ?e . :where [?e :db/ident :item/count]]", server.database())).isNotNull();
      long t = server.t();
      SchemaCheck check = get(client.needs("[{:db/ident :item/name :db/valueType :db.type/long"
          + " :db/cardinality :db.cardinality/many} {:db/ident :item/new :db/valueType :db.type/long"
          + " :db/cardinality :db.cardinality/one}]"));
      assertThat(check.differences()).containsExactly(
          "The attribute :item/new is missing.",
          "The attribute :item/name has :db/valueType :db.type/string, and :db.type/long is needed.",
          "The attribute :item/name has :db/cardinality :db.cardinality/one, and :db.cardinality/many is needed.",
          "The attribute :item/name has :db/unique :db.unique/identity, and null is needed.");
      assertThat(server.t()).as("nothing was installed").isEqualTo(t);
      assertThatThrownBy(() -> client.needs("[{:db/ident :item/x}]")).hasMessageContaining(":db/valueType");
    }
  }

  @Test
  void whatTheOperatorDoesNotAllowIsNotInstalledAndTold(Opened opened) {
    try (RebasisServer server = RebasisServer.builder().inMemory().schema("items", "[" + NAME + "]")
        .authenticator(token -> new User(token, Set.of("clerk"), null))
        .access(AccessRules.parse("{:roles {:clerk {:write [:item/name]}}}")).start();
        SyncClient client = opened.watched("client", SyncClient.builder().inMemory().server(server.uri())
            .credentials(Credentials.bearer("ann")).open())) {
      get(client.sync());
      long transactions = attributes(server);
      SchemaCheck check = get(client.needs("[" + NAME + " " + COUNT + "]"));
      assertThat(check.isMet()).isFalse();
      assertThat(check.differences()).hasSize(2).contains("The attribute :item/count is missing.");
      assertThat(check.differences().get(1)).startsWith("The server did not let this client install what is missing: ");
      assertThat(attributes(server)).isEqualTo(transactions);
      assertThat(client.db().schema().entid(Keyword.of(":item/count"))).as("not in the client's own view either").isNull();
      assertThat(get(client.transact("[{:item/name \"allowed\"}]").outcome()).isCommitted()).isTrue();
      assertThat(get(client.needs("[" + NAME + "]")).isMet()).as("what is there is only compared").isTrue();
    }
  }

  private static long attributes(RebasisServer server) {
    return ((Number) datomic.Peer.query("[:find (count ?a) . :where [:db.part/db :db.install/attribute ?a]]",
        server.database())).longValue();
  }

  @Test
  void withoutAServerTheStoreHasTheSchemaAtOnce(Opened opened) {
    try (SyncClient client = opened.watched("client", SyncClient.builder().inMemory().open())) {
      assertThat(get(client.needs("[" + COUNT + "]")).isMet()).isTrue();
      client.transact("[{:item/count 3}]");
      assertThat(client.db().q("[:find ?n :where [_ :item/count ?n]]").toString()).contains("3");
      assertThat(get(client.needs("[" + COUNT + "]")).isMet()).isTrue();
    }
  }

  @Test
  void whateverTheNeedSaysIsCompared(Opened opened) {
    String there = "[{:db/ident :item/place :db/valueType :db.type/tuple :db/tupleTypes [:db.type/string :db.type/string]"
        + " :db/cardinality :db.cardinality/one}"
        + " {:db/ident :item/stock :db/valueType :db.type/long :db/cardinality :db.cardinality/one :db/noHistory true}"
        + " {:db/ident :item/price :db/valueType :db.type/long :db/cardinality :db.cardinality/one"
        + " :rebasis/policy :rebasis.policy/max :db/doc \"theirs\"}]";
    try (RebasisServer server = RebasisServer.builder().inMemory().schema("items", there).start();
        SyncClient client = opened.watched("client", SyncClient.builder().inMemory().server(server.uri()).open())) {
      assertThat(get(client.needs(there.replace("theirs", "ours"))).differences()).isEmpty();
      assertThat(get(client.needs(there.replace("[:db.type/string :db.type/string]", "[:db.type/long :db.type/long]")
          .replace(":db/noHistory true", ":db/index true")
          .replace(":rebasis.policy/max", ":rebasis.policy/counter"))).differences()).containsExactly(
              "The attribute :item/place has :db/tupleTypes [:db.type/string :db.type/string], and"
                  + " [:db.type/long :db.type/long] is needed.",
              "The attribute :item/stock has :db/index null, and true is needed.",
              "The attribute :item/price has :rebasis/policy :rebasis.policy/max, and :rebasis.policy/counter is needed.");
    }
  }

  @Test
  void ofTwoThatInstallItDifferentlyTheSecondIsToldAndAltersNothing(Opened opened) {
    CompletableFuture<Void> made = new CompletableFuture<>();
    AtomicBoolean faster = new AtomicBoolean();
    try (RebasisServer server = RebasisServer.builder().inMemory().schema("items", "[" + NAME + "]").start()) {
      UnaryOperator<Message> change = message -> {
        if (message instanceof Message.Synced && faster.compareAndSet(false, true)) {
          get(server.transact("[" + COUNT.replace("cardinality/one", "cardinality/many") + "]"));
        } else if (message instanceof Message.Transactions && faster.get()) {
          // The client hears of it when its own is made.
          get(made);
        }
        return message;
      };
      try (SyncClient client = opened.watched("client", ClientCore.open(
          new ClientConfig(StoreFiles.inMemory(), Durability.POWER_LOSS, Tuning.DEFAULT),
          TamperedTransport.environment(server.uri(), Credentials.none(), change)))) {
        client.onTxReport(report -> {
          if (report.kind() == TxReport.Kind.OPTIMISTIC) {
            made.complete(null);
          }
        });
        SchemaCheck check = get(client.needs("[" + COUNT + "]"));
        assertThat(check.differences()).hasSize(2).contains(
            "The attribute :item/count has :db/cardinality :db.cardinality/many, and :db.cardinality/one is needed.");
        assertThat(client.parked()).as("the caller was told").isEmpty();
        assertThat((Object) datomic.Peer.query("[:find ?c . :where [?e :db/ident :item/count] [?e :db/cardinality ?v]"
            + " [?v :db/ident ?c]]", server.database())).hasToString(":db.cardinality/many");
        assertThat(get(client.needs("[" + COUNT.replace("cardinality/one", "cardinality/many") + "]")).isMet()).isTrue();
      }
    }
  }
}
