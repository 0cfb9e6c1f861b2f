package dev.rebasis.simulations.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rebasis.error.RebasisException;
import dev.rebasis.simulations.cli.CommandRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Workloads from files, and what is said of files that are none. */
class ScriptedTest {
  private static final Path STOCK = Path.of("src/test/resources/workloads/stock.edn");
  private static final String SCHEMA = ":schema [{:db/ident :a/n :db/valueType :db.type/long"
      + " :db/cardinality :db.cardinality/one :db/unique :db.unique/identity}]";

  @Test
  void aFileIsPlayed() {
    String out = CommandRun.of("simulate", "--workload", STOCK.toString(), "--seeds", "6", "--threads", "1").done();
    assertThat(out).contains("6 seeds").contains("counter");
  }

  @Test
  void thePageShowsThisFile() throws IOException {
    assertThat(Files.readString(Path.of("../docs/simulations.md"))).contains(Files.readString(STOCK));
  }

  @Test
  void aScriptSaysWhoWritesWhatAndWhen(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("two.edn"), "{:name \"two\" " + SCHEMA
        + " :operations {:make {:forms [{:db/id \"e\" :a/n ?n}] :tempids [\"e\"]} :again {:forms [[:db/add ?made :a/n ?n]]}}"
        + " :script [[100 \"c1\" :make {?n 1}] [500 \"c1\" :again {?made ?1.e ?n 3}] [900 \"c2\" :make {?n 2}]]}");
    String out = CommandRun.of(
        "simulate", "--workload", file.toString(), "--seed", "5", "--faults", "none", "--clients", "2", "--trace").done();
    assertThat(out).contains("100 c1 transact 1 make {?n 1}").contains("c1     write 2 again").contains("c2     write 3 make")
        .contains("3 writes");
  }

  @ParameterizedTest
  @ValueSource(strings = {
      "[]", "{}", "{" + SCHEMA + "}", "{" + SCHEMA + " :operations {}}", "{" + SCHEMA + " :operations {\"x\" {:forms []}}}",
      "{" + SCHEMA + " :operations {:x {}}}", "{" + SCHEMA + " :operations {:x {:forms [] :values {?n []}}}}",
      "{" + SCHEMA + " :operations {:x {:forms []}} :script [[0 \"c1\" :y]]}",
      "{" + SCHEMA + " :operations {:x {:forms []}} :script [[-1 \"c1\" :x]]}",
      "{" + SCHEMA + " :operations {:x {:forms []}} :always {\"i\" [:where]}}",
      "{:name \"No Name\" " + SCHEMA + " :operations {:x {:forms []}}}",
      "{" + SCHEMA + " :operations {:undo {:forms [{:a/n 1}]}}}", "{" + SCHEMA + " :operations {:schema {:forms [{:a/n 1}]}}}",
      "{" + SCHEMA + " :operations {:x {:forms [{:db/id \"a b\" :a/n 1}] :tempids [\"a b\"]}}}",
      "{" + SCHEMA + " :operations {:x {:forms [{:a/n 1}] :tempids [\"e\"]}}}",
      "{" + SCHEMA + " :operations {:x {:forms []}} :script [[0 \"C1\" :x]]}",
      "{" + SCHEMA + " :operations {:x {:forms []}} :script [[0 \"phone\" :x]]}",
      "{" + SCHEMA + " :operations {:x {:forms []}} :script [[0 \"c33\" :x]]}",
      "{" + SCHEMA + " :operations {:x {:forms [[:db/add ?e :a/n 1]]}} :script [[0 \"c1\" :x {?e ?1.e}]]}",
      "{" + SCHEMA + " :operations {:x {:forms [{:db/id \"e\" :a/n ?n}] :tempids [\"e\"]}}"
          + " :script [[0 \"c1\" :x {?n 1}] [9 \"c2\" :x {?n ?1.e}]]}"})
  void aFileThatIsNoneIsRefused(String text) {
    assertThatThrownBy(() -> Workloads.scripted(text)).isInstanceOf(RebasisException.class);
  }

  @Test
  void aScriptHasAllItsClients(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("five.edn"), "{:name \"five\" " + SCHEMA
        + " :operations {:make {:forms [{:a/n ?n}]}}"
        + " :script [[100 \"c5\" :make {?n 1}] [500 \"server\" :make {?n 3}] [900 \"c2\" :make {?n 2}]]}");
    String out = CommandRun.of("simulate", "--workload", file.toString(), "--seed", "1", "--faults", "none", "--clients", "2",
        "--trace").done();
    assertThat(out).contains("workload five clients 5 ").contains("3 writes");
  }

  @Test
  void anOperationThatCannotBeIsSaidBeforeAnythingRuns(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("w.edn");
    Files.writeString(file, "{" + SCHEMA + " :operations {:make {:forms [{:a/n 1}]} :x {:forms [{:a/m 1}]}}}");
    CommandRun.of("simulate", "--workload", file.toString()).misused("'x' is refused", ":db.error/not-an-entity");
    Files.writeString(file, "{" + SCHEMA + " :operations {:x {:values {?n [\"a\"]} :forms [{:a/n (+ ?n 1)}]}}}");
    CommandRun.of("simulate", "--workload", file.toString()).misused("the operation 'x'", "(+ \"a\" 1)");
    Files.writeString(file, "{" + SCHEMA + " :operations {:x {:forms [{:a/n (f 1)}]}}}");
    CommandRun.of("simulate", "--workload", file.toString()).misused("the operation 'x'", "there is no function (f 1)");
    Files.writeString(file, "{" + SCHEMA + " :operations {:x {:forms [{:a/n 1}]}}"
        + " :always {\"small\" [:find ?n :where [_ :a/n ?n] [(subs ?n 1) ?s]]}}");
    CommandRun.of("simulate", "--workload", file.toString()).misused("the invariant 'small'");
  }

  @Test
  void whatTheServerRefusesIsSaidBeforeAnythingRuns(@TempDir Path folder) throws IOException {
    Path schema = Files.writeString(folder.resolve("schema.edn"),
        "[{:db/ident :a/n :db/valueType :db.type/lnog :db/cardinality :db.cardinality/one}]");
    CommandRun.of("simulate", "--schema", schema.toString()).misused("schema of the simulation is refused");
    Path file = Files.writeString(folder.resolve("w.edn"), "{" + SCHEMA
        + " :operations {:x {:forms [{:a/n 1}]}} :always {\"too few\" [:find ?n :in $ ?x :where [_ :a/n ?n]]}}");
    CommandRun.of("simulate", "--workload", file.toString()).misused("'too few' cannot be asked");
    CommandRun.of("simulate", "--workload", folder.resolve("absent.edn").toString()).misused("There is no file");
    CommandRun.of("simulate", "--workload", "nonsense").misused("There is no workload 'nonsense'");
  }
}
