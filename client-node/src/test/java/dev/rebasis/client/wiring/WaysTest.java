package dev.rebasis.client.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Goal: a client goes by requests only where WebSockets do not work, and not for ever. Method: time by hand. */
class WaysTest {
  private long now = 1_000;
  private final Ways ways = new Ways(() -> now, 60_000);

  @Test
  void webSocketsComeFirst() {
    assertThat(ways.isExchange()).isFalse();
    assertThat(ways.isDue()).isFalse();
  }

  @Test
  void aRefusalIsEnough_andAWebSocketIsTriedAgainAfterAWhile() {
    ways.refused();
    assertThat(ways.isExchange()).isTrue();
    now += 59_999;
    assertThat(ways.isExchange()).isTrue();
    now++;
    assertThat(ways.isDue()).isTrue();
    assertThat(ways.isExchange()).isFalse();
    ways.refused();
    assertThat(ways.isExchange()).as("it was tried in vain").isTrue();
    now += 60_000;
    ways.webSocketWorks();
    assertThat(ways.isExchange()).isFalse();
    assertThat(ways.isDue()).isFalse();
  }

  @Test
  void cutsCountOnlyIfTheyComeSoonAndInARow() {
    ways.cut(10);
    ways.cut(10);
    ways.cut(Ways.LIVED_MILLIS);
    ways.cut(10);
    ways.cut(10);
    assertThat(ways.isExchange()).isFalse();
    ways.cut(10);
    assertThat(ways.isExchange()).isTrue();
  }
}
