package dev.rebasis.server.internal.master;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rebasis.data.Keyword;
import dev.rebasis.data.Transaction;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.error.TransactionException;
import dev.rebasis.executor.InlineExecutor;
import dev.rebasis.storage.H2Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedMasterTest extends MasterContract {
  @TempDir private Path folder;

  @Override
  MasterFixture fresh() {
    return MasterFixture.inMemory();
  }

  @Test
  void aNewMasterHasItsSchemaAndAnId() {
    try (MasterFixture f = MasterFixture.inMemory()) {
      assertThat(f.master.databaseId()).isEqualTo(new UUID(7, 1));
      assertThat(f.master.forcedT()).isGreaterThan(1000);
      List<Transaction> all = f.master.transactionsAfter(0, Integer.MAX_VALUE);
      assertThat(all).extracting(Transaction::t).startsWith(1000L).endsWith(f.master.forcedT());
      assertThat(f.master.hasTransaction(1000)).isTrue();
      assertThat(f.master.hasTransaction(999)).isFalse();
    }
  }

  @Test
  void replayGivesTheSameDatabase() throws Exception {
    MasterFixture.TestClock clock = new MasterFixture.TestClock();
    List<Transaction> before;
    UUID id;
    try (MasterFixture f = MasterFixture.in(folder, clock)) {
      write(f);
      before = f.master.transactionsAfter(0, Integer.MAX_VALUE);
      id = f.master.databaseId();
      f.client(5);
    }
    try (MasterFixture f = MasterFixture.in(folder, clock)) {
      assertThat(f.master.databaseId()).isEqualTo(id);
      assertThat(f.master.transactionsAfter(0, Integer.MAX_VALUE)).startsWith(before.toArray(Transaction[]::new));
      assertThat(f.client(5)).isEqualTo(1);
      assertThat(f.client(6)).isEqualTo(2);
    }
  }

  @Test
  void whatAKilledProcessLeftBehindIsReplayed(@TempDir Path copy) throws Exception {
    MasterFixture.TestClock clock = new MasterFixture.TestClock();
    try (MasterFixture f = MasterFixture.in(folder, clock)) {
      write(f);
      long t = f.master.forcedT();
      for (String file : List.of("log.mv.db", "log.mv.db.journal")) {
        Files.copy(folder.resolve(file), copy.resolve(file));
      }
      f.transact("[{:order/number \"later\"}]");
      try (MasterFixture g = MasterFixture.in(copy, clock)) {
        assertThat(g.master.forcedT()).isEqualTo(t);
        assertThat(g.master.transactionsAfter(0, Integer.MAX_VALUE))
            .isEqualTo(f.master.transactionsAfter(0, Integer.MAX_VALUE).stream().filter(tx -> tx.t() <= t).toList());
      }
    }
  }

  @Test
  void twoMastersThatTakeTheSameGiveTheSame() {
    try (MasterFixture f = MasterFixture.inMemory(); MasterFixture g = MasterFixture.inMemory()) {
      write(f);
      assertThatThrownBy(() -> g.transact("[[:db/add \"x\" :no/such 1]]")).isInstanceOf(TransactionException.class);
      write(g);
      assertThat(g.master.transactionsAfter(0, Integer.MAX_VALUE))
          .isEqualTo(f.master.transactionsAfter(0, Integer.MAX_VALUE));
    }
  }

  @Test
  void oneForceIsSharedByAllThatCameInMeanwhile() {
    // The log's thread is a queue here that runs when told.
    ArrayDeque<Runnable> log = new ArrayDeque<>();
    InlineExecutor core = new InlineExecutor();
    try (MasterFixture f = MasterFixture.open(null, new MasterFixture.TestClock(), core, log::add)) {
      long t = f.master.forcedT();
      MasterFixture.Result<Master.Transacted> first = new MasterFixture.Result<>();
      f.master.transact(MasterFixture.forms(MasterFixture.SCHEMA), first);
      for (int i = 0; i < 100; i++) {
        f.master.transact(MasterFixture.forms("[{:order/number \"" + i + "\"}]"), new MasterFixture.Result<>());
      }
      assertThat(first.value).as("not acknowledged before the force").isNull();
      assertThat(f.broadcast).isEmpty();
      assertThat(f.master.forcedT()).isEqualTo(t);
      assertThat(f.master.transactionsAfter(t, 1000)).as("not shown before the force").isEmpty();
      assertThat(f.master.database().basisT()).isGreaterThanOrEqualTo(t);
      assertThat(f.master.stats().unforced()).isEqualTo(101);

      log.poll().run();
      assertThat(log).isEmpty();
      assertThat(first.value).isNotNull();
      assertThat(f.broadcast).hasSize(101);
      assertThat(f.master.stats().forces()).isEqualTo(1);
      assertThat(f.master.stats().unforced()).isZero();
    }
  }

  @Test
  void aFailedLogIsReadOnlyAndAcknowledgesNothing() throws Exception {
    MasterFixture.TestClock clock = new MasterFixture.TestClock();
    String path = folder.toAbsolutePath().resolve("log").toString();
    List<RebasisException> fatal = new java.util.ArrayList<>();
    InlineExecutor inline = new InlineExecutor();
    EmbeddedMaster master = EmbeddedMaster.open(new MasterSetup(path, "the-log", clock, MasterFixture.countingUuids(),
        inline, inline, fatal::add, (done, total) -> { }));
    UUID known = new UUID(1, 1);
    master.clientNumber(known, new MasterFixture.Result<>());
    long t = master.forcedT();
    // The same process may open the same H2 file twice: this takes the table away under the master.
    try (Connection other = DriverManager.getConnection(
            H2Settings.URL_PREFIX_POWER_LOSS + path + H2Settings.URL_SUFFIX
                + ";DB_CLOSE_ON_EXIT=FALSE;TRACE_LEVEL_FILE=0;TRACE_LEVEL_SYSTEM_OUT=0", "sa", "");
        Statement statement = other.createStatement()) {
      statement.execute("DROP TABLE transactions");
    }
    MasterFixture.Result<Master.Transacted> result = new MasterFixture.Result<>();
    master.transact(MasterFixture.forms(MasterFixture.SCHEMA), result);
    MasterFixture.Result<Master.Transacted> late = new MasterFixture.Result<>();
    master.transact(MasterFixture.forms("[{:db/doc \"more\"}]"), late);
    assertThat(fatal).hasSize(1);
    assertThat(result.refused).as("whoever waits is told").isSameAs(fatal.get(0));
    assertThat(late.refused).isSameAs(fatal.get(0));
    assertThat(master.forcedT()).isEqualTo(t);
    assertThat(master.database().basisT() == t || master.database().asOfT().equals(t)).as("reads are as of what is durable").isTrue();
    assertThat(master.transactionsAfter(0, 100_000)).extracting(Transaction::t).endsWith(t);
    MasterFixture.Result<Long> number = new MasterFixture.Result<>();
    master.clientNumber(known, number);
    assertThat(number.value).as("a store that is known may come and read").isEqualTo(1L);
    MasterFixture.Result<Long> nobody = new MasterFixture.Result<>();
    master.clientNumber(new UUID(9, 9), nobody);
    assertThat(nobody.refused.code()).isEqualTo(Keyword.of(":rebasis.error/log-failed"));
    assertThat(fatal.get(0)).hasMessageContaining("the-log").hasMessageContaining("start the server again");
    assertThat(result.value).isNull();
    master.close();
  }

  @Test
  void aClockThatStepsBackRefusesWritesUntilItHasCaughtUp() {
    try (MasterFixture f = MasterFixture.inMemory()) {
      f.transact(MasterFixture.SCHEMA);
      f.clock.advance(Duration.ofSeconds(-3));
      assertThatThrownBy(() -> f.transact("[{:order/number \"1\"}]"))
          .isInstanceOfSatisfying(RebasisException.class, e -> {
            assertThat(e.code()).isEqualTo(Keyword.of(":rebasis.error/clock-behind"));
            assertThat(e.category()).isEqualTo(ErrorCategory.RETRY_LATER);
            assertThat(e.data()).containsEntry(RebasisException.RETRY_AFTER, 3000L);
          });
      f.clock.advance(Duration.ofSeconds(3));
      assertThat(f.transact("[{:order/number \"1\"}]").tempids()).isNotNull();
    }
  }

  @Test
  void aLogFromTheFutureIsNotReplayed() {
    MasterFixture.TestClock clock = new MasterFixture.TestClock();
    MasterFixture.in(folder, clock).close();
    clock.advance(Duration.ofDays(-1));
    assertThatThrownBy(() -> MasterFixture.in(folder, clock)).hasMessageContaining("clock");
  }

  @Test
  void aChangedRowIsFound() throws Exception {
    MasterFixture.TestClock clock = new MasterFixture.TestClock();
    try (MasterFixture f = MasterFixture.in(folder, clock)) {
      write(f);
    }
    change("UPDATE transactions SET forms = REPLACE(forms, 'first', 'forged')");
    assertDamaged(clock, "was changed");
  }

  @Test
  void aMissingRowIsFound() throws Exception {
    MasterFixture.TestClock clock = new MasterFixture.TestClock();
    try (MasterFixture f = MasterFixture.in(folder, clock)) {
      write(f);
    }
    change("DELETE FROM transactions WHERE t = 1000");
    assertDamaged(clock, "missing");
  }

  @Test
  void aFileThatIsNoDatabaseIsNamed() throws Exception {
    Files.writeString(folder.resolve("log.mv.db"), "This is no database at all. ".repeat(500));
    assertDamaged(new MasterFixture.TestClock(), "log");
    assertThat(Files.readString(folder.resolve("log.mv.db"))).startsWith("This is no database at all.");
  }

  @Test
  void aDatabaseOfSomethingElseIsRefusedAndGetsNoTables() throws Exception {
    try (Connection connection = DriverManager.getConnection("jdbc:h2:file:" + folder.resolve("log"), "sa", "");
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE setting (name VARCHAR(100) PRIMARY KEY)");
    }
    assertDamaged(new MasterFixture.TestClock(), "not a Rebasis server log");
    try (Connection connection = DriverManager.getConnection("jdbc:h2:file:" + folder.resolve("log"), "sa", "");
        Statement statement = connection.createStatement();
        ResultSet count = statement.executeQuery("SELECT count(*) FROM information_schema.tables WHERE table_schema = 'PUBLIC'")) {
      count.next();
      assertThat(count.getLong(1)).isEqualTo(1);
    }
  }

  @Test
  void aClientsStoreIsRefusedBeforeAByteOfItIsTouched() throws Exception {
    try (Connection connection = DriverManager.getConnection("jdbc:h2:file:" + folder.resolve("log"), "sa", "");
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE setting (name VARCHAR(100) PRIMARY KEY)");
    }
    Files.writeString(folder.resolve("store.txt"), "Rebasis client store, format 5.\n");
    byte[] before = Files.readAllBytes(folder.resolve("log.mv.db"));
    assertThatThrownBy(() -> MasterFixture.in(folder, new MasterFixture.TestClock()))
        .isInstanceOfSatisfying(RebasisException.class, e -> {
          assertThat(e.code()).isEqualTo(Keyword.of(":rebasis.error/not-a-log"));
          assertThat(e).hasMessageContaining("client's store");
        });
    assertThat(Files.readAllBytes(folder.resolve("log.mv.db"))).isEqualTo(before);
    assertThat(folder.resolve("log.txt")).doesNotExist();
  }

  @Test
  void aViewThatSomebodyAdded_andAFileOfTheSameNameAsAClients_doNoHarm() throws Exception {
    MasterFixture.TestClock clock = new MasterFixture.TestClock();
    long t;
    try (MasterFixture f = MasterFixture.in(folder, clock)) {
      t = f.transact(MasterFixture.SCHEMA).transaction().t();
    }
    try (Connection connection = DriverManager.getConnection("jdbc:h2:file:" + folder.resolve("log"), "sa", "");
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE VIEW mine AS SELECT t FROM transactions");
      statement.execute("CREATE TABLE notes (note VARCHAR)");
    }
    Files.writeString(folder.resolve("store.txt"), "What is in the store: tea, gold.\n");
    try (MasterFixture f = MasterFixture.in(folder, clock)) {
      assertThat(f.master.forcedT()).isEqualTo(t);
    }
    change("DELETE FROM settings");
    assertDamaged(clock, "not a Rebasis server log");
  }

  @Test
  void anotherFormatIsNamed() throws Exception {
    MasterFixture.TestClock clock = new MasterFixture.TestClock();
    MasterFixture.in(folder, clock).close();
    change("UPDATE settings SET setting = '99' WHERE name = 'format'");
    assertThatThrownBy(() -> MasterFixture.in(folder, clock))
        .hasMessageContaining("format 99").hasMessageContaining("format " + MasterLog.FORMAT);
  }

  @Test
  void aReplayThatDiffersNamesItsT() throws Exception {
    MasterFixture.TestClock clock = new MasterFixture.TestClock();
    try (MasterFixture f = MasterFixture.in(folder, clock)) {
      write(f);
    }
    // As another version of Datomic might do: the row is sound, but its datoms now come out otherwise.
    rewriteHashOfFirstRow();
    assertThatThrownBy(() -> MasterFixture.in(folder, clock))
        .isInstanceOfSatisfying(RebasisException.class, e -> {
          assertThat(e.code()).isEqualTo(Keyword.of(":rebasis.error/replay-differs"));
          assertThat(e).hasMessageContaining("T 1000").hasMessageContaining("log");
        });
  }

  @Test
  void veryLongFormsAreKeptWhole() {
    MasterFixture.TestClock clock = new MasterFixture.TestClock();
    String longText = "0123456789".repeat(250_000);
    try (MasterFixture f = MasterFixture.in(folder, clock)) {
      f.transact(MasterFixture.SCHEMA);
      f.transact("[{:order/number \"long\" :order/note \"" + longText + "\"}]");
    }
    try (MasterFixture f = MasterFixture.in(folder, clock)) {
      assertThat(f.master.database().pull("[:order/note]", datomic.Util.read("[:order/number \"long\"]")).toString())
          .contains(longText);
    }
  }

  private static void write(MasterFixture f) {
    f.transact(MasterFixture.SCHEMA);
    f.transact("[{:db/id \"a\" :order/number \"A\" :order/note \"first\" :order/tags [:x :y]}]");
    f.clock.advance(Duration.ofMillis(5));
    f.transact("[{:order/number \"A\" :order/note \"second\"} {:order/number \"B\" :order/parent [:order/number \"A\"]}]");
    f.transact("[[:db/cas [:order/number \"A\"] :order/note \"second\" \"third\"]]");
    f.transact("[[:db/retractEntity [:order/number \"B\"]] [:db/retract [:order/number \"A\"] :order/tags :x]]");
  }

  @Test
  void aLogWhoseMakingWasCutShortIsMadeToTheEnd() throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:h2:file:" + folder.resolve("log"), "sa", "");
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE settings (name VARCHAR(100) PRIMARY KEY, setting VARCHAR(1000) NOT NULL)");
    }
    MasterFixture.TestClock clock = new MasterFixture.TestClock();
    long t;
    try (MasterFixture f = MasterFixture.in(folder, clock)) {
      t = f.transact(MasterFixture.SCHEMA).transaction().t();
    }
    try (MasterFixture f = MasterFixture.in(folder, clock)) {
      assertThat(f.master.forcedT()).isEqualTo(t);
    }
  }

  private void change(String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:h2:file:" + folder.resolve("log"), "sa", "");
        Statement statement = connection.createStatement()) {
      assertThat(statement.executeUpdate(sql)).isPositive();
    }
  }

  private void rewriteHashOfFirstRow() throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:h2:file:" + folder.resolve("log"), "sa", "");
        Statement statement = connection.createStatement();
        java.sql.ResultSet row = statement.executeQuery("SELECT * FROM transactions WHERE t = 1000")) {
      row.next();
      byte[] other = new byte[32];
      byte[] chain = new DatomDigest().chain(new byte[32], 1000, row.getObject("tx_instant", java.time.Instant.class),
          row.getString("forms"), row.getString("tempids"), other);
      try (java.sql.PreparedStatement update =
          connection.prepareStatement("UPDATE transactions SET datoms_hash = ?, chain = ? WHERE t = 1000")) {
        update.setBytes(1, other);
        update.setBytes(2, chain);
        update.executeUpdate();
      }
      statement.execute("DELETE FROM transactions WHERE t > 1000");
    }
  }

  private void assertDamaged(MasterFixture.TestClock clock, String how) {
    assertThatThrownBy(() -> MasterFixture.in(folder, clock))
        .isInstanceOfSatisfying(RebasisException.class, e -> {
          assertThat(e.code()).isEqualTo(Keyword.of(":rebasis.error/log-damaged"));
          assertThat(e).hasMessageContaining(how).hasMessageContaining("backup");
        });
  }
}
