package dev.rebasis.client.internal.rebase;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.internal.fake.FakeServer;
import dev.rebasis.conflict.Rules;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Keyword;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Goal: real clients' states over one server converge, whatever the batches in which they are told, and whatever is pushed
 * twice. Method: three of them write random transactions on few entities (structure, functions, premises, groups, schema and
 * policies that change meanwhile), push and are told in random pieces. Whenever two stand on one T with nothing pending,
 * they show the same; in the end all show what the server has. A push that is repeated changes nothing. The seed is the
 * test's parameter; more of them with {@code -Drebase.seeds=1000}.
 */
class ConvergingStatesTest {
  static Stream<Long> seeds() {
    return IntStream.rangeClosed(1, Integer.getInteger("rebase.seeds", 25)).mapToObj(Long::valueOf);
  }

  static Stream<Arguments> policies() {
    return Rules.BUILT_IN.policyNames().stream().flatMap(policy ->
        LongStream.rangeClosed(1, Math.max(3, Integer.getInteger("rebase.seeds", 25) / 25))
            .mapToObj(seed -> Arguments.of(policy, seed)));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void allShowTheSameOnceAllIsDecidedAndTold(long seed) {
    play(null, seed);
  }

  @ParameterizedTest
  @MethodSource("policies")
  void allShowTheSameUnderEveryPolicy(Keyword policy, long seed) {
    play(policy, seed);
  }

  /** With one policy for every attribute that it fits, or with those of the schema. */
  private static void play(Keyword policy, long seed) {
    Random random = new Random(seed);
    try (FakeServer server = new FakeServer()) {
      server.rules(RandomForms.RULES);
      server.transact(RandomForms.SCHEMA);
      if (policy != null) {
        RandomForms.everywhere(policy, server);
      }
      List<RandomClient> clients = new ArrayList<>();
      try {
        for (long number = 1; number <= 3; number++) {
          clients.add(new RandomClient(number, server, random, 60));
        }
        for (int step = 0; step < 120; step++) {
          step(clients.get(random.nextInt(3)), random);
          compareThoseOnOneT(clients, "seed " + seed + ", step " + step);
        }
        settle(clients, server, seed);
      } finally {
        clients.forEach(RandomClient::close);
      }
    }
  }

  private static void step(RandomClient client, Random random) {
    int dice = random.nextInt(20);
    if (dice < 10) {
      client.transact();
    } else if (dice < 13) {
      client.push(1 + random.nextInt(3));
    } else if (dice < 15) {
      client.remote();
    } else if (dice == 15) {
      client.withdraw();
    } else {
      client.confirm();
    }
  }

  private static void settle(List<RandomClient> clients, FakeServer server, long seed) {
    clients.forEach(client -> client.push(Integer.MAX_VALUE));
    for (RandomClient client : clients) {
      while (client.behind()) {
        client.confirm();
      }
      assertThat(client.pending()).as("seed %s: nothing is left pending", seed).isZero();
      assertThat(client.shown()).as("seed %s", seed).isEqualTo(server.datoms());
    }
    List<Datom> before = server.datoms();
    clients.forEach(RandomClient::pushAllAgain);
    assertThat(server.datoms()).as("seed %s: what is pushed twice", seed).isEqualTo(before);
  }

  private static void compareThoseOnOneT(List<RandomClient> clients, String where) {
    Map<Long, List<Datom>> byT = new HashMap<>();
    for (RandomClient client : clients) {
      List<Datom> confirmed = new ArrayList<>();
      client.state.confirmed().datoms(IndexOrder.EAVT).forEach(confirmed::add);
      List<Datom> other = byT.putIfAbsent(client.index.position(), confirmed);
      assertThat(confirmed).as(where).isEqualTo(other == null ? confirmed : other);
      if (client.pending() == 0) {
        assertThat(client.shown()).as(where).isEqualTo(confirmed);
      }
    }
  }
}
