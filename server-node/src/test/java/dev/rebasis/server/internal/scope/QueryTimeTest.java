package dev.rebasis.server.internal.scope;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.conflict.Guard;
import dev.rebasis.conflict.TimeLimit;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** How long queries may take, with a clock and without. */
class QueryTimeTest {
  @Test
  void whereEverythingIsCalledOnTheSpotNoClockIsLookedAt() {
    QueryTime time = QueryTime.of(Guard.DIRECT);
    assertThat(time.scopeMillis().getAsLong()).isEqualTo(Guard.FOREVER);
    assertThat(time.sightMillis()).isEqualTo(Guard.FOREVER);
  }

  @Test
  void aServerWithATimeLimitGivesUpQueriesToo() {
    QueryTime time = QueryTime.of(new TimeLimit(Runnable::run, Duration.ofSeconds(1)));
    assertThat(time.scopeMillis().getAsLong()).isEqualTo(2_000);
    assertThat(time.sightMillis()).isEqualTo(2_000);
  }

  @Test
  void scopesTakeNoMoreThanIsLeft() {
    AtomicLong left = new AtomicLong(5_000);
    QueryTime time = QueryTime.within(left::get);
    assertThat(time.scopeMillis().getAsLong()).isEqualTo(2_000);
    left.set(7);
    assertThat(time.scopeMillis().getAsLong()).isEqualTo(7);
    left.set(-1);
    assertThat(time.scopeMillis().getAsLong()).as("nothing is left").isNegative();
    assertThat(time.sightMillis()).isEqualTo(2_000);
  }
}
