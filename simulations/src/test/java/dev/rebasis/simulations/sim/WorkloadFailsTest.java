package dev.rebasis.simulations.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rebasis.client.Database;
import dev.rebasis.edn.Edn;
import dev.rebasis.error.RebasisException;
import dev.rebasis.simulations.check.Promise;
import dev.rebasis.simulations.workload.Invariant;
import dev.rebasis.simulations.workload.Workload;
import dev.rebasis.simulations.workload.Workloads;
import dev.rebasis.simulations.world.Registered;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a team gives to a run and gets wrong is told as that, with its cause, and never as a broken promise. */
class WorkloadFailsTest {
  private static final int LATE = 1_000;

  /** Writes numbers; the test says what else. */
  private static class Numbers implements Workload {
    private final BiFunction<String, Database, Object> forms;

    Numbers(BiFunction<String, Database, Object> forms) {
      this.forms = forms;
    }

    @Override
    public String name() {
      return "numbers";
    }

    @Override
    public String description() {
      return "numbers";
    }

    @Override
    public List<?> schema() {
      return (List<?>) Edn.read("[{:db/ident :a/n :db/valueType :db.type/long :db/cardinality :db.cardinality/one}"
          + "{:db/ident :a/text :db/valueType :db.type/string :db/cardinality :db.cardinality/one}]");
    }

    @Override
    public String beginning() {
      return "[]";
    }

    @Override
    public List<String> kinds() {
      return List.of("put");
    }

    @Override
    public String argument(String kind, RandomGenerator random, Made made) {
      return Integer.toString(random.nextInt(LATE));
    }

    @Override
    public Object forms(String kind, String argument, Database db) {
      return forms.apply(argument, db);
    }
  }

  private static Object put(String n) {
    return "[{:a/n " + n + " :a/text \"x\"}]";
  }

  private static Verdict played(Workload workload, Invariant... invariants) {
    return new Simulator(new Settings(2, 30, Set.of(), List.of(workload)), List.of(invariants)).play(3);
  }

  private static void isOfTheWorkload(Verdict verdict, String... parts) {
    assertThat(verdict.isOfTheWorkload()).as(verdict.findings().toString()).isTrue();
    assertThat(verdict.findings().get(0).promise()).isEqualTo(Promise.WORKLOAD);
    assertThat(verdict.findings().get(0).what()).contains(parts);
  }

  @Test
  void anOperationThatThrowsIsToldWithItsStack() {
    isOfTheWorkload(played(new Numbers((n, db) -> put(Integer.toString(LATE / (Integer.parseInt(n) % 2))))),
        "the operation 'put' with ", "java.lang.ArithmeticException: / by zero", "at " + getClass().getName());
    isOfTheWorkload(played(new Numbers((n, db) -> db.q("[:find ?x :where [?x :a/absent 1]"))), "the operation 'put'",
        ":rebasis.error/malformed-edn");
  }

  @Test
  void aJudgeThatThrowsIsToldWithItsStack() {
    Workload judged = new Numbers((n, db) -> put(n)) {
      @Override
      public List<String> judge(List<Committed> committed, Database db) {
        throw new AssertionError("the books are gone");
      }
    };
    isOfTheWorkload(played(judged), "the workload's judge fails", "the books are gone", "at " + getClass().getName());
    Workload lawful = new Numbers((n, db) -> put(n)) {
      @Override
      public List<String> wrong(Database db) {
        return List.of(db.q("[:find ?n . :where [_ :a/n ?n]]").toString());
      }
    };
    isOfTheWorkload(played(lawful), "asked what is wrong", "NullPointerException");
  }

  @Test
  void anInvariantThatCannotBeAskedOfTheDataIsNamed() {
    isOfTheWorkload(played(new Numbers((n, db) -> put(n)),
        new Invariant("texts are small", "[:find ?t :where [_ :a/text ?t] [(subs ?t 9) ?s]]", true)), "'texts are small'");
  }

  /** A program whose disk fails while a workload reads is a failed program, as ever. */
  @Test
  void aFailedDiskIsNotTheWorkloads() {
    Workload reading = new Numbers((n, db) -> {
      db.q("[:find (count ?n) :where [_ :a/n ?n]]");
      return put(n);
    });
    Simulator simulator = new Simulator(
        new Settings(3, 30, Fault.parse("io-error,disk-full,crash,power-loss"), List.of(reading)), List.of());
    for (int seed = 1; seed <= 6; seed++) {
      assertThat(simulator.play(seed).findings()).as("seed " + seed).isEmpty();
    }
  }

