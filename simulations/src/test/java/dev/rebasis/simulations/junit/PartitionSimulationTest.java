package dev.rebasis.simulations.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.rebasis.conflict.CustomPolicy;
import dev.rebasis.conflict.Policies;
import dev.rebasis.conflict.Resolved;
import dev.rebasis.error.RebasisException;
import dev.rebasis.simulations.sim.Fault;
import dev.rebasis.simulations.sim.Settings;
import dev.rebasis.simulations.sim.Simulator;
import dev.rebasis.simulations.sim.Tally;
import dev.rebasis.simulations.sim.Verdict;
import dev.rebasis.simulations.workload.Workload;
import dev.rebasis.simulations.workload.Workloads;
import java.io.IOException;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/** A team's own schema and invariants through partitions and crashes; docs/simulations.md shows this code. */
class PartitionSimulationTest {
  // tag: example
  @PartitionSimulation(seeds = 6, clients = 3, faults = "partition,one-way,crash,server-power-loss")
  void noTwoSeatsShareANumber(SimulatedWorld world) {
    world.schema("""
        [{:db/ident :seat/number :db/valueType :db.type/long
          :db/cardinality :db.cardinality/one :db/unique :db.unique/identity}
         {:db/ident :seat/passenger :db/valueType :db.type/string :db/cardinality :db.cardinality/one}]""")
        .always("a seat is one seat",
            "[:find ?a ?b :where [?a :seat/number ?n] [?b :seat/number ?n] [(< ?a ?b)]]")
        .afterHealing("a passenger has a seat with a name",
            "[:find ?s :where [?s :seat/passenger \"\"]]");
  }
  // end

  /** A team's own name for its settings. */
  @Retention(RetentionPolicy.RUNTIME)
  @PartitionSimulation(seeds = 2, clients = 2, writes = 6, faults = "partition")
  @interface Nightly {}

  @Nightly
  void anAnnotationOfTheTeamsOwnWillDo(SimulatedWorld world) {
    world.schema("[{:db/ident :a/n :db/valueType :db.type/long :db/cardinality :db.cardinality/one}]")
        .always("the schema is there", "[:find ?e :where [?e :db/ident :a/missing]]");
  }

  @Test
  void thePageShowsThisCode() throws IOException {
    String code = Files.readString(
        Path.of("src/test/java/dev/rebasis/simulations/junit/PartitionSimulationTest.java"));
    int begin = code.indexOf("// tag: example\n") + "// tag: example\n".length();
    assertThat(Files.readString(Path.of("../docs/simulations.md")))
        .contains(code.substring(begin, code.indexOf("  // end\n")));
  }

  @Test
  void aBrokenInvariantFailsWithSeedAndSmallestPlan() throws NoSuchMethodException {
    SimulatedWorld world = new SimulatedWorld()
        .schema("[{:db/ident :a/n :db/valueType :db.type/long :db/cardinality :db.cardinality/one}]")
        .afterHealing("nobody writes anything", "[:find ?e :where [?e :a/n _]]");
    PartitionSimulation asked = PartitionSimulationTest.class
        .getDeclaredMethod("noTwoSeatsShareANumber", SimulatedWorld.class).getAnnotation(PartitionSimulation.class);
    assertThatThrownBy(() -> SimulationExtension.run(asked, world)).isInstanceOf(AssertionError.class)
        .hasMessageContaining("seed ").hasMessageContaining("nobody writes anything")
        .hasMessageContaining("plan seed ")
        .satisfies(failure -> assertThat(afterTheHead(failure.getMessage())).as("one write is left, and what happened follows")
            .matches("(?s)\\d+ \\S+ transact [^\\n]*\\n\\n.* c\\d +write \\d+ .*everything heals for .*"));
  }

  /** What a failure prints and leaves is played again by the property, by itself and with nothing else. */
  @Wrong({@PartitionSimulation(seeds = 1, writes = 3, faults = "none"), @PartitionSimulation(plan = "no such file")})
  @Test
  void aKeptPlanIsPlayedAgain(TestInfo info) throws IOException {
    PartitionSimulation[] asked = info.getTestMethod().orElseThrow().getAnnotation(Wrong.class).value();
    String schema = "[{:db/ident :a/n :db/valueType :db.type/long :db/cardinality :db.cardinality/one}]";
    SimulatedWorld broken = new SimulatedWorld().schema(schema).afterHealing("nobody writes anything", "[:find ?e :where [?e :a/n _]]");
    AssertionError failed = catchThrowableOfType(AssertionError.class, () -> SimulationExtension.run(asked[0], broken));
    Path kept = Path.of(failed.getMessage().replaceAll("(?s).*-Drebasis.simulation.plan=(\\S+).*", "$1"));
    assertThat(failed.getMessage()).contains(Files.readString(kept).lines().skip(1).findFirst().orElseThrow());
    System.setProperty("rebasis.simulation.plan", kept.toString());
    try {
      assertThatThrownBy(() -> SimulationExtension.run(asked[0], broken)).isInstanceOf(AssertionError.class)
          .hasMessageContaining("the kept plan broke").hasMessageContaining("nobody writes anything");
      SimulationExtension.run(asked[0], new SimulatedWorld().schema(schema));
    } finally {
      System.clearProperty("rebasis.simulation.plan");
      Files.delete(kept);
    }
    assertThatThrownBy(() -> SimulationExtension.run(asked[1], broken)).isInstanceOf(RebasisException.class)
        .hasMessageContaining("The plan no such file cannot be read");
  }

