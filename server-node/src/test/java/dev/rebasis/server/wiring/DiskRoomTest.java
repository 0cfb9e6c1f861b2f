package dev.rebasis.server.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Goal: a server meets a full disk while its reserve is there, however fast its log grows. Method: a disk by hand. */
class DiskRoomTest {
  @TempDir
  private Path folder;
  private final AtomicLong free = new AtomicLong(1_000_000);

  private void grow(int bytes) throws IOException {
    Path log = folder.resolve("log.mv.db");
    Files.write(log, new byte[Files.exists(log) ? (int) Files.size(log) + bytes : bytes]);
    free.addAndGet(-bytes);
  }

  @Test
  void growthIsAReasonToLookBeforeTheTimer() throws IOException {
    DiskRoom room = new DiskRoom(folder, 80_000, path -> free.get());
    grow(20_000);
    assertThat(room.look()).isNull();
    grow(9_000);
    assertThat(room.hasGrown()).isFalse();
    grow(1_000);
    assertThat(room.hasGrown()).as("an eighth of the reserve").isTrue();
    assertThat(room.look()).isNull();
    assertThat(room.hasGrown()).as("looked at").isFalse();
  }

  @Test
  void aLogThatGrowsWithoutATimerStopsWithinItsReserve() throws IOException {
    DiskRoom room = new DiskRoom(folder, 80_000, path -> free.get());
    free.set(200_000);
    grow(1_000);
    assertThat(room.look()).isNull();
    boolean stopped = false;
    for (int i = 0; i < 200 && !stopped; i++) {
      grow(1_000);
      stopped = room.hasGrown() && room.look() != null;
    }
    assertThat(stopped).isTrue();
    assertThat(free.get()).isBetween(60_000L, 80_000L);
    free.set(80_000);
    assertThat(room.look()).isNull();
  }

  @Test
  void withoutAReserveNobodyLooks() throws IOException {
    DiskRoom room = new DiskRoom(folder, 0, path -> {
      throw new IOException("nobody asks");
    });
    grow(1_000);
    assertThat(room.hasGrown()).isFalse();
    assertThat(room.look()).isNull();
    assertThat(new DiskRoom(null, 1).hasGrown()).as("in memory").isFalse();
  }
}
