package dev.rebasis.client.internal.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.QueryException;
import dev.rebasis.client.internal.db.DatomSource;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.edn.Edn;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Whether a live query is asked again whenever it must be: random queries on random data, of which a few datoms change.
 * If the answer changes, one of these datoms must count as one that can matter.
 */
class QueryReadsTest {
  private static final long SEED = Long.getLong("rebasis.query.seed", 20_261_121L);
  private static final int DATABASES = Integer.getInteger("rebasis.query.databases", 16) / 4;
  private static final int QUERIES_EACH = 600;
  private static final long FIRST_OWN_ENTITY = 4L << 42;

  private final QueryEngine engine = new QueryEngine();
  private int changedAnswers;
  private int untouched;

  @Test
  void everyChangeOfAnAnswerIsForeseen() {
    for (int i = 0; i < DATABASES; i++) {
      Random random = new Random(SEED + i);
      try (GeneratedData data = new GeneratedData(random)) {
        for (int q = 0; q < QUERIES_EACH; q++) {
          check(QueryGenerator.next(data, random), data.source, random, SEED + i);
        }
      }
    }
    assertThat(changedAnswers).as("answers that changed").isGreaterThan(DATABASES * 10);
    assertThat(untouched).as("queries that need not be asked again").isGreaterThan(DATABASES * 50);
  }

  private void check(QueryGenerator.Case c, DatomSource before, Random random, long seed) {
    List<Datom> all = new ArrayList<>();
    before.datoms(IndexOrder.EAVT).forEach(all::add);
    List<Datom> own = all.stream().filter(datom -> datom.e() >= FIRST_OWN_ENTITY).toList();
    List<Datom> changes = new ArrayList<>();
    for (int i = 0; i <= random.nextInt(3); i++) {
      change(own, all, changes, random);
    }
    Object expected = ask(c, before);
    Object actual = ask(c, new ListDatomSource(before.schema(), all));
    boolean touched = changes.stream().anyMatch(reads(c, before)::isTouchedBy);
    changedAnswers += expected.equals(actual) ? 0 : 1;
    untouched += touched ? 0 : 1;
    assertThat(touched || expected.equals(actual))
        .as("seed %d, %s, inputs %s, changes %s", seed, c.relation(), Edn.write(c.inputs()), changes).isTrue();
  }

  /** Takes a datom away, or puts another value of the same attribute in its place. */
  private static void change(List<Datom> own, List<Datom> all, List<Datom> changes, Random random) {
    Datom gone = own.get(random.nextInt(own.size()));
    if (!all.remove(gone)) {
      return;
    }
    changes.add(new Datom(gone.e(), gone.a(), gone.v(), gone.tx(), false));
    List<Datom> alike = own.stream().filter(datom -> datom.a() == gone.a()).toList();
    Object value = alike.get(random.nextInt(alike.size())).v();
    if (random.nextBoolean() && !value.equals(gone.v())) {
      Datom made = new Datom(gone.e(), gone.a(), value, gone.tx(), true);
      all.add(made);
      changes.add(made);
    }
  }

  private Object ask(QueryGenerator.Case c, DatomSource source) {
    try {
      return engine.query(c.relation(), withSource(c, source));
    } catch (QueryException e) {
      return e.code();
    }
  }

  private QueryReads reads(QueryGenerator.Case c, DatomSource source) {
    return engine.reads(c.relation(), withSource(c, source));
  }

  private static List<Object> withSource(QueryGenerator.Case c, DatomSource source) {
    List<Object> inputs = new ArrayList<>(List.of(source));
    inputs.addAll(c.inputs());
    return inputs;
  }
}
