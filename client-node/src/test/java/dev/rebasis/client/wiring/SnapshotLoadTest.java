package dev.rebasis.client.wiring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rebasis.client.Durability;
import dev.rebasis.client.SyncClient;
import dev.rebasis.client.internal.Samples;
import dev.rebasis.client.internal.core.ClientCore;
import dev.rebasis.client.internal.index.RandomTransactions;
import dev.rebasis.client.internal.log.ClientLog;
import dev.rebasis.client.internal.log.LogEntry;
import dev.rebasis.client.internal.log.StoreFiles;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Transaction;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Limits;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.codec.WireCodec;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store that is filled from a snapshot file. */
class SnapshotLoadTest {
  @TempDir
  private Path temp;
  private final RandomTransactions random = new RandomTransactions(11);
  private final List<Transaction> transactions = new ArrayList<>(List.of(random.first()));

  private byte[] snapshot(int count) throws IOException {
    while (transactions.size() < count) {
      transactions.add(random.next());
    }
    long end = transactions.get(count - 1).t();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    long follows = 0;
    for (int i = 0; i < count; i += 7) {
      List<Transaction> some = transactions.subList(i, Math.min(count, i + 7));
      write(new Message.Transactions(follows, some, end), out);
      follows = some.get(some.size() - 1).t();
    }
    write(new Message.Basis(end), out);
    return bytes.toByteArray();
  }

  private static void write(Message message, DataOutputStream out) throws IOException {
    byte[] encoded = WireCodec.cbor(Limits.client()).encode(message);
    out.writeInt(encoded.length);
    out.write(encoded);
  }

  private SyncClient open(Path snapshot) {
    return SyncClient.builder().store(temp.resolve("store")).snapshot(snapshot).open();
  }

  private Path file(byte[] content) throws IOException {
    return Files.write(temp.resolve("snapshot"), content);
  }

  private void assertLoaded(SyncClient client) {
    List<Datom> datoms = new ArrayList<>();
    client.confirmed().datoms(IndexOrder.EAVT).forEach(datoms::add);
    assertThat(datoms).isEqualTo(random.model().datoms(IndexOrder.EAVT));
    assertThat(client.confirmed().basisT()).isEqualTo(transactions.get(transactions.size() - 1).t());
    assertThat(((ClientCore) client).audit()).as("the inside").isEmpty();
  }

  @Test
  void aNewStoreHoldsWhatTheFileHolds() throws IOException {
    Path file = file(snapshot(60));
    try (SyncClient client = open(file)) {
      assertLoaded(client);
      client.transact("[{:p/name \"made here\"}]");
    }
    // It is not looked at again.
    Files.delete(file);
    try (SyncClient client = open(file)) {
      assertLoaded(client);
      assertThat(client.status().pendingCount()).isEqualTo(1);
    }
  }

  @Test
  void theFileMayBeCompressed() throws IOException {
    Path file = temp.resolve("snapshot.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write(snapshot(30));
    }
    try (SyncClient client = open(file)) {
      assertLoaded(client);
    }
  }

  @Test
  void whatIsNoWholeSnapshotLeavesTheStoreAsItWas() throws IOException {
    byte[] whole = snapshot(40);
    byte[] broken = whole.clone();
    Arrays.fill(broken, whole.length / 2, whole.length / 2 + 50, (byte) 0xff);
    for (byte[] bad : List.of(Arrays.copyOf(whole, whole.length * 2 / 3), broken, new byte[0],
        "{\"type\":\"transactions\"}".getBytes(StandardCharsets.UTF_8), "something else".getBytes(StandardCharsets.UTF_8))) {
      Path file = file(bad);
      assertThatThrownBy(() -> open(file)).isInstanceOf(RebasisException.class);
      try (SyncClient client = SyncClient.builder().store(temp.resolve("store")).open()) {
        assertThat(client.confirmed().basisT()).isZero();
        assertThat(client.confirmed().entid(":p/name")).isNull();
      }
    }
    try (SyncClient client = open(file(whole))) {
      assertLoaded(client);
    }
  }

  @Test
  void aLoadThatACrashCutBeginsAnew() throws IOException {
    Path file = file(snapshot(40));
    StoreFiles files = StoreFiles.folder(temp.resolve("store"));
    try (ClientLog log = ClientLog.open(files, Durability.PROCESS_CRASH, Samples.ids())) {
      log.write(List.of(new LogEntry.Loading(0, transactions.get(39).t()),
          new LogEntry.Confirmed(transactions.subList(0, 20))), true);
    }
    try (SyncClient client = SyncClient.builder().store(temp.resolve("store")).open()) {
      assertThat(client.confirmed().basisT()).isZero();
    }
    try (SyncClient client = open(file)) {
      assertLoaded(client);
    }
  }

  @Test
  void aFileThatIsNotThereIsNamed() {
    assertThatThrownBy(() -> open(temp.resolve("missing"))).isInstanceOf(RebasisException.class)
        .hasMessageContaining("missing");
  }

  @Test
  void aStoreInMemoryTakesNone() {
    assertThatThrownBy(() -> SyncClient.builder().inMemory().snapshot(temp.resolve("x")).open())
        .isInstanceOf(RebasisException.class).hasMessageContaining("store(folder)");
  }
}
