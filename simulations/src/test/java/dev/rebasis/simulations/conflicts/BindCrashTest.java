package dev.rebasis.simulations.conflicts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.ConflictRecord;
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
import java.util.UUID;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;

/**
 * Goal: transactions are bound together whole or not at all, wherever the program ends. Method: a real client on a simulated disk binds
 * two of four that are pending, one of which moves behind them. At every change of the disk in turn the power goes, or the operation
 * fails and the program is killed; the next run finds the group or the queue as it was, and the server decides accordingly.
 */
class BindCrashTest {
  private static final String SCHEMA = """
      [{:db/ident :k :db/valueType :db.type/string :db/cardinality :db.cardinality/one :db/unique :db.unique/identity}
       {:db/ident :price :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
       {:db/ident :strict :db/valueType :db.type/long :db/cardinality :db.cardinality/one
        :rebasis/policy :rebasis.policy/park}]""";

  private static final long SEEDS = 5;

  private static final class Bound implements AutoCloseable {
    final World world;
    final ClientNode node;
    final List<UUID> made;

    /** The seed decides what survives of what was not forced. */
    Bound(long seed) {
      world = new World(seed);
      node = world.client("c1");
      world.server().start();
      world.server().transact((List<?>) Edn.read(SCHEMA));
      world.server().transact((List<?>) Edn.read("[{:k \"A\" :strict 1 :price 1} {:k \"B\" :price 1} {:k \"C\" :price 1}]"));
      node.start();
      assertThat(world.settle()).isTrue();
      SyncClient client = node.client();
      client.goOffline();
      world.cut("c1");
      made = List.of("[[:db/add [:k \"A\"] :price 2]]", "[[:db/add [:k \"B\"] :price 2]]", "[[:db/add [:k \"A\"] :price 3]]",
          "[[:db/add [:k \"C\"] :strict 2]]").stream().map(client::transact).map(Pending::id).toList();
    }

    void bind() {
      node.client().bind(List.of(made.get(0), made.get(3)));
    }

    /** Whether they are bound; if in part, it fails. */
    boolean isBound(String where) {
      List<UUID> pending = node.client().pending().stream().map(Pending::id).toList();
      List<UUID> moved = List.of(made.get(1), made.get(0), made.get(3), made.get(2));
      assertThat(pending).as(where).isIn(made, moved);
      return pending.equals(moved);
    }

    /** Others have written what the last one wrote, so that it is parked, and with it the first if they are bound. */
    void checkEnd(boolean bound, String where) {
      world.server().transact((List<?>) Edn.read("[[:db/add [:k \"C\"] :strict 9]]"));
      world.heal("c1");
      node.client().goOnline();
      assertThat(world.settle()).as(where).isTrue();
      assertThat(node.client().parked()).as(where).extracting(ConflictRecord::id)
          .containsExactlyElementsOf(bound ? List.of(made.get(0), made.get(3)) : List.of(made.get(3)));
      assertThat(node.client().db().entity(LookupRef.of(":k", "A")).get(":price")).as(where).isEqualTo(3L);
      assertThat(node.client().db().entity(LookupRef.of(":k", "B")).get(":price")).as(where).isEqualTo(2L);
      assertThat(node.audit()).as(where).isEmpty();
    }

    @Override
    public void close() {
      world.close();
    }
  }

  @Test
  void withoutAFaultItHappensWhole() {
    try (Bound bound = new Bound(SEEDS)) {
      bound.bind();
      assertThat(bound.isBound("at once")).isTrue();
      bound.checkEnd(true, "without a fault");
    }
  }

  @Test
  void wherePowerGoesItHasHappenedWholeOrNotAtAll() {
    long changes = costs(counters -> counters.writes() + counters.forces() + counters.truncations() + counters.names());
    assertThat(changes).as("changes of the disk by one call").isPositive();
    List<String> ends = new ArrayList<>();
    for (long at = 1; at <= changes + 1; at++) {
      for (long seed = 1; seed <= SEEDS; seed++) {
        try (Bound bound = new Bound(seed)) {
          bound.node.disk().faults().cutPowerAt(at);
          boolean returned = returns(bound);
          bound.node.powerLoss();
          boolean done = endsWell(bound, returned, "power lost at change " + at + ", seed " + seed);
          ends.add(done ? "bound" : "as before");
        }
      }
    }
    assertThat(ends).as("some losses came before it was durable, and some after").contains("bound", "as before");
  }

  @Test
  void whereAnOperationFailsItHasHappenedWholeOrNotAtAll() {
    for (DiskOperation operation : List.of(DiskOperation.WRITE, DiskOperation.FORCE)) {
      long count = costs(operation == DiskOperation.WRITE ? DiskCounters::writes : DiskCounters::forces);
      for (long at = 1; at <= count; at++) {
        try (Bound bound = new Bound(SEEDS)) {
          bound.node.disk().faults().failAt(operation, at);
          boolean returned = returns(bound);
          bound.node.crash();
          bound.node.disk().faults().clear();
          endsWell(bound, returned, operation + " " + at + " failed");
        }
      }
    }
  }

  private static boolean returns(Bound bound) {
    try {
      bound.bind();
      return true;
    } catch (RebasisException storeFailed) {
      return false;
    }
  }

  /** Gives whether the next run found them bound. */
  private static boolean endsWell(Bound bound, boolean returned, String where) {
    bound.node.start();
    boolean done = bound.isBound(where);
    assertThat(done || !returned).as("%s: what the call returned for is durable", where).isTrue();
    bound.checkEnd(done, where);
    return done;
  }

  private static long costs(ToLongFunction<DiskCounters> counted) {
    try (Bound bound = new Bound(SEEDS)) {
      long before = counted.applyAsLong(bound.node.disk().counters());
      bound.bind();
      return counted.applyAsLong(bound.node.disk().counters()) - before;
    }
  }
}
