package dev.rebasis.client.internal.core;

import static dev.rebasis.client.internal.Samples.USER;
import static dev.rebasis.client.internal.Samples.add;
import static dev.rebasis.client.internal.Samples.tx;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.Durability;
import dev.rebasis.client.internal.Samples;
import dev.rebasis.client.internal.fake.FakeEnvironment;
import dev.rebasis.client.internal.log.ClientLog;
import dev.rebasis.client.internal.log.LogEntry;
import dev.rebasis.client.internal.log.StoreFiles;
import dev.rebasis.data.SystemIds;
import dev.rebasis.data.Transaction;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When the tables of a store in memory take over: at once what forgets, in its time what withdraws; and when those of a store on the disk get the rows of a load. */
class SettlingTest {
  @TempDir Path folder;

  private boolean room = true;

  private final List<RuntimeException> failures = new ArrayList<>();
  private final FakeEnvironment environment = new FakeEnvironment(null, Samples.ids());

  @Test
  void whatIsToBeForgottenIsForgottenAtOnceWhateverElseIsWritten() {
    try (ClientLog log = ClientLog.open(StoreFiles.inMemory(), Durability.PROCESS_CRASH, Samples.ids())) {
      Settling settling = new Settling(log, environment, () -> room, failures::add);
      settling.write(confirmed(1_000), false);
      settling.write(List.of(new LogEntry.DropConfirmed()), true);
      assertThat(log.isBehind()).as("dropped, and no time has passed").isFalse();
      settling.write(confirmed(1_002), false);
      settling.write(List.of(new LogEntry.Scrubbed(Set.of(1_002L), Set.of(USER))), true);
      assertThat(log.isBehind()).as("scrubbed, soon after the last time").isFalse();
      assertThat(failures).isEmpty();
    }
  }

  @Test
  void whatWithdrawsWaitsForOthersAndForAPause() {
    try (ClientLog log = ClientLog.open(StoreFiles.inMemory(), Durability.PROCESS_CRASH, Samples.ids())) {
      Settling settling = new Settling(log, environment, () -> room, failures::add);
      settling.write(List.of(new LogEntry.DropConfirmed()), true);
      settling.write(List.of(new LogEntry.Confirmed(List.of(new Transaction(1_000, List.of(), List.of(USER))))), false);
      environment.advance(29_000);
      assertThat(log.isBehind()).isTrue();
      environment.advance(2_000);
      assertThat(log.isBehind()).isFalse();
      assertThat(failures).isEmpty();
    }
  }

  @Test
  void whatCameInLargeMessagesBecomesRowsWhenWritesHavePaused() {
    try (ClientLog log = openFolder()) {
      Settling settling = new Settling(log, environment, () -> room, failures::add);
      settling.write(large(1_000), false);
      environment.advance(4_000);
      settling.write(large(1_001), false);
      environment.advance(4_000);
      assertThat(log.hasRowsToMake()).as("the pause began anew").isTrue();
      environment.advance(7_000);
      assertThat(log.hasRowsToMake()).isFalse();
      settling.write(large(1_002), false);
    }
    try (ClientLog log = openFolder()) {
      assertThat(log.hasRowsToMake()).as("left by the run before").isTrue();
      new Settling(log, environment, () -> room, failures::add).begin();
      environment.advance(6_000);
      assertThat(log.hasRowsToMake()).isFalse();
    }
    assertThat(failures).isEmpty();
  }

  @Test
  void writesThatNeverPauseDoNotKeepRowsBackForGood() {
    try (ClientLog log = openFolder()) {
      Settling settling = new Settling(log, environment, () -> room, failures::add);
      settling.write(large(1_000), false);
      for (int i = 0; i < 400 && log.hasRowsToMake(); i++) {
        environment.advance(1_000);
        settling.write(confirmed(2_000 + i), false);
      }
      assertThat(log.hasRowsToMake()).isFalse();
      assertThat(failures).isEmpty();
    }
  }

  @Test
  void rowsWaitForRoom() {
    room = false;
    try (ClientLog log = openFolder()) {
      Settling settling = new Settling(log, environment, () -> room, failures::add);
      settling.write(large(1_000), false);
      environment.advance(50_000);
      settling.end();
      assertThat(log.hasRowsToMake()).isTrue();
      room = true;
      environment.advance(60_000);
      assertThat(log.hasRowsToMake()).isFalse();
      settling.write(large(1_001), false);
      settling.end();
      assertThat(log.hasRowsToMake()).isFalse();
      assertThat(failures).isEmpty();
    }
  }

  @Test
  void aLogThatCannotBeWrittenAnyMoreIsLeftAlone() {
    ClientLog log = openFolder();
    Settling settling = new Settling(log, environment, () -> room, failures::add);
    settling.write(large(1_000), false);
    log.close();
    environment.advance(10_000);
    settling.end();
    assertThat(log.hasRowsToMake()).isFalse();
    assertThat(failures).isEmpty();
  }

  private ClientLog openFolder() {
    return ClientLog.open(StoreFiles.folder(folder), Durability.PROCESS_CRASH, Samples.ids());
  }

  private static List<LogEntry> large(long t) {
    Object[][] datoms = new Object[2_500][];
    for (int i = 0; i < datoms.length; i++) {
      datoms[i] = add(USER + i, SystemIds.DB_DOC, "text " + i);
    }
    return List.of(new LogEntry.Confirmed(List.of(tx(t, datoms))));
  }

  private static List<LogEntry> confirmed(long t) {
    return List.of(new LogEntry.Confirmed(List.of(tx(t, add(USER, SystemIds.DB_DOC, "secret")))));
  }
}
