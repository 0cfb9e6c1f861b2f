package dev.rebasis.simulations.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.error.RebasisException;
import dev.rebasis.server.RebasisServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: a disk that gives back other bytes than were written never makes a server serve other data. Method: bits are
 * flipped one at a time, all over the file of a server's log; each start either refuses in one sentence, and does so again,
 * or serves every datom as it was. {@code -Drebasis.damage.flips=N} changes how many.
 */
@Timeout(600)
class DamagedLogTest {
  private static final int FLIPS = Integer.getInteger("rebasis.damage.flips", 16);
  private static final long SEED = Long.getLong("rebasis.damage.seed", 20_261_121L);

  @TempDir private Path folder;

  @Test
  void aFlippedBitIsFoundOrHarmless() throws IOException {
    Path data = folder.resolve("data");
    TreeSet<String> expected;
    try (RebasisServer server = RebasisServer.builder().data(data).start()) {
      for (int i = 0; i < 40; i++) {
        server.transact("[{:db/doc \"fact " + i + ", which is some words long\"}]").orTimeout(60, TimeUnit.SECONDS).join();
      }
      expected = datoms(server);
    }
    byte[] whole = Files.readAllBytes(data.resolve("log.mv.db"));
    Random random = new Random(SEED);
    List<String> refusals = new ArrayList<>();
    for (int i = 0; i < FLIPS; i++) {
      int position = (int) ((i + random.nextDouble()) * whole.length / FLIPS);
      int bit = random.nextInt(8);
      byte[] flipped = whole.clone();
      flipped[position] ^= (byte) (1 << bit);
      Path copy = folder.resolve("copy" + i);
      Files.createDirectory(copy);
      Files.write(copy.resolve("log.mv.db"), flipped);
      String what = "bit " + bit + " of byte " + position + " of " + whole.length + ", seed " + SEED;

      String refusal = start(copy, expected, what);
      if (refusal != null) {
        refusals.add(refusal);
        assertThat(start(copy, expected, what)).as("it does not mend itself by forgetting: " + what).isEqualTo(refusal);
      }
    }
    assertThat(refusals).as("some bits matter").isNotEmpty()
        .allSatisfy(refusal -> assertThat(refusal).contains("Nothing was changed").doesNotContain("\n"));
  }

  /** Why the server did not start; null if it did, and holds what it should. */
  private static String start(Path data, TreeSet<String> expected, String what) {
    try (RebasisServer server = RebasisServer.builder().data(data).start()) {
      assertThat(datoms(server)).as(what).isEqualTo(expected);
      return null;
    } catch (RebasisException e) {
      return e.getMessage().replace(data.toString(), "DATA");
    }
  }

  private static TreeSet<String> datoms(RebasisServer server) {
    TreeSet<String> all = new TreeSet<>();
    for (datomic.Datom d : server.database().datoms(datomic.Database.EAVT)) {
      // Datomic's own functions print as something else each time.
      if (!(d.v() instanceof datomic.functions.Fn)) {
        all.add(d.e() + " " + d.a() + " " + d.v() + " " + d.tx());
      }
    }
    return all;
  }
}
