package dev.rebasis.simulations.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rebasis.journal.JournaledPath;
import dev.rebasis.storage.H2Settings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.h2.store.fs.FilePath;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * A journaled file behaves as a file, and after any crash holds what it held at its last force or after a later write.
 *
 * <p>Method: random writes, truncations, reads and forces against a byte array, and power cut at a random change. The
 * state found must be the one forced last, or, if the power went during a force, the one that was being forced.
 */
class JournaledFileTest {

  private static final String FILE = "data.mv";

  @BeforeAll
  static void register() {
    JournaledPath.register();
  }

  @Test
  void eachForceIsAllOrNothing() throws IOException {
    for (int seed = 0; seed < 150; seed++) {
      try (SimDisk disk = SimDisk.create("journal-" + seed, seed)) {
        new RandomFile(disk, new Random(seed)).live(6);
      }
    }
  }

  /** A file and its model. */
  private static final class RandomFile {
    private final SimDisk disk;
    private final Random random;
    private byte[] forced = new byte[0];
    private byte[] current = new byte[0];

    RandomFile(SimDisk disk, Random random) {
      this.disk = disk;
      this.random = random;
    }

    void live(int lives) throws IOException {
      for (int life = 0; life < lives; life++) {
        disk.faults().cutPowerAt(1 + random.nextInt(1 << (1 + random.nextInt(9))));
        List<byte[]> allowed = new ArrayList<>();
        oneLife(allowed);
        allowed.add(forced);
        if (random.nextInt(3) == 0) {
          // then recovery has to force what it finds
          disk.processCrash();
          disk.faults().cutPowerAt(1 + random.nextInt(12));
          try {
            read(disk, FILE);
          } catch (IOException e) {
            assertThat(disk.faults().isOff()).as(e.toString()).isTrue();
          }
        }
        disk.powerLoss();
        byte[] found = read(disk, FILE);
        assertThat(allowed).as("life " + life + " of " + disk).anyMatch(state -> Arrays.equals(state, found));
        forced = found;
        current = found;
      }
    }

    private void oneLife(List<byte[]> allowed) {
      byte[] opened = current;
      try {
        FileChannel channel = FilePath.get("rebasis:" + disk.path(FILE)).open("rw");
        assertThat(channel.size()).isEqualTo(opened.length);
        int steps = random.nextInt(200);
        for (int i = 0; i < steps; i++) {
          channel = step(channel, allowed);
        }
      } catch (IOException e) {
        assertThat(disk.faults().isOff()).as(e.toString()).isTrue();
      }
    }

    private FileChannel step(FileChannel channel, List<byte[]> allowed) throws IOException {
      switch (random.nextInt(8)) {
        case 0 -> {
          int size = random.nextInt(current.length + 1);
          current = Arrays.copyOf(current, size);
          channel.truncate(size);
        }
        case 1 -> check(channel);
        case 2 -> {
          allowed.add(current);
          channel.force(true);
          allowed.clear();
          forced = current;
        }
        case 3 -> {
          if (random.nextInt(10) == 0) {
            allowed.add(current);
            channel.close();
            allowed.clear();
            forced = current;
            return FilePath.get("rebasis:" + disk.path(FILE)).open("rw");
          }
        }
        default -> write(channel);
      }
      return channel;
    }

    private void write(FileChannel channel) throws IOException {
      boolean aligned = random.nextBoolean();
      int position = random.nextInt(60_000) / (aligned ? 4096 : 1) * (aligned ? 4096 : 1);
      byte[] bytes = new byte[aligned ? 4096 * (1 + random.nextInt(5)) : 1 + random.nextInt(9_000)];
      random.nextBytes(bytes);
      current = Arrays.copyOf(current, Math.max(current.length, position + bytes.length));
      System.arraycopy(bytes, 0, current, position, bytes.length);
      channel.write(ByteBuffer.wrap(bytes), position);
    }

