package dev.rebasis.simulations.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.h2.mvstore.MVStore;
import org.h2.store.fs.FilePath;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/** The disk keeps what was forced, may lose all else, and does it alike for one seed. */
class SimDiskTest {

  private final SimDisk disk;

  SimDiskTest(TestInfo test) {
    disk = SimDisk.create("test." + test.getTestMethod().orElseThrow().getName(), 1);
  }

  @AfterEach
  void close() {
    disk.close();
  }

  @Test
  void whatWasForcedSurvivesEachLossOfPower() throws IOException {
    write("a", "kept", true);
    for (int i = 0; i < 50; i++) {
      write("a", "gone", false);
      write("a", "kept", true);
      disk.powerLoss();
      assertThat(read("a")).isEqualTo("kept");
    }
  }

  @Test
  void whatWasNotForcedIsSometimesLostAndSometimesNot() throws IOException {
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < 50; i++) {
      write("a", "old!", true);
      write("a", "new!", false);
      disk.powerLoss();
      seen.add(read("a"));
    }
    assertThat(seen).containsExactlyInAnyOrder("old!", "new!");
  }

  @Test
  void aLongWriteTearsBetweenSectorsAndNeverWithin() throws IOException {
    boolean torn = false;
    for (int i = 0; i < 50; i++) {
      write("a", "o".repeat(5 * Sectors.BYTES), true);
      write("a", "n".repeat(5 * Sectors.BYTES), false);
      disk.powerLoss();
      String found = read("a");
      for (int sector = 0; sector < 5; sector++) {
        String part = found.substring(sector * Sectors.BYTES, (sector + 1) * Sectors.BYTES);
        assertThat(part.chars().distinct().count()).isEqualTo(1);
      }
      torn |= found.contains("o") && found.contains("n");
    }
    assertThat(torn).isTrue();
  }

  @Test
  void aTruncationSurvivesOrNot() throws IOException {
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < 50; i++) {
      write("a", "long", true);
      try (FileChannel channel = open("a")) {
        channel.truncate(2);
      }
      disk.powerLoss();
      seen.add(read("a"));
    }
    assertThat(seen).containsExactlyInAnyOrder("long", "lo");
  }

  @Test
  void namesSurviveUpToSomePointInTheirOrder() throws IOException {
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < 60; i++) {
      write("a", "x", true);
      path("a").moveTo(path("b"), true);
      path("c").createFile();
      path("b").delete();
      disk.powerLoss();
      seen.add(String.join(",", disk.files()));
      disk.files().forEach(file -> path(file).delete());
      write("settle", "x", true);
      path("settle").delete();
      write("settled", "x", true);
      path("settled").delete();
    }
    assertThat(seen).contains("a", "b", "b,c", "c").doesNotContain("a,b", "a,c", "a,b,c", "");
  }

  @Test
  void theEndOfTheProcessLosesNothing() throws IOException {
    write("a", "not forced", false);
    disk.processCrash();
    assertThat(read("a")).isEqualTo("not forced");
  }

  @Test
  void whatAnEarlierLifeHoldsDoesNoMoreHarm() throws IOException {
    FileChannel channel = open("a");
    FilePath path = path("a");
    disk.processCrash();
    assertThatThrownBy(() -> channel.write(ByteBuffer.allocate(1))).isInstanceOf(IOException.class);
    assertThatThrownBy(path::delete).hasMessageContaining("earlier life");
    channel.close();
    assertThat(disk.files()).containsExactly("a");
  }

  @Test
  void oneSeedGivesOneLoss() throws IOException {
    assertThat(lossesOf(7)).isEqualTo(lossesOf(7)).isNotEqualTo(lossesOf(8));
  }

  private static String lossesOf(long seed) throws IOException {
    StringBuilder found = new StringBuilder();
    try (SimDisk one = SimDisk.create("seed", seed)) {
      for (int i = 0; i < 20; i++) {
        try (FileChannel channel = FilePath.get(one.path("a")).open("rw")) {
          channel.write(ByteBuffer.wrap(("" + (char) ('a' + i)).repeat(3_000).getBytes(StandardCharsets.US_ASCII)), 0);
          channel.force(true);
          channel.write(ByteBuffer.wrap(("" + (char) ('A' + i)).repeat(3_000).getBytes(StandardCharsets.US_ASCII)), 0);
        }
        one.powerLoss();
        found.append(read(one, "a"));
      }
    }
    return found.toString();
  }

  @Test
  void thePowerGoesWhenPlanned() throws IOException {
    write("a", "kept", true);
    FileChannel channel = open("a");
    disk.faults().cutPowerAt(2);
    channel.write(ByteBuffer.wrap(new byte[4]), 0);
    assertThatThrownBy(() -> channel.force(true)).hasMessageContaining("power is off");
    assertThat(disk.faults().isOff()).isTrue();
    assertThatThrownBy(() -> channel.read(ByteBuffer.allocate(1))).hasMessageContaining("power is off");
    disk.powerLoss(new Random(3));
    assertThat(disk.faults().isOff()).isFalse();
    assertThat(read("a")).isIn("kept", "\0\0\0\0");
  }

  @Test
  void operationsFailWhenPlannedAndAreCounted() throws IOException {
    try (FileChannel channel = open("a")) {
      disk.faults().failAt(DiskOperation.FORCE, 2);
      channel.force(true);
      assertThatThrownBy(() -> channel.force(true)).hasMessageContaining("planned fault: FORCE");
      channel.force(true);
      disk.faults().capacityBytes(100);
      assertThatThrownBy(() -> channel.write(ByteBuffer.allocate(101))).hasMessageContaining("No space left");
      assertThatCode(() -> channel.write(ByteBuffer.allocate(100))).doesNotThrowAnyException();
    }
    DiskCounters counters = disk.counters();
    assertThat(counters.forces()).isEqualTo(3);
    assertThat(counters.writes()).isEqualTo(2);
    assertThat(counters.writtenBytes()).isEqualTo(100);
    assertThat(disk.usedBytes()).isEqualTo(100);
  }

  @Test
  void aLockKeepsOthersOutUntilItIsReleasedOrItsHolderDies() throws IOException {
    FileChannel first = open("a");
    FileChannel second = open("a");
    FileLock lock = first.tryLock();
    assertThat(lock.isValid()).isTrue();
    assertThat(second.tryLock()).isNull();
    assertThatThrownBy(first::tryLock).isInstanceOf(OverlappingFileLockException.class);
    lock.release();
    assertThat(second.tryLock()).isNotNull();
    disk.processCrash();
    assertThat(open("a").tryLock()).isNotNull();
  }

  @Test
  void storesAndDatabasesOfH2RunOnSeveralDisksAtOnce() throws SQLException {
    try (SimDisk other = SimDisk.create("other", 2)) {
      for (SimDisk each : new SimDisk[] {disk, other}) {
        try (MVStore store = MVStore.open(each.path("index.mv"))) {
          store.openMap("m").put("disk", each.name());
        }
        try (Connection connection = DriverManager.getConnection(each.url("dir/db", ""))) {
          connection.createStatement().execute("CREATE TABLE t AS SELECT '" + each.name() + "' AS v");
        }
      }
      disk.powerLoss();
      for (SimDisk each : new SimDisk[] {disk, other}) {
        try (MVStore store = MVStore.open(each.path("index.mv"))) {
          assertThat(store.openMap("m").get("disk")).isEqualTo(each.name());
        }
        try (Connection connection = DriverManager.getConnection(each.url("dir/db", ""));
            ResultSet found = connection.createStatement().executeQuery("SELECT v FROM t")) {
          found.next();
          assertThat(found.getString(1)).isEqualTo(each.name());
        }
      }
    }
  }

  @Test
  void aNameIsFreeAgainOnceItsDiskIsClosed() {
    String path;
    try (SimDisk one = SimDisk.create("once", 1)) {
      path = one.path("a");
      assertThatThrownBy(() -> SimDisk.create("once", 1)).isInstanceOf(IllegalStateException.class);
    }
    assertThatThrownBy(() -> FilePath.get(path).exists()).hasMessageContaining("no such simulated disk");
    assertThatCode(() -> SimDisk.create("once", 1).close()).doesNotThrowAnyException();
  }

  private FilePath path(String file) {
    return FilePath.get(disk.path(file));
  }

  private FileChannel open(String file) throws IOException {
    return path(file).open("rw");
  }

  private void write(String file, String text, boolean force) throws IOException {
    try (FileChannel channel = open(file)) {
      channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)), 0);
      if (force) {
        channel.force(true);
      }
    }
  }

  private String read(String file) throws IOException {
    return read(disk, file);
  }

  private static String read(SimDisk disk, String file) throws IOException {
    try (FileChannel channel = FilePath.get(disk.path(file)).open("r")) {
      ByteBuffer bytes = ByteBuffer.allocate((int) channel.size());
      channel.read(bytes, 0);
      return new String(bytes.array(), StandardCharsets.US_ASCII);
    }
  }
}
