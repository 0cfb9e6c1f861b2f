package dev.rebasis.client.internal.rebase;

import dev.rebasis.client.internal.fake.FakeServer;
import dev.rebasis.conflict.Rules;
import dev.rebasis.data.Keyword;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Three clients with random transactions over one server: under the policies of a schema, and under each policy wherever it
 * fits. The seed is the test's parameter; more of them with {@code -Drebase.seeds=1000}.
 */
abstract class RandomHistories {
  private static final int SEEDS = Integer.getInteger("rebase.seeds", 25);

  /** What happens, and what has to hold of it. */
  abstract void play(List<RandomClient> clients, FakeServer server, Random random, String where);

  static Stream<Long> seeds() {
    return IntStream.rangeClosed(1, SEEDS).mapToObj(Long::valueOf);
  }

  static Stream<Arguments> policies() {
    return Rules.BUILT_IN.policyNames().stream().flatMap(policy ->
        LongStream.rangeClosed(1, Math.max(3, SEEDS / 25)).mapToObj(seed -> Arguments.of(policy, seed)));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void underThePoliciesOfTheSchema(long seed) {
    play(null, seed);
  }

  @ParameterizedTest
  @MethodSource("policies")
  void underOnePolicyEverywhere(Keyword policy, long seed) {
    play(policy, seed);
  }

  void play(Keyword policy, long seed) {
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
        play(clients, server, random, "seed " + seed);
      } finally {
        clients.forEach(RandomClient::close);
      }
    }
  }
}
