package dev.rebasis.client.conform;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.edn.Edn;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** A client with a fault is found out, and the case that is printed is small, can be read again and shows the fault. */
class PlantedDifferenceTest {
  /** Loses a row where there are several. */
  private static final UnaryOperator<Object> FAULT = answer -> {
    if (answer instanceof Set<?> rows && rows.size() > 1) {
      Set<Object> fewer = new HashSet<>(rows);
      fewer.remove(rows.iterator().next());
      return fewer;
    }
    return answer;
  };

  @Test
  void aLostRowIsFoundMadeSmallAndPrintedAsACase() {
    World world = new World(3, new Random(3), new KnownDifferences(), FAULT).play();
    World.Failure failure = world.failures().stream()
        .filter(one -> one.difference().kind() == Pair.Kind.ANSWERS).findFirst().orElseThrow();
    String report = ConformanceTest.report(failure, FAULT);

    String edn = report.substring(report.indexOf('{'), report.indexOf("\nDatomic: "));
    Case printed = Case.of((Map<?, ?>) Edn.read(edn));
    assertThat(printed.play(new KnownDifferences(), FAULT)).as(edn).isNotNull();
    assertThat(printed.play(new KnownDifferences(), UnaryOperator.identity())).as(edn).isNull();
    assertThat(size(printed.transactions())).as(edn).isLessThan(size(failure.one().transactions()) / 3);
    assertThat(printed.transactions().size()).as(edn).isLessThanOrEqualTo(4);
  }

  private static int size(List<List<?>> transactions) {
    return Edn.write(transactions).length();
  }
}
