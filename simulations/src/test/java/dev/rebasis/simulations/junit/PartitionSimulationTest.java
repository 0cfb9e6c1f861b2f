package dev.rebasis.simulations.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rebasis.error.RebasisException;
import java.io.IOException;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;

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
        .hasMessageContaining("plan seed ");
  }

  @PartitionSimulation(seeds = 0)
  @Disabled("it is asked for below, by hand")
  void withoutSeeds(SimulatedWorld world) {
    world.schema("[]");
  }

  @Test
  void noSeedsAreNoProof() throws NoSuchMethodException {
    PartitionSimulation asked = PartitionSimulationTest.class
        .getDeclaredMethod("withoutSeeds", SimulatedWorld.class).getAnnotation(PartitionSimulation.class);
    assertThatThrownBy(() -> SimulationExtension.run(asked, new SimulatedWorld())).isInstanceOf(RebasisException.class)
        .hasMessageContaining("plays 1 seed or more");
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