  /** One transaction that was taken back switches it off for a simulation; if that is so in all of them, nothing was asked. */
  @Wrong({@PartitionSimulation(seeds = 1, firstSeed = JUDGED_SEED, writes = 12, faults = "none"),
      @PartitionSimulation(seeds = 1, firstSeed = UNDOING_SEED, writes = 12, faults = "none")})
  @Test
  void aJudgeThatIsNeverAskedFailsTheTest(TestInfo info) {
    PartitionSimulation[] asked = info.getTestMethod().orElseThrow().getAnnotation(Wrong.class).value();
    AtomicLong calls = new AtomicLong();
    SimulationExtension.run(asked[0], new SimulatedWorld().workload(judging(calls)));
    assertThat(calls).as("once in the rehearsal, and once in the simulation").hasValue(2);
    assertThatThrownBy(() -> SimulationExtension.run(asked[1], new SimulatedWorld().workload(judging(calls))))
        .isInstanceOf(AssertionError.class).hasMessageContaining("judge was asked in none").hasMessageContaining("taken back or made again");
    assertThat(calls).as("in the rehearsal alone").hasValue(3);
    // Who has no judge misses none.
    SimulationExtension.run(asked[1], new SimulatedWorld().workload(Workloads.scripted(UNDOABLE)));
  }

  private static final long JUDGED_SEED = 1;
  private static final long UNDOING_SEED = 8;
  private static final String UNDOABLE = """
      {:name "undoable" :schema [{:db/ident :u/n :db/valueType :db.type/long :db/cardinality :db.cardinality/one}]
       :operations {:make {:values {?n [1 2 3]} :forms [{:u/n ?n}]}} :undo true}""";

  private static Workload judging(AtomicLong calls) {
    Workload undoable = Workloads.scripted(UNDOABLE);
    return (Workload) Proxy.newProxyInstance(Workload.class.getClassLoader(), new Class<?>[] {Workload.class},
        (proxy, method, arguments) -> {
          if (method.getName().equals("judge")) {
            calls.incrementAndGet();
          }
          return method.invoke(undoable, arguments);
        });
  }

  private static String afterTheHead(String message) {
    String plan = message.substring(message.indexOf("plan seed "));
    return plan.substring(plan.indexOf('\n') + 1);
  }

  private static Tally playedUnder(SimulatedWorld world) {
    Simulator simulator = new Simulator(new Settings(3, 40, Fault.parse("partition,full-partition,long-offline"),
        List.of(world.workload())), world.invariants(), world.registered());
    Tally tally = new Tally();
    for (long seed = 1; seed <= 4; seed++) {
      Verdict verdict = simulator.play(seed);
      assertThat(verdict.findings()).isEmpty();
      tally.add(verdict.tally());
    }
    return tally;
  }

  /** The schema asks for nothing: only what the clients of this world ask for can have settled it. */
  @Test
  void aPolicyOfTheWorldSettlesConflicts() {
    String workload = """
        {:name "crowd" :schema %s :beginning [{:c/key "k" :c/n 0}]
         :operations {:put {:values {?n [1 2 3 4 5 6 7 8 9]} :forms [{:c/key "k" :c/n ?n}]}}}
        """.formatted(CROWD.replace(" :rebasis/policy :crowd/own", ""));
    assertThat(playedUnder(new SimulatedWorld().workload(Workloads.scripted(workload))).policies())
        .containsKey("last-writer-wins").doesNotContainKey("max");
    assertThat(playedUnder(new SimulatedWorld().workload(Workloads.scripted(workload)).policy(":c/n", Policies.max())).policies())
        .containsKey("max").doesNotContainKey("last-writer-wins");
  }

  /** Seven is there for five milliseconds, on the client that wrote it. */
  private static final String FLASH = """
      {:name "flash"
       :schema [{:db/ident :f/key :db/valueType :db.type/string :db/cardinality :db.cardinality/one :db/unique :db.unique/identity}
                {:db/ident :f/n :db/valueType :db.type/long :db/cardinality :db.cardinality/one}]
       :beginning [{:f/key "k" :f/n 0}]
       :operations {:put {:forms [{:f/key "k" :f/n ?n}]}}
       :script [[1000 "c1" :put {?n 7}] [1005 "c1" :put {?n 1}] [3000 "c2" :put {?n 2}]]}
      """;

