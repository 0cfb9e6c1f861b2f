package dev.rebasis.client.internal.core;

import static dev.rebasis.client.internal.Samples.tx;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.internal.sync.SyncAction;
import dev.rebasis.data.Transaction;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** When a load counts as under way, for what waits for its end. */
class ConfirmedSideTest {
  @ParameterizedTest
  @EnumSource(names = {"HELD", "DROPPED", "HIDDEN"})
  void whatIsNotShownYet_isPartOfALoad(SyncAction.View view) {
    assertThat(after(false, view)).isTrue();
    assertThat(after(true, view, tx(1_000))).isTrue();
  }

  @ParameterizedTest
  @EnumSource(names = {"LOADED", "FORKED"})
  void itsEndEndsIt(SyncAction.View view) {
    assertThat(after(true, view)).isFalse();
    assertThat(after(true, view, tx(1_000))).isFalse();
  }

  @Test
  void whatIsDecidedMeanwhileDoesNot_butTransactionsThatAreShownDo() {
    assertThat(after(true, SyncAction.View.SHOWN)).isTrue();
    assertThat(after(true, SyncAction.View.SHOWN, tx(1_000))).isFalse();
    assertThat(after(false, SyncAction.View.SHOWN)).isFalse();
  }

  private static boolean after(boolean loading, SyncAction.View view, Transaction... transactions) {
    return ConfirmedSide.goesOn(loading, new SyncAction.Apply(1, List.of(transactions), List.of(), view));
  }
}
