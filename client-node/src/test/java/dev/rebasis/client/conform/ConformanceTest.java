package dev.rebasis.client.conform;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.conform.Pair.Difference;
import dev.rebasis.client.internal.query.BuiltIns;
import dev.rebasis.edn.Edn;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * Goal: whatever a program transacts and asks, the client does what Datomic does. Method: worlds made from seeds, each a
 * random schema, transactions valid and invalid, alterations of the schema, queries, pulls, entities and walks over
 * indexes on views of several moments; every second world on a client without server, whose ids are translated, every fourth on
 * confirmed data, and the others on confirmed data with pending transactions on top. A
 * difference is made smaller and printed as EDN for a corpus file. Every kind of form, clause, function, aggregate and input
 * must be met ({@link Kinds}). {@code -Drebasis.conform.seed} repeats a run,
 * {@code -Drebasis.conform.worlds} makes it longer.
 */
class ConformanceTest {
  private static final long SEED = Long.getLong("rebasis.conform.seed", 24_000L);
  private static final int WORLDS_OF_A_BUILD = 30;
  private static final int CASES_OF_A_BUILD = 20_000;
  private static final int WORLDS = Integer.getInteger("rebasis.conform.worlds", WORLDS_OF_A_BUILD);
  /** A kind that so few cases meet is about to be missed by some seeds; it is printed. */
  private static final int RARE = 20;
  private static final int DIFFERENCES_MAX = Integer.getInteger("rebasis.conform.differences", 3);

  @Test
  void theClientDoesWhatDatomicDoes() {
    KnownDifferences known = new KnownDifferences();
    List<World> worlds = LongStream.range(SEED, SEED + WORLDS).parallel()
        .mapToObj(seed -> new World(seed, known, Fault.NONE).play()).toList();
    List<World.Failure> failures = new ArrayList<>();
    for (int i = 0; i < World.DIFFERENCES_MAX; i++) { // of each world the first one first: the others are often like it
      int nth = i;
      worlds.stream().flatMap(world -> world.failures().stream().skip(nth).limit(1)).forEach(failures::add);
    }
    List<String> differences = failures.stream().limit(DIFFERENCES_MAX)
        .parallel().map(failure -> report(failure, Fault.NONE)).toList();
    int cases = worlds.stream().mapToInt(World::cases).sum();
    int withContent = worlds.stream().mapToInt(World::withContent).sum();
    int accepted = worlds.stream().mapToInt(World::accepted).sum();
    int transactions = worlds.stream().mapToInt(World::transactions).sum();
    System.out.println("compared with Datomic: " + cases + " cases, seeds from " + SEED + "; transactions: "
        + transactions + ", accepted " + accepted + "; known differences: " + known);
    Map<String, Integer> kinds = new TreeMap<>();
    worlds.forEach(world -> world.kinds().forEach((kind, count) -> kinds.merge(kind, count, Integer::sum)));
    Map<String, Integer> rare = new TreeMap<>();
    kindsToMeet().stream().filter(kind -> kinds.getOrDefault(kind, 0) < RARE).forEach(kind -> rare.put(kind, kinds.getOrDefault(kind, 0)));
    System.out.println("met rarely: " + rare);
    assertThat(differences).as("differences from Datomic").isEmpty();
    assertThat((double) cases / WORLDS).as("cases in each world").isGreaterThan((double) CASES_OF_A_BUILD / WORLDS_OF_A_BUILD);
    assertThat(known.excesses(cases)).as("known differences that explain too much").isEmpty();
    // A generator that makes only empty answers or faulty transactions would prove nothing.
    assertThat((double) accepted / transactions).as("share of accepted transactions").isBetween(0.3, 0.9);
    if (WORLDS >= WORLDS_OF_A_BUILD) {
      assertThat(kinds.keySet()).as("kinds that are met").containsAll(kindsToMeet());
    }
    assertThat((double) withContent / cases).as("share of cases with something to compare").isGreaterThan(0.4);
  }

  /** What a generator that is worth its time makes. */
  private static Set<String> kindsToMeet() {
    Set<String> kinds = new TreeSet<>();
    BuiltIns.functions().forEach(name -> kinds.add("function " + name));
    kinds.remove("function contains?"); // made so rarely that some seeds miss it; cases of the corpus call it
    BuiltIns.aggregates().forEach(name -> kinds.add("aggregate " + name + (name.equals("sample") ? " of several" : "")));
    try (InputStream in = ConformanceTest.class.getResourceAsStream("kinds.txt")) {
      new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().filter(line -> !line.startsWith("#")).forEach(kinds::add);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read the kinds of cases", e);
    }
    return kinds;
  }

  /** The case made small, as EDN, with what differs. */
  static String report(World.Failure failure, Fault fault) {
    KnownDifferences known = new KnownDifferences();
    Case small = new Shrinker(one -> one.play(known, fault)).shrink(failure.one());
    Difference difference = small.play(known, fault);
    List<List<?>> transactions = failure.one().transactions();
    List<?> question = failure.one().question();
    return "Seed " + failure.seed() + ":\n" + small.toEdn() + "\n"
        + (difference == null ? "(only found in the whole world) " + failure.difference().text() : difference.text())
        + "\nfirst found as " + Edn.write(question == null ? transactions.get(transactions.size() - 1) : question)
        + "\nwhere " + failure.difference().text() + "\n";
  }
}
