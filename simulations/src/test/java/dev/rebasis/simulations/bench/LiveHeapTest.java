package dev.rebasis.simulations.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Goal: what is said of a server's heap is what its JVM says. Method: the histogram of this JVM, while an array is held whose
 * bytes must be in it; texts that are no histogram.
 */
class LiveHeapTest {
  private static final int HELD = 40_000_000;

  @Test
  void whatIsHeldIsSeen() {
    byte[] held = new byte[HELD];
    LiveHeap heap = new LiveHeap(ProcessHandle.current().pid());
    double seen = heap.mostWhile(() -> assertThat(heap.megabytes()).isGreaterThan(HELD / 1e6));
    assertThat(seen).isGreaterThan(HELD / 1e6);
    assertThat(held).hasSize(HELD);
  }

  @Test
  void onlyTheTotalCounts() {
    assertThat(LiveHeap.total(List.of("   1:   2   3000000  [B (java.base@17)", "Total             4        5500000"))).isEqualTo(5.5);
    assertThat(LiveHeap.fullCollections(List.of("sun.gc.collector.0.invocations=7", "sun.gc.collector.1.invocations=3"))).isEqualTo(3);
    assertThatThrownBy(() -> LiveHeap.fullCollections(List.of("4711: no such process"))).hasMessageContaining("4711: no such process");
    assertThatThrownBy(() -> LiveHeap.total(List.of("4711: no such process"))).hasMessageContaining("4711: no such process");
  }
}
