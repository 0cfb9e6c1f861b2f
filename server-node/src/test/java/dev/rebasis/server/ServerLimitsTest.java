package dev.rebasis.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Goal: limits are refused where they make no sense, and versions compare as numbers. Method: a table. */
class ServerLimitsTest {
  private static ServerLimits demanding(String version) {
    return new ServerLimits(64 << 10, 1, 1, 0, Duration.ZERO, 1, 1, 2, version, 0, 64 << 20);
  }

  @ParameterizedTest
  @CsvSource({
      "2.10.1, 2.10.1, true", "2.10.1, 2.9.9, false", "2.10.1, 2.11, true", "2.10.1, 3, true", "2.10.1, 2.10, false",
      "2, 2.0.0, true", "2.0.1, 2, false", "2.10.1, newest, false", "2.10.1, '', false", ", 1.0, true"})
  void versionsAreComparedNumberByNumber(String least, String told, boolean admitted) {
    assertThat(demanding(least).admits(told)).isEqualTo(admitted);
  }

  @Test
  void whoTellsNoVersionIsNotAdmittedWhereOneIsDemanded() {
    assertThat(demanding("1").admits(null)).isFalse();
    assertThat(ServerLimits.DEFAULT.admits(null)).isTrue();
  }

  @Test
  void settingsThatMakeNoSenseAreRefusedByName() {
    assertThatThrownBy(() -> demanding("v2")).hasMessageContaining("min-client-version");
    assertThatThrownBy(() -> new ServerLimits(1_000, 1, 1, 0, Duration.ZERO, 1, 1))
        .hasMessageContaining("max-message-bytes").hasMessageContaining("it is 1000");
    assertThatThrownBy(() -> new ServerLimits(64 << 10, 0, 1, 0, Duration.ZERO, 1, 1))
        .hasMessageContaining("max-sessions");
    assertThatThrownBy(() -> new ServerLimits(64 << 10, 1, 1, 0, Duration.ZERO, 1, 1, 99, null, 0, 64 << 20))
        .hasMessageContaining("min-protocol");
    assertThatThrownBy(() -> new ServerLimits(64 << 10, 1, 1, 0, Duration.ZERO, 1, 1, 2, null, 0, 1_000))
        .hasMessageContaining("max-scope-bytes").hasMessageContaining("it is 1000");
  }
}
