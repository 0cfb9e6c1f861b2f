package dev.rebasis.client.conform;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.edn.Edn;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** An answer of another type than Datomic's is excused only where the column has equal numbers of two types. */
class EqualValuesTest {
  /** A client that takes floats for doubles where it answers with the least. */
  private static final Fault DOUBLES = new Fault() {
    @Override
    public Object answer(List<?> question, Object answer) {
      return Edn.write(question.get(1)).contains("(min ") ? doubles(answer) : answer;
    }
  };

  private static Object doubles(Object value) {
    if (value instanceof Set<?> set) {
      return set.stream().map(EqualValuesTest::doubles).collect(Collectors.toSet());
    }
    if (value instanceof List<?> list) {
      return list.stream().map(EqualValuesTest::doubles).toList();
    }
    return value instanceof Float number ? (Object) number.doubleValue() : value;
  }

  @Test
  void aTypeOfItsOwnIsExcusedOnlyAmongEqualNumbersOfTwoTypes() {
    KnownDifferences known = new KnownDifferences();
    try (Pair pair = Pair.open(Case.NONE, known, Fault.NONE)) {
      List<?> mixed = question("[#rebasis/float \"2.0\" 2.0 3.0]");
      assertThat(pair.there(mixed)).isNotEqualTo(pair.here(mixed));
      assertThat(pair.ask(mixed)).isNull();
      List<?> single = question("[#rebasis/float \"2.0\" 3.0]");
      assertThat(pair.ask(single)).isNull();
      assertThat(pair.with(DOUBLES, known).ask(single)).as("a double where only a float is").isNotNull();
    }
  }

  private static List<?> question(String values) {
    return (List<?>) Edn.read("[:q [:find (min ?v) . :in $ [?v ...]] (db) " + values + "]");
  }
}
