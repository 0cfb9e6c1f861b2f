package dev.rebasis.client.internal.log;

import static dev.rebasis.client.internal.Samples.USER;
import static dev.rebasis.client.internal.Samples.add;
import static dev.rebasis.client.internal.Samples.intent;
import static dev.rebasis.client.internal.Samples.tx;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rebasis.client.Durability;
import dev.rebasis.client.internal.Samples;
import dev.rebasis.conflict.Conflict;
import dev.rebasis.data.Bytes;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Symbol;
import dev.rebasis.data.Transaction;
import dev.rebasis.data.Values;
import dev.rebasis.error.RebasisException;
import dev.rebasis.error.TransactionException;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.OutcomeKind;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;


/** What goes into the log comes out again, after closing and opening it in a real folder. */
class ClientLogTest {
  @TempDir Path folder;

  private ClientLog open() {
    return ClientLog.open(StoreFiles.folder(folder.resolve("store")), Durability.POWER_LOSS, Samples.ids());
  }

  private static List<Transaction> all(ClientLog log) {
    List<Transaction> transactions = new ArrayList<>();
    log.transactionsAfter(0, transactions::add);
    return transactions;
  }

  @Test
  void aNewStoreIsEmptyAndKeepsItsId() {
    UUID store;
    try (ClientLog log = open()) {
      store = log.state().storeId();
      assertThat(log.state()).isEqualTo(new LogState(new StoreIds(store, null, 0, null, null, null, 0, null, null),
          log.incarnation(), 0, null, HashChain.START, 1, 1, List.of(), Set.of(), MadeIds.NONE, null, 0,
          LogEntry.Part.ALL, null));
    }
    try (ClientLog log = open()) {
      assertThat(log.state().storeId()).isEqualTo(store);
    }
  }

  private static void confirm(ClientLog log, int from, int count) {
    for (int i = from; i < from + count; i++) {
      log.write(List.of(new LogEntry.Confirmed(List.of(tx(1_000 + i, new Object[][] {add(USER + i, 72, (long) i)})))), false);
    }
  }

  @Test
  void inMemoryConfirmedTransactionsWaitUntilTheyAreReadOrTakenBack() {
    try (ClientLog log = open(); ClientLog memory =
        ClientLog.open(StoreFiles.inMemory(), Durability.PROCESS_CRASH, Samples.ids())) {
      confirm(log, 0, 500);
      confirm(memory, 0, 500);
      assertThat(log.isBehind()).isTrue();
      assertThat(memory.isBehind()).isFalse();
      assertThat(all(memory)).isEqualTo(all(log)).hasSize(500);
      confirm(memory, 500, 100);
      memory.write(List.of(new LogEntry.Confirmed(List.of(new Transaction(1_600, List.of(), List.of(USER + 7L))))), false);
      assertThat(memory.isBehind()).isTrue();
      assertThat(memory.isFarBehind()).isFalse();
      memory.settle();
      assertThat(memory.isBehind()).isFalse();
      memory.write(List.of(new LogEntry.Scrubbed(Set.of(1_003L), Set.of(USER + 3L))), true);
      assertThat(memory.isFarBehind()).isTrue();
      memory.settle();
      assertThat(memory.isFarBehind()).isFalse();
      memory.write(List.of(new LogEntry.DropConfirmed()), true);
      assertThat(memory.isFarBehind()).isTrue();
      assertThat(all(memory)).isEmpty();
    }
  }

  @Test
  void whoHoldsAPartFindsTheRowsOfAnEntityByAnIndex() throws SQLException {
    try (ClientLog log = open(); ClientLog memory =
        ClientLog.open(StoreFiles.inMemory(), Durability.PROCESS_CRASH, Samples.ids())) {
      for (ClientLog each : List.of(log, memory)) {
        assertThat(plan(each)).doesNotContain("DATOM_E:");
        each.write(List.of(new LogEntry.Part(null, true)), true);
        assertThat(plan(each)).contains("DATOM_E:");
      }
    }
  }

