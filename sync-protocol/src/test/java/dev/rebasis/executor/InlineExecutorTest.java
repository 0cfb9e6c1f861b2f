package dev.rebasis.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class InlineExecutorTest {
  private final InlineExecutor executor = new InlineExecutor();
  private final List<String> done = new ArrayList<>();

  @Test
  void aTaskGivenByARunningTaskBeginsWhenThatOneHasEnded() {
    executor.execute(() -> {
      executor.execute(() -> done.add("inner"));
      done.add("outer");
    });

    assertThat(done).containsExactly("outer", "inner");
  }

  @Test
  void aFailingTaskThrowsAtItsGiverAndKeepsTheTasksBehindIt() {
    assertThatThrownBy(() -> executor.execute(() -> {
      executor.execute(() -> done.add("behind"));
      throw new IllegalStateException("broken");
    })).hasMessage("broken");
    assertThat(done).isEmpty();

    executor.execute(() -> done.add("next"));

    assertThat(done).containsExactly("behind", "next");
  }
}
