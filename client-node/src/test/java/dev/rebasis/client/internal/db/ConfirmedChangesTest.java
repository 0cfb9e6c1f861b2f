package dev.rebasis.client.internal.db;

import static dev.rebasis.client.internal.Samples.USER;
import static dev.rebasis.client.internal.Samples.add;
import static dev.rebasis.client.internal.Samples.all;
import static dev.rebasis.client.internal.Samples.attribute;
import static dev.rebasis.client.internal.Samples.retract;
import static dev.rebasis.client.internal.Samples.tx;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.Durability;
import dev.rebasis.client.internal.Samples;
import dev.rebasis.client.internal.index.DatomIndex;
import dev.rebasis.client.internal.log.ClientLog;
import dev.rebasis.client.internal.log.StoreFiles;
import dev.rebasis.conflict.RemoteChanges;
import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.ValueType;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Who wrote what after a basis. Fixture: {@code (E N)} was 1 at T 1002, set to 2 by others at 1004, to 3 by this client
 * (number 9) at 1006, and to 4 by others at 1008.
 */
class ConfirmedChangesTest {
  private static final long CLIENT = 72;
  private static final long N = 73;
  private static final long E = USER + 1;

  private ClientLog log;
  private DatomIndex index;

  @BeforeEach
  void fill() {
    StoreFiles files = StoreFiles.inMemory();
    log = ClientLog.open(files, Durability.PROCESS_CRASH, Samples.ids());
    index = DatomIndex.open(files, log);
    index.apply(List.of(
        tx(1000, all(
            attribute(CLIENT, ":rebasis.tx/client", ValueType.LONG),
            attribute(N, ":t/n", ValueType.LONG, "index"))),
        tx(1002, add(E, N, 1L)),
        tx(1004, add(EntityIds.txOf(1004), CLIENT, 5L), retract(E, N, 1L), add(E, N, 2L)),
        tx(1006, add(EntityIds.txOf(1006), CLIENT, 9L), retract(E, N, 2L), add(E, N, 3L)),
        tx(1008, retract(E, N, 3L), add(E, N, 4L))));
  }

  @AfterEach
  void close() {
    index.close();
    log.close();
  }

  private RemoteChanges since(long basisT, long client) {
    return ConfirmedChanges.of(index.snapshot(), basisT, client, tx -> false);
  }

  @Test
  void onlyWhatOthersWroteAfterTheNewestOwnWriteIsRemote() {
    RemoteChanges changes = since(1002, 9);
    assertThat(changes.of(E, N)).extracting(Datom::t).containsOnly(1008L);
    assertThat(changes.of(E)).extracting(Datom::t).containsOnly(1008L);
    assertThat(changes.baseValues(E, N)).containsExactly(3L);
  }

  @Test
  void forAnotherClientEverythingIsRemote() {
    RemoteChanges changes = since(1002, 4);
    assertThat(changes.of(E, N)).extracting(Datom::t).containsExactly(1004L, 1004L, 1006L, 1006L, 1008L, 1008L);
    assertThat(changes.baseValues(E, N)).containsExactly(1L);
    assertThat(changes.ofValue(N, 2L)).extracting(Datom::t).containsExactly(1004L, 1006L);
  }

  @Test
  void transactionsUnderAFormerNumberCanBeNamedAsOwn() {
    RemoteChanges changes =
        ConfirmedChanges.of(index.snapshot(), 1002, 4, tx -> tx == EntityIds.txOf(1008));
    assertThat(changes.of(E, N)).isEmpty();
    assertThat(changes.baseValues(E, N)).containsExactly(4L);
  }

  @Test
  void onTheNewestTNothingIsRemote() {
    assertThat(since(1008, 9).isEmpty()).isTrue();
    assertThat(since(1006, 9).isEmpty()).isFalse();
  }
}
