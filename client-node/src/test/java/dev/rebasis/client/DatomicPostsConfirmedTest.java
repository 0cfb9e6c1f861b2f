package dev.rebasis.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.internal.Samples;
import dev.rebasis.client.internal.core.ClientConfig;
import dev.rebasis.client.internal.core.ClientCore;
import dev.rebasis.client.internal.fake.FakeEnvironment;
import dev.rebasis.client.internal.fake.FakeServer;
import dev.rebasis.client.internal.fake.FakeTransport;
import dev.rebasis.client.internal.log.StoreFiles;
import dev.rebasis.data.EntityIds;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;

/**
 * The examples of Datomic's posts on a client whose server confirms each transaction at once: unchanged, since ids of confirmed
 * transactions rise as Datomic's do.
 */
class DatomicPostsConfirmedTest extends DatomicPostsTest {
  private FakeServer server;

  @Override
  SyncClient open() {
    server = new FakeServer();
    FakeTransport transport = new FakeTransport(server, new UUID(5, 5));
    return ClientCore.open(new ClientConfig(StoreFiles.inMemory(), Durability.PROCESS_CRASH, Tuning.DEFAULT),
        new FakeEnvironment(transport, Samples.ids()));
  }

  @Override
  long before(long tx) {
    assertThat(EntityIds.isLocal(tx)).as("confirmed").isFalse();
    return tx - 1;
  }

  @AfterEach
  void closeServer() {
    server.close();
  }
}
