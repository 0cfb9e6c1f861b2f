package dev.rebasis.simulations.conflicts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.Database;
import dev.rebasis.client.Outcome;
import dev.rebasis.client.Pending;
import dev.rebasis.client.Preview;
import dev.rebasis.client.SyncClient;
import dev.rebasis.client.TransactionOptions;
import dev.rebasis.conflict.Conflict;
import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import dev.rebasis.error.RebasisException;
import dev.rebasis.error.TransactionException;
import dev.rebasis.simulations.world.ClientNode;
import dev.rebasis.simulations.world.Registered;
import dev.rebasis.simulations.world.VirtualNetwork.Direction;
import dev.rebasis.simulations.world.World;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Goal: what a client predicts is what the real server decides, in every detail: outcome, reason, facts, and each conflict with
 * its base, local, remote and resolved values. Method: a client whose line to the server is silent one way writes random
 * transactions and groups, with premises, functions, policies and instants, while others write to the server, and hears of what
 * they write. Its preview then is compared with what the server decides once it can be heard, and its view with the facts.
 * The seed is the test's parameter; more of them with {@code -Drebasis.groups.seeds=1000}.
 */
class RandomGroupsTest {
  private static final Keyword TOO_LATE = Keyword.of(":rebasis.error/too-late");
  private static final Keyword PREMISE_CHANGED = Keyword.of(":rebasis.conflict/premise-changed");
  private static final Map<String, Integer> SEEN = new TreeMap<>();

