package dev.rebasis.simulations.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.simulations.check.Promise;
import dev.rebasis.simulations.workload.Workload;
import dev.rebasis.simulations.workload.Workloads;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What must hold once all is healed is asked when all is healed, and not of those who are healed before the others. */
class AfterHealingTest {
  private static final Workload ORDERS = Workloads.scripted("""
      {:name "orders"
       :schema [{:db/ident :order/n :db/valueType :db.type/long :db/cardinality :db.cardinality/one
                 :db/unique :db.unique/identity}
                {:db/ident :order/shipped :db/valueType :db.type/boolean :db/cardinality :db.cardinality/one}]
       :operations {:order {:values {?n [1 2]} :forms [{:order/n ?n}]}
                    :ship {:values {?n [1 2]} :forms [{:order/n ?n :order/shipped true}]}}
       :after-healing {"every order is shipped" [:find ?o :where [?o :order/n] (not [?o :order/shipped])]}}
      """);
  private static final String HEAD = "plan seed 1 workload orders clients 2 millis 1000 healed c1\n";
  private static final String ORDER = "100 c1 transact 1 order {?n 1}\n";
  private static final String OFFLINE = "200 c2 cut ; partition\n300 c2 transact 2 ship {?n 1}\n";

  private static Verdict played(String plan) {
    return Play.play(PlanText.read(plan), ORDERS, List.of(), Sabotage.NONE);
  }

  @Test
  void whatOthersStillHaveToSayIsWaitedFor() {
    Verdict verdict = played(HEAD + ORDER + OFFLINE);
    assertThat(verdict.tally().operations()).containsEntry("ship", 1L);
    assertThat(verdict.findings()).isEmpty();
  }

  /** Nothing comes to those who were healed first any more, and they are asked all the same. */
  @Test
  void whatNeverComesIsFound() {
    assertThat(played(HEAD + ORDER).findings()).extracting("promise").containsOnly(Promise.INTENTION);
    assertThat(played(HEAD + ORDER).findings().toString()).contains("'every order is shipped'", "on c1", "on c2");
    assertThat(played(HEAD + ORDER.replace("c1", "c2") + OFFLINE.replace("{?n 1}", "{?n 2}")).findings().toString())
        .contains("'every order is shipped'", "on c1", "on c2");
  }
}
