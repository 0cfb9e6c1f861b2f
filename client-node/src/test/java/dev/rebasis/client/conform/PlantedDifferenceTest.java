package dev.rebasis.client.conform;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.conform.Pair.Difference;
import dev.rebasis.edn.Edn;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.BiPredicate;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * A client with a fault is found out. Method: many faults, each before the same two databases, in the worlds of
 * {@link ConformanceTest}; each must show within a number of cases. Of some, the case that is printed is small, can be read
 * again and shows the fault.
 */
class PlantedDifferenceTest {
  private static final long SEED = 20_261_121L;
  /** A fault is found in the cases of so many worlds, some 700 each; a build compares several times as many. */
  private static final int WORLDS = 18;

  private final Map<String, Fault> left = new ConcurrentHashMap<>(PlantedFaults.all());
  private final Map<String, Integer> found = new ConcurrentHashMap<>();
  private final AtomicInteger cases = new AtomicInteger();

  /** Plays each case for each fault that is not found yet. */
  private final class Search implements World.Observer {
    @Override
    public void transaction(Pair pair, List<?> forms) {
      look(pair, forms, Fault::concernsForms, Pair::tryOnly);
    }

    @Override
    public boolean question(Pair pair, List<?> question) {
      look(pair, question, Fault::concernsQuestion, Pair::ask);
      return false;
    }

    private void look(
        Pair pair, List<?> one, BiPredicate<Fault, List<?>> concerns, BiFunction<Pair, List<?>, Difference> play) {
      cases.incrementAndGet();
      left.forEach((name, fault) -> {
        if (concerns.test(fault, one) && play.apply(pair.with(fault, new KnownDifferences()), one) != null
            && play.apply(pair.with(Fault.NONE, new KnownDifferences()), one) == null) {
          found.putIfAbsent(name, cases.get());
          left.remove(name);
        }
      });
    }
  }

  @Test
  void everyFaultIsFoundSoon() {
    LongStream.range(SEED, SEED + WORLDS).parallel().filter(seed -> !left.isEmpty())
        .forEach(seed -> new World(seed, new KnownDifferences(), Fault.NONE, new Search()).play());
    System.out.println("planted faults: " + found.size() + ", found within cases: " + found.values().stream().sorted().toList());
    assertThat(left.keySet()).as("not found in " + cases + " cases").isEmpty();
    assertThat(found).hasSizeGreaterThan(80);
  }

  @Test
  void aLostRowIsFoundMadeSmallAndPrintedAsACase() {
    isMadeSmall("a row is lost", 4);
  }

  @Test
  void aFaultOfTransactionsIsMadeSmall() {
    isMadeSmall("a value that is replaced is not retracted", 5);
  }

  private static void isMadeSmall(String name, int transactionsMax) {
    Fault fault = PlantedFaults.all().get(name);
    World.Failure failure = new World(3, new KnownDifferences(), fault).play().failures().get(0);
    String report = ConformanceTest.report(failure, fault);

    String edn = report.substring(report.indexOf('{'), report.indexOf("}\n") + 1);
    Case printed = Case.of((Map<?, ?>) Edn.read(edn));
    assertThat(printed.play(new KnownDifferences(), fault)).as(edn).isNotNull();
    assertThat(printed.play(new KnownDifferences(), Fault.NONE)).as(edn).isNull();
    assertThat(size(printed.transactions())).as(edn).isLessThan(size(failure.one().transactions()) / 3);
    assertThat(printed.transactions().size()).as(edn).isLessThanOrEqualTo(transactionsMax);
  }

  private static int size(List<List<?>> transactions) {
    return Edn.write(transactions).length();
  }
}
