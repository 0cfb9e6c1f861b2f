package dev.rebasis.simulations.logs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.Durability;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;

/**
 * The real logs of client and server on a disk that drops, reorders and tears what was not forced: nothing acknowledged
 * is lost, nothing is half applied, and the client's index agrees with its log.
 *
 * <p>{@code -Drebasis.powerloss.histories=5000} tries more, {@code -Drebasis.powerloss.seed=7} one, and {@code -Drebasis.powerloss.trace=true}
 * tells what it does.
 */
class LogPowerLossTest {
  private static final int HISTORIES = Integer.getInteger("rebasis.powerloss.histories", 160);
  private static final long ONLY = Long.getLong("rebasis.powerloss.seed", -1);

  @Test
  void aClientsLogKeepsWhatItAcknowledgedThroughAPowerLoss() {
    assertThat(broken(HISTORIES, seed -> ClientLogHistory.run(seed, Durability.POWER_LOSS))).isEmpty();
  }

  @Test
  void aClientsLogKeepsWhatItAcknowledgedThroughAProcessCrash() {
    assertThat(broken(HISTORIES / 2, seed -> ClientLogHistory.run(seed, Durability.PROCESS_CRASH))).isEmpty();
  }

  // Each life of a master opens a Datomic database.
  @Test
  void aServersLogKeepsWhatItAcknowledgedThroughAPowerLoss() {
    assertThat(broken(Math.max(1, HISTORIES / 4), MasterLogHistory::run)).isEmpty();
  }

  private static List<String> broken(int histories, LongFunction<String> history) {
    List<String> broken = new ArrayList<>();
    for (long seed = 1; seed <= histories && broken.size() < 5; seed++) {
      String found = history.apply(ONLY < 0 ? seed : ONLY);
      if (found != null) {
        broken.add(found);
      }
      if (ONLY >= 0) {
        break;
      }
    }
    return broken;
  }
}
