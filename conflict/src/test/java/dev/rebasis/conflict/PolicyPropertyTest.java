package dev.rebasis.conflict;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.data.Keyword;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Terms;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;

/**
 * Goal: each policy keeps its promise over whole histories: counters end at the sum of the differences, sets at the union
 * of what nobody retracted after seeing it, greatest and smallest values stand. Method: one client that makes several
 * transactions offline, others that write before and between their decisions, and the promise computed apart.
 */
class PolicyPropertyTest {
  private static final Keyword N = Keyword.of(":p/n");

  private static TestDatabase database(String policy) {
    TestDatabase db = new TestDatabase("""
        [{:db/ident :p/key :db/valueType :db.type/string :db/cardinality :db.cardinality/one
          :db/unique :db.unique/identity}
         {:db/ident :p/n :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
         {:db/ident :p/set :db/valueType :db.type/long :db/cardinality :db.cardinality/many}]""").withPolicies();
    db.remote("[{:p/key \"A\" :p/n 100 :p/set [1 2 3]}]");
    db.remote("[[:db/add :p/n :rebasis/policy :rebasis.policy/" + policy + "]]");
    return db;
  }

  @Property(tries = 200, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
  void countersEndAtTheSumOfTheDifferences(@ForAll long seed) {
    Random random = new Random(seed);
    TestDatabase db = database("counter");
    long a = db.entity(":p/key", "A");
    long base = db.basisT();
    long sum = 100;
    long view = 100;
    List<Intent> offline = new ArrayList<>();
    for (int i = 0; i < 1 + random.nextInt(5); i++) {
      long difference = random.nextInt(21) - 10;
      Terms terms = offline.isEmpty() ? Terms.NONE
          : Terms.NONE.withSeen(List.of(new Terms.Seen(a, N, List.of(view))));
      view += difference;
      sum += difference;
      offline.add(db.intent("[[:db/add " + a + " :p/n " + view + "]]", base).withTerms(terms));
    }
    for (Intent intent : offline) {
      for (int i = random.nextInt(3); i > 0; i--) {
        long difference = random.nextInt(21) - 10;
        sum += difference;
        db.remote("[[:db/add " + a + " :p/n " + (current(db, a) + difference) + "]]");
      }
      assertThat(db.own(intent).kind().isCommitted()).isTrue();
    }
    assertThat(db.values(a, ":p/n")).containsExactly(sum);
  }

  private static long current(TestDatabase db, long a) {
    return (Long) db.values(a, ":p/n").iterator().next();
  }

  @Property(tries = 200, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
  void theGreatestAndTheSmallestStand(@ForAll long seed) {
    Random random = new Random(seed);
    boolean max = random.nextBoolean();
    TestDatabase db = database(max ? "max" : "min");
    long a = db.entity(":p/key", "A");
    long here = random.nextInt(200);
    Intent intent = db.intent("[[:db/add " + a + " :p/n " + here + "]]", db.basisT());
    long there = random.nextInt(200);
    db.remote("[[:db/add " + a + " :p/n " + (there == 100 ? 101 : there) + "]]");
    long left = current(db, a);
    db.own(intent);
    assertThat(current(db, a)).isEqualTo(max ? Math.max(here, left) : Math.min(here, left));
  }

  @Property(tries = 200, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
  void setsEndAtTheUnionOfWhatNobodyRetractedAfterSeeingIt(@ForAll long seed) {
    Random random = new Random(seed);
    TestDatabase db = database("counter");
    if (random.nextBoolean()) {
      db.remote("[[:db/add :p/set :rebasis/policy :rebasis.policy/union]]");
    }
    long a = db.entity(":p/key", "A");
    Set<Object> base = db.values(a, ":p/set");
    long value = 1 + random.nextInt(5);
    boolean adds = random.nextBoolean();
    Intent intent = db.intent(
        "[[" + (adds ? ":db/add " : ":db/retract ") + a + " :p/set " + value + "]]", db.basisT());
    Set<Long> addedThere = new HashSet<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      long other = 1 + random.nextInt(5);
      boolean add = random.nextBoolean();
      db.tryRemote("[[" + (add ? ":db/add " : ":db/retract ") + a + " :p/set " + other + "]]");
      boolean changed = base.contains(other) != add || addedThere.contains(other) != add;
      if (add && changed && !base.contains(other)) {
        addedThere.add(other);
      } else if (!add) {
        addedThere.remove(other);
      }
    }
    Set<Object> left = db.values(a, ":p/set");
    db.own(intent);
    Set<Object> after = db.values(a, ":p/set");
    if (adds) {
      assertThat(after).contains(value).containsAll(left);
    } else if (addedThere.contains(value)) {
      assertThat(after).as("added there, unseen here").contains(value);
    } else if (base.contains(value) && !left.contains(value)) {
      assertThat(after).doesNotContain(value);
    }
  }

  @Property(tries = 200, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
  void everyPolicyDecidesTheSameTwice(@ForAll long seed) {
    Random random = new Random(seed);
    TestDatabase db = database("counter");
    List<Policy> policies = BuiltInPolicy.all().stream()
        .filter(one -> one.unfit(db.now().schema().attribute(N)) == null).toList();
    Policy policy = policies.get(random.nextInt(policies.size()));
    long a = db.entity(":p/key", "A");
    db.tryRemote("[[:db/add :p/n :rebasis/policy " + policy.ident() + "]]");
    Intent intent = db.intent("[[:db/add " + a + " :p/n " + random.nextInt(5) + "]]", db.basisT());
    db.tryRemote("[[:db/add " + a + " :p/n " + random.nextInt(5) + "]]");
    Decision decision = db.decide(intent);
    assertThat(db.decide(intent)).isEqualTo(decision);
    for (Conflict conflict : decision.conflicts()) {
      assertThat(conflict.policy()).isEqualTo(policy.ident());
    }
  }
}