    private void check(FileChannel channel) throws IOException {
      assertThat(channel.size()).isEqualTo(current.length);
      int from = random.nextInt(current.length + 1);
      ByteBuffer bytes = ByteBuffer.allocate(1 + random.nextInt(20_000));
      int length = channel.read(bytes, from);
      if (from == current.length) {
        assertThat(length).isEqualTo(-1);
      } else {
        assertThat(Arrays.copyOf(bytes.array(), length)).isEqualTo(Arrays.copyOfRange(current, from, from + length));
      }
    }
  }

  @Test
  void manyForcesCheckpointAndBeginTheJournalAnew() throws IOException {
    try (SimDisk disk = SimDisk.create("journal-long", 1)) {
      FileChannel channel = open(disk);
      for (int i = 0; i < 3_000; i++) {
        channel.write(ByteBuffer.wrap(new byte[] {(byte) i}), (i % 50) * 5_000L);
        channel.force(false);
      }
      assertThat(disk.usedBytes()).isLessThan(6_000_000);
      disk.powerLoss();
      byte[] found = read(disk, FILE);
      for (int i = 2_950; i < 3_000; i++) {
        assertThat(found[(i % 50) * 5_000]).isEqualTo((byte) i);
      }
    }
  }

  @Test
  void aTransactionLargerThanTheMemoryIsAllOrNothing() throws IOException {
    for (int change = 1; change <= 12; change++) {
      try (SimDisk disk = SimDisk.create("journal-large-" + change, change)) {
        FileChannel channel = open(disk);
        fill(channel, (byte) 1);
        channel.force(true);
        disk.faults().cutPowerAt(change);
        try {
          fill(channel, (byte) 2);
          channel.force(true);
          channel.close();
        } catch (IOException e) {
          assertThat(disk.faults().isOff()).as(e.toString()).isTrue();
        }
        disk.powerLoss();
        byte[] found = read(disk, FILE);
        byte[] whole = new byte[3_000 * 4096];
        Arrays.fill(whole, found[0]);
        assertThat(Arrays.equals(found, whole)).as("cut at change " + change).isTrue();
      }
    }
  }

  private static void fill(FileChannel channel, byte value) throws IOException {
    byte[] page = new byte[4096];
    Arrays.fill(page, value);
    for (int i = 0; i < 3_000; i++) {
      channel.write(ByteBuffer.wrap(page), i * 4096L);
    }
  }

