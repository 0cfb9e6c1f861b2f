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
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** When the tables of a store in memory take over: at once what forgets, in its time what withdraws. */
class SettlingTest {
  private final List<RuntimeException> failures = new ArrayList<>();
  private final FakeEnvironment environment = new FakeEnvironment(null, Samples.ids());

  @Test
  void whatIsToBeForgottenIsForgottenAtOnceWhateverElseIsWritten() {
    try (ClientLog log = ClientLog.open(StoreFiles.inMemory(), Durability.PROCESS_CRASH, Samples.ids())) {
      Settling settling = settling(log);
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
      Settling settling = settling(log);
      settling.write(List.of(new LogEntry.DropConfirmed()), true);
      settling.write(List.of(new LogEntry.Confirmed(List.of(new Transaction(1_000, List.of(), List.of(USER))))), false);
      environment.advance(29_000);
      assertThat(log.isBehind()).isTrue();
      environment.advance(2_000);
      assertThat(log.isBehind()).isFalse();
      assertThat(failures).isEmpty();
    }
  }

  private Settling settling(ClientLog log) {
    return new Settling(log, environment, new RowsOfLoads(log, environment, () -> false, () -> { }, failures::add), failures::add);
  }

  private static List<LogEntry> confirmed(long t) {
    return List.of(new LogEntry.Confirmed(List.of(tx(t, add(USER, SystemIds.DB_DOC, "secret")))));
  }
}
