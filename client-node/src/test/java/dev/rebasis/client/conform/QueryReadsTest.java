package dev.rebasis.client.conform;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.edn.Edn;
import dev.rebasis.error.RebasisException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Whether a live query is asked again whenever it must be: random queries before and after a random transaction. If the
 * answer changes, one of the transaction's datoms must count as one that can matter.
 */
class QueryReadsTest {
  private static final long SEED = Long.getLong("rebasis.query.seed", 20_261_121L);
  private static final int WORLDS = Integer.getInteger("rebasis.query.worlds", 4);
  private static final int TRANSACTIONS_EACH = 30;
  private static final int QUERIES_EACH = 20;
  private static final int ENTITIES = 12;

  private int changedAnswers;
  private int untouched;

  @Test
  void everyChangeOfAnAnswerIsForeseen() {
    for (long seed = SEED; seed < SEED + WORLDS; seed++) {
      Random random = new Random(seed);
      try (Pair pair = Pair.open(seed % 2 == 0 ? Case.NONE : Case.ALL, new KnownDifferences(), Fault.NONE)) {
        GeneratedSchema schema = new GeneratedSchema(random);
        Forms forms = new Forms(random, schema, pair);
        World.begin(schema, forms, ENTITIES).forEach(text -> pair.transact((List<?>) Edn.read(text)));
        for (int i = 0; i < TRANSACTIONS_EACH; i++) {
          check(pair, random, schema, forms, seed);
        }
      }
    }
    assertThat(changedAnswers).as("answers that changed").isGreaterThan(WORLDS * 10);
    assertThat(untouched).as("queries that need not be asked again").isGreaterThan(WORLDS * 50);
  }

  /** Generated patterns go below references only. */
  @Test
  void aPatternBelowAPlainValueReadsWhatTheValueNames() {
    try (Pair pair = Pair.open(Case.ALL, new KnownDifferences(), Fault.NONE)) {
      pair.transact((List<?>) Edn.read("""
          [{:db/ident :k :db/valueType :db.type/string :db/cardinality :db.cardinality/one :db/unique :db.unique/identity}
           {:db/ident :n :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
           {:db/ident :t :db/valueType :db.type/tuple :db/tupleTypes [:db.type/keyword :db.type/string] :db/cardinality :db.cardinality/one}]"""));
      pair.transact((List<?>) Edn.read("[{:k \"a\" :t [:k \"b\"]} {:k \"b\" :n 1}]"));
      List<?> asked = (List<?>) Edn.read("[:q [:find (pull ?e [{:t [:n]}]) . :where [?e :k \"a\"]] (db)]");
      assertThat(pair.here(asked)).isEqualTo(Edn.read("{:t {:n 1}}"));
      List<?> renamed = (List<?>) Edn.read("[[:db/add [:k \"b\"] :k \"c\"]]");
      assertThat(pair.tried(renamed).datoms()).anyMatch(pair.reads(asked)::isTouchedBy);
      pair.transact(renamed);
      assertThat(pair.here(asked)).isNull();
    }
  }

  private void check(Pair pair, Random random, GeneratedSchema schema, Forms forms, long seed) {
    String transaction = forms.transaction();
    while (!pair.tried((List<?>) Edn.read(transaction)).isAccepted()) {
      transaction = forms.transaction();
    }
    for (int i = 0; i < QUERIES_EACH; i++) {
      Queries.Asked query = sound(random, schema, forms, pair.hasTheirIds(), pair.theirs().accepted());
      List<?> before = rows(query.on("(db)"));
      Object expected = answer(pair, before);
      Object actual = answer(pair, rows(query.on("(db (with " + transaction + "))")));
      boolean touched = pair.triedHere().stream().anyMatch(pair.reads(before)::isTouchedBy);
      changedAnswers += expected.equals(actual) ? 0 : 1;
      untouched += touched ? 0 : 1;
      assertThat(touched || expected.equals(actual))
          .as("seed %d, %s, transaction %s", seed, Edn.write(before), transaction).isTrue();
    }
  }

  /** A query without a mistake. */
  private static Queries.Asked sound(Random random, GeneratedSchema schema, Forms forms, boolean ordered, int moments) {
    Queries.Asked query;
    do {
      query = Queries.next(random, schema, forms, ordered, moments);
    } while (query.query().contains("unknown") || query.query().contains(":d/nope"));
    return query;
  }

  /** The question for the rows: an aggregate may be a matter of chance. */
  private static List<?> rows(String text) {
    List<Object> question = new ArrayList<>((List<?>) Edn.read(text));
    question.set(1, QueryForm.of(question.get(1)).plainRelation());
    return question;
  }

  private static Object answer(Pair pair, List<?> question) {
    try {
      return pair.here(question);
    } catch (RebasisException e) {
      return e.code();
    }
  }
}