  private static String plan(ClientLog log) throws SQLException {
    try (Connection reader = log.readOnlyConnection(() -> { }); Statement statement = reader.createStatement();
        ResultSet row = statement.executeQuery("EXPLAIN SELECT n FROM datom WHERE e = " + USER)) {
      row.next();
      return row.getString(1);
    }
  }

  @Test
  void everyTypeOfValueComesBack() {
    Object[] values = {
      "text with \"quotes\", \n lines and \u00e9\ud83d\ude00", "", true, false, 0L, Long.MIN_VALUE, Long.MAX_VALUE,
      new BigInteger("123456789012345678901234567890"), 1.5f, Float.NaN, -0.0, Double.MIN_VALUE,
      Double.NEGATIVE_INFINITY, new BigDecimal("1.00"), new BigDecimal("-1E+30"), Instant.ofEpochMilli(-1),
      Instant.ofEpochMilli(253_402_300_800_000L), UUID.fromString("00000000-0000-0000-0000-000000000001"),
      URI.create("http://example.org/a?b=c#d"), Keyword.of(":a/b"), Keyword.of(":plain"), Symbol.of("my/f"),
      Bytes.of((byte) 0, (byte) -1), Bytes.of(), Values.tuple(Arrays.asList(1L, null, Keyword.of(":x"), "s", 2.5)),
      "x".repeat(DatomRows.TEXT_MAX + 1)};
    Object[][] datoms = new Object[values.length][];
    for (int i = 0; i < values.length; i++) {
      datoms[i] = add(USER + i, 72, values[i]);
    }
    Transaction transaction = tx(1000, datoms);
    try (ClientLog log = open()) {
      log.write(List.of(new LogEntry.Confirmed(List.of(transaction))), false);
    }
    try (ClientLog log = open()) {
      assertThat(all(log)).containsExactly(transaction);
    }
  }

  @Test
  void transactionsComeBackInOrderFromAnyTWithTheirChain() {
    List<Transaction> written = new ArrayList<>();
    for (long t = 1000; t < 3000; t += 2) {
      written.add(t % 3 == 0 ? new Transaction(t, List.of()) : tx(t, add(USER + t, 72, "v" + t)));
    }
    String chain;
    try (ClientLog log = open()) {
      log.write(List.of(new LogEntry.Confirmed(written.subList(0, 100))), false);
      log.write(List.of(new LogEntry.Confirmed(written.subList(100, 1000))), true);
      chain = log.chain();
    }
    try (ClientLog log = open()) {
      assertThat(log.position()).isEqualTo(2998);
      assertThat(log.state().chain()).isEqualTo(chain).isEqualTo(log.chainAt(2998));
      assertThat(log.chainAt(2999)).isNull();
      assertThat(all(log)).isEqualTo(written);
      List<Transaction> later = new ArrayList<>();
      log.transactionsAfter(1198, later::add);
      assertThat(later).isEqualTo(written.subList(100, 1000));
    }
  }

  @Test
  void pendingIntentsComeBackInOrderAndNumbersGoOn() {
    Intent one = intent(1, 0, Keyword.of(":db/add"), -7L, Keyword.of(":a/b"), 1.5f);
    Intent two = new Intent(new UUID(9, 9), 2, 1000, Samples.EPOCH, List.of(Map.of(Keyword.of(":db/id"), -12L)),
        Map.of("x", 12L, Intent.TX_TEMPID, 11L));
    try (ClientLog log = open()) {
      log.write(List.of(new LogEntry.IntentMade(one), new LogEntry.IntentMade(two)), true);
    }
    try (ClientLog log = open()) {
      assertThat(log.state().pending()).containsExactly(one, two);
      assertThat(log.state().nextSeq()).isEqualTo(3);
      assertThat(log.state().nextLocal()).isEqualTo(13);
    }
  }

