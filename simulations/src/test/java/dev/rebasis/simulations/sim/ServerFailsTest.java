package dev.rebasis.simulations.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.simulations.check.Promise;
import dev.rebasis.simulations.disk.DiskOperation;
import dev.rebasis.simulations.disk.SimDisk;
import dev.rebasis.simulations.workload.Workloads;
import dev.rebasis.simulations.world.ClientNode;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A server that ends by itself is started again, and has to have had a reason. */
class ServerFailsTest {
  private static final String HEAD = "plan seed 1 workload sets clients 1 millis 3000 healed c1\n";
  private static final String WRITES = """
      500 c1 stop ; restart
      600 c1 start ; restart
      1000 c1 transact 1 add-tag ["0" :tag/t0]
      1500 c1 transact 2 add-tag ["1" :tag/t1]
      2000 c1 transact 3 add-tag ["2" :tag/t2]
      """;
  private static final String NEVER_STRUCK = "5 server fail write 1000000 ; server-io-error\n";
  private static final String FAILS = "5 server fail force 2 ; server-io-error\n";

  /** The second force after the client has opened its store again fails, which no plan says. */
  private static Verdict played(String plan) {
    SimDisk[] disks = {null};
    AtomicInteger opened = new AtomicInteger();
    return Play.play(PlanText.read(plan), Workloads.named("sets"), List.of(), new Sabotage() {
      @Override
      public void disk(String node, SimDisk disk) {
        disks[0] = node.equals(Step.SERVER) ? disk : disks[0];
      }

      @Override
      public void client(ClientNode client) {
        if (opened.incrementAndGet() == 2) {
          disks[0].faults().failAt(DiskOperation.FORCE, 2);
        }
      }
    });
  }

  @Test
  void withoutAReasonIsFound() {
    Verdict verdict = played(HEAD + WRITES);
    assertThat(verdict.traceText()).contains("server fails");
    assertThat(verdict.findings()).extracting("promise").containsOnly(Promise.SOUNDNESS);
    assertThat(verdict.findings().toString()).contains("server fails: ");
  }

  @Test
  void whatIsPlannedAndNeverComesIsNoReason() {
    Verdict verdict = played(HEAD + NEVER_STRUCK + WRITES);
    assertThat(verdict.traceText()).contains("server fails");
    assertThat(verdict.findings()).extracting("promise").containsOnly(Promise.SOUNDNESS);
  }

  @Test
  void onABadDiskIsExpected() {
    Verdict verdict = Play.play(
        PlanText.read(HEAD + FAILS + WRITES), Workloads.named("sets"), List.of(), Sabotage.NONE);
    assertThat(verdict.traceText()).contains("server fails");
    assertThat(verdict.findings()).isEmpty();
  }
}
