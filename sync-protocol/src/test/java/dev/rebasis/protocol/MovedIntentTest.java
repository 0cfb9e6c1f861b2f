package dev.rebasis.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rebasis.edn.Edn;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A transaction that got another sequence number knows where it was made, however often it is moved. */
class MovedIntentTest {
  private static final Terms.Group TOGETHER = new Terms.Group(new UUID(1, 1), 2, 1);
  private static final Terms.Group LATER = new Terms.Group(new UUID(1, 2), 3, 0);

  private static Intent made(Terms.Group group) {
    return new Intent(new UUID(0, 7), 7, 100, Instant.EPOCH, List.of(), Map.of(Intent.TX_TEMPID, 3L),
        Terms.NONE.withGroup(group));
  }

  @Test
  void whatWasNeverMovedStandsWhereItWasMade() {
    assertThat(made(TOGETHER).asMade()).isEqualTo(made(TOGETHER));
  }

  @Test
  void whatIsMovedKeepsTheGroupThatItWasMadeIn() {
    Intent moved = made(TOGETHER).movedTo(9, null).movedTo(12, null);
    assertThat(moved.seq()).isEqualTo(12);
    assertThat(moved.terms().group()).isEqualTo(TOGETHER);
    assertThat(moved.asMade()).isEqualTo(made(TOGETHER));
  }

  @Test
  void whatWasBoundWasMadeInNoGroup() {
    Intent bound = made(null).movedTo(9, LATER).movedTo(12, null);
    assertThat(bound.terms().group()).isEqualTo(LATER);
    assertThat(bound.terms().moved()).isEqualTo(new Terms.Moved(7, true));
    assertThat(bound.asMade()).isEqualTo(made(null));
  }

  @Test
  void theNoteTravelsWithTheTermsButNotWithARetry() {
    Terms terms = made(null).movedTo(9, LATER).terms();
    assertThat(Terms.fromData(terms.toData())).isEqualTo(terms);
    assertThat(Edn.write(terms.toData())).contains(":moved [7 true]");
    assertThat(terms.retrying(new UUID(0, 7)).moved()).isNull();
    for (String wrong : List.of("{:moved [0 true]}", "{:moved [7]}", "{:moved [7 1]}", "{:moved 7}")) {
      assertThatThrownBy(() -> Terms.fromData(Edn.read(wrong))).as(wrong).isInstanceOf(IllegalArgumentException.class);
    }
  }
}
