package dev.rebasis.client.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rebasis.data.Datom;
import dev.rebasis.data.Transaction;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import java.util.List;
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
      quota.check(0);
    }
    assertThat(looks).isEqualTo(2);
    free = 99;
    RebasisException reason = null;
    for (int i = 0; i < 64 && reason == null; i++) {
      reason = quota.arriving();
    }
    assertThat(reason.code().toString()).isEqualTo(":rebasis.error/disk-full");
    assertThat(reason.category()).isEqualTo(ErrorCategory.RETRY_LATER);
    assertThat(reason.retryAfter()).isPositive();
    assertThatThrownBy(() -> quota.check(0)).hasMessageContaining("99 bytes free");
    free = 100;
    quota.check(0);
    assertThat(quota.arriving()).isNull();
  }

  @Test
  void aStoreAtItsLimitTakesNothingThatArrives() {
    bytes = 501;
    assertThat(quota.arriving().code().toString()).isEqualTo(":rebasis.error/store-full");
    bytes = 500;
    assertThat(quota.arriving()).isNull();
  }

  @Test
  void largeTransactionsAreStoppedBeforeTheyFillTheDisk() {
    long[] left = {40L << 20};
    Quota large = new Quota(Long.MAX_VALUE, () -> 0, 32L << 20, () -> left[0]);
    int made = 0;
    RebasisException reason = null;
    while (reason == null && made < 64) {
      try {
        large.check(1L << 20);
        // In the log, and again in the tables.
        left[0] -= 2L << 20;
        made++;
      } catch (RebasisException e) {
        reason = e;
      }
    }
    assertThat(reason.code()).hasToString(":rebasis.error/disk-full");
    assertThat(left[0]).as("after " + made).isGreaterThan(24L << 20);
    assertThatThrownBy(() -> new Quota(Long.MAX_VALUE, () -> 0, 32L << 20, () -> 40L << 20).check(9L << 20))
        .as("one that would take the reserve by itself").hasMessageContaining("the transaction takes about 9437184");
  }

  @Test
  void largeBatchesThatArriveAreLookedAtByTheirSize() {
    String text = "x".repeat(1 << 20);
    Transaction batch = new Transaction(1001, List.of(new Datom(1L << 44, 62, text, (3L << 42) + 1001, true)));
    long[] left = {40L << 20};
    Quota large = new Quota(Long.MAX_VALUE, () -> 0, 32L << 20, () -> left[0]);
    int taken = 0;
    while (large.arriving() == null && taken < 64) {
      large.arrived(List.of(batch));
      left[0] -= 2L << 20;
      taken++;
    }
    assertThat(taken).isLessThan(64);
    assertThat(left[0]).isGreaterThan(20L << 20);
  }

  @Test
  void aStoreIsNotOvershotByManyTransactions() {
    long[] size = {0};
    Quota small = new Quota(80 << 20, () -> size[0], 0, () -> 0);
    assertThatThrownBy(() -> {
      for (int i = 0; i < 200; i++) {
        small.check(1 << 20);
        size[0] += 1 << 20;
      }
    }).hasMessageContaining("more than the 83886080");
    assertThat(size[0]).isLessThan(92L << 20);
  }
}
