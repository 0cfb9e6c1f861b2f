package dev.rebasis.simulations.workload;

import dev.rebasis.client.Database;
import dev.rebasis.data.Datom;
import dev.rebasis.edn.Edn;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/** Counters are raised by compare-and-set; each ends at the sum of the steps that were committed. */
final class Counters implements Workload {
  private static final int COUNTERS = 3;

  @Override
  public String name() {
    return "counters";
  }

  @Override
  public String description() {
    return "counters raised by compare-and-set; each ends at the sum of what was committed";
  }

  @Override
  public List<?> schema() {
    return SchemaShorthand.forms("[:counter/name string identity] [:counter/value long]");
  }

  @Override
  public String beginning() {
    StringBuilder forms = new StringBuilder("[");
    for (int i = 0; i < COUNTERS; i++) {
      forms.append("{:counter/name \"").append(i).append("\" :counter/value 0}");
    }
    return forms.append(']').toString();
  }

  @Override
  public List<String> kinds() {
    return List.of("raise");
  }

  @Override
  public String argument(String kind, RandomGenerator random, Made made) {
    return "[\"" + random.nextInt(COUNTERS) + "\" " + (1 + random.nextInt(9)) + "]";
  }

  @Override
  public Object forms(String kind, String argument, Database db) {
    List<?> raise = (List<?>) Edn.read(argument);
    Long value = Reads.one(db, ":counter/name", raise.get(0), ":counter/value");
    return value == null ? null : "[[:db/cas [:counter/name \"" + raise.get(0) + "\"] :counter/value " + value + " "
        + (value + (Long) raise.get(1)) + "]]";
  }

  @Override
  public List<String> judge(List<Committed> committed, Database db) {
    Map<String, Long> sums = new TreeMap<>();
    for (int i = 0; i < COUNTERS; i++) {
      sums.put(Integer.toString(i), 0L);
    }
    for (Committed operation : committed) {
      List<?> raise = (List<?>) Edn.read(operation.argument());
      sums.merge((String) raise.get(0), (Long) raise.get(1), Long::sum);
    }
    List<String> wrong = new ArrayList<>();
    sums.forEach((name, sum) -> {
      Long value = Reads.one(db, ":counter/name", name, ":counter/value");
      if (!sum.equals(value)) {
        wrong.add("counter " + name + " is " + value + "; the committed steps add up to " + sum);
      }
    });
    return wrong;
  }

  @Override
  public List<String> wrong(Database db) {
    List<String> wrong = new ArrayList<>();
    for (Datom datom : Reads.facts(db, ":counter/value")) {
      if ((Long) datom.v() < 0) {
        wrong.add("a counter that only rises is " + datom.v());
      }
    }
    return wrong;
  }
}
