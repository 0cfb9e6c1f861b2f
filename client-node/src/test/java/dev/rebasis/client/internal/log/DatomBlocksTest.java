package dev.rebasis.client.internal.log;

import static dev.rebasis.client.internal.Samples.USER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rebasis.client.Durability;
import dev.rebasis.client.internal.Samples;
import dev.rebasis.data.Bytes;
import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Symbol;
import dev.rebasis.data.SystemIds;
import dev.rebasis.data.Transaction;
import dev.rebasis.data.Values;
import dev.rebasis.error.RebasisException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: the datoms of large messages are the same before and after they become rows, to whoever reads the log, and whoever
 * reads the tables finds rows. Method: real stores, read at each step of the way.
 */
class DatomBlocksTest {
  private static final Object[] VALUES = {
    "text with \n lines and \u00e9\ud83d\ude00", "", true, false, 0L, Long.MIN_VALUE, Long.MAX_VALUE, new BigInteger("-123456789012345678901"),
    1.5f, Float.NaN, -0.0, Double.NEGATIVE_INFINITY, new BigDecimal("1.00"), Instant.ofEpochMilli(-1),
    UUID.fromString("00000000-0000-0000-0000-000000000001"), URI.create("http://example.org/a?b=c#d"), Keyword.of(":a/b"),
    Symbol.of("my/f"), Bytes.of((byte) 0, (byte) -1), Values.tuple(Arrays.asList(1L, null, Keyword.of(":x"), "s", 2.5))};
  private static final int LARGE = 2_500;
  /** A head that says text, three small numbers, and the largest length. */
  private static final String A_VERY_LONG_TEXT = "content = X'01020202FFFFFFFF07' || SUBSTRING(content FROM 10)";

  @TempDir Path folder;

  private ClientLog open() {
    return ClientLog.open(StoreFiles.folder(folder), Durability.POWER_LOSS, Samples.ids());
  }

