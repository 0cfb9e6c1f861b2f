package dev.rebasis.server.internal.master;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.rebasis.error.RebasisException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Goal: no question of a tool reads for ever, or is answered with more than is sent. */
class AnswerLimitsTest {
  private long nanos;

  @Test
  void readingEndsWhenTheTimeIsOver() {
    ReadMeter meter = new ReadMeter(() -> nanos, 10, 1_000_000);
    for (int i = 0; i < 1_000; i++) {
      assertThat(meter.read()).isTrue();
    }
    nanos = 10_000_001;
    RebasisException over = catchThrowableOfType(RebasisException.class, () -> {
      for (int i = 0; i < 1_000; i++) {
        meter.read();
      }
    });
    assertThat(over).hasMessageContaining("longer than 10 ms");
  }

  @Test
  void readingEndsAtTooManyDatoms() {
    ReadMeter meter = new ReadMeter(() -> nanos, 10, 2);
    assertThat(meter.read() && meter.read()).isTrue();
    assertThat(catchThrowableOfType(RebasisException.class, meter::read)).hasMessageContaining("more than 2 datoms");
  }

  @Test
  void anAnswerThatIsTooLongIsNotCopiedToItsEnd() {
    Object small = List.of(Map.of("k", List.of(1L, 2L)), "text");
    assertThat(PlainAnswer.of(small)).isEqualTo(small);
    for (Object large : List.of(Collections.nCopies(Integer.MAX_VALUE, 1L), List.of("x".repeat(9_000_000)))) {
      assertThat(catchThrowableOfType(RebasisException.class, () -> PlainAnswer.of(large)).code().toString())
          .isEqualTo(":rebasis.error/answer-too-large");
    }
  }
}
