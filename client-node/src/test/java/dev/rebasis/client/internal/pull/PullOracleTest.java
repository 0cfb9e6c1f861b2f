package dev.rebasis.client.internal.pull;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import datomic.Connection;
import dev.rebasis.client.Database;
import dev.rebasis.client.internal.mirror.Mirror;
import dev.rebasis.client.internal.query.Oracle;
import dev.rebasis.edn.Edn;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Random patterns on random entities, on Datomic and here: the same map. A failing pattern is printed with its seed and
 * the references; {@code -Drebasis.pull.seed} repeats a run, {@code -Drebasis.pull.worlds} makes it longer.
 */
class PullOracleTest {
  private static final long SEED = Long.getLong("rebasis.pull.seed", 20_261_121L);
  private static final int WORLDS = Integer.getInteger("rebasis.pull.worlds", 8);
  private static final int PATTERNS_EACH = 250;
  private static final String SCHEMA = """
      [{:db/ident :x/name :db/valueType :db.type/string :db/cardinality :db.cardinality/one}
       {:db/ident :x/num :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
       {:db/ident :x/tags :db/valueType :db.type/keyword :db/cardinality :db.cardinality/many}
       {:db/ident :x/one :db/valueType :db.type/ref :db/cardinality :db.cardinality/one}
       {:db/ident :x/many :db/valueType :db.type/ref :db/cardinality :db.cardinality/many}
       {:db/ident :x/part :db/valueType :db.type/ref :db/cardinality :db.cardinality/one :db/isComponent true}
       {:db/ident :x/parts :db/valueType :db.type/ref :db/cardinality :db.cardinality/many :db/isComponent true}]""";
  private static final List<String> PLAIN = List.of(":x/name", ":x/num", ":x/tags", ":x/none");
  private static final List<String> REFS = List.of(
      ":x/one", ":x/many", ":x/part", ":x/parts", ":x/_one", ":x/_many", ":x/_part", ":x/_parts");

  private Random random;
  private int found;

  @Test
  void randomPatternsGiveDatomicsMaps() {
    for (int world = 0; world < WORLDS; world++) {
      random = new Random(SEED + world);
      try (Mirror mirror = new Mirror()) {
        mirror.transact(SCHEMA);
        Map<?, ?> tempids = (Map<?, ?>) mirror.transact(entities()).get(Connection.TEMPIDS);
        List<Object> ids = new ArrayList<>(tempids.values());
        for (int i = 0; i < PATTERNS_EACH; i++) {
          check(mirror, pattern(0), ids.get(random.nextInt(ids.size())), SEED + world);
        }
      }
    }
    assertThat(found).as("pulls that found something").isGreaterThan(WORLDS * PATTERNS_EACH / 2);
  }

  private void check(Mirror mirror, String pattern, Object e, long seed) {
    Database ours = mirror.ours();
    Object expected = Oracle.ours(mirror.theirs().pull(pattern, e));
    Map<Object, Object> actual = ours.pull(pattern, e);
    found += actual == null ? 0 : 1;
    if (expected == null ? actual != null : !expected.equals(actual)) {
      fail("seed %d: %s of %s%nDatomic: %s%nRebasis: %s%nreferences: %s", seed, pattern, e, expected, actual,
          Edn.write(List.copyOf(ours.q("[:find ?e ?n ?f :where [?e ?a ?f] [?a :db/valueType :db.type/ref]"
              + " [?a :db/ident ?n] [(namespace ?n) ?s] [(= ?s \"x\")]]"))));
    }
  }

  /** References go anywhere; components only to later entities, since Datomic cannot pull a circle of them. */
  private String entities() {
    int count = 10;
    StringBuilder forms = new StringBuilder("[");
    boolean[] owned = new boolean[count];
    for (int i = 0; i < count; i++) {
      forms.append("{:db/id \"").append(i).append("\" :x/name \"n").append(i).append('"');
      if (random.nextBoolean()) {
        forms.append(" :x/num ").append(random.nextInt(3));
      }
      if (random.nextBoolean()) {
        forms.append(" :x/tags [:a ").append(random.nextBoolean() ? ":b" : ":c").append(']');
      }
      if (random.nextBoolean()) {
        forms.append(" :x/one \"").append(random.nextInt(count)).append('"');
      }
      if (random.nextBoolean()) {
        forms.append(" :x/many [\"").append(random.nextInt(count)).append("\" \"").append(random.nextInt(count)).append("\"]");
      }
      for (String attribute : List.of(" :x/part \"", " :x/parts \"")) {
        int target = i + 1 + random.nextInt(count);
        if (target < count && !owned[target]) {
          owned[target] = true;
          forms.append(attribute).append(target).append('"');
        }
      }
      forms.append('}');
    }
    return forms.append(']').toString();
  }

  private String pattern(int depth) {
    StringBuilder pattern = new StringBuilder("[");
    boolean wildcard = random.nextInt(5) == 0;
    Set<String> named = new HashSet<>();
    if (wildcard) {
      pattern.append("* ");
    }
    if (random.nextInt(4) == 0) {
      pattern.append(":db/id ");
    }
    for (int i = random.nextInt(4) + (wildcard ? 0 : 1); i > 0; i--) {
      boolean ref = random.nextBoolean();
      List<String> names = ref ? REFS : PLAIN;
      String name = names.get(random.nextInt(names.size()));
      if (named.add(name)) {
        pattern.append(ref && random.nextInt(3) > 0
            ? "{" + spec(name) + " " + nested(depth, wildcard) + "} " : spec(name) + " ");
      }
    }
    return pattern.append("]").toString();
  }

  private String nested(int depth, boolean inWildcard) {
    if (random.nextInt(3) == 0) {
      // Datomic fails with a null pointer if a wildcard stands beside a numbered recursion.
      return inWildcard || random.nextBoolean() ? "..." : String.valueOf(1 + random.nextInt(3));
    }
    return depth < 3 ? pattern(depth + 1) : "[:x/name]";
  }

  private String spec(String name) {
    return switch (random.nextInt(8)) {
      case 0 -> "[" + name + " :as :as" + name.substring(1) + "]";
      case 1 -> "[" + name + " :limit " + (1 + random.nextInt(2)) + "]";
      case 2 -> "[" + name + " :default \"d\"]";
      case 3 -> "(" + name + " :limit nil :as \"text" + name.substring(3) + "\")";
      default -> name;
    };
  }
}
