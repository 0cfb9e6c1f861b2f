package dev.rebasis.client.internal.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Schema;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Transactions that leave the overlay from the middle, and facts that change very often. */
class OverlayTest {
  private static final long E = -7;
  private static final long A = 1000;

  private static Datom operation(long transaction) {
    return new Datom(E, A, "v", -transaction, transaction % 2 == 1);
  }

  private static Overlay toggled(long times) {
    Overlay overlay = Overlay.EMPTY;
    for (long transaction = 1; transaction <= times; transaction++) {
      overlay = overlay.apply(List.of(operation(transaction)), Schema.EMPTY);
    }
    return overlay;
  }

  private static List<Datom> operations(Overlay overlay) {
    List<Datom> operations = new ArrayList<>();
    overlay.operations(IndexOrder.EAVT, E, A).forEach(operations::add);
    return operations;
  }

  @Test
  void theOperationsOnAFactComeInTheirOrder() {
    assertThat(operations(toggled(4))).containsExactly(operation(1), operation(2), operation(3), operation(4));
  }

  @Test
  void aTransactionLeavesFromWhereverItStands() {
    Overlay all = toggled(4);
    assertThat(operations(all.revert(List.of(operation(1)), Schema.EMPTY)))
        .containsExactly(operation(2), operation(3), operation(4));
    assertThat(operations(all.revert(List.of(operation(3)), Schema.EMPTY)))
        .containsExactly(operation(1), operation(2), operation(4));
    assertThat(operations(all.revert(List.of(operation(4)), Schema.EMPTY)))
        .containsExactly(operation(1), operation(2), operation(3));
    assertThat(operations(all)).as("the overlay itself is immutable").hasSize(4);
    assertThat(toggled(1).revert(List.of(operation(1)), Schema.EMPTY).isEmpty()).isTrue();
  }

  @Test
  void whatIsNotInItCannotLeave() {
    assertThatThrownBy(() -> toggled(3).revert(List.of(operation(5)), Schema.EMPTY))
        .isInstanceOf(IllegalStateException.class).hasMessageContaining("Not in the overlay");
    assertThatThrownBy(() -> Overlay.EMPTY.revert(List.of(operation(1)), Schema.EMPTY))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aFactMayBeToggledManyTimes() {
    int times = 200_000;
    Overlay overlay = toggled(times).revert(List.of(operation(1)), Schema.EMPTY);
    assertThat(operations(overlay)).hasSize(times - 1).startsWith(operation(2)).endsWith(operation(times));
  }
}