  static Stream<Long> seeds() {
    return IntStream.rangeClosed(1, Integer.getInteger("rebasis.groups.seeds", 12)).mapToObj(Long::valueOf);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  @Timeout(300)
  void theServerDecidesWhatTheClientPredicted(long seed) {
    try (World world = new World(seed)) {
      world.registered(new Registered(RandomEdits.RULES, Map.of()));
      world.server().start();
      world.server().transact((List<?>) Edn.read(RandomEdits.SCHEMA));
      world.server().transact((List<?>) Edn.read(RandomEdits.beginning()));
      world.client("a").start();
      assertThat(world.settle()).isTrue();
      Rounds rounds = new Rounds(world, new Random(seed));
      for (int round = 0; round < 12; round++) {
        rounds.play("seed " + seed + ", round " + round);
      }
    }
  }

  @AfterAll
  static void everythingCameAbout() {
    assertThat(SEEN.keySet()).as("what was decided about single ones and groups: %s", SEEN).contains(
        "single ACCEPTED null", "single MERGED null", "group ACCEPTED null", "group MERGED null",
        "group PARKED :rebasis.error/group-not-committed", "group PARKED :rebasis.error/too-late",
        "single PARKED :rebasis.error/premise-failed", "single REJECTED :rebasis.error/too-late",
        "single PARKED :rebasis.error/predecessor-not-committed");
  }

  /** One client, and rounds in which it is not heard at first. */
  private static final class Rounds {
    private final World world;
    private final ClientNode node;
    private final SyncClient client;
    private final Random random;
    private final RandomEdits edits;
    private final Set<UUID> grouped = new HashSet<>();

    Rounds(World world, Random random) {
      this.world = world;
      this.node = world.client("a");
      this.client = node.client();
      this.random = random;
      this.edits = new RandomEdits(random);
    }

    void play(String where) {
      world.network().silence("a", EnumSet.of(Direction.UP));
      List<Pending> made = new ArrayList<>();
      int steps = 6 + random.nextInt(6);
      for (int step = 0; step < steps; step++) {
        if (random.nextInt(5) < 2) {
          others();
        } else {
          made.addAll(write());
        }
      }
      others();
      world.advance(Duration.ofSeconds(1));
      List<Preview> predicted = client.preview();
      assertThat(predicted).as(where).extracting(one -> one.transaction().id())
          .isEqualTo(made.stream().map(Pending::id).toList());
      Set<List<Object>> shown = facts(client.db());
      boolean isLate = predicted.stream().anyMatch(one -> TOO_LATE.equals(one.code()));
      world.network().unsilence("a");
      assertThat(world.settle()).as(where).isTrue();
      for (Preview one : predicted) {
        compare(where, one, one.transaction().outcome().join());
      }
      if (!isLate) { // the view does not follow the clock
        Database db = client.db();
        Set<List<Object>> expected = resolved(shown, db);
        Set<List<Object>> more = new HashSet<>(facts(db));
        Set<List<Object>> less = new HashSet<>(expected);
        more.removeAll(expected);
        less.removeAll(facts(db));
        assertThat(List.of(more, less)).as(where + ": the facts that were not shown, and those that were and are not; "
            + predicted).isEqualTo(List.of(Set.of(), Set.of()));
      }
      assertThat(node.audit()).as(where).isEmpty();
      assertThat(client.status().counters().predictedWrong()).as(where + " or the retries before; " + predicted).isZero();
      client.parked().stream().filter(one -> random.nextBoolean()).map(one -> one.id()).toList().forEach(this::retry);
      assertThat(world.settle()).as(where).isTrue();
    }

    /** Nobody disturbs it, unless it cannot be made any more. */
    private void retry(UUID parked) {
      if (client.parked().stream().anyMatch(one -> one.id().equals(parked))) {
        try {
          client.retry(parked);
        } catch (TransactionException impossible) {
          assertThat(impossible.code()).isNotNull();
        }
      }
    }

    private void others() {
      try {
        world.server().transact((List<?>) Edn.read(edits.forms(false)));
        world.advance(Duration.ofMillis(random.nextInt(3) * World.DELAY_MILLIS));
      } catch (RebasisException impossible) {
        assertThat(impossible.code()).isNotNull();
      }
    }

    private List<Pending> write() {
      TransactionOptions options = edits.options(world.now());
      try {
        List<Pending> made = random.nextInt(5) < 3 ? List.of(client.transact(edits.forms(true), options))
            : client.transactTogether(IntStream.range(0, 2 + random.nextInt(2)).mapToObj(i -> edits.forms(true)).toList(), options);
        for (Pending one : made) {
          if (made.size() > 1) {
            grouped.add(one.id());
          }
          if (one.tempids().getOrDefault("new", 0L) < 0) {
            edits.made(one.tempids().get("new"));
          }
        }
        return made;
      } catch (TransactionException impossible) {
        assertThat(impossible.code()).isNotNull();
        return List.of();
      }
    }

    private void compare(String where, Preview predicted, Outcome decided) {
      SEEN.merge((grouped.contains(decided.id()) ? "group " : "single ") + decided.kind() + " " + decided.code(), 1, Integer::sum);
      String what = where + ", " + predicted.transaction().forms() + "\n  predicted " + predicted.kind() + " "
          + predicted.message() + " " + predicted.conflicts() + "\n  decided " + decided.kind() + " " + decided.message()
          + " " + decided.conflicts();
      assertThat(decided.kind()).as(what).isEqualTo(predicted.kind());
      assertThat(decided.code()).as(what).isEqualTo(predicted.code());
      assertThat(conflicts(decided.conflicts())).as(what).isEqualTo(conflicts(predicted.conflicts()));
    }

    /** All that is said of each, in an order of its own. A client does not know exactly who changed the answer of a premise. */
    private List<String> conflicts(List<Conflict> conflicts) {
      Database db = client.db();
      return conflicts.stream().map(one -> {
        boolean premise = one.kind().equals(PREMISE_CHANGED);
        long e = resolved(one.e(), db);
        return one.kind() + " " + (e < 0 ? 0 : EntityIds.isTx(e) ? "tx" : e) + " " + one.attribute() + " "
            + values(one.base(), db) + " " + values(one.local(), db) + " " + values(one.remote(), db) + " "
            + values(one.resolved(), db) + " " + one.policy() + " " + (premise ? "" : one.remoteTx());
      }).sorted().toList();
    }

    private static List<Object> values(List<Object> values, Database db) {
      return values.stream().map(v -> v instanceof Long id ? (Object) resolved(id, db) : v).toList();
    }

    private static long resolved(long id, Database db) {
      Long known = id < 0 ? db.entid(id) : null;
      return known == null ? id : known;
    }

    private static Set<List<Object>> resolved(Set<List<Object>> facts, Database db) {
      Set<List<Object>> all = new HashSet<>();
      for (List<Object> fact : facts) {
        Attribute attribute = db.attribute(fact.get(1));
        Object v = attribute.isRef() ? (Object) resolved((Long) fact.get(2), db) : fact.get(2);
        all.add(List.of(resolved((Long) fact.get(0), db), fact.get(1), v));
      }
      return all;
    }

    /** What users wrote. */
    private static Set<List<Object>> facts(Database db) {
      Set<List<Object>> facts = new HashSet<>();
      Map<Long, Keyword> names = new HashMap<>();
      for (Datom datom : db.datoms(IndexOrder.EAVT)) {
        Keyword name = names.computeIfAbsent(datom.a(), a -> db.ident(a));
        if ("i".equals(name.namespace())) {
          facts.add(List.of(datom.e(), datom.a(), datom.v()));
        }
      }
      return facts;
    }
  }
}
