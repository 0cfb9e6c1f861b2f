package dev.rebasis.simulations.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import dev.rebasis.simulations.workload.Workload;
import dev.rebasis.simulations.workload.Workloads;
import dev.rebasis.simulations.world.Registered;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a schema that somebody gives says of its attributes is asked of the outcome. */
class GivenSchemaTest {
  /** As {@code serve --schema} takes it: what the second vector says needs the first. */
  private static final String SCHEMA = """
      [{:db/ident :v/key :db/valueType :db.type/string :db/cardinality :db.cardinality/one :db/unique :db.unique/identity}
       {:db/ident :v/sum :db/valueType :db.type/long :db/cardinality :db.cardinality/one :rebasis/policy :rebasis.policy/counter}
       {:db/ident :v/tags :db/valueType :db.type/keyword :db/cardinality :db.cardinality/many}
       {:db/ident :v/parts :db/valueType :db.type/ref :db/cardinality :db.cardinality/many :db/isComponent true}
       {:db/ident :v/slot :db/valueType :db.type/long :db/cardinality :db.cardinality/one :db/unique :db.unique/value}
       {:db/ident :v/at :db/valueType :db.type/instant :db/cardinality :db.cardinality/one :rebasis/policy :rebasis.policy/max}]
      [{:v/key "root" :v/sum 1}]
      """;
  private static final Workload WORKLOAD = Workloads.onSchema(SCHEMA);
  private static final int SEEDS = 12;

  private static Settings settings(Set<Fault> faults) {
    return new Settings(3, 60, faults, List.of(WORKLOAD));
  }

  @Test
  void theSchemaSaysWhatIsWritten() {
    assertThat(WORKLOAD.kinds()).contains("create", "set", "raise", "gather", "assemble", "dismantle");
    assertThat(WORKLOAD.installation()).hasSize(2);
    Rehearsal.check(WORKLOAD, List.of(), Registered.NOTHING);
    assertThat(Workloads.onSchema("[{:db/ident :x/n :db/valueType :db.type/long :db/cardinality :db.cardinality/one}]").kinds())
        .doesNotContain("raise", "gather", "assemble");
  }

  @Test
  void itHoldsUnderEveryFault() {
    Simulator simulator = new Simulator(settings(Fault.all()), List.of());
    Tally tally = new Tally();
    for (long seed = 1; seed <= SEEDS; seed++) {
      Verdict verdict = simulator.play(seed);
      assertThat(verdict.findings()).as("seed " + seed + "\n" + Simulator.text(verdict.plan())).isEmpty();
      tally.add(verdict.tally());
    }
    assertThat(tally.judgements().get("schema")).containsKey("judged");
    assertThat(tally.judgements().get("schema").keySet()).as("what somebody took back is left out, and the rest is judged")
        .anyMatch(why -> why.startsWith("judged but for ")).noneMatch(why -> why.startsWith("taken back"));
    assertThat(tally.operations()).containsKeys("raise", "gather", "assemble", "dismantle");
  }

  /** As many seeds are played as it takes until their findings say all of these. */
  private static void isFound(Sabotage sabotage, String... what) {
    Simulator simulator = new Simulator(settings(Set.of(Fault.PARTITION)), List.of(), sabotage);
    StringBuilder findings = new StringBuilder();
    for (long seed = 1; seed <= SEEDS && !Stream.of(what).allMatch(part -> findings.indexOf(part) >= 0); seed++) {
      findings.append(simulator.play(seed).findings());
    }
    assertThat(findings).contains(what);
  }

  private static Sabotage writing(String attribute, Object value) {
    return Tampering.toServer(Tampering.intents(all -> all.stream().map(intent -> Tampering.withForms(intent,
        intent.forms().stream().map(form -> with(form, Keyword.of(attribute), value)).toList())).toList()));
  }

  private static Object with(Object form, Keyword attribute, Object value) {
    if (!(form instanceof Map<?, ?> map) || !map.containsKey(attribute)) {
      return form;
    }
    Map<Object, Object> changed = new LinkedHashMap<>(map);
    if (value == null) {
      changed.remove(attribute);
    } else {
      changed.put(attribute, value);
    }
    return changed;
  }

  @Test
  void aSumOrASetThatLacksSomethingIsFound() {
    isFound(writing(":v/sum", 3L), ":v/sum is 3; the committed steps add up to ");
    isFound(writing(":v/tags", List.of(Edn.read(":value/v1"))), "which was added and never taken away");
  }

  @Test
  void aPartThatOutlivesItsWholeIsFound() {
    Sabotage cutting = Tampering.toClient(Tampering.transactions(all -> Tampering.mapLast(all, datoms -> datoms.stream()
        .noneMatch(datom -> !datom.added() && "part of :v/parts".equals(datom.v())) ? datoms
        : datoms.stream().filter(datom -> datom.added() || !"part of :v/parts".equals(datom.v())).toList())));
    isFound(cutting, "part of :v/parts", "belongs to nothing");
  }
}
