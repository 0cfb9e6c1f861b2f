package dev.rebasis.client.internal.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.rebasis.client.QueryException;
import dev.rebasis.edn.Edn;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Random data and random queries, asked on Datomic and here: the same rows, or an error on both sides. A failing case is
 * shortened clause by clause and printed as EDN with its seed. {@code -Drebasis.query.seed} repeats a run,
 * {@code -Drebasis.query.databases} makes it longer.
 */
class DifferentialQueryTest {
  private static final long SEED = Long.getLong("rebasis.query.seed", 20_261_121L);
  private static final int DATABASES = Integer.getInteger("rebasis.query.databases", 16);
  private static final int QUERIES_EACH = 200;
  private static final int BROKEN_PERCENT = 5;
  private static final Pattern CODE = Pattern.compile(":db\\.error/[a-z-]+");

  private final QueryEngine engine = new QueryEngine();
  private int withRows;
  private int failing;
  private int forgottenClauses;
  private int refusedEarlier;

  @Test
  void randomQueriesGetDatomicsAnswers() {
    for (int i = 0; i < DATABASES; i++) {
      long seed = SEED + i;
      Random random = new Random(seed);
      try (GeneratedData data = new GeneratedData(random)) {
        for (int q = 0; q < QUERIES_EACH; q++) {
          QueryGenerator.Case c = QueryGenerator.next(data, random);
          check(random.nextInt(100) < BROKEN_PERCENT ? c.broken(random) : c, data, seed);
        }
      }
    }
    int cases = DATABASES * QUERIES_EACH;
    System.out.println("queries compared with Datomic: " + cases + ", seeds from " + SEED + "; with rows: " + withRows
        + ", refused by both: " + failing
        + ", known differences: " + forgottenClauses + " forgotten clauses, " + refusedEarlier + " refused earlier");
    assertThat(withRows).as("queries that found something").isGreaterThan(cases / 3);
  }

  private void check(QueryGenerator.Case c, GeneratedData data, long seed) {
    String difference = difference(c, data);
    if (difference == null) {
      return;
    }
    QueryGenerator.Case smaller = shrink(c, data);
    fail("seed %d: Datomic and Rebasis differ.%n%s%ninputs: %s%n%s%nfirst found as: %s", seed, smaller.text(),
        Edn.write(smaller.inputs()), difference(smaller, data), c.text());
  }

  private QueryGenerator.Case shrink(QueryGenerator.Case c, GeneratedData data) {
    for (int i = 0; i < c.where().size(); i++) {
      QueryGenerator.Case smaller = c.without(i);
      String difference = difference(smaller, data);
      if (difference != null && !difference.startsWith("Datomic refuses")) {
        return shrink(smaller, data);
      }
    }
    return c;
  }

  /** What differs, or null. */
  private String difference(QueryGenerator.Case c, GeneratedData data) {
    List<Object> inputs = new ArrayList<>();
    inputs.add(data.source);
    inputs.addAll(c.inputs());
    Object expected;
    try {
      expected = data.oracle.query(c.isSingle() ? c.relation() : c.text(), inputs.toArray());
    } catch (RuntimeException e) {
      return bothRefuse(c, inputs, e);
    }
    Object actual;
    try {
      actual = engine.query(c.text(), inputs);
    } catch (QueryException e) {
      return isRefusedEarlier(c, data, e) ? null : "Rebasis refuses: " + e + ", Datomic: " + expected;
    }
    withRows += ((Collection<?>) expected).isEmpty() ? 0 : 1;
    boolean same = c.isSingle() ? isOneOf(c, (Collection<?>) expected, actual)
        : counts(expected).equals(counts(actual));
    return same || isForgottenClause(c, data, inputs, actual) ? null : "Datomic: " + expected + "\nRebasis: " + actual;
  }

  private String bothRefuse(QueryGenerator.Case c, List<Object> inputs, RuntimeException datomics) {
    try {
      return "Datomic refuses: " + datomics + ", Rebasis: " + engine.query(c.text(), inputs);
    } catch (QueryException e) {
      failing++;
      String code = code(datomics);
      boolean same = code == null || e.code().toString().equals(code);
      return same ? null : "Datomic refuses: " + datomics + "\nRebasis refuses: " + e;
    }
  }

  /** Datomic's code; errors inside a rule have it in their text only, and some have none. */
  private static String code(Throwable error) {
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      Matcher matcher = CODE.matcher(String.valueOf(cause.getMessage()));
      if (matcher.find()) {
        return matcher.group();
      }
    }
    return null;
  }

  /** Whether an input or clause names no entity: here that is always an error, in Datomic only if a row gets as far. */
  private boolean isRefusedEarlier(QueryGenerator.Case c, GeneratedData data, QueryException e) {
    boolean refused = e.code() == QueryErrors.NOT_AN_ENTITY
        && (Edn.write(c.inputs()).contains("\"" + data.keyOfNoEntity() + "\"") || c.text().contains(":d/nope"));
    refusedEarlier += refused ? 1 : 0;
    return refused;
  }

  /**
   * Whether this is the known difference: Datomic's answer contradicts its own answer to the same question with all
   * variables asked for, and ours agrees with the latter.
   */
  private boolean isForgottenClause(QueryGenerator.Case c, GeneratedData data, List<Object> inputs, Object actual) {
    Set<Object> rows = new HashSet<>();
    try {
      for (Object row : (Collection<?>) data.oracle.query(c.full(), inputs.toArray())) {
        rows.add(((List<?>) row).subList(0, c.find().size()));
      }
    } catch (IllegalArgumentException e) {
      return false;
    }
    boolean agrees = c.isSingle() ? isOneOf(c, rows, actual)
        : rows.equals(new HashSet<>((Collection<?>) engine.query(c.plainRelation(), inputs)));
    forgottenClauses += agrees ? 1 : 0;
    return agrees;
  }

  // Which row a scalar or tuple shows is not said.
  private static boolean isOneOf(QueryGenerator.Case c, Collection<?> rows, Object actual) {
    if (rows.isEmpty() || actual == null) {
      return rows.isEmpty() && actual == null;
    }
    return rows.contains(c.shape().endsWith(" .") ? List.of(actual) : actual);
  }

  private static Map<Object, Integer> counts(Object rows) {
    Map<Object, Integer> counts = new HashMap<>();
    ((Collection<?>) rows).forEach(row -> counts.merge(row, 1, Integer::sum));
    return counts;
  }
}
