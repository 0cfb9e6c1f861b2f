package dev.rebasis.client.internal.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.Database;
import dev.rebasis.client.Durability;
import dev.rebasis.client.SyncClient;
import dev.rebasis.client.Tuning;
import dev.rebasis.client.internal.Samples;
import dev.rebasis.client.internal.fake.FakeEnvironment;
import dev.rebasis.client.internal.fake.FakeServer;
import dev.rebasis.client.internal.fake.FakeTransport;
import dev.rebasis.client.internal.log.StoreFiles;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.LookupRef;
import dev.rebasis.error.RebasisException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * A whole client on one thread, over a fake server behind a transport that the test cuts and heals; time moves when the
 * test says so; the store is real.
 */
abstract class ClientRig {
  static final UUID DATABASE = new UUID(5, 5);
  static final String SCHEMA = """
      [{:db/ident :k :db/valueType :db.type/string :db/cardinality :db.cardinality/one :db/unique :db.unique/identity}
       {:db/ident :n :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
       {:db/ident :tag :db/valueType :db.type/string :db/cardinality :db.cardinality/many}
       {:db/ident :ref :db/valueType :db.type/ref :db/cardinality :db.cardinality/one}]
      """;

  @TempDir
  Path folder;

  final FakeServer server = new FakeServer();
  final FakeTransport transport = new FakeTransport(server, DATABASE);
  private final Supplier<UUID> ids = Samples.ids();
  final List<SyncClient> open = new ArrayList<>();
  FakeEnvironment environment;

  /** Looks into each client that is still open, whatever the test was about, and closes it. */
  @AfterEach
  void auditAndCloseAll() {
    List<String> findings = new ArrayList<>();
    for (SyncClient client : open) {
      if (isUsable(client)) {
        findings.addAll(((ClientCore) client).audit());
      }
      client.close();
    }
    server.close();
    assertThat(findings).as("the inside after the test").isEmpty();
  }

  // One that the test has closed, or whose store it made fail, says so whatever it is asked.
  private static boolean isUsable(SyncClient client) {
    try {
      client.db();
      return true;
    } catch (RebasisException e) {
      return false;
    }
  }

  SyncClient client(String name, Transport over) {
    return client(name, over, Tuning.DEFAULT);
  }

  SyncClient client(String name, Transport over, Tuning tuning) {
    environment = new FakeEnvironment(over, ids);
    SyncClient client = ClientCore.open(
        new ClientConfig(StoreFiles.folder(folder.resolve(name)), Durability.PROCESS_CRASH, tuning), environment);
    open.add(client);
    return client;
  }

  SyncClient online() {
    server.transact(SCHEMA);
    return client("one", transport);
  }

  static Object value(Database db, String key, String attribute) {
    return db.entity(LookupRef.of(":k", key)).get(attribute);
  }

  static List<Datom> datoms(Database db) {
    List<Datom> datoms = new ArrayList<>();
    db.datoms(IndexOrder.EAVT).forEach(datoms::add);
    return datoms;
  }
}
