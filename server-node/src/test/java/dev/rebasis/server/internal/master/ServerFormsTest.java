package dev.rebasis.server.internal.master;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rebasis.data.Keyword;
import dev.rebasis.error.TransactionException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Goal: no transaction is committed that no client could ever load. Method: sizes on both sides of the bounds. */
class ServerFormsTest {
  private static final Keyword DOC = Keyword.of(":db/doc");

  private static List<Object> forms(int count, String value) {
    List<Object> forms = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      forms.add(List.of(Keyword.of(":db/add"), "e" + i, DOC, value));
    }
    return forms;
  }

  @Test
  void aTransactionWithinTheBoundIsTaken() {
    assertThat(ServerForms.checked(forms(7, "x".repeat(4 << 20)))).hasSize(7);
    assertThat(ServerForms.checked(forms(100_000, "a short value"))).hasSize(100_000);
  }

  @Test
  void oneThatNoMessageCouldHoldIsRefused() {
    for (List<Object> large : List.of(forms(9, "x".repeat(4 << 20)), forms(3, "\u20ac".repeat(4 << 20)), forms(600_000, "short"))) {
      assertThatThrownBy(() -> ServerForms.checked(large)).isInstanceOf(TransactionException.class)
          .hasMessageContaining("Transact it in parts")
          .satisfies(e -> assertThat(((TransactionException) e).code()).hasToString(":rebasis.error/transaction-too-large"));
    }
  }

  @Test
  void aStringThatNoClientReadsIsRefused() {
    assertThatThrownBy(() -> ServerForms.checked(forms(1, "x".repeat((4 << 20) + 1)))).isInstanceOf(TransactionException.class)
        .satisfies(e -> assertThat(((TransactionException) e).code()).hasToString(":rebasis.error/value-too-large"));
  }
}
