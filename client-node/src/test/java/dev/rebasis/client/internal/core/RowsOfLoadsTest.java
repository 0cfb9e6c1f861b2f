package dev.rebasis.client.internal.core;

import static dev.rebasis.client.internal.Samples.USER;
import static dev.rebasis.client.internal.Samples.add;
import static dev.rebasis.client.internal.Samples.tx;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rebasis.client.Durability;
import dev.rebasis.client.internal.Samples;
import dev.rebasis.client.internal.fake.FakeEnvironment;
import dev.rebasis.client.internal.log.ClientLog;
import dev.rebasis.client.internal.log.LogEntry;
import dev.rebasis.client.internal.log.StoreErrors;
import dev.rebasis.client.internal.log.StoreFiles;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.SystemIds;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When what came in large messages becomes rows: in its time, for whoever asks, only where there is room, and past what is damaged. */
class RowsOfLoadsTest {
  /** A transaction has its instant besides. */
  private static final int LARGE = 2_500;

  @TempDir Path folder;

  private RebasisException noRoom;
  private boolean loading;
  private Runnable whileRoomIsLookedFor = () -> { };

  private final List<RuntimeException> failures = new ArrayList<>();
  private final FakeEnvironment environment = new FakeEnvironment(null, Samples.ids());

  @Test
  void whatCameInLargeMessagesBecomesRowsWhenWritesHavePaused() {
    try (ClientLog log = open()) {
      RowsOfLoads rows = rows(log);
      write(log, rows, large(1_000));
      environment.advance(4_000);
      write(log, rows, large(1_001));
      environment.advance(4_000);
      assertThat(log.hasRowsToMake()).as("the pause began anew").isTrue();
      environment.advance(7_000);
      assertThat(log.hasRowsToMake()).isFalse();
      write(log, rows, large(1_002));
    }
    try (ClientLog log = open()) {
      assertThat(log.hasRowsToMake()).as("left by the run before").isTrue();
      rows(log).written();
      environment.advance(6_000);
      assertThat(log.hasRowsToMake()).isFalse();
    }
    assertThat(failures).isEmpty();
  }

  @Test
  void writesThatNeverPauseDoNotKeepRowsBackForGood() {
    try (ClientLog log = open()) {
      RowsOfLoads rows = rows(log);
      write(log, rows, large(1_000));
      for (int i = 0; i < 400 && log.hasRowsToMake(); i++) {
        environment.advance(1_000);
        write(log, rows, small(2_000 + i));
      }
      assertThat(log.hasRowsToMake()).isFalse();
      assertThat(failures).isEmpty();
    }
  }

  /** Making the index of a load takes longer than a pause, and needs the processors. */
  @Test
  void rowsWaitForTheEndOfALoadButNotForGood() {
    try (ClientLog log = open()) {
      RowsOfLoads rows = rows(log);
      loading = true;
      write(log, rows, large(1_000));
      environment.advance(100_000);
      assertThat(log.hasRowsToMake()).isTrue();
      loading = false;
      environment.advance(6_000);
      assertThat(log.hasRowsToMake()).isFalse();
      loading = true;
      write(log, rows, large(1_001));
      environment.advance(310_000);
      assertThat(log.hasRowsToMake()).isFalse();
    }
    assertThat(failures).isEmpty();
  }

  /** Or for a disk that says again what is free. */
  @ParameterizedTest
  @ValueSource(strings = {":rebasis.error/disk-full", ":rebasis.error/store-failed"})
  void rowsWaitForRoom(String reason) {
    noRoom = new RebasisException(Keyword.of(reason), ErrorCategory.RETRY_LATER, "No room.", Map.of(), null);
    try (ClientLog log = open()) {
      RowsOfLoads rows = rows(log);
      write(log, rows, large(1_000));
      environment.advance(50_000);
      assertThatThrownBy(rows::reader).isSameAs(noRoom);
      rows.makeWhatCanBe();
      rows.end();
      assertThat(log.countBlocks()).isEqualTo(1);
      noRoom = null;
      environment.advance(60_000);
      assertThat(log.hasRowsToMake()).isFalse();
      write(log, rows, large(1_001));
      rows.end();
      assertThat(log.hasRowsToMake()).isFalse();
      assertThat(failures).isEmpty();
    }
  }

  @Test
  void aLogThatIsClosedIsLeftAlone() {
    ClientLog log = open();
    RowsOfLoads rows = rows(log);
    write(log, rows, large(1_000));
    log.close();
    environment.advance(10_000);
    rows.end();
    assertThat(log.hasRowsToMake()).isFalse();
    assertThat(failures).isEmpty();
  }

