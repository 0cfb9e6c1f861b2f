package dev.rebasis.conflict;

import static org.assertj.core.api.Assertions.fail;

import dev.rebasis.data.Datom;
import dev.rebasis.edn.Edn;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/**
 * Goal: what an intent does on a database value is what Datomic does with the same forms, errors included. Method:
 * sequences of random transactions ({@link OracleForms}) on Datomic in memory and on a copy of its facts; each is
 * decided by both, and what Datomic accepts is committed to both. A difference is shrunk form by form and printed with
 * the seed; {@code -Drebasis.oracle.seed=N -Drebasis.oracle.sequences=1} runs it again.
 */
@Order(1)
class DatomicOracleTest {
  private static final int TRANSACTIONS = 40;
  /** The share of transactions that known differences may explain. */
  private static final double KNOWN_MAX = 0.02;
  private static final int DIFFERENCES_MAX = Integer.getInteger("rebasis.oracle.differences", 5);

  @Test
  void everyTransactionDoesWhatItDoesInDatomic() {
    long seed = Long.getLong("rebasis.oracle.seed", 1);
    int sequences = Integer.getInteger("rebasis.oracle.sequences", 60);
    int accepted = 0;
    int[] known = new int[1];
    List<String> differences = new ArrayList<>();
    for (long s = seed; s < seed + sequences && differences.size() < DIFFERENCES_MAX; s++) {
      accepted += runSequence(s, differences, known);
    }
    if (!differences.isEmpty()) {
      fail(String.join("\n\n", differences));
    }
    // A generator that only makes faulty transactions would prove nothing.
    double share = (double) accepted / (sequences * TRANSACTIONS);
    if (sequences > 10 && (share < 0.3 || share > 0.9)) {
      fail("Datomic accepted a share of %s of the transactions; the generator should give some of both", share);
    }
    if (known[0] > KNOWN_MAX * sequences * TRANSACTIONS) {
      fail("Known differences explain %s of %s transactions: a fault may hide among them", known[0], sequences * TRANSACTIONS);
    }
  }

  private static int runSequence(long seed, List<String> differences, int[] known) {
    try (Oracle oracle = new Oracle()) {
      TestFacts facts = new TestFacts();
      facts.apply(List.copyOf(oracle.transact(OracleSchema.forms()).datoms()));
      OracleForms forms = new OracleForms(new Random(seed), facts);
      int accepted = 0;
      for (int i = 0; i < TRANSACTIONS; i++) {
        List<Object> transaction = forms.transaction();
        OracleComparison comparison = new OracleComparison(oracle.db(), facts, transaction);
        if (comparison.difference() != null) {
          differences.add(report(seed, i, oracle.db(), facts, transaction));
          return accepted;
        }
        known[0] += comparison.isKnown() ? 1 : 0;
        Oracle.Answer answer = oracle.transact(transaction);
        if (!answer.failed()) {
          accepted++;
          facts.apply(inOrder(answer));
        }
      }
      return accepted;
    }
  }

  @Test
  void everyFormOfTheSmallSpaceDoesWhatItDoesInDatomic() {
    try (Oracle oracle = new Oracle()) {
      TestFacts facts = new TestFacts();
      facts.apply(List.copyOf(oracle.transact(SmallSpaceForms.schema()).datoms()));
      facts.apply(inOrder(oracle.transact(forms(SmallSpaceForms.FIRST))));
      List<String> differences = new ArrayList<>();
      for (String text : SmallSpaceForms.lines()) {
        SmallSpaceForms.Line line = SmallSpaceForms.read(text);
        if (line != null && line.remote() == null && !line.differs()) {
          List<Object> transaction = forms(SmallSpaceForms.named(line.forms(), facts));
          String difference = new OracleComparison(oracle.db(), facts, transaction).difference();
          if (difference != null) {
            differences.add(line.forms() + "\n" + difference);
          }
        }
      }
      if (!differences.isEmpty()) {
        fail(String.join("\n\n", differences));
      }
    }
  }

  @SuppressWarnings("unchecked")
  private static List<Object> forms(String edn) {
    return (List<Object>) Edn.read(edn);
  }

  private static List<Datom> inOrder(Oracle.Answer answer) {
    List<Datom> datoms = new ArrayList<>(answer.datoms());
    datoms.sort((x, y) -> Boolean.compare(x.added(), y.added()));
    return datoms;
  }

  private static String report(long seed, int step, datomic.Database db, TestFacts facts, List<Object> transaction) {
    List<Object> small = shrink(db, facts, transaction);
    StringBuilder state = new StringBuilder();
    for (Datom datom : facts.all()) {
      if (datom.e() >>> 42 == 4) {
        state.append("\n  ").append(Edn.write(List.of(datom.e(), facts.schema().ident(datom.a()), datom.v())));
      }
    }
    return String.format("Seed %d, transaction %d of %d, shrunk:%n%s%n%s%non these facts:%s", seed, step, TRANSACTIONS,
        Edn.write(small), new OracleComparison(db, facts, small).difference(), state);
  }

  /** Leaves out forms and map entries as long as a difference remains. */
  private static List<Object> shrink(datomic.Database db, TestFacts facts, List<Object> transaction) {
    List<Object> best = transaction;
    boolean smaller = true;
    while (smaller) {
      smaller = false;
      for (List<Object> candidate : candidates(best)) {
        if (new OracleComparison(db, facts, candidate).difference() != null) {
          best = candidate;
          smaller = true;
          break;
        }
      }
    }
    return best;
  }

  private static List<List<Object>> candidates(List<Object> forms) {
    List<List<Object>> candidates = new ArrayList<>();
    for (int i = 0; i < forms.size(); i++) {
      List<Object> without = new ArrayList<>(forms);
      without.remove(i);
      candidates.add(without);
      for (Object smaller : smaller(forms.get(i))) {
        List<Object> with = new ArrayList<>(forms);
        with.set(i, smaller);
        candidates.add(with);
      }
    }
    return candidates;
  }

  private static List<Object> smaller(Object form) {
    List<Object> result = new ArrayList<>();
    if (form instanceof Map<?, ?> map) {
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        Map<Object, Object> without = new LinkedHashMap<>(map);
        without.remove(entry.getKey());
        result.add(without);
        for (Object value : smaller(entry.getValue())) {
          Map<Object, Object> with = new LinkedHashMap<>(map);
          with.put(entry.getKey(), value);
          result.add(with);
        }
      }
    } else if (form instanceof List<?> list) {
      for (int i = 0; i < list.size(); i++) {
        for (Object value : smaller(list.get(i))) {
          List<Object> with = new ArrayList<>(list);
          with.set(i, value);
          result.add(with);
        }
        if (list.stream().allMatch(element -> element instanceof List || element instanceof Map)) {
          List<Object> without = new ArrayList<>(list);
          without.remove(i);
          result.add(without);
        }
      }
    }
    return result;
  }
}
