package dev.rebasis.simulations.inside;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rebasis.client.SyncClient;
import dev.rebasis.client.internal.core.ClientCore;
import dev.rebasis.client.internal.db.Overlay;
import dev.rebasis.client.internal.index.DatomIndex;
import dev.rebasis.client.internal.rebase.OptimisticState;
import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.SystemIds;
import dev.rebasis.data.Transaction;
import dev.rebasis.error.RebasisException;
import dev.rebasis.server.RebasisServer;
import java.io.OutputStream;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The check after tests finds what was planted, and nothing where all is well; it also runs on this class itself. */
@Alone
@ExtendWith(InsideCheck.class)
class InsideCheckTest {
  private static final long PATIENCE_MILLIS = 50;

  @TempDir
  private Path folder;

  private final Opened planted = new Opened();
  private ProcessLeaks before;

  @BeforeEach
  void remember() {
    before = ProcessLeaks.now(PATIENCE_MILLIS);
  }

  private SyncClient open(String name) {
    SyncClient client = SyncClient.builder().store(folder.resolve(name)).open();
    client.transact("[{:db/ident :thing/name :db/valueType :db.type/string :db/cardinality :db.cardinality/one}]");
    client.transact("[{:thing/name \"a\"} {:thing/name \"b\"}]");
    return client;
  }

  @Test
  void aClientInOrderPasses(Opened opened) {
    opened.client("own", open("own"));
    planted.client("planted", open("planted"));
    assertThatCode(() -> InsideCheck.check(planted, ProcessLeaks.now())).doesNotThrowAnyException();
  }

  @Test
  void anIndexThatHoldsMoreThanTheLogIsFound() throws Exception {
    SyncClient client = planted.client("planted", open("planted"));
    long t = 1000;
    long tx = EntityIds.txOf(t);
    ((DatomIndex) field(ClientCore.class, "index").get(client)).apply(
        List.of(new Transaction(t, List.of(new Datom(tx, SystemIds.DB_DOC, "never confirmed", tx, true)))));
    assertThatThrownBy(() -> InsideCheck.check(planted, before))
        .isInstanceOf(AssertionError.class).hasMessageContaining("planted: ").hasMessageContaining("never confirmed");
  }

  @Test
  void anOverlayThatHasForgottenAPendingTransactionIsFound() throws Exception {
    SyncClient client = planted.client("planted", open("planted"));
    Object core = field(ClientCore.class, "state").get(client);
    Object state = field(core.getClass(), "state").get(core);
    Object layers = field(OptimisticState.class, "layers").get(state);
    field(layers.getClass(), "overlay").set(layers, Overlay.EMPTY);
    field(layers.getClass(), "optimisticValue").set(layers, null);
    assertThatThrownBy(() -> InsideCheck.check(planted, before))
        .isInstanceOf(AssertionError.class).hasMessageContaining("planted: ").hasMessageContaining("lacks");
  }

  @Test
  void aThreadThatStaysIsFound() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    Thread leaked = new Thread(() -> {
      try {
        end.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }, "rebasis-leaked");
    leaked.start();
    try {
      assertThatThrownBy(() -> InsideCheck.check(null, before))
          .isInstanceOf(AssertionError.class).hasMessageContaining("rebasis-leaked");
    } finally {
      end.countDown();
      leaked.join();
    }
  }

  @Test
  void aFaultOfAClientThatTheTestClosedIsFound() throws Exception {
    SyncClient client = open("closed");
    Object core = field(ClientCore.class, "state").get(client);
    Object state = field(core.getClass(), "state").get(core);
    Object layers = field(OptimisticState.class, "layers").get(state);
    field(layers.getClass(), "overlay").set(layers, Overlay.EMPTY);
    field(layers.getClass(), "optimisticValue").set(layers, null);
    try (SyncClient watched = planted.watched("closed", client)) {
      assertThat(watched.pending()).hasSize(2);
    }
    assertThatThrownBy(() -> InsideCheck.check(planted, before))
        .isInstanceOf(AssertionError.class).hasMessageContaining("closed (1): ").hasMessageContaining("lacks");
    assertThatThrownBy(client::db).as("the client is closed").isInstanceOf(RebasisException.class);
  }

  @Test
  void aFileThatStaysOpenIsFound() throws Exception {
    try (OutputStream scratch = Files.newOutputStream(folder.resolve("index.scratch"))) {
      scratch.write(1);
      assertThatThrownBy(() -> InsideCheck.check(null, before))
          .isInstanceOf(AssertionError.class).hasMessageContaining("index.scratch is still open");
    }
  }

  @Test
  void aServerThatWasNeverClosedIsFound() {
    try (RebasisServer forgotten = RebasisServer.builder().data(folder.resolve("data")).start()) {
      assertThat(forgotten.port()).isPositive();
      assertThatThrownBy(() -> InsideCheck.check(null, before))
          .isInstanceOf(AssertionError.class).hasMessageContaining("thread").hasMessageContaining("log.mv.db");
    }
  }

  @Test
  void aClientThatWasNeverClosedIsFound() {
    SyncClient forgotten = open("forgotten");
    try {
      assertThatThrownBy(() -> InsideCheck.check(null, before))
          .isInstanceOf(AssertionError.class).hasMessageContaining("thread rebasis-").hasMessageContaining("log.mv.db")
          .hasMessageContaining("log.wal").hasMessageContaining("index.mv");
    } finally {
      forgotten.close();
    }
  }

  private static Field field(Class<?> owner, String name) throws NoSuchFieldException {
    Field field = owner.getDeclaredField(name);
    field.setAccessible(true);
    return field;
  }
}
