package dev.rebasis.client.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import org.junit.jupiter.api.Test;

/** Goal: a store stops before its limit or its disk ends, and goes on when there is room. Method: sizes by hand. */
class QuotaTest {
  private long bytes;
  private long free = 1_000;
  private int looks;
  private final Quota quota = new Quota(500, () -> bytes, 100, () -> {
    looks++;
    return free;
  });

  @Test
  void theDiskIsAskedOnceInAWhileAndAlwaysWhileItIsFull() {
    for (int i = 0; i < 128; i++) {
      quota.check();
    }
    assertThat(looks).isEqualTo(2);
    free = 99;
    RebasisException reason = null;
    for (int i = 0; i < 64 && reason == null; i++) {
      reason = quota.arriving();
    }
    assertThat(reason.code().toString()).isEqualTo(":rebasis.error/disk-full");
    assertThat(reason.category()).isEqualTo(ErrorCategory.RETRY_LATER);
    assertThat(reason.data().get(Transport.RETRY_AFTER)).isInstanceOf(Long.class);
    assertThatThrownBy(quota::check).hasMessageContaining("99 bytes free");
    free = 100;
    quota.check();
    assertThat(quota.arriving()).isNull();
  }

  @Test
  void aStoreAtItsLimitTakesNothingThatArrives() {
    bytes = 501;
    assertThat(quota.arriving().code().toString()).isEqualTo(":rebasis.error/store-full");
    bytes = 500;
    assertThat(quota.arriving()).isNull();
  }
}
