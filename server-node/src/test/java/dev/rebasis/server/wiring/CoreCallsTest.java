package dev.rebasis.server.wiring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Goal: whoever asks a core hears something, and in words. Method: a core that is held up, and one that is closed. */
class CoreCallsTest {
  @Test
  void aCoreThatIsBusyIsToldOf_andOneThatIsClosed() {
    CountDownLatch held = new CountDownLatch(1);
    try (Worker core = new Worker("core", "main", fault -> { })) {
      CoreCalls calls = new CoreCalls(core, "main", Duration.ofSeconds(60));
      assertThat(calls.ask(() -> 7)).isEqualTo(7);
      assertThatThrownBy(() -> calls.ask(() -> {
        throw new IllegalStateException("its own");
      })).hasRootCauseMessage("its own");
      core.execute(() -> {
        try {
          held.await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      });
      CoreCalls impatient = new CoreCalls(core, "main", Duration.ZERO);
      assertThatThrownBy(() -> impatient.ask(() -> 7)).isInstanceOfSatisfying(RebasisException.class, busy -> {
        assertThat(busy.code()).isEqualTo(CoreCalls.BUSY);
        assertThat(busy.category()).isEqualTo(ErrorCategory.RETRY_LATER);
        assertThat(busy.getMessage()).contains("'main'");
      });
      held.countDown();
      core.close();
      assertThatThrownBy(() -> calls.ask(() -> 7)).isInstanceOf(RebasisException.class).hasMessageContaining("closed");
    }
  }
}
