package dev.rebasis.client.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.rebasis.client.Database;
import dev.rebasis.client.Pending;
import dev.rebasis.client.SyncClient;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.error.RebasisException;
import dev.rebasis.error.TransactionException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a program sees of a client that has no server. */
class LocalClientTest extends ClientRig {
  @Test
  void worksWithoutAServerAndKeepsEverything() {
    SyncClient client = client("local", null);
    client.transact(SCHEMA);
    Pending made = client.transact("[{:db/id \"x\" :k \"A\" :n 1}]");
    client.transact("[[:db/add [:k \"A\"] :n 2]]");
    assertThat(value(client.db(), "A", ":n")).isEqualTo(2L);
    assertThat(client.db().basisT()).isZero();
    List<Datom> before = datoms(client.db());
    client.close();

    SyncClient again = client("local", null);
    assertThat(datoms(again.db())).isEqualTo(before);
    assertThat(again.pending()).hasSize(3);
    assertThat(again.pending().get(1).id()).isEqualTo(made.id());
    assertThat(again.pending().get(1).resolve("x")).isEqualTo(made.resolve("x"));
    again.transact("[[:db/add [:k \"A\"] :n 3]]");
    assertThat(again.pending()).extracting(Pending::seq).containsExactly(1L, 2L, 3L, 4L);
  }

  @Test
  void refusedTransactionStoresNothing() {
    SyncClient client = client("local", null);
    client.transact(SCHEMA);
    List<Datom> before = datoms(client.db());
    assertThat(catchThrowableOfType(TransactionException.class, () -> client.transact("[[:db/add \"x\" :nope 1]]")).code())
        .isEqualTo(Keyword.of(":db.error/not-an-entity"));
    TransactionException wrongType =
        catchThrowableOfType(TransactionException.class, () -> client.transact("[{:k \"A\" :n \"three\"}]"));
    assertThat(wrongType.code()).isEqualTo(Keyword.of(":db.error/wrong-type-for-attribute"));
    assertThat(wrongType).hasMessageContaining(":n").hasMessageContaining("three");
    assertThatThrownBy(() -> client.transact("[[:db/add")).isInstanceOf(RebasisException.class);
    assertThatThrownBy(() -> client.transact("{:k \"A\"}")).isInstanceOf(TransactionException.class);
    assertThat(datoms(client.db())).isEqualTo(before);
    assertThat(client.pending()).hasSize(1);
    assertThat(client.transact("[{:k \"A\"}]").seq()).isEqualTo(2);
  }

  @Test
  void transactionTooLargeForAnyServerIsRefusedAtOnce() {
    SyncClient client = client("local", null);
    String large = "x".repeat(900_000);
    List<Object> forms = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      forms.add(List.of(":db/add", "e" + i, ":db/doc", large));
    }
    assertThat(catchThrowableOfType(TransactionException.class, () -> client.transact(forms)).code())
        .isEqualTo(Keyword.of(":rebasis.error/transaction-too-large"));
  }

  @Test
  void valueThatNoMessageCanCarryIsRefusedAtOnce() {
    SyncClient client = client("local", null);
    client.transact("[{:db/ident :price :db/valueType :db.type/bigdec :db/cardinality :db.cardinality/one}]");
    assertThat(catchThrowableOfType(TransactionException.class,
        () -> client.transact(List.of(List.of(":db/add", "x", ":price", new BigDecimal("1E+99999999"))))).code())
        .isEqualTo(Keyword.of(":rebasis.error/unsendable-value"));
    assertThat(client.pending()).hasSize(1);
    client.transact(List.of(List.of(":db/add", "x", ":price", new BigDecimal("12.50"))));
  }

  @Test
  void databaseValuesStayAsTheyWere() {
    SyncClient client = client("local", null);
    client.transact(SCHEMA);
    client.transact("[{:k \"A\" :n 1}]");
    Database before = client.db();
    client.transact("[[:db/add [:k \"A\"] :n 2]]");
    assertThat(value(before, "A", ":n")).isEqualTo(1L);
  }
}
