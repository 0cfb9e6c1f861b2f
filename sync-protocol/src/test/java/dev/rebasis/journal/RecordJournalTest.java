package dev.rebasis.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The write-ahead log alone, on a real file: what it gives back after an end without closing, and which damage it can
 * tell from a crash. Losses of power are simulated in {@code LogPowerLossTest} of the simulations.
 */
class RecordJournalTest {
  private static final int BLOCK = 4096;

  @TempDir private Path folder;

  private Path file;
  private long taken;

  @BeforeEach
  void name() {
    file = folder.resolve("log.wal");
  }

  /** Opens the file, gives what it holds beyond {@link #taken}, takes it over, and begins anew. */
  private RecordJournal open(List<String> found) throws IOException {
    return open(found, false);
  }

  private RecordJournal open(List<String> found, boolean lazy) throws IOException {
    RecordJournal journal = RecordJournal.open(file.toString(), lazy);
    try {
      journal.replay(taken, (number, content) -> {
        found.add(text(content));
        taken = number;
      });
      taken = journal.lastNumber();
      journal.restart();
      return journal;
    } catch (IOException | RuntimeException e) {
      try (journal) {
        throw e;
      }
    }
  }

  private List<String> found() throws IOException {
    List<String> found = new ArrayList<>();
    open(found).close();
    return found;
  }

  private static String text(ByteBuffer content) {
    return StandardCharsets.UTF_8.decode(content).toString();
  }

  private static void append(RecordJournal journal, String... texts) throws IOException {
    for (String text : texts) {
      journal.append(text.getBytes(StandardCharsets.UTF_8));
    }
  }

  private void overwrite(long position, int length) throws IOException {
    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
      bytes.seek(position);
      bytes.write("x".repeat(length).getBytes(StandardCharsets.US_ASCII));
    }
  }

  @Test
  void aNewOneIsEmpty() throws IOException {
    assertThat(found()).isEmpty();
  }

  @Test
  void whatWasAppendedComesBackInOrderAfterAnEndWithoutClosing() throws IOException {
    try (RecordJournal journal = open(new ArrayList<>())) {
      append(journal, "one", "two");
      journal.force();
      append(journal, "three", "x".repeat(3 * BLOCK));
      journal.force();
      append(journal, "not forced");
    }
    assertThat(found()).containsExactly("one", "two", "three", "x".repeat(3 * BLOCK), "not forced");
    assertThat(found()).as("it was taken over").isEmpty();
  }

  @Test
  void whatTheDatabaseHasIsNotGivenAgain() throws IOException {
    long second;
    try (RecordJournal journal = open(new ArrayList<>())) {
      append(journal, "one", "two");
      second = journal.lastNumber();
      append(journal, "three");
      journal.force();
    }
    taken = second;
    assertThat(found()).containsExactly("three");
  }

  @Test
  void aRecordOfAnEarlierRoundIsNotTakenForANewOne() throws IOException {
    try (RecordJournal journal = open(new ArrayList<>())) {
      append(journal, "old one");
      journal.force();
      append(journal, "old two");
      journal.force();
      taken = journal.lastNumber();
      journal.restart();
      append(journal, "new one");
      journal.force();
    }
    assertThat(found()).containsExactly("new one");
  }

  @Test
  void aTornRecordAtTheEndIsACrashAndNoDamage() throws IOException {
    try (RecordJournal journal = open(new ArrayList<>())) {
      append(journal, "one");
      journal.force();
      append(journal, "torn");
    }
    overwrite(2 * BLOCK + 30, 2);
    assertThat(found()).containsExactly("one");
    assertThat(found()).isEmpty();
  }

  @Test
  void aForcedRecordThatCannotBeReadIsDamage() throws IOException {
    try (RecordJournal journal = open(new ArrayList<>())) {
      append(journal, "one");
      journal.force();
      append(journal, "two");
      journal.force();
    }
    overwrite(BLOCK + 30, 2);
    byte[] before = Files.readAllBytes(file);
    assertThatThrownBy(this::found).isInstanceOf(JournalDamagedException.class)
        .hasMessageContaining("log.wal").hasMessageContaining("cannot be read");
    assertThat(Files.readAllBytes(file)).as("nothing was changed").isEqualTo(before);
  }

  @Test
  void aDamagedHeaderInFrontOfRecordsIsDamage() throws IOException {
    try (RecordJournal journal = open(new ArrayList<>())) {
      append(journal, "one");
      journal.force();
    }
    overwrite(0, 24);
    assertThatThrownBy(this::found).isInstanceOf(JournalDamagedException.class).hasMessageContaining("header");
  }

  @Test
  void anOlderCopyOfTheDatabaseIsNoticed() throws IOException {
    try (RecordJournal journal = open(new ArrayList<>())) {
      append(journal, "one", "two");
      journal.force();
      taken = journal.lastNumber();
      journal.closeEmpty();
    }
    assertThat(Files.size(file)).isEqualTo(BLOCK);
    taken -= 1;
    assertThatThrownBy(this::found).isInstanceOf(JournalDamagedException.class).hasMessageContaining("older copy");
  }

  @Test
  void aLazyOneGivesBackWhatTheProcessWrote() throws IOException {
    try (RecordJournal journal = open(new ArrayList<>(), true)) {
      append(journal, "one");
      journal.force();
      append(journal, "two");
    }
    List<String> found = new ArrayList<>();
    open(found, true).close();
    assertThat(found).containsExactly("one", "two");
  }

  @Test
  void numbersNeverComeAgain() throws IOException {
    long before;
    try (RecordJournal journal = open(new ArrayList<>())) {
      append(journal, "one");
      journal.force();
      append(journal, "torn", "whole, behind it");
      before = journal.lastNumber();
    }
    overwrite(2 * BLOCK + 30, 2);
    try (RecordJournal journal = open(new ArrayList<>())) {
      append(journal, "new");
      assertThat(journal.lastNumber()).isGreaterThan(before);
    }
  }

  @Test
  void itSaysWhenItIsFull() throws IOException {
    try (RecordJournal journal = open(new ArrayList<>())) {
      assertThat(journal.isFull()).isFalse();
      journal.append(new byte[RecordJournal.FULL_BYTES]);
      assertThat(journal.isFull()).isTrue();
    }
  }

  @Test
  void appendingBeforeTheBeginIsAProgrammersError() throws IOException {
    try (RecordJournal journal = RecordJournal.open(file.toString(), false)) {
      assertThatThrownBy(() -> append(journal, "one")).isInstanceOf(IllegalStateException.class);
    }
  }
}