  @Test
  void aTypingErrorIsSaidBeforeAnythingRuns() {
    refused(new Numbers((n, db) -> "[{:a/nn " + n + "}]"), "'put' is refused whenever it is tried", ":db.error/not-an-entity");
    refused(new Numbers((n, db) -> put("nil.5")), "'put'");
    refused(new Numbers((n, db) -> List.of(Integer.parseInt("x" + n))), "the operation 'put'", "NumberFormatException");
    refused(new Numbers((n, db) -> put(n)) {
      @Override
      public String argument(String kind, RandomGenerator random, Made made) {
        return "1\n2";
      }
    }, "without line breaks");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{:a/n 1}", "[{:a/n 1}", "[{:a/absent 1}]", "[{:a/n \"text\"}]"})
  void aBeginningThatCannotBeIsSaidBeforeAnythingRuns(String beginning) {
    refused(new Numbers((n, db) -> put(n)) {
      @Override
      public String beginning() {
        return beginning;
      }
    }, "The beginning of the simulation ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"undo", "retry", "edit", "discard", "schema", "two words", "a;b", ""})
  void namesThatMeanSomethingElseInPlansAreRefused(String kind) {
    refused(new Numbers((n, db) -> put(n)) {
      @Override
      public List<String> kinds() {
        return List.of(kind);
      }
    }, kind);
  }

  private static void refused(Workload workload, String... parts) {
    assertThatThrownBy(() -> Rehearsal.check(workload, List.of(), Registered.NOTHING)).isInstanceOf(RebasisException.class)
        .message().contains(parts);
  }

  /** Nobody chooses the operations of a schema of their own: each has to be possible. */
  @ParameterizedTest
  @ValueSource(strings = {
      ":db.type/long :db/cardinality :db.cardinality/one", ":db.type/string :db/cardinality :db.cardinality/many",
      ":db.type/string :db/cardinality :db.cardinality/one :db/unique :db.unique/identity",
      ":db.type/long :db/cardinality :db.cardinality/one :db/unique :db.unique/value",
      ":db.type/ref :db/cardinality :db.cardinality/one", ":db.type/ref :db/cardinality :db.cardinality/many",
      ":db.type/ref :db/cardinality :db.cardinality/many :db/isComponent true",
      ":db.type/ref :db/cardinality :db.cardinality/one :db/isComponent true",
      ":db.type/bytes :db/cardinality :db.cardinality/one", ":db.type/uri :db/cardinality :db.cardinality/one",
      ":db.type/tuple :db/tupleTypes [:db.type/long :db.type/string] :db/cardinality :db.cardinality/one",
      ":db.type/boolean :db/cardinality :db.cardinality/many"})
  void anySchemaCanBeRehearsed(String attribute) {
    Rehearsal.check(Workloads.onSchema("[{:db/ident :x/a :db/valueType " + attribute + "}]"), List.of(), Registered.NOTHING);
  }

  @Test
  void whatIsNeverCommittedIsTold() {
    Workload barren = new Numbers((n, db) -> db.q("[:find ?e :where [?e :a/n _]]") == null ? put(n) : null);
    Verdict verdict = new Simulator(new Settings(2, 90, Set.of(), List.of(barren)), List.of()).play(3);
    assertThat(verdict.findings()).isEmpty();
    assertThat(verdict.tally().attempts().neverCommitted()).as(verdict::traceText).singleElement().asString()
        .contains("'put' was tried", "never committed: nothing to write");
    assertThat(played(new Numbers((n, db) -> put(n))).tally().attempts().neverCommitted()).isEmpty();
  }

  @Test
  void whatIsReferredToMayHaveAnOrdinaryName() {
    Workload lines = Workloads.scripted("""
        {:name "lines"
         :schema [{:db/ident :a/n :db/valueType :db.type/long :db/cardinality :db.cardinality/one}]
         :operations {:make! {:values {?n [1 2]} :forms [{:db/id "line-1" :a/n ?n} {:db/id "Line_2" :a/n ?n}]
                              :tempids ["line-1" "Line_2"]}
                      :again {:values {?n [3 4]} :forms [[:db/add ?made :a/n ?n]]}}}
        """);
    Rehearsal.check(lines, List.of(), Registered.NOTHING);
    Tally tally = new Tally();
    for (long seed = 1; seed <= 4; seed++) {
      Verdict verdict = new Simulator(new Settings(2, 40, Set.of(), List.of(lines)), List.of()).play(seed);
      assertThat(verdict.findings()).isEmpty();
      tally.add(verdict.tally());
    }
    assertThat(tally.operations().get("again")).isPositive();
    assertThat(tally.attempts().failed().getOrDefault("again", java.util.Map.of()).keySet())
        .allMatch(reason -> reason.equals("nothing to write"));
  }
}
