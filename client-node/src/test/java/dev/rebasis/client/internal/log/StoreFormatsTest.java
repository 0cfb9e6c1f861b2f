package dev.rebasis.client.internal.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rebasis.client.Durability;
import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.SystemIds;
import dev.rebasis.data.Transaction;
import dev.rebasis.protocol.Fork;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: a store of the format before is brought up to date with a copy kept, and the history of a store can be trimmed.
 * Method: real stores; one is taken back to the older format by hand.
 */
class StoreFormatsTest {
  private static final long E = (4L << 42) + 1001;

  @TempDir Path dir;

  private ClientLog open() {
    return ClientLog.open(StoreFiles.folder(dir), Durability.POWER_LOSS, UUID::randomUUID);
  }

  private static Transaction said(long t, String before, String now) {
    List<Datom> datoms = new ArrayList<>();
    datoms.add(new Datom(E, SystemIds.DB_DOC, now, EntityIds.txOf(t), true));
    if (before != null) {
      datoms.add(new Datom(E, SystemIds.DB_DOC, before, EntityIds.txOf(t), false));
    }
    return new Transaction(t, datoms);
  }

  private void takeBackToFormat2() throws Exception {
    try (Connection connection = DriverManager.getConnection("jdbc:h2:" + dir.resolve("log"), "sa", "");
        Statement statement = connection.createStatement()) {
      statement.execute("DROP VIEW named_datom");
      statement.execute("DROP TABLE withdrawn");
      statement.execute("DROP TABLE scope");
      statement.execute("ALTER TABLE confirmed DROP COLUMN withdrawn");
      statement.execute("ALTER TABLE confirmed DROP COLUMN whole");
      statement.execute("ALTER TABLE outcome DROP COLUMN ended_seq");
      statement.execute("ALTER TABLE setting ALTER COLUMN text SET DATA TYPE VARCHAR(200)");
      statement.execute("UPDATE setting SET text = '2' WHERE name = 'format'");
    }
    Path label = dir.resolve("store.txt");
    Files.writeString(label, Files.readString(label).replace("format " + LogTables.FORMAT + ".", "format 2."));
  }

  @Test
  void aStoreOfTheFormatBeforeIsBroughtUpToDateAndACopyIsKept() throws Exception {
    try (ClientLog log = open()) {
      log.write(List.of(new LogEntry.Confirmed(List.of(said(1000, null, "kept")))), true);
    }
    takeBackToFormat2();
    byte[] before = Files.readAllBytes(dir.resolve("log.mv.db"));
    String longName = "n".repeat(1_500);
    try (ClientLog log = open()) {
      assertThat(log.position()).isEqualTo(1000);
      log.write(List.of(new LogEntry.UserName(longName)), true);
    }
    assertThat(Files.readAllBytes(dir.resolve("log.mv.db.format-2"))).isEqualTo(before);
    assertThat(Files.readString(dir.resolve("store.txt"))).startsWith("Rebasis client store, format " + LogTables.FORMAT + ".");
    try (ClientLog log = open()) {
      assertThat(log.state().ids().user()).isEqualTo(longName);
    }
  }

  @Test
  void whatIsPastIsTrimmedAndTheRestIsAsItWas() {
    List<String> values = List.of("a", "b", "c", "b", "d");
    try (ClientLog log = open()) {
      for (int i = 0; i < values.size(); i++) {
        log.write(List.of(new LogEntry.Confirmed(
            List.of(said(1000 + 2 * i, i == 0 ? null : values.get(i - 1), values.get(i))))), true);
      }
    }
    assertThat(StoreTrim.trim(dir, 1006, UUID::randomUUID)).isEqualTo(1006);
    List<Transaction> left = new ArrayList<>();
    try (ClientLog log = open()) {
      log.transactionsAfter(0, left::add);
      assertThat(log.historyFrom()).isEqualTo(1006);
      assertThat(log.position()).isEqualTo(1008);
    }
    assertThat(left).containsExactly(
        new Transaction(1006, List.of(new Datom(E, SystemIds.DB_DOC, "b", EntityIds.txOf(1006), true))),
        said(1008, "b", "d"));
    assertThat(StoreTrim.trim(dir, 1004, UUID::randomUUID)).as("it does not come back").isEqualTo(1006);
    assertThat(Files.exists(dir.resolve("trimmed"))).isFalse();
  }

  @Test
  void anOlderFormatThanTheOldestIsRefused() throws Exception {
    open().close();
    Path label = dir.resolve("store.txt");
    Files.writeString(label, Files.readString(label).replace("format " + LogTables.FORMAT + ".", "format 1."));
    assertThatThrownBy(this::open).hasMessageContaining("format 1");
  }

  private void leaveBehind() throws Exception {
    for (String file : List.of("log.mv.db.format-2", "log.wal.format-3", "log.mv.db.journal.format-4.part", "index.scratch")) {
      Files.writeString(dir.resolve(file), "what somebody wrote");
    }
    for (String folder : List.of("scrubbed", "trimmed")) {
      Files.writeString(Files.createDirectory(dir.resolve(folder)).resolve("log.mv.db"), "what somebody wrote");
    }
  }

  @Test
  void deletingAStoreLeavesNoCopyOfItAndNothingElseGoes() throws Exception {
    open().close();
    leaveBehind();
    Path mine = Files.writeString(dir.resolve("notes.txt"), "of the program");
    StoreFiles.folder(dir).delete();
    try (Stream<Path> left = Files.list(dir)) {
      assertThat(left).containsExactly(mine);
    }
  }

  @Test
  void whatIsExcisedGoesFromTheKeptCopiesToo() throws Exception {
    try (ClientLog log = open()) {
      log.write(List.of(new LogEntry.Confirmed(List.of(said(1000, null, "secret")))), true);
    }
    takeBackToFormat2();
    try (ClientLog log = open()) {
      assertThat(Files.exists(dir.resolve("log.mv.db.format-2"))).isTrue();
      log.write(List.of(new LogEntry.Forking(1000, Fork.EXCISION), new LogEntry.Scrubbed(null, Set.of(E))), true);
    }
    assertThat(Files.exists(dir.resolve("log.mv.db.format-2"))).isFalse();
    try (ClientLog log = open()) {
      assertThat(log.position()).isEqualTo(1000);
    }
  }
}
