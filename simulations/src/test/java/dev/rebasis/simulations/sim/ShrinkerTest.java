package dev.rebasis.simulations.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rebasis.simulations.check.Finding;
import dev.rebasis.simulations.check.Promise;
import dev.rebasis.simulations.workload.Workload;
import dev.rebasis.simulations.workload.Workloads;
import java.lang.reflect.Proxy;
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
    Verdict small = simulator.shrink(failed, 300, () -> false);
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
    }, 5, () -> false).shrink(failed);
    assertThat(plays).hasValue(5);
    assertThat(small.broken()).isEqualTo(failed.broken());
    // Neither is anything tried once the time is up; what was found by then stays.
    AtomicInteger tried = new AtomicInteger();
    Verdict early = new Shrinker(plan -> {
      tried.incrementAndGet();
      return verdict(plan, failed);
    }, 100, () -> tried.get() == 3).shrink(failed);
    assertThat(tried).hasValue(3);
    assertThat(early.plan().steps().size()).isLessThan(failed.plan().steps().size());
  }

  /** Both are soundness; what is wanted is the first finding, and not whatever else goes wrong with less. */
  @Test
  void whatIsLeftEndsWithTheSameSentence() {
    Simulator simulator = new Simulator(new Settings(2, 30, Fault.parse("none"), List.of(PAIRS)), List.of());
    Verdict played = simulator.play(1);
    Finding damaged = new Finding(Promise.SOUNDNESS, "the store of c2 is damaged: page 17");
    Finding other = new Finding(Promise.SOUNDNESS, "the harness threw");
    Verdict failed = with(played, List.of(damaged));
    int half = played.plan().steps().size() / 2;
    Verdict small = new Shrinker(plan -> with(verdict(plan, played), plan.steps().size() >= half
        ? List.of(other, new Finding(Promise.SOUNDNESS, "the store of c1 is damaged: page 3")) : List.of(other)), 100, () -> false).shrink(failed);
    assertThat(small.plan().steps()).hasSize(half);
    assertThat(Simulator.shared(failed, small).what()).contains("damaged");

    Verdict least = new Shrinker(plan -> with(verdict(plan, played), List.of(other)), 100, () -> false).shrink(failed);
    assertThat(least.plan().steps().size()).as("the same promise, if nothing smaller ends so").isLessThan(half);
  }

  private static Verdict with(Verdict verdict, List<Finding> findings) {
    return new Verdict(verdict.plan(), findings, verdict.trace(), verdict.story(), verdict.tally());
  }

  private static Verdict verdict(Plan plan, Verdict of) {
    return new Verdict(plan, of.findings(), of.trace(), of.story(), of.tally());
  }

  /** A workload whose own code fails once in a while: the run ends and says for which seed. */
  @Test
  void aWorkloadThatThrowsEndsTheRunWithTheSeed() {
    AtomicInteger asked = new AtomicInteger();
    Workload odd = (Workload) Proxy.newProxyInstance(Workload.class.getClassLoader(), new Class<?>[] {Workload.class},
        (proxy, method, arguments) -> {
          if (method.getName().equals("argument") && asked.incrementAndGet() > 20) {
            throw new IllegalStateException("of the team");
          }
          return method.invoke(PAIRS, arguments);
        });
    Simulator simulator = new Simulator(new Settings(2, 10, Fault.parse("none"), List.of(odd)), List.of());
    assertThatThrownBy(() -> simulator.run(1, 1_000, 1, () -> false, verdict -> { }))
        .hasMessageMatching("(?s)seed \\d+: .*of the team.*");
  }
}