  @Wrong(@PartitionSimulation(seeds = 1, faults = "none"))
  @Test
  void anInvariantThatFailsForAMomentIsNoticedIfItIsToHoldAlways(TestInfo info) {
    PartitionSimulation asked = info.getTestMethod().orElseThrow().getAnnotation(Wrong.class).value()[0];
    String never = "[:find ?e :where [?e :f/n 7]]";
    SimulationExtension.run(asked, new SimulatedWorld().workload(Workloads.scripted(FLASH)).afterHealing("no seven", never));
    assertThatThrownBy(() -> SimulationExtension.run(asked,
        new SimulatedWorld().workload(Workloads.scripted(FLASH)).always("no seven", never)))
        .isInstanceOf(AssertionError.class).hasMessageContaining("'no seven' does not hold on c1");
  }

  @Wrong({@PartitionSimulation(seeds = 1, clients = 2, writes = 4, faults = "crash", coverage = true),
      @PartitionSimulation(seeds = 1, clients = 2, writes = 4, faults = "crash")})
  @Test
  void whoAsksForCoverageIsToldWhatNeverMet(TestInfo info) {
    PartitionSimulation[] asked = info.getTestMethod().orElseThrow().getAnnotation(Wrong.class).value();
    String half = """
        {:name "half" :schema [{:db/ident :h/n :db/valueType :db.type/long :db/cardinality :db.cardinality/one
                                :db/unique :db.unique/identity}]
         :operations {:make {:values {?n [1 2 3 4 5]} :forms [{:h/n ?n}]} %s}}""";
    SimulationExtension.run(asked[0], new SimulatedWorld().workload(Workloads.scripted(half.formatted(""))));
    String rare = half.formatted(":never {:forms [[:db/add ?made :h/n 9]]}");
    SimulationExtension.run(asked[1], new SimulatedWorld().workload(Workloads.scripted(rare)));
    assertThatThrownBy(() -> SimulationExtension.run(asked[0], new SimulatedWorld().workload(Workloads.scripted(rare))))
        .isInstanceOf(AssertionError.class).hasMessageContaining("never");
  }

  private static final String CROWD = """
      [{:db/ident :c/key :db/valueType :db.type/string :db/cardinality :db.cardinality/one :db/unique :db.unique/identity}
       {:db/ident :c/n :db/valueType :db.type/long :db/cardinality :db.cardinality/one :rebasis/policy :crowd/own}]""";

  /** The same answer for the same meeting settles it; another one each time has a person look. */
  @Test
  void aPolicyThatIsNoPureFunctionIsNoticed() {
    AtomicLong calls = new AtomicLong();
    assertThat(parked(meeting -> Resolved.values(meeting.local()))).isZero();
    assertThat(parked(meeting -> Resolved.value(calls.incrementAndGet()))).isPositive();
  }

  private static long parked(CustomPolicy policy) {
    SimulatedWorld world = new SimulatedWorld().register(":crowd/own", 0, policy).workload(Workloads.scripted("""
        {:name "crowd" :schema %s :beginning [{:c/key "k" :c/n 0}]
         :operations {:put {:values {?n [1 2 3 4 5 6 7 8 9]} :forms [{:c/key "k" :c/n ?n}]}}}
        """.formatted(CROWD)));
    Simulator simulator = new Simulator(
        new Settings(3, 40, Fault.parse("partition,full-partition,long-offline"), List.of(world.workload())), List.of(),
        world.registered());
    Tally tally = new Tally();
    for (long seed = 1; seed <= 4; seed++) {
      tally.add(simulator.play(seed).tally());
    }
    assertThat(tally.conflicts()).isNotEmpty();
    return tally.outcomes().getOrDefault("parked", 0L);
  }

  /** Asked for below, by hand. */
  @Retention(RetentionPolicy.RUNTIME)
  @interface Wrong {
    PartitionSimulation[] value();
  }

  @Wrong({@PartitionSimulation(seeds = 0), @PartitionSimulation(clients = 33), @PartitionSimulation(writes = 0),
      @PartitionSimulation(faults = "flood"), @PartitionSimulation(faults = "")})
  @Test
  void whatCannotBeAskedForIsRefusedBeforeAnythingRuns(TestInfo info) {
    List<String> said = List.of("plays 1 seed or more", "clients in @PartitionSimulation", "writes in @PartitionSimulation",
        "There is no fault 'flood'", "There is no fault ''");
    PartitionSimulation[] wrong = info.getTestMethod().orElseThrow().getAnnotation(Wrong.class).value();
    for (int i = 0; i < wrong.length; i++) {
      PartitionSimulation asked = wrong[i];
      // Without anything to write: whoever got as far as that would say so.
      assertThatThrownBy(() -> SimulationExtension.run(asked, new SimulatedWorld())).isInstanceOf(RebasisException.class)
          .hasMessageContaining(said.get(i));
    }
  }

  @Test
  void whatCannotBeRunIsRefusedBeforeAnythingRuns() {
    SimulatedWorld world = new SimulatedWorld();
    assertThatThrownBy(() -> world.always("x", "[:where")).isInstanceOf(RebasisException.class);
    assertThatThrownBy(() -> world.always("x", "[1 2]")).isInstanceOf(RebasisException.class)
        .hasMessageContaining("'x'");
    assertThatThrownBy(() -> world.schema("[]")).isInstanceOf(RebasisException.class);
    assertThatThrownBy(world::workload).isInstanceOf(RebasisException.class);
  }
}
