package dev.rebasis.client.internal.rebase;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.internal.fake.FakeServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The goal: after any history the optimistic view and every prediction are what a naive replay gives. Method: random
 * transactions of this client and of others (upserts, unique values, cas, components, retracted entities, schema,
 * references to entities that earlier pending transactions made, every kind of policy, transaction functions, premises,
 * groups, made as such or bound later, transactions taken back, tried again and set aside; others rename attributes, give their names to attributes of another
 * type, and change their policies and cardinalities) on few entities, so that much meets; pushed and
 * confirmed in random pieces; after each step both are compared. The seed is the test's parameter; more of them with
 * {@code -Drebase.seeds=1000}.
 */
class RebaseAgainstReplayTest {
  private static final long CLIENT = 1;
  private static final AtomicInteger BOUND = new AtomicInteger();

  static List<Long> seeds() {
    int count = Integer.getInteger("rebase.seeds", 40);
    List<Long> seeds = new ArrayList<>();
    for (long seed = Long.getLong("rebase.first", 1); seeds.size() < count; seed++) {
      seeds.add(seed);
    }
    return seeds;
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void rebasedViewEqualsNaiveReplay(long seed) {
    Random random = new Random(seed);
    try (FakeServer server = server(); RandomClient client = new RandomClient(CLIENT, server, random, 60)) {
      for (int step = 0; step < 60; step++) {
        step(client, random);
        client.compare("seed " + seed + ", step " + step);
      }
      BOUND.addAndGet(client.bound());
    }
  }

  @AfterAll
  static void someWereBound() {
    assertThat(BOUND.get()).as("groups that were bound from what was pending").isGreaterThan(seeds().size() / 2);
  }

  private static void step(RandomClient client, Random random) {
    int dice = random.nextInt(22);
    if (dice > 19) {
      client.bind();
    } else if (dice < 12) {
      client.transact();
    } else if (dice < 15) {
      client.remote();
    } else if (dice == 15) {
      client.withdraw();
    } else if (dice < 18) {
      client.push(random.nextInt(4));
    } else {
      client.confirm();
    }
  }

  @ParameterizedTest
  @MethodSource("longSeeds")
  void rebasedViewEqualsNaiveReplayWithHundredsPending(long seed) {
    Random random = new Random(seed);
    try (FakeServer server = server(); RandomClient client = new RandomClient(CLIENT, server, random, 1_000)) {
      while (client.pending() < 400) {
        client.transact();
      }
      client.compare("seed " + seed);
      for (int step = 0; step < 12; step++) {
        for (int i = 0; i < 5; i++) {
          client.remote();
        }
        client.push(random.nextInt(60));
        client.confirm();
        client.compare("seed " + seed + ", step " + step);
      }
    }
  }

  static List<Long> longSeeds() {
    return LongStream.rangeClosed(1, Math.max(2, Integer.getInteger("rebase.seeds", 0) / 100)).boxed().toList();
  }

  /** Few meetings among very many: {@code -Drebase.pending=10000} for longer queues. */
  @Test
  void rebasedViewEqualsNaiveReplayWithThousandsPending() {
    try (FakeServer server = server(); RandomClient client = new RandomClient(CLIENT, server, new Random(7), 20_000)) {
      int count = Integer.getInteger("rebase.pending", 2_000);
      while (client.pending() < count) {
        client.transact();
      }
      for (int i = 0; i < 200; i++) {
        client.remote();
      }
      client.push(count / 10);
      client.confirm();
      client.compare("confirmed once");
      client.push(count / 2);
      client.confirm();
      client.confirm();
      client.compare("confirmed thrice");
    }
  }

  private static FakeServer server() {
    FakeServer server = new FakeServer();
    server.rules(RandomForms.RULES);
    server.transact(RandomForms.SCHEMA);
    return server;
  }
}