  @Test
  void afterACleanCloseTheFileStandsAlone() throws IOException {
    try (SimDisk disk = SimDisk.create("journal-clean", 1)) {
      try (FileChannel channel = open(disk)) {
        channel.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), 0);
      }
      disk.powerLoss();
      assertThat(plain(disk, FILE)).containsExactly(1, 2, 3);
      assertThat(plain(disk, FILE + ".journal")).isEmpty();
    }
  }

  @Test
  void aReaderSeesTheJournalAndChangesNothing() throws IOException {
    try (SimDisk disk = SimDisk.create("journal-reader", 1)) {
      FileChannel channel = open(disk);
      channel.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), 0);
      channel.force(true);
      disk.powerLoss();
      long before = disk.counters().writes();
      try (FileChannel reader = FilePath.get("rebasis:" + disk.path(FILE)).open("r")) {
        ByteBuffer bytes = ByteBuffer.allocate(3);
        reader.read(bytes, 0);
        assertThat(bytes.array()).containsExactly(1, 2, 3);
      }
      assertThat(plain(disk, FILE)).isEmpty();
      assertThat(disk.counters().writes()).isEqualTo(before);
    }
  }

  @Test
  void afterAFailedForceNothingIsPretended() throws IOException {
    try (SimDisk disk = SimDisk.create("journal-broken", 1)) {
      FileChannel channel = open(disk);
      channel.write(ByteBuffer.wrap(new byte[] {1}), 0);
      channel.force(true);
      channel.write(ByteBuffer.wrap(new byte[] {2}), 0);
      disk.faults().failAt(DiskOperation.FORCE, 1);
      assertThatThrownBy(() -> channel.force(true)).hasMessageContaining("planned fault");
      assertThatThrownBy(() -> channel.force(true)).hasMessageContaining("an earlier read or write of the disk failed");
      assertThatThrownBy(() -> channel.read(ByteBuffer.allocate(1), 0)).hasMessageContaining("failed");
      channel.close();
      disk.powerLoss();
      assertThat(read(disk, FILE)[0]).isIn((byte) 1, (byte) 2);
    }
  }

  @Test
  void aFullDiskDamagesNothing() throws IOException {
    try (SimDisk disk = SimDisk.create("journal-full", 1)) {
      FileChannel channel = open(disk);
      channel.write(ByteBuffer.wrap(new byte[100_000]), 0);
      channel.force(true);
      disk.faults().capacityBytes(disk.usedBytes() + 50_000);
      channel.write(ByteBuffer.wrap(new byte[200_000]), 0);
      assertThatThrownBy(() -> channel.force(true)).hasMessageContaining("No space left");
      channel.close();
      disk.processCrash();
      assertThat(read(disk, FILE)).hasSize(100_000);
    }
  }

  @Test
  void theHolderOfTheLockIsNotDisturbed() throws IOException {
    try (SimDisk disk = SimDisk.create("journal-lock", 1)) {
      FileChannel holder = open(disk);
      assertThat(holder.tryLock()).isNotNull();
      holder.write(ByteBuffer.wrap(new byte[] {1}), 0);
      holder.force(true);
      FileChannel other = open(disk);
      assertThat(other.tryLock()).isNull();
      other.close();
      holder.write(ByteBuffer.wrap(new byte[] {2}), 0);
      holder.force(true);
      disk.powerLoss();
      assertThat(read(disk, FILE)).containsExactly(2);
    }
  }

  @Test
  void aCompactionCutAtAnyChangeLosesNothing() throws SQLException {
    boolean finished = false;
    for (int change = 1; !finished; change++) {
      try (SimDisk disk = SimDisk.create("journal-compaction-" + change, change)) {
        fillAndCompact(disk, change);
        finished = !disk.faults().isOff();
        disk.powerLoss();
        try (Connection connection = DriverManager.getConnection(url(disk));
            ResultSet count = connection.createStatement().executeQuery("SELECT COUNT(*) FROM t")) {
          count.next();
          assertThat(count.getInt(1)).as("cut at change " + change).isEqualTo(500);
        }
      }
    }
  }

  private static void fillAndCompact(SimDisk disk, int change) throws SQLException {
    Connection connection = DriverManager.getConnection(url(disk));
    try (connection;
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE t AS SELECT X AS k, SPACE(100) AS v FROM SYSTEM_RANGE(1, 1000)");
      statement.execute("CHECKPOINT SYNC");
      statement.execute("DELETE FROM t WHERE k > 500");
      statement.execute("CHECKPOINT SYNC");
      disk.faults().cutPowerAt(change);
      statement.execute("SHUTDOWN COMPACT");
    } catch (SQLException e) {
      assertThat(disk.faults().isOff()).as(e.toString()).isTrue();
    }
  }

  private static String url(SimDisk disk) {
    return H2Settings.URL_PREFIX_POWER_LOSS + disk.path("db") + H2Settings.URL_SUFFIX + ";TRACE_LEVEL_FILE=0";
  }

  private static FileChannel open(SimDisk disk) throws IOException {
    return FilePath.get("rebasis:" + disk.path(FILE)).open("rw");
  }

  private static byte[] read(SimDisk disk, String file) throws IOException {
    try (FileChannel channel = FilePath.get("rebasis:" + disk.path(file)).open("rw")) {
      return readAll(channel);
    }
  }

  private static byte[] plain(SimDisk disk, String file) throws IOException {
    try (FileChannel channel = FilePath.get(disk.path(file)).open("r")) {
      return readAll(channel);
    }
  }

  private static byte[] readAll(FileChannel channel) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate((int) channel.size());
    channel.read(bytes, 0);
    return bytes.array();
  }
}
