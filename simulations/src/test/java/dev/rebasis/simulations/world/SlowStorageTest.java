package dev.rebasis.simulations.world;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A slow disk delays what the storage thread does, and never changes its order. */
class SlowStorageTest {
  @Test
  void tasksWaitInOrderWhileTheDiskIsSlow() {
    try (World world = new World(1)) {
      SlowStorage storage = new SlowStorage(world, "c1", Runnable::run);
      List<Integer> done = new ArrayList<>();
      storage.execute(() -> done.add(0));
      assertThat(done).containsExactly(0);

      world.setSlowDisk("c1", 500);
      for (int i = 1; i <= 5; i++) {
        int task = i;
        storage.execute(() -> done.add(task));
      }
      assertThat(done).containsExactly(0);
      world.setSlowDisk("c1", 0);
      storage.execute(() -> done.add(6));
      assertThat(done).as("what is quick waits for what is not").containsExactly(0);
      world.advance(Duration.ofMillis(5 * 500));
      assertThat(done).containsExactly(0, 1, 2, 3, 4, 5, 6);
    }
  }

  @Test
  void aProgramThatEndsWaitsForItsDisk() {
    try (World world = new World(1)) {
      world.setSlowDisk("server", 500);
      SlowStorage storage = new SlowStorage(world, "server", Runnable::run);
      List<Integer> done = new ArrayList<>();
      storage.execute(() -> done.add(1));
      storage.drain();
      world.advance(Duration.ofSeconds(2));
      assertThat(done).as("once").containsExactly(1);
    }
  }
}
