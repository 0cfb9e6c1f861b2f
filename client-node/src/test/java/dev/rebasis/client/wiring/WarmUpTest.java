package dev.rebasis.client.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.Status;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** The warm-up runs through what it is meant to warm: a catch-up with conflicts, and own transactions that are confirmed. */
class WarmUpTest {
  @Test
  void aRehearsalMeetsOthersAndIsConfirmed() {
    Status.Counters counters = WarmUp.rehearse(3, new AtomicBoolean());
    assertThat(counters.rebased()).as("decided anew").isGreaterThan(100);
    assertThat(counters.accepted()).isEqualTo(3 * 151);
    assertThat(counters.confirmed()).isGreaterThan(3 * 200);
  }

  @Test
  void itEndsAfterTheRoundInWhichItIsStopped() {
    assertThat(WarmUp.rehearse(100, new AtomicBoolean(true)).accepted()).isZero();
  }
}
