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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Goal: what a person does about a parked transaction on which several others stand happens whole or not at all, wherever the program
 * ends. Method: a real client on a simulated disk gives one with four dependents up (of two something is left, of one nothing, one cannot
 * be made without it), or retries it with all of them, as it was or edited. At every change of the disk in turn the power goes, or the
 * operation fails and the program is killed; the next run finds all of it or nothing, and in the end all is as if nothing had failed.
 */
class DiscardCrashTest {
  private static final String SCHEMA = """
      [{:db/ident :k :db/valueType :db.type/string :db/cardinality :db.cardinality/one :db/unique :db.unique/identity}
       {:db/ident :price :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
       {:db/ident :ref :db/valueType :db.type/ref :db/cardinality :db.cardinality/one}
       {:db/ident :strict :db/valueType :db.type/long :db/cardinality :db.cardinality/one
        :rebasis/policy :rebasis.policy/park}]""";

  /** What a person does about what is parked. */
  private enum Call { DISCARD, RETRY, EDIT }

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

    void make(Call call) {
      switch (call) {
        case DISCARD -> node.client().discard(strict, Dependents.CUT);
        case RETRY -> node.client().retry(strict);
        default -> node.client().retry(strict, "[[:db/add [:k \"A\"] :strict 3] {:db/id \"n\" :k \"N\"}]");
      }
    }

    /** Whether the call has happened; if it had in part, it fails. */
    boolean isDone(Call call, String where) {
      Set<UUID> parked = Set.copyOf(parked());
      Set<UUID> rest = call == Call.DISCARD ? Set.of(byKey) : Set.of();
      boolean done = parked.equals(rest);
      assertThat(parked).as(where).isIn(all, rest);
      assertThat(node.client().pending()).as(where + ": what is made anew").hasSize(!done ? 0 : call == Call.DISCARD ? 2 : 5);
      assertThat(node.client().status().parkedCount()).as(where).isEqualTo(parked.size());
      return done;
    }

    void checkEnd(Call call, String where) {
      assertThat(world.settle()).as(where).isTrue();
      Database db = node.client().db();
      Object strictNow = db.entity(LookupRef.of(":k", "A")).get(":strict");
      if (call == Call.DISCARD) {
        assertThat(parked()).as(where).containsExactly(byKey);
        assertThat(db.entid(LookupRef.of(":k", "N"))).as(where).isNull();
        assertThat(strictNow).as(where).isEqualTo(9L);
      } else {
        assertThat(parked()).as(where).isEmpty();
        assertThat(db.entity(LookupRef.of(":k", "N")).get(":price")).as(where).isEqualTo(5L);
        assertThat(strictNow).as(where).isEqualTo(call == Call.RETRY ? 2L : 3L);
      }
      assertThat(db.entity(LookupRef.of(":k", "B")).get(":price")).as(where).isEqualTo(30L);
      assertThat(db.entity(LookupRef.of(":k", "C")).get(":price")).as(where).isEqualTo(31L);
      assertThat(node.audit()).as(where).isEmpty();
    }

    @Override
    public void close() {
      world.close();
    }
  }

  @ParameterizedTest
  @EnumSource
  void withoutAFaultItHappensWhole(Call call) {
    try (Parked parked = new Parked()) {
      parked.make(call);
      assertThat(parked.isDone(call, "at once")).isTrue();
      parked.checkEnd(call, "without a fault");
    }
  }

  @ParameterizedTest
  @EnumSource
  void wherePowerGoesItHasHappenedWholeOrNotAtAll(Call call) {
    long changes = costs(call, counters -> counters.writes() + counters.forces() + counters.truncations() + counters.names());
    assertThat(changes).as("changes of the disk by one call").isPositive();
    int undone = 0;
    for (long at = 1; at <= changes + 1; at++) {
      try (Parked parked = new Parked()) {
        parked.node.disk().faults().cutPowerAt(at);
        boolean returned = returns(call, parked);
        parked.node.powerLoss();
        undone += endsWell(call, parked, returned, "power lost at change " + at) ? 0 : 1;
      }
    }
    assertThat(undone).as("some losses came before it was durable").isPositive().isLessThan((int) changes + 1);
  }

  @ParameterizedTest
  @EnumSource
  void whereAnOperationFailsItHasHappenedWholeOrNotAtAll(Call call) {
    for (DiskOperation operation : List.of(DiskOperation.WRITE, DiskOperation.FORCE)) {
      long count = costs(call, operation == DiskOperation.WRITE ? DiskCounters::writes : DiskCounters::forces);
      for (long at = 1; at <= count; at++) {
        try (Parked parked = new Parked()) {
          parked.node.disk().faults().failAt(operation, at);
          boolean returned = returns(call, parked);
          parked.node.crash();
          parked.node.disk().faults().clear();
          endsWell(call, parked, returned, operation + " " + at + " failed");
        }
      }
    }
  }

  private static boolean returns(Call call, Parked parked) {
    try {
      parked.make(call);
      return true;
    } catch (RebasisException storeFailed) {
      return false;
    }
  }

  /** Gives whether the next run found it done. */
  private static boolean endsWell(Call call, Parked parked, boolean returned, String where) {
    parked.node.start();
    boolean done = parked.isDone(call, where);
    assertThat(done || !returned).as("%s: what the call returned for is durable", where).isTrue();
    if (!done) {
      parked.make(call);
    }
    parked.checkEnd(call, where);
    return done;
  }

  private static long costs(Call call, ToLongFunction<DiskCounters> counted) {
    try (Parked parked = new Parked()) {
      long before = counted.applyAsLong(parked.node.disk().counters());
      parked.make(call);
      return counted.applyAsLong(parked.node.disk().counters()) - before;
    }
  }
}