  /** Whoever asks next is not given less than was written. */
  @Test
  void aLogThatFailedMeanwhileIsToldAndHandsOutNothingMore() throws SQLException {
    try (ClientLog log = open()) {
      log.write(large(1_000), true);
    }
    change("INSERT INTO datom VALUES (5, 1, 1, 1, 'long', 'x', 1, NULL, TRUE)");
    try (ClientLog log = open()) {
      RowsOfLoads rows = rows(log);
      log.write(small(1_001), true);
      assertFails(StoreErrors.FAILED, rows::makeWhatCanBe);
      assertThat(failures).hasSize(1);
      assertFails(StoreErrors.FAILED, rows::reader);
      assertFails(StoreErrors.FAILED, () -> log.backup(folder.resolve("copy")));
      assertThat(log.hasRowsToMake()).isFalse();
    }
    try (ClientLog log = open()) {
      assertThat(log.position()).as("nothing is lost").isEqualTo(1_001);
    }
  }

  @Test
  void aDamagedBlockKeepsNoOtherFromBecomingRows() throws SQLException {
    try (ClientLog log = open()) {
      log.write(large(1_000), true);
      log.write(large(1_001), true);
    }
    change("UPDATE loaded SET content = SUBSTRING(content FROM 1 FOR 1000) WHERE first_datom < " + LARGE);
    try (ClientLog log = open()) {
      RowsOfLoads rows = rows(log);
      rows.written();
      environment.advance(10_000);
      assertThat(failures).isEmpty();
      assertThat(log.hasRowsToMake()).as("nothing that can become rows is left").isFalse();
      assertFails(StoreErrors.DAMAGED, rows::reader);
      assertFails(StoreErrors.DAMAGED, rows::reader);
      log.backup(folder.resolve("copy"));
    }
    assertThat(counts("")).isEqualTo(List.of(LARGE + 1L, 1L));
    assertThat(counts("copy")).isEqualTo(List.of(LARGE + 1L, 1L));
  }

  @Test
  void aBackupHasRowsAlsoOfAStoreInMemory() throws SQLException {
    try (ClientLog log = ClientLog.open(StoreFiles.inMemory(), Durability.PROCESS_CRASH, Samples.ids())) {
      log.write(large(1_000), false);
      rows(log).makeWhatCanBe();
      log.backup(folder.resolve("copy"));
      assertThat(log.countBlocks()).as("rows would take more of the heap").isEqualTo(1);
    }
    assertThat(counts("copy")).isEqualTo(List.of(LARGE + 1L, 0L));
  }

  /** Lack of room passes by; what is told here stops the client for good. */
  @Test
  void lackOfRoomIsNotToldAsTheFailureOfALogThatFailedForSomebodyElse() throws SQLException {
    try (ClientLog log = open()) {
      log.write(large(1_000), true);
    }
    change("INSERT INTO datom VALUES (5, 1, 1, 1, 'long', 'x', 1, NULL, TRUE)");
    noRoom = new RebasisException(Keyword.of(":rebasis.error/disk-full"), ErrorCategory.RETRY_LATER, "No room.", Map.of(), null);
    try (ClientLog log = open()) {
      whileRoomIsLookedFor = () -> assertFails(StoreErrors.FAILED, log::makeRows);
      assertThatThrownBy(rows(log)::reader).isSameAs(noRoom);
      assertThat(log.hasFailed()).isTrue();
      assertThat(failures).isEmpty();
    }
  }

  private RowsOfLoads rows(ClientLog log) {
    return new RowsOfLoads(log, environment, () -> loading, () -> {
      whileRoomIsLookedFor.run();
      if (noRoom != null) {
        throw noRoom;
      }
    }, failures::add);
  }

  private static void write(ClientLog log, RowsOfLoads rows, List<LogEntry> entries) {
    log.write(entries, false);
    rows.written();
  }

  private static void assertFails(Keyword code, ThrowingCallable call) {
    assertThatThrownBy(call).isInstanceOfSatisfying(RebasisException.class, error -> assertThat(error.code()).isEqualTo(code));
  }

  private ClientLog open() {
    return ClientLog.open(StoreFiles.folder(folder), Durability.PROCESS_CRASH, Samples.ids());
  }

  private void change(String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:h2:" + folder.resolve("log"), "sa", "");
        Statement statement = connection.createStatement()) {
      assertThat(statement.executeUpdate(sql)).isEqualTo(1);
    }
  }

  /** Rows and blocks in a closed store. */
  private List<Long> counts(String store) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:h2:" + folder.resolve(store).resolve("log") + ";ACCESS_MODE_DATA=r", "sa", "");
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT (SELECT count(*) FROM datom), (SELECT count(*) FROM loaded)")) {
      row.next();
      return List.of(row.getLong(1), row.getLong(2));
    }
  }

  private static List<LogEntry> large(long t) {
    Object[][] datoms = new Object[LARGE][];
    for (int i = 0; i < datoms.length; i++) {
      datoms[i] = add(USER + i, SystemIds.DB_DOC, "text " + i);
    }
    return List.of(new LogEntry.Confirmed(List.of(tx(t, datoms))));
  }

  private static List<LogEntry> small(long t) {
    return List.of(new LogEntry.Confirmed(List.of(tx(t, add(USER, SystemIds.DB_DOC, "text")))));
  }
}
