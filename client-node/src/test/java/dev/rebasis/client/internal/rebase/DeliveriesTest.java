package dev.rebasis.client.internal.rebase;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.internal.fake.FakeServer;
import dev.rebasis.conflict.Decider;
import dev.rebasis.conflict.RemoteChanges;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/**
 * Goal: what a client shows and predicts depends on what it knows of the server alone, and not on the pieces in which it was
 * told, nor on how often. Method: a client with random transactions pending hears nothing while it writes, pushes, and others push
 * in any order. Then replicas of its state, all of them real ones, are told of what happened: one transaction by one, all at once, and
 * in random batches, with batches told again, loads and restarts in between. Wherever two of them stand on the same T they show
 * the same, prediction by prediction; in the end all show what the server has, with what was never pushed on top.
 */
class DeliveriesTest extends RandomHistories {
  private static final int WAYS = 5;
  private static int compared;
  private static int repeated;
  /** By what the replicas decide. */
  private Decide decide = Decide.by(RandomForms.RULES);

  /** A planted fault: now and then a decision forgets what others did, so that it depends on how often it is made. */
  @Test
  void aStateThatDecidesOtherwiseTheNextTimeIsFoundOut() {
    boolean found = false;
    for (long seed = 1; seed <= 10 && !found; seed++) {
      int[] asked = {0};
      decide = (intent, now, remote, ids) -> Decider.decide(
          intent, now, ++asked[0] % 2 == 0 ? RemoteChanges.NONE : remote, ids, RandomForms.RULES);
      try {
        play(null, seed);
      } catch (AssertionError differs) {
        found = true;
      }
    }
    assertThat(found).as("found by one of ten seeds").isTrue();
  }

  @AfterAll
  static void muchWasCompared() {
    assertThat(compared).as("views compared with that of another replica").isGreaterThan(500);
    assertThat(repeated).as("batches told again").isGreaterThan(100);
  }

  @Override
  void play(List<RandomClient> clients, FakeServer server, Random random, String where) {
    live(clients, random);
    boolean allPushed = random.nextBoolean();
    if (allPushed) {
      clients.get(0).push(Integer.MAX_VALUE);
    }
    deliver(clients.get(0), server, random, allPushed, where);
  }

  /** All live for a while; then the first one hears nothing any more. */
  private static void live(List<RandomClient> clients, Random random) {
    for (int step = 0; step < 100; step++) {
      int who = random.nextInt(3);
      RandomClient client = clients.get(who);
      int dice = random.nextInt(16);
      if (dice < 9) {
        client.transact();
      } else if (dice < 12) {
        client.push(1 + random.nextInt(3));
      } else if (dice < 13) {
        client.remote();
      } else if (who > 0 || step < 50) {
        client.confirm();
      }
    }
  }

  private void deliver(RandomClient client, FakeServer server, Random random, boolean allPushed, String where) {
    Map<Long, Replica.Shown> atT = new HashMap<>();
    for (int way = 0; way < WAYS; way++) {
      try (Replica replica = client.replica(decide)) {
        compare(replica, atT, where + ", way " + way + ", at the start");
        while (replica.behind() > 0) {
          tell(replica, way, random);
          compare(replica, atT, where + ", way " + way + ", T " + replica.t());
        }
        if (allPushed) {
          assertThat(replica.shown().predictions()).as(where).isEmpty();
          assertThat(replica.shown().datoms()).as(where).isEqualTo(server.datoms());
        }
      }
    }
  }

  /** The first replica is told one by one, so that there is something to compare with at each T; the second all at once. */
  private static void tell(Replica replica, int way, Random random) {
    int count = way == 0 ? 1 : way == 1 ? replica.behind() : 1 + random.nextInt(Math.min(6, replica.behind()));
    if (way > 2 && random.nextInt(8) == 0) {
      replica.load(count);
    } else {
      replica.next(count);
    }
    if (way > 1 && random.nextInt(2) == 0) {
      replica.again(random.nextInt(100));
      repeated++;
    }
    if (way > 2 && random.nextInt(6) == 0) {
      replica.restart();
    }
  }

  private static void compare(Replica replica, Map<Long, Replica.Shown> atT, String where) {
    Replica.Shown shown = replica.shown();
    Replica.Shown other = atT.putIfAbsent(replica.t(), shown);
    if (other != null) {
      compared++;
      assertThat(shown.datoms()).as(where).isEqualTo(other.datoms());
      assertThat(shown.predictions()).as(where).isEqualTo(other.predictions());
    }
  }
}
