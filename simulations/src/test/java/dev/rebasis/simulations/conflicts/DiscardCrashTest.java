package dev.rebasis.simulations.conflicts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.ConflictRecord;
import dev.rebasis.client.Database;
import dev.rebasis.client.Dependents;
import dev.rebasis.client.Pending;
import dev.rebasis.client.SyncClient;
import dev.rebasis.data.LookupRef;
import dev.rebasis.edn.Edn;
import dev.rebasis.error.RebasisException;
import dev.rebasis.simulations.disk.DiskCounters;
import dev.rebasis.simulations.disk.DiskOperation;
import dev.rebasis.simulations.world.ClientNode;
import dev.rebasis.simulations.world.World;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;

/**
 * Goal: giving a parked transaction up, with several others that stand on it, happens whole or not at all, wherever the program
 * ends. Method: a real client on a simulated disk cuts one with four dependents: of two something is left, of one nothing, one cannot be
 * made without it. At every change of the disk in turn the power goes, or the operation fails and the program is
 * killed; the next run finds all of it or nothing, and in the end all is as if nothing had failed.
 */
class DiscardCrashTest {
  private static final String SCHEMA = """
      [{:db/ident :k :db/valueType :db.type/string :db/cardinality :db.cardinality/one :db/unique :db.unique/identity}
       {:db/ident :price :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
       {:db/ident :ref :db/valueType :db.type/ref :db/cardinality :db.cardinality/one}
       {:db/ident :strict :db/valueType :db.type/long :db/cardinality :db.cardinality/one
        :rebasis/policy :rebasis.policy/park}]""";

  /** One world in which five transactions are parked: one for its own reason, the others since they stand on it. */
  private static final class Parked implements AutoCloseable {
    final World world = new World(11);
    final ClientNode node;
    final UUID strict;
    final UUID byKey;
    final Set<UUID> all;

    Parked() {
      world.server().start();
      world.server().transact((List<?>) Edn.read(SCHEMA));
      world.server().transact((List<?>) Edn.read("[{:k \"A\" :strict 1} {:k \"B\"} {:k \"C\"}]"));
      node = world.client("c1");
      node.start();
      assertThat(world.settle()).isTrue();
      world.cut("c1");
      SyncClient client = node.client();
      Pending root = client.transact("[[:db/add [:k \"A\"] :strict 2] {:db/id \"n\" :k \"N\"}]");
      long n = root.resolve("n");
      Pending key = client.transact("[[:db/add [:k \"N\"] :price 1]]");
      List<Pending> made = new ArrayList<>(List.of(root, key));
      for (String forms : List.of("[[:db/add " + n + " :price 1] [:db/add [:k \"B\"] :price 30]]",
          "[[:db/add [:k \"C\"] :ref " + n + "] [:db/add [:k \"C\"] :price 31]]", "[[:db/add " + n + " :price 5]]")) {
        made.add(client.transact(forms));
      }
      world.server().transact((List<?>) Edn.read("[[:db/add [:k \"A\"] :strict 9]]"));
      world.heal("c1");
      assertThat(world.settle()).isTrue();
      strict = root.id();
      byKey = key.id();
      all = Set.copyOf(made.stream().map(Pending::id).toList());
      assertThat(parked()).hasSize(5).containsExactlyInAnyOrderElementsOf(all);
    }

    List<UUID> parked() {
      return node.client().parked().stream().map(ConflictRecord::id).toList();
    }

    void discard() {
      node.client().discard(strict, Dependents.CUT);
    }

    /** Whether the discard has happened; if it had in part, it fails. */
    boolean isDone(String where) {
      List<UUID> parked = parked();
      boolean done = parked.equals(List.of(byKey));
      assertThat(Set.copyOf(parked)).as(where).isIn(all, Set.of(byKey));
      assertThat(node.client().pending()).as(where + ": what is made anew").hasSize(done ? 2 : 0);
      assertThat(node.client().status().parkedCount()).as(where).isEqualTo(parked.size());
      return done;
    }

    void checkEnd(String where) {
      assertThat(world.settle()).as(where).isTrue();
      assertThat(parked()).as(where).containsExactly(byKey);
      Database db = node.client().db();
      assertThat(db.entity(LookupRef.of(":k", "B")).get(":price")).as(where).isEqualTo(30L);
      assertThat(db.entity(LookupRef.of(":k", "C")).get(":price")).as(where).isEqualTo(31L);
      assertThat(db.entid(LookupRef.of(":k", "N"))).as(where).isNull();
      assertThat(node.audit()).as(where).isEmpty();
    }

    @Override
    public void close() {
      world.close();
    }
  }

  @Test
  void withoutAFaultItHappensWhole() {
    try (Parked parked = new Parked()) {
      parked.discard();
      assertThat(parked.isDone("at once")).isTrue();
      parked.checkEnd("without a fault");
    }
  }

  @Test
  void wherePowerGoesItHasHappenedWholeOrNotAtAll() {
    long changes = costs(counters -> counters.writes() + counters.forces() + counters.truncations() + counters.names());
    assertThat(changes).as("changes of the disk by one discard").isPositive();
    int undone = 0;
    for (long at = 1; at <= changes + 1; at++) {
      try (Parked parked = new Parked()) {
        parked.node.disk().faults().cutPowerAt(at);
        boolean returned = discard(parked);
        parked.node.powerLoss();
        undone += endsWell(parked, returned, "power lost at change " + at) ? 0 : 1;
      }
    }
    assertThat(undone).as("some losses came before it was durable").isPositive().isLessThan((int) changes + 1);
  }

  @Test
  void whereAnOperationFailsItHasHappenedWholeOrNotAtAll() {
    for (DiskOperation operation : List.of(DiskOperation.WRITE, DiskOperation.FORCE)) {
      long count = costs(operation == DiskOperation.WRITE ? DiskCounters::writes : DiskCounters::forces);
      for (long at = 1; at <= count; at++) {
        try (Parked parked = new Parked()) {
          parked.node.disk().faults().failAt(operation, at);
          boolean returned = discard(parked);
          parked.node.crash();
          parked.node.disk().faults().clear();
          endsWell(parked, returned, operation + " " + at + " failed");
        }
      }
    }
  }

  private static boolean discard(Parked parked) {
    try {
      parked.discard();
      return true;
    } catch (RebasisException storeFailed) {
      return false;
    }
  }

  /** Gives whether the next run found it done. */
  private static boolean endsWell(Parked parked, boolean returned, String where) {
    parked.node.start();
    boolean done = parked.isDone(where);
    assertThat(done || !returned).as("%s: what the call returned for is durable", where).isTrue();
    if (!done) {
      parked.discard();
    }
    parked.checkEnd(where);
    return done;
  }

  private static long costs(ToLongFunction<DiskCounters> counted) {
    try (Parked parked = new Parked()) {
      long before = counted.applyAsLong(parked.node.disk().counters());
      parked.discard();
      return counted.applyAsLong(parked.node.disk().counters()) - before;
    }
  }
}