  @Test
  void aDecidedIntentIsPendingNoLongerAndItsEntitiesStayKnown() {
    Conflict conflict = new Conflict(Keyword.of(":rebasis.conflict/same"), USER + 1, Keyword.of(":a/b"), List.of("base"),
        List.of("local"), List.of(), List.of("local"), Keyword.of(":rebasis.policy/lww"), 13_194_139_534_312L);
    try (ClientLog log = open()) {
      log.write(List.of(new LogEntry.IntentMade(intent(1, 0, "a")), new LogEntry.IntentMade(intent(2, 0, "b"))), true);
      log.write(List.of(new LogEntry.Decided(intent(1, 0, "a").id(), OutcomeKind.MERGED, false, 1000,
          Map.of(1L, USER + 5), null, null, List.of(conflict)), new LogEntry.ClientNumber(4)), true);
    }
    try (ClientLog log = open()) {
      assertThat(log.state().pending()).extracting(Intent::seq).containsExactly(2L);
      assertThat(log.state().made().resolve(-1)).isEqualTo(USER + 5);
      assertThat(log.state().made().resolve(-2)).isEqualTo(-2);
      assertThat(log.state().clientNumber()).isEqualTo(4);
      assertThat(log.state().nextSeq()).isEqualTo(3);
    }
  }

  @Test
  void aWriteIsAllOrNothing() {
    try (ClientLog log = open()) {
      log.write(List.of(new LogEntry.IntentMade(intent(1, 0, "a"))), true);
      List<LogEntry> unknownAtTheEnd = List.of(
          new LogEntry.IntentMade(intent(2, 0, "b")), new LogEntry.Confirmed(List.of(tx(1000))),
          new LogEntry.Decided(new UUID(0, 0), OutcomeKind.ACCEPTED, false, 0, Map.of(), null, null, List.of()));
      assertThatThrownBy(() -> log.write(unknownAtTheEnd, true)).isInstanceOf(RebasisException.class);
      assertThat(log.position()).isZero();
      log.write(List.of(new LogEntry.IntentMade(intent(2, 0, "b")), new LogEntry.Confirmed(List.of(tx(1000)))), true);
    }
    try (ClientLog log = open()) {
      assertThat(log.state().pending()).extracting(Intent::seq).containsExactly(1L, 2L);
      assertThat(all(log)).containsExactly(tx(1000));
    }
  }

  @Test
  void aValueThatIsTooLargeIsRefusedBeforeAnythingIsWritten() {
    try (ClientLog log = open()) {
      Intent large = intent(1, 0, Map.of("k", List.of("x".repeat(DatomRows.TEXT_MAX + 1))));
      assertThatThrownBy(() -> log.write(List.of(new LogEntry.IntentMade(large)), true))
          .isInstanceOfSatisfying(TransactionException.class, e -> assertThat(e.code()).isEqualTo(StoreErrors.VALUE_TOO_LARGE));
      Intent many = intent(1, 0, (Object[]) new String[] {"x".repeat(900_000), "y".repeat(900_000)});
      log.write(List.of(new LogEntry.IntentMade(many)), true);
    }
    try (ClientLog log = open()) {
      assertThat(log.state().pending().get(0).forms().toString()).hasSizeGreaterThan(1_800_000);
    }
  }

  @Test
  void droppedTransactionsGiveANewIncarnation() {
    try (ClientLog log = open()) {
      UUID before = log.incarnation();
      log.write(List.of(new LogEntry.Confirmed(List.of(tx(1000), tx(1002)))), false);
      log.write(List.of(new LogEntry.DropConfirmed()), true);
      assertThat(log.position()).isZero();
      assertThat(log.incarnation()).isNotEqualTo(before);
      log.write(List.of(new LogEntry.Confirmed(List.of(tx(1001)))), false);
      assertThat(all(log)).containsExactly(tx(1001));
    }
  }
}