  /** A transaction with values of all types; every third is retracted, and some are of older transactions. */
  private static Transaction large(long t, int size) {
    List<Datom> datoms = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      long of = i % 7 == 0 ? Math.max(1, t - i) : t;
      datoms.add(new Datom(USER + (i * 31L) % 1_000, i % 11 == 0 ? USER + 5 : SystemIds.DB_DOC, VALUES[i % VALUES.length], EntityIds.txOf(of), i % 3 != 0));
    }
    return new Transaction(t, datoms);
  }

  private static LogEntry confirmed(Transaction... transactions) {
    return new LogEntry.Confirmed(List.of(transactions));
  }

  private static List<Transaction> all(ClientLog log) {
    List<Transaction> found = new ArrayList<>();
    log.transactionsAfter(0, found::add);
    return found;
  }

  private static List<Transaction> readBeside(ClientLog log) {
    List<Transaction> found = new ArrayList<>();
    log.reads().transactionsUpTo(Long.MAX_VALUE, (transaction, chain) -> found.add(transaction));
    return found;
  }

  /** How many datoms are in rows and in blocks; looked at as H2 has them, without the log. */
  private List<Long> counts() throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:h2:" + folder.resolve("log") + ";ACCESS_MODE_DATA=r", "sa", "");
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT (SELECT count(*) FROM datom), (SELECT coalesce(sum(datoms), 0) FROM loaded)")) {
      row.next();
      return List.of(row.getLong(1), row.getLong(2));
    }
  }

  @Test
  void datomsAreTheSameBeforeWhileAndAfterTheyBecomeRows() throws SQLException {
    List<Transaction> written = new ArrayList<>(List.of(large(1_000, 3), large(1_001, 9_000), large(1_002, LARGE), large(1_003, 3)));
    try (ClientLog log = open()) {
      for (Transaction transaction : written) {
        log.write(List.of(confirmed(transaction)), false);
      }
      assertThat(all(log)).isEqualTo(written);
      assertThat(log.hasRowsToMake()).isTrue();
    }
    assertThat(counts()).isEqualTo(List.of(6L, 11_500L));
    int steps = 0;
    try (ClientLog log = open()) {
      for (; log.hasRowsToMake(); steps++) {
        assertThat(all(log)).isEqualTo(written);
        assertThat(readBeside(log)).isEqualTo(written);
        log.makeRows();
      }
      assertThat(readBeside(log)).isEqualTo(written);
    }
    assertThat(steps).as("9,000 and 2,500 in blocks of at most 4,096").isEqualTo(4);
    assertThat(counts()).isEqualTo(List.of(11_506L, 0L));
  }

  @Test
  void aValueTooLargeForABlockIsARowAmongThem() throws SQLException {
    List<Datom> datoms = new ArrayList<>(large(1_000, LARGE).datoms());
    for (int place : new int[] {0, 1_200, LARGE - 1}) {
      datoms.set(place, new Datom(USER, SystemIds.DB_DOC, place + "x".repeat(1_100_000), EntityIds.txOf(1_000), true));
    }
    Transaction written = new Transaction(1_000, datoms);
    try (ClientLog log = open()) {
      log.write(List.of(confirmed(written)), false);
      assertThat(all(log)).isEqualTo(List.of(written));
    }
    assertThat(counts()).isEqualTo(List.of(3L, LARGE - 3L));
    try (ClientLog log = open()) {
      log.makeAllRows();
      assertThat(all(log)).isEqualTo(List.of(written));
    }
  }

  @Test
  void whoReadsTheTablesFindsRows() throws SQLException {
    try (ClientLog log = open(); ClientLog memory = ClientLog.open(StoreFiles.inMemory(), Durability.PROCESS_CRASH, Samples.ids())) {
      for (ClientLog each : List.of(log, memory)) {
        each.write(List.of(confirmed(large(1_000, LARGE))), false);
        try (Connection reader = each.readOnlyConnection(() -> { }); Statement statement = reader.createStatement();
            ResultSet row = statement.executeQuery("SELECT count(*) FROM named_datom")) {
          row.next();
          assertThat(row.getLong(1)).isEqualTo(LARGE);
        }
        assertThat(each.hasRowsToMake()).isFalse();
      }
    }
  }

  @Test
  void aBackupAndATrimmedStoreHoldThem() {
    Transaction written = large(1_000, LARGE);
    Path backup = folder.resolve("backup");
    try (ClientLog log = open()) {
      log.write(List.of(confirmed(written)), true);
      log.backup(backup);
    }
    try (ClientLog log = ClientLog.open(StoreFiles.folder(backup), Durability.POWER_LOSS, Samples.ids())) {
      assertThat(log.hasRowsToMake()).isTrue();
      assertThat(all(log)).isEqualTo(List.of(written));
    }
  }

  @Test
  void trimmingForgetsWhatIsPastThoughItWasNoRowYet() throws SQLException {
    List<Datom> first = new ArrayList<>();
    List<Datom> second = new ArrayList<>();
    for (int i = 0; i < LARGE; i++) {
      first.add(new Datom(USER + i, SystemIds.DB_DOC, "old", EntityIds.txOf(1_000), true));
      second.add(new Datom(USER + i, SystemIds.DB_DOC, "old", EntityIds.txOf(1_001), i % 2 == 0));
      second.add(new Datom(USER + i, SystemIds.DB_DOC, "new", EntityIds.txOf(1_001), true));
    }
    try (ClientLog log = open()) {
      log.write(List.of(confirmed(new Transaction(1_000, first), new Transaction(1_001, second))), true);
    }
    assertThat(StoreTrim.trim(folder, 1_001, Samples.ids())).isEqualTo(1_001);
    try (ClientLog log = open()) {
      List<Transaction> kept = all(log);
      assertThat(kept.get(0).datoms()).hasSize(LARGE / 2);
      assertThat(kept.stream().flatMap(transaction -> transaction.datoms().stream())).allMatch(Datom::added);
    }
    assertThat(counts().get(1)).as("whoever looks into the trimmed store finds rows").isZero();
  }

  @Test
  void whatIsWithdrawnIsForgottenInBlocksToo() throws SQLException {
    Transaction written = large(1_000, LARGE);
    try (ClientLog log = open()) {
      log.write(List.of(confirmed(written)), false);
      log.write(List.of(confirmed(new Transaction(1_001, List.of(), List.of(USER)))), true);
      assertThat(all(log).get(0).datoms()).doesNotContainAnyElementsOf(
          written.datoms().stream().filter(datom -> datom.e() == USER).toList()).hasSizeGreaterThan(LARGE / 2);
    }
    assertThat(counts().get(1)).as("the one block of 2,500 held that entity").isZero();
    try (ClientLog log = open()) {
      log.write(List.of(new LogEntry.DropConfirmed()), true);
      assertThat(all(log)).isEmpty();
    }
    assertThat(counts()).isEqualTo(List.of(0L, 0L));
  }

  @Test
  void whatIsWrittenTogetherWithItsWithdrawalIsForgottenToo() {
    try (ClientLog log = open(); ClientLog memory = ClientLog.open(StoreFiles.inMemory(), Durability.PROCESS_CRASH, Samples.ids())) {
      for (ClientLog each : List.of(log, memory)) {
        each.write(List.of(confirmed(large(1_000, LARGE)), confirmed(new Transaction(1_001, List.of(), List.of(USER)))), true);
        each.makeAllRows();
        assertThat(all(each).get(0).datoms()).hasSizeGreaterThan(LARGE / 2)
            .noneMatch(datom -> datom.e() == USER && datom.a() == SystemIds.DB_DOC);
      }
    }
  }

  @Test
  void onlyBlocksOfWhatIsWithdrawnBecomeRows() throws SQLException {
    List<Datom> datoms = new ArrayList<>();
    for (int i = 0; i < 9_000; i++) {
      datoms.add(new Datom(USER + i, SystemIds.DB_DOC, "doc", EntityIds.txOf(1_000), true));
    }
    try (ClientLog log = open()) {
      log.write(List.of(confirmed(new Transaction(1_000, datoms))), false);
      log.write(List.of(confirmed(new Transaction(1_001, List.of(), List.of(USER + 5_000)))), true);
      assertThat(all(log).get(0).datoms()).hasSize(8_999);
    }
    assertThat(counts()).isEqualTo(List.of(4_095L, 9_000L - 4_096));
  }

  /** The rows are made on the owner's connection between the two reads, whichever comes first. */
  @Test
  void whatBecomesRowsWhileItIsReadIsReadOnce() throws SQLException {
    Transaction written = large(1_000, LARGE);
    try (ClientLog log = open()) {
      log.write(List.of(confirmed(written)), false);
      try (Connection reader = whileReadingRows(log, log::makeRows);
          Statements statements = new Statements(reader)) {
        List<Transaction> found = new ArrayList<>();
        new ConfirmedRows(statements).read(0, Long.MAX_VALUE, (transaction, chain) -> found.add(transaction));
        assertThat(found).isEqualTo(List.of(written));
        assertThat(log.hasRowsToMake()).as("they were made meanwhile").isFalse();
      }
    }
  }

  /** A connection of a reader's that does something before the second of its two reads, of blocks and of rows. */
  private Connection whileReadingRows(ClientLog log, Runnable meanwhile) {
    Connection reader = log.plainReader();
    int[] reads = {0};
    return (Connection) Proxy.newProxyInstance(DatomBlocksTest.class.getClassLoader(), new Class<?>[] {Connection.class},
        (proxy, method, arguments) -> {
          if (method.getName().equals("prepareStatement") && arguments[0].toString().matches(".*FROM (datom|loaded) .*") && ++reads[0] == 2) {
            meanwhile.run();
          }
          try {
            return method.invoke(reader, arguments);
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        });
  }

  @Test
  void aStoreOfTheFormatBeforeGetsTheTable() throws Exception {
    try (ClientLog log = open()) {
      log.write(List.of(confirmed(large(1_000, 3))), true);
    }
    change(statement -> {
      statement.execute("DROP TABLE loaded");
      statement.execute("UPDATE setting SET text = '5' WHERE name = 'format'");
    });
    StoreLabel.write(StoreFiles.folder(folder), 5);
    try (ClientLog log = open()) {
      log.write(List.of(confirmed(large(1_001, LARGE))), true);
      assertThat(all(log)).hasSize(2);
    }
    assertThat(StoreLabel.format(StoreFiles.folder(folder))).isEqualTo(6);
  }

  @Test
  void aChangedBlockIsDamage() {
    for (String damage : List.of(
        "content = SUBSTRING(content FROM 1 FOR 1000)", "content = content || X'00'", "content = X'FF' || SUBSTRING(content FROM 2)", "datoms = datoms - 1",
        "datoms = 2000000000", A_VERY_LONG_TEXT)) {
      try (ClientLog log = open()) {
        log.write(List.of(new LogEntry.DropConfirmed(), confirmed(large(1_000, LARGE))), true);
      }
      change(statement -> statement.execute("UPDATE loaded SET " + damage));
      try (ClientLog log = open()) {
        assertThatThrownBy(() -> all(log)).as(damage).isInstanceOfSatisfying(RebasisException.class,
            error -> assertThat(error.code()).isEqualTo(Keyword.of(":rebasis.error/store-damaged")));
        assertThatThrownBy(log::makeRows).as(damage).isInstanceOfSatisfying(RebasisException.class,
            error -> assertThat(error.code()).isEqualTo(Keyword.of(":rebasis.error/store-damaged")));
        log.write(List.of(new LogEntry.ClientNumber(17)), true);
      }
    }
  }

  private interface Sql {
    void run(Statement statement) throws SQLException;
  }

  private void change(Sql sql) {
    try (Connection connection = DriverManager.getConnection("jdbc:h2:" + folder.resolve("log"), "sa", "");
        Statement statement = connection.createStatement()) {
      sql.run(statement);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
