package dev.rebasis.simulations.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.simulations.check.Promise;
import dev.rebasis.simulations.workload.Workload;
import dev.rebasis.simulations.workload.Workloads;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A plan whose smallest form is known comes out as that. */
class ShrinkerTest {
  /** Only a one and a two together are wrong. */
  private static final Workload PAIRS = Workloads.scripted("""
      {:name "pairs"
       :schema [{:db/ident :a/n :db/valueType :db.type/long :db/cardinality :db.cardinality/one
                 :db/unique :db.unique/identity}]
       :operations {:make {:values {?n [1 2 3 4 5 6 7 8]} :forms [{:a/n ?n}]}}
       :after-healing {"no pair" [:find ?a ?b :where [?a :a/n 1] [?b :a/n 2]]}}
      """);

  @Test
  void twoWritesOutOfManyStepsAreLeft() {
    Simulator simulator = new Simulator(
        new Settings(4, 40, Fault.parse("partition,crash,delay,restart,black-hole"), List.of(PAIRS)), List.of());
    Verdict failed = null;
    for (long seed = 1; failed == null; seed++) {
      Verdict verdict = simulator.play(seed);
      failed = verdict.isGood() || verdict.plan().faults().size() < 2 || verdict.plan().clients() < 3 ? null : verdict;
    }
    assertThat(failed.plan().steps()).hasSizeGreaterThan(20);
    Verdict small = simulator.shrink(failed, 300);
    assertThat(small.broken()).containsExactly(Promise.INTENTION);
    assertThat(small.plan().faults()).isEmpty();
    assertThat(small.plan().steps()).hasSize(2).allMatch(Step::isWrite)
        .extracting(Step::operation).containsExactlyInAnyOrder("{?n 1}", "{?n 2}");
    assertThat(small.plan().clients()).isLessThanOrEqualTo(2);
    assertThat(small.plan().millis()).isLessThanOrEqualTo(failed.plan().millis());
    // It is what was played, not a plan beside it.
    assertThat(simulator.play(small.plan()).trace()).isEqualTo(small.trace());
  }

  @Test
  void noMorePlaysThanAllowedAreTried() {
    Simulator simulator = new Simulator(new Settings(2, 30, Fault.parse("none"), List.of(PAIRS)), List.of());
    Verdict failed = simulator.play(1);
    assertThat(failed.isGood()).isFalse();
    AtomicInteger plays = new AtomicInteger();
    Verdict small = new Shrinker(plan -> {
      plays.incrementAndGet();
      return simulator.play(plan);
    }, 5).shrink(failed);
    assertThat(plays).hasValue(5);
    assertThat(small.broken()).isEqualTo(failed.broken());
  }
}
