package dev.rebasis.server.internal.master;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.digest.Digest;
import datomic.Database;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: the digest that follows the log is that of Datomic's own current datoms at every T. Method: random transactions;
 * at random moments digests of old and new Ts are compared with those of a walk over the as-of value.
 */
class MasterDigestTest {
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void theDigestIsThatOfAWalk(long seed) {
    Random random = new Random(seed);
    try (MasterFixture fixture = MasterFixture.inMemory()) {
      MasterDigest digest = new MasterDigest(fixture.master);
      fixture.transact(MasterFixture.SCHEMA);
      List<Long> ts = new ArrayList<>();
      for (int i = 0; i < 150; i++) {
        ts.add(write(fixture, random));
        if (random.nextInt(10) == 0) {
          digest.follow(1 + random.nextInt(20));
        }
        if (random.nextInt(8) == 0) {
          long t = ts.get(random.nextInt(ts.size()));
          Digest walked = new Digest();
          for (datomic.Datom datom : fixture.master.database().asOf(t).datoms(Database.EAVT)) {
            walked.add(DatomicFactView.translate(datom));
          }
          assertThat(digest.at(t)).as("T %s, seed %s", t, seed).isPresent();
          assertThat(digest.at(t).get().differences(walked)).as("T %s, seed %s", t, seed).isEmpty();
          assertThat(digest.at(t).get().datoms()).isPositive();
        }
      }
      assertThat(digest.at(ts.get(ts.size() - 1) + 100)).isEmpty();
    }
  }

  private static long write(MasterFixture fixture, Random random) {
    String number = "\"A-" + random.nextInt(5) + "\"";
    String form = switch (random.nextInt(6)) {
      case 0 -> "{:order/number " + number + " :order/note \"n" + random.nextInt(3) + "\"}";
      case 1 -> "{:order/number " + number + " :order/quantity " + random.nextInt(3) + "}";
      case 2 -> "{:order/number " + number + " :order/tags [:t/" + "abc".charAt(random.nextInt(3)) + "]}";
      case 3 -> "{:order/number " + number + " :order/items [{:db/id \"i\" :order/note \"item\"}]}";
      case 4 -> "[:db/retractEntity [:order/number " + number + "]]";
      default -> "{:db/ident :order/note :db/doc \"doc " + random.nextInt(3) + "\"}";
    };
    return fixture.transact("[" + form + "]").transaction().t();
  }
}
