package dev.rebasis.client.internal.index;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.internal.StoreFolder;
import dev.rebasis.client.internal.audit.StoreAudit;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever happens to the index's files, the program reads what the log says. Method: a store of some thousand datoms is
 * copied, its index damaged in one way, and opened; the audit must find no difference, then and after more was applied.
 */
class DatomIndexDamageTest {
  @TempDir Path temp;
  private final RandomTransactions transactions = new RandomTransactions(42);
  private Path store;

  @BeforeEach
  void fill() {
    store = temp.resolve("store");
    try (StoreFolder open = new StoreFolder(store)) {
      open.confirm(transactions.first());
      for (int i = 0; i < 400; i++) {
        open.confirm(transactions.next());
        if (i % 100 == 50) {
          open.index.persist();
        }
      }
    }
  }

  private void assertHeals(Path damaged) {
    try (StoreFolder open = new StoreFolder(damaged)) {
      assertThat(StoreAudit.differences(open.log, open.index.snapshot())).isEmpty();
      open.confirm(transactions.next());
      open.index.persist();
      assertThat(StoreAudit.differences(open.log, open.index.snapshot())).isEmpty();
    }
    try (MadeAgain said = new MadeAgain(damaged.toString()); StoreFolder open = new StoreFolder(damaged)) {
      assertThat(said.messages()).isEmpty();
      assertThat(StoreAudit.differences(open.log, open.index.snapshot())).isEmpty();
    }
  }

  @Test
  void anIndexThatIsUpToDateIsUsedAsItIs() {
    try (MadeAgain said = new MadeAgain(store.toString()); StoreFolder open = new StoreFolder(store)) {
      assertThat(said.messages()).isEmpty();
      assertThat(StoreAudit.differences(open.log, open.index.snapshot())).isEmpty();
    }
  }

  @Test
  void anIndexThatWasNotClosedIsUsedAndBroughtUpToDate() {
    Path crashed;
    try (StoreFolder open = new StoreFolder(store)) {
      open.confirm(transactions.next());
      open.index.persist();
      open.confirm(transactions.next());
      crashed = StoreFolder.copy(store, temp.resolve("crashed"));
    }
    try (MadeAgain said = new MadeAgain(crashed.toString()); StoreFolder open = new StoreFolder(crashed)) {
      assertThat(said.messages()).isEmpty();
      assertThat(StoreAudit.differences(open.log, open.index.snapshot())).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"index.mv", "index.position"})
  void aMissingFileIsMadeAgain(String file) throws IOException {
    Files.delete(store.resolve(file));
    assertHeals(store);
  }

  @ParameterizedTest
  @ValueSource(strings = {"index.mv", "index.position"})
  void aTruncatedFileIsMadeAgain(String file) throws IOException {
    long size = Files.size(store.resolve(file));
    for (long left : new long[] {0, 1, size / 2, size - 1}) {
      Path damaged = StoreFolder.copy(store, temp.resolve("left-" + left));
      try (RandomAccessFile open = new RandomAccessFile(damaged.resolve(file).toFile(), "rw")) {
        open.setLength(left);
      }
      assertHeals(damaged);
    }
  }

  @Test
  void aFileOfSomethingElseIsMadeAgain() throws IOException {
    Files.writeString(store.resolve("index.mv"), "not an index");
    assertHeals(store);
  }

  @Test
  void anotherFormatIsMadeAgain() throws IOException {
    Path position = store.resolve("index.position");
    Files.writeString(position, "2" + Files.readString(position).substring(1));
    assertHeals(store);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void flippedBytesAreNoticedWheneverTheyAreRead(int seed) throws IOException {
    Random random = new Random(seed);
    Path damaged = StoreFolder.copy(store, temp.resolve("flipped"));
    byte[] bytes = Files.readAllBytes(damaged.resolve("index.mv"));
    for (int i = random.nextInt(40); i >= 0; i--) {
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
    }
    Files.write(damaged.resolve("index.mv"), bytes, StandardOpenOption.TRUNCATE_EXISTING);
    assertHeals(damaged);
  }

  @Test
  void damageThatIsMetWhileReadingDoesNotShow() throws IOException {
    Path damaged = StoreFolder.copy(store, temp.resolve("flipped"));
    destroyLeaves(damaged.resolve("index.mv"));
    List<Datom> expected = transactions.model().datoms(IndexOrder.EAVT);
    try (MadeAgain said = new MadeAgain(damaged.toString()); StoreFolder open = new StoreFolder(damaged)) {
      assertThat(open.index.snapshot().datoms(IndexOrder.EAVT)).containsExactlyElementsOf(expected);
      assertThat(said.messages()).isNotEmpty();
      open.confirm(transactions.next());
      assertThat(open.index.snapshot().datoms(IndexOrder.EAVT))
          .containsExactlyElementsOf(transactions.model().datoms(IndexOrder.EAVT));
    }
    assertHeals(damaged);
  }

  /** Changes a letter in each page that holds one of the tests' names: only the pages' checksums can notice. */
  private static void destroyLeaves(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    int destroyed = 0;
    for (int i = 0; i < bytes.length - 4; i++) {
      if (bytes[i] == 2 && bytes[i + 1] == 'n' && bytes[i + 2] >= '0' && bytes[i + 2] <= '9') {
        bytes[i + 2] ^= 1;
        destroyed++;
      }
    }
    assertThat(destroyed).isPositive();
    Files.write(file, bytes);
  }

  @Test
  void anIndexOfAnotherLogIsNotUsed() throws IOException {
    Path other = temp.resolve("other");
    RandomTransactions others = new RandomTransactions(43);
    try (StoreFolder open = new StoreFolder(other)) {
      open.confirm(others.first());
      for (int i = 0; i < 400; i++) {
        open.confirm(others.next());
      }
    }
    for (String file : new String[] {"index.mv", "index.position"}) {
      Files.copy(other.resolve(file), store.resolve(file), StandardCopyOption.REPLACE_EXISTING);
    }
    assertHeals(store);
  }

  @Test
  void anIndexBeyondTheEndOfTheLogIsNotUsed() throws IOException {
    Path before = StoreFolder.copy(store, temp.resolve("before"));
    try (StoreFolder open = new StoreFolder(store)) {
      open.confirm(transactions.next());
    }
    for (String file : new String[] {"log.mv.db", "log.wal"}) {
      Files.copy(before.resolve(file), store.resolve(file), StandardCopyOption.REPLACE_EXISTING);
    }
    assertHealsWithoutMore(store);
  }

  private static void assertHealsWithoutMore(Path damaged) {
    try (MadeAgain said = new MadeAgain(damaged.toString()); StoreFolder open = new StoreFolder(damaged)) {
      assertThat(said.messages()).anyMatch(message -> message.contains("beyond the log"));
      assertThat(StoreAudit.differences(open.log, open.index.snapshot())).isEmpty();
    }
  }
}
