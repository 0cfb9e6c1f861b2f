package dev.rebasis.simulations.workload;

import dev.rebasis.client.Database;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Counters are raised in two ways: by compare-and-set, which the loser of a race has to do again, and by plain writes
 * under the policy {@code counter}, of which none is lost. Each ends at the sum of the steps that were committed.
 */
final class Counters implements Workload {
  private static final int COUNTERS = 3;

  @Override
  public String name() {
    return "counters";
  }

  @Override
  public String description() {
    return "counters raised by compare-and-set and under the policy 'counter'; each ends at the sum of what was committed";
  }

  @Override
  public Alterable alterable(Keyword attribute) {
    return Alterable.NAMES;
  }

  @Override
  public List<?> schema() {
    return SchemaShorthand.forms("[:counter/name string identity] [:counter/value long]"
        + " [:counter/total long :rebasis.policy/counter]");
  }

  @Override
  public String beginning() {
    StringBuilder forms = new StringBuilder("[");
    for (int i = 0; i < COUNTERS; i++) {
      forms.append("{:counter/name \"").append(i).append("\" :counter/value 0 :counter/total 0}");
    }
    return forms.append(']').toString();
  }

  @Override
  public List<String> kinds() {
    return List.of("raise", "add-to-total");
  }

  @Override
  public Set<String> policies(String kind) {
    return kind.equals("add-to-total") ? Set.of("counter") : Set.of();
  }

  @Override
  public boolean canBeUndone() {
    return true;
  }

  @Override
  public String argument(String kind, RandomGenerator random, Made made) {
    return "[\"" + random.nextInt(COUNTERS) + "\" " + (1 + random.nextInt(9)) + "]";
  }

  private static String attribute(String kind) {
    return switch (kind) {
      case "raise" -> ":counter/value";
      case "add-to-total" -> ":counter/total";
      default -> throw new IllegalArgumentException("counters have no operation " + kind);
    };
  }

  @Override
  public Object forms(String kind, String argument, Database db) {
    List<?> raise = (List<?>) Edn.read(argument);
    Long value = Reads.one(db, ":counter/name", raise.get(0), attribute(kind));
    if (value == null) {
      return null;
    }
    String counter = "[:counter/name \"" + raise.get(0) + "\"]";
    long raised = value + (Long) raise.get(1);
    return kind.equals("raise") ? "[[:db/cas " + counter + " :counter/value " + value + " " + raised + "]]"
        : "[[:db/add " + counter + " :counter/total " + raised + "]]";
  }

  @Override
  public boolean judgesUncertain() {
    return true;
  }

  @Override
  public List<String> judge(List<Committed> committed, Database db) {
    List<String> wrong = new ArrayList<>();
    for (String kind : kinds()) {
      for (int i = 0; i < COUNTERS; i++) {
        String name = Integer.toString(i);
        judge(kind, name, committed.stream().filter(each -> each.kind().equals(kind)
            && ((List<?>) Edn.read(each.argument())).get(0).equals(name)).toList(), db, wrong);
      }
    }
    return wrong;
  }

  private static void judge(String kind, String name, List<Committed> raises, Database db, List<String> wrong) {
    long sum = 0;
    long again = 0;
    for (Committed raise : raises) {
      sum += (Long) ((List<?>) Edn.read(raise.argument())).get(1);
      // A compare-and-set has compared: only a plain sum can hold what was forgotten.
      again += raise.certainty() == Certainty.ON_FORGOTTEN && kind.equals("add-to-total") ? 1 : 0;
      if (raise.certainty() == Certainty.REVISITED || raise.certainty() == Certainty.UNKNOWN) {
        return;
      }
    }
    Long value = Reads.one(db, ":counter/name", name, attribute(kind));
    // Each sum that was read off a forgotten value may count what was raised by then a second time, and nothing else.
    if (value == null || value < sum || value > sum * (1 + again)) {
      wrong.add(attribute(kind) + " of " + name + " is " + value + "; the committed steps add up to " + sum
          + (again == 0 ? "" : ", and " + again + " of them were made on what a restored server forgot"));
    }
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
