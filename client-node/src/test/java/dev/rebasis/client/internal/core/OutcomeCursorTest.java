package dev.rebasis.client.internal.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.Durability;
import dev.rebasis.client.OutcomeCursor;
import dev.rebasis.client.Pending;
import dev.rebasis.client.SyncClient;
import dev.rebasis.client.internal.Samples;
import dev.rebasis.client.internal.log.ClientLog;
import dev.rebasis.client.internal.log.LogEntry;
import dev.rebasis.client.internal.log.StoreFiles;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.OutcomeKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Goal: with a cursor a program runs its effect exactly once for each transaction, wherever it is killed, and also if the
 * server went back and decides again. Method: the program of docs/conflicts.md, ended at each point of each entry; the next
 * one begins with the files of the store as they were then.
 */
class OutcomeCursorTest extends ClientRig {
  /** What the effects left behind: it outlives the program. */
  private final List<UUID> printed = new ArrayList<>();

  /** Runs the program of the documentation; it is killed after so many points. */
  private void run(OutcomeCursor cursor, int points) {
    int left = points;
    for (var entry = cursor.next(); entry.isPresent(); entry = cursor.next()) {
      if (left-- == 0) {
        return;
      }
      UUID id = entry.get().outcome().id();
      if (!printed.contains(id)) {
        printed.add(id);
      }
      if (left-- == 0) {
        return;
      }
      cursor.done(entry.get());
      if (left-- == 0) {
        return;
      }
    }
  }

  private void copyAsKilled(String copy) throws IOException {
    Path from = folder.resolve("one");
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path to = folder.resolve(copy).resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(to);
        } else if (!file.toString().endsWith(".lock")) {
          Files.copy(file, to);
        }
      }
    }
  }

  @Test
  void whereverTheProgramIsKilledEachEffectHappensOnce() throws IOException {
    SyncClient client = online();
    List<UUID> made = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      made.add(client.transact("[{:k \"K" + i + "\" :n 1}]").id());
    }
    transport.cut();
    Pending refused = client.transact("[[:db/cas [:k \"K0\"] :n 1 2]]");
    server.transact("[[:db/add [:k \"K0\"] :n 9]]");
    transport.heal();
    environment.advance(60_000);
    assertThat(refused.outcome().join().kind()).isEqualTo(OutcomeKind.REJECTED);
    made.add(refused.id());
    for (int point = 0; point <= 3 * made.size(); point++) {
      printed.clear();
      String name = "consumer " + point;
      run(client.outcomes(name), point);
      copyAsKilled("copy" + point);
      SyncClient next = client("copy" + point, null);
      run(next.outcomes(name), Integer.MAX_VALUE);
      assertThat(printed).as("killed at point %s", point).containsExactlyElementsOf(made);
      next.close();
    }
  }

  @Test
  void aTransactionThatIsDecidedAgainAfterARestoreComesAgainUnderItsId() {
    Intent intent = new Intent(new UUID(3, 3), 1, 0, Samples.EPOCH, List.of(), Map.of(Intent.TX_TEMPID, 1L));
    LogEntry.Decided decided = new LogEntry.Decided(
        intent.id(), OutcomeKind.ACCEPTED, false, 1000, Map.of(), null, null, List.of());
    try (ClientLog log = ClientLog.open(
        StoreFiles.folder(folder.resolve("mended")), Durability.PROCESS_CRASH, Samples.ids())) {
      log.write(List.of(new LogEntry.IntentMade(intent)), true);
      log.write(List.of(decided), true);
      OutcomeCursor.Entry first = log.reads().outcomesAfter(0, 10).get(0);
      log.write(List.of(new LogEntry.CursorAt("mail", first.n())), true);
      log.write(List.of(new LogEntry.Mended(List.of(intent), Set.of())), true);
      assertThat(log.reads().outcomesAfter(0, 10)).isEmpty();
      log.write(List.of(decided), true);
      OutcomeCursor.Entry second = log.reads().outcomesAfter(log.reads().cursor("mail"), 10).get(0);
      assertThat(second.outcome().id()).as("the key of the effect").isEqualTo(first.outcome().id());
      assertThat(second.n()).as("no key: it is another one").isGreaterThan(first.n());
    }
  }
}
