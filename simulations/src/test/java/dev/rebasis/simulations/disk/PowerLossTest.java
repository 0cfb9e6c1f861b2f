package dev.rebasis.simulations.disk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.journal.JournaledPath;
import dev.rebasis.journal.LazyJournaledPath;
import dev.rebasis.simulations.disk.PowerLossHistory.Acknowledged;
import dev.rebasis.simulations.disk.PowerLossHistory.Crash;
import dev.rebasis.storage.H2Settings;
import java.util.List;
import java.util.Objects;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What was acknowledged survives a loss of power, and no transaction survives in part.
 *
 * <p>Method: random histories of an append log in H2 on a simulated disk, several lives each; see {@link
 * PowerLossHistory}. The settings that lose are run as well, so that the harness is known to notice. {@code
 * -Drebasis.powerloss.histories=N} sets the number of histories with the safe settings, {@code
 * -Drebasis.powerloss.from=SEED} the first seed.
 */
class PowerLossTest {

  private static final int HISTORIES = Integer.getInteger("rebasis.powerloss.histories", 60);
  private static final long FROM = Long.getLong("rebasis.powerloss.from", 0);

  @Test
  void nothingAcknowledgedIsLostWithThePower() {
    assertThat(broken("power", HISTORIES, safe(H2Settings.URL_PREFIX_POWER_LOSS), Crash.POWER, Acknowledged.AT_FORCE))
        .isEmpty();
  }

  @Test
  void nothingAcknowledgedIsLostWithTheProcess() {
    assertThat(broken("kill", HISTORIES / 4, safe(H2Settings.URL_PREFIX_POWER_LOSS), Crash.PROCESS,
        Acknowledged.AT_FORCE)).isEmpty();
  }

  @Test
  void theLazyJournalLosesNothingWithTheProcess() {
    assertThat(broken("lazy-kill", HISTORIES / 4, safe(H2Settings.URL_PREFIX_PROCESS_CRASH), Crash.PROCESS,
        Acknowledged.AT_FORCE)).isEmpty();
  }

  @Test
  void theLazyJournalFallsBackToWholeStatesOnlyWhenThePowerGoes() {
    assertThat(broken("lazy-power", HISTORIES / 4, safe(H2Settings.URL_PREFIX_PROCESS_CRASH), Crash.POWER,
        Acknowledged.AT_CLOSE)).isEmpty();
  }

  /** Each of these was thought safe, or is H2's default. */
  @ParameterizedTest
  @CsvSource({
    "checkpoint, ;WRITE_DELAY=0, CHECKPOINT SYNC, POWER",
    "no-compaction, ;WRITE_DELAY=0;MAX_COMPACT_TIME=0, CHECKPOINT SYNC, POWER",
    "no-reuse, ;WRITE_DELAY=0;MAX_COMPACT_TIME=0;REUSE_SPACE=FALSE, CHECKPOINT SYNC, POWER",
    "no-retention, ;WRITE_DELAY=0;MAX_COMPACT_TIME=0;RETENTION_TIME=0, CHECKPOINT SYNC, POWER",
    "default-delay, '', '', PROCESS"
  })
  void withoutTheJournalAcknowledgedRowsAreLost(String name, String settings, String force, Crash crash) {
    AppendLog.Opener plain = H2AppendLog.opener("jdbc:h2:", settings, force);
    assertThat(LongStream.range(FROM, FROM + 1_000)
        .anyMatch(seed -> PowerLossHistory.run("plain-" + name, seed, plain, crash, Acknowledged.AT_FORCE) != null))
        .isTrue();
  }

  @Test
  void theJournalIsTheOneThatTheSettingsName() {
    assertThat(H2Settings.URL_PREFIX_POWER_LOSS).isEqualTo("jdbc:h2:" + JournaledPath.SCHEME + ":");
    assertThat(H2Settings.URL_PREFIX_PROCESS_CRASH).isEqualTo("jdbc:h2:" + LazyJournaledPath.SCHEME + ":");
  }

  private static AppendLog.Opener safe(String prefix) {
    return H2AppendLog.opener(prefix, H2Settings.URL_SUFFIX, H2Settings.FORCE);
  }

  private static List<String> broken(
      String name, int histories, AppendLog.Opener opener, Crash crash, Acknowledged at) {
    return LongStream.range(FROM, FROM + histories).parallel()
        .mapToObj(seed -> PowerLossHistory.run(name, seed, opener, crash, at))
        .filter(Objects::nonNull)
        .toList();
  }
}
