package dev.rebasis.simulations.conflicts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.Outcome;
import dev.rebasis.client.Pending;
import dev.rebasis.client.SyncClient;
import dev.rebasis.client.TransactionOptions;
import dev.rebasis.data.EntityId;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.LookupRef;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.server.RebasisServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Goal: an entity can be named by the number that its client gave it, for ever: also if the server does not know the number, since it was
 * given out under another client number, or stands for a transaction's own entity. Method: real client and server, restarts, and a copied store.
 */
class OldNumbersTest extends ClientBesideOthers {
  private static final String SCHEMA = """
      [{:db/ident :i/key :db/valueType :db.type/string :db/cardinality :db.cardinality/one :db/unique :db.unique/identity}
       {:db/ident :i/stock :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
       {:db/ident :i/note :db/valueType :db.type/string :db/cardinality :db.cardinality/one}]

      [{:i/key "A" :i/stock 5} {:i/key "B"}]""";
  private static final String STOCK = "[:find ?n . :in $ ?e :where [?e :i/stock ?n]]";

  @Override
  RebasisServer.Builder server(RebasisServer.Builder usual) {
    return usual.data(folder.resolve("server")).schema("test", SCHEMA);
  }

  private void restartServer() throws Exception {
    int port = server.uri().getPort();
    server.close();
    server = server(RebasisServer.builder().port(port)).start();
  }

  /** A copy of the closed store, which becomes a client of its own. */
  private SyncClient openCopy() throws Exception {
    Path copy = folder.resolve("copy");
    Files.createDirectories(copy);
    try (Stream<Path> files = Files.list(folder.resolve("store"))) {
      for (Path file : (Iterable<Path>) files::iterator) {
        copyInto(copy, file);
      }
    }
    return open("copy");
  }

  private static void copyInto(Path folder, Path file) throws IOException {
    if (Files.isRegularFile(file)) {
      Files.copy(file, folder.resolve(file.getFileName()));
    }
  }

  @Test
  void aTransactionsOwnEntityIsNamedAfterTheServerHasForgottenItsNumber() throws Exception {
    client.goOffline();
    Pending first = client.transact("[[:db/add [:i/key \"A\"] :i/note \"one\"]]");
    long number = first.resolve("datomic.tx");
    assertThat(number).isNegative();
    client.goOnline();
    assertThat(get(first.outcome()).isCommitted()).isTrue();
    get(client.sync());
    restartServer();
    Pending onIt = client.transact(List.of(List.of(Keyword.of(":db/add"), number, Keyword.of(":i/note"), "about it")));
    Outcome outcome = get(onIt.outcome());
    assertThat(outcome.kind()).as("%s", outcome).isEqualTo(OutcomeKind.ACCEPTED);
    get(client.sync());
    assertThat(client.status().counters().predictedWrong()).isZero();
  }

  @Test
  void aPremiseNamesAnEntityByANumberOfTheClientThatTheStoreWasCopiedFrom() throws Exception {
    client.goOffline();
    Pending made = client.transact("[{:db/id \"c\" :i/key \"C\" :i/stock 1}]");
    long c = made.resolve("c");
    client.goOnline();
    get(made.outcome());
    client.close();
    SyncClient copy = openCopy();
    client = open("store");
    get(client.transact("[[:db/add [:i/key \"B\"] :i/note \"the first one goes on\"]]").outcome());
    try {
      get(copy.transact("[[:db/add [:i/key \"A\"] :i/note \"so that the copy is found out\"]]").outcome());
      get(copy.sync());
      copy.goOffline();
      Pending holds = copy.transact("[[:db/add [:i/key \"A\"] :i/note \"it is one\"]]",
          TransactionOptions.DEFAULT.premise(STOCK, EntityId.of(c)));
      get(server.transact("[[:db/add [:i/key \"A\"] :i/stock 6]]"));
      copy.goOnline();
      get(copy.sync());
      assertThat(get(holds.outcome()).kind()).as("%s", get(holds.outcome())).isEqualTo(OutcomeKind.ACCEPTED);

      copy.goOffline();
      Pending broken = copy.transact("[[:db/add [:i/key \"A\"] :i/note \"it is still one\"]]",
          TransactionOptions.DEFAULT.premise(STOCK, EntityId.of(c)));
      get(server.transact("[[:db/add [:i/key \"C\"] :i/stock 2]]"));
      copy.goOnline();
      get(copy.sync());
      assertThat(get(broken.outcome()).code()).isEqualTo(Keyword.of(":rebasis.error/premise-failed"));
      assertThat(get(broken.outcome()).message()).contains("is now 2, then 1.");
      assertThat(copy.db().entity(LookupRef.of(":i/key", "A")).get(":i/note")).isEqualTo("it is one");
    } finally {
      copy.close();
    }
  }
}
