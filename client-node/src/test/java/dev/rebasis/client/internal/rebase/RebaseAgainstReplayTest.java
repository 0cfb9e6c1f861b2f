package dev.rebasis.client.internal.rebase;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.Durability;
import dev.rebasis.client.internal.Samples;
import dev.rebasis.client.internal.fake.FakeServer;
import dev.rebasis.client.internal.index.DatomIndex;
import dev.rebasis.client.internal.log.ClientLog;
import dev.rebasis.client.internal.log.MadeIds;
import dev.rebasis.client.internal.log.StoreFiles;
import dev.rebasis.client.internal.query.QueryEngine;
import dev.rebasis.conflict.Decision;
import dev.rebasis.conflict.IntentBuilder;
import dev.rebasis.conflict.Inverse;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Transaction;
import dev.rebasis.error.TransactionException;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.PushOutcome;
import dev.rebasis.protocol.Terms;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.HashSet;
import java.util.Set;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The goal: after any history the optimistic view and every prediction are what a naive replay gives. Method: random
 * transactions of this client and of others (upserts, unique values, cas, components, retracted entities, schema,
 * references to entities that earlier pending transactions made, every kind of policy, transaction functions, premises,
 * groups, transactions taken back; others rename attributes and change their policies and cardinalities) on few entities, so that much meets; pushed and
 * confirmed in random pieces; after each step both are compared. The seed is the test's parameter; more of them with
 * {@code -Drebase.seeds=1000}.
 */
class RebaseAgainstReplayTest {
  private static final long CLIENT = 1;
  /** With more pending than this, what a new one stands on is not computed a second time: it costs the whole queue. */
  private static final int TERMS_COMPARED_MAX = 40;

  static List<Long> seeds() {
    int count = Integer.getInteger("rebase.seeds", 40);
    List<Long> seeds = new ArrayList<>();
    for (long seed = Long.getLong("rebase.first", 1); seeds.size() < count; seed++) {
      seeds.add(seed);
    }
    return seeds;
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void rebasedViewEqualsNaiveReplay(long seed) {
    try (World world = new World(seed, 60)) {
      for (int step = 0; step < 60; step++) {
        world.step();
        world.compare(seed, step);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("longSeeds")
  void rebasedViewEqualsNaiveReplayWithHundredsPending(long seed) {
    try (World world = new World(seed, 1_000)) {
      while (world.pending() < 400) {
        world.transact();
      }
      world.compare(seed, -1);
      for (int step = 0; step < 12; step++) {
        for (int i = 0; i < 5; i++) {
          world.remote();
        }
        world.push(world.random.nextInt(60));
        world.confirm();
        world.compare(seed, step);
      }
    }
  }

  /** Few meetings among very many: {@code -Drebase.pending=10000} for longer queues. */
  @Test
  void rebasedViewEqualsNaiveReplayWithThousandsPending() {
    try (World world = new World(7, 20_000)) {
      int count = Integer.getInteger("rebase.pending", 2_000);
      while (world.pending() < count) {
        world.transact();
      }
      for (int i = 0; i < 200; i++) {
        world.remote();
      }
      world.push(count / 10);
      world.confirm();
      world.compare(7, 0);
      world.push(count / 2);
      world.confirm();
      world.confirm();
      world.compare(7, 1);
    }
  }

  static List<Long> longSeeds() {
    return List.of(1L, 2L, 3L, 4L);
  }

  /** One client's state, a server, and what goes between them. */
  private static final class World implements AutoCloseable {
    final Random random;
    private final RandomForms forms;
    private final FakeServer server = new FakeServer();
    private final ClientLog log =
        ClientLog.open(StoreFiles.inMemory(), Durability.PROCESS_CRASH, Samples.ids());
    private final DatomIndex index = DatomIndex.open(StoreFiles.inMemory(), log);
    private final OptimisticState state;
    private MadeIds made = MadeIds.NONE;
    private final List<Intent> unpushed = new ArrayList<>();
    private final Map<Long, PushOutcome> outcomes = new HashMap<>();
    private final Map<UUID, Intent> intents = new HashMap<>();
    private final Set<UUID> failed = new HashSet<>();
    private final List<Settled> committed = new ArrayList<>();
    private long nextSeq = 1;
    private long nextLocal = 1;

    World(long seed, int keys) {
      random = new Random(seed);
      forms = new RandomForms(random, keys);
      server.rules(RandomForms.RULES);
      server.transact(RandomForms.SCHEMA);
      index.apply(server.after(0));
      state = new OptimisticState(index.snapshot(), made, CLIENT, Decide.by(RandomForms.RULES),
          new QueryEngine());
    }

    int pending() {
      return state.pending().size();
    }

    void step() {
      int dice = random.nextInt(10);
      if (dice < 6) {
        transact();
      } else if (dice < 8) {
        remote();
      } else if (dice == 8) {
        push(random.nextInt(4));
      } else {
        confirm();
      }
    }

    void transact() {
      if (random.nextInt(15) == 0 && !committed.isEmpty()) {
        undo(committed.get(random.nextInt(committed.size())));
        return;
      }
      if (random.nextInt(12) > 0) {
        transact(null);
        return;
      }
      int size = 2 + random.nextInt(2);
      UUID group = new UUID(2, nextSeq);
      List<Intent> members = new ArrayList<>();
      for (int i = 0; i < size; i++) {
        Intent member = transact(new Terms.Group(group, size, i));
        if (member == null) {
          // One is impossible, so that none is made.
          members.forEach(one -> {
            unpushed.remove(one);
            state.withdraw(one.id());
            failed.add(one.id());
          });
          return;
        }
        members.add(member);
      }
    }

    /** Takes a confirmed transaction back, as the client does: on the basis of its T. */
    private void undo(Settled confirmed) {
      Inverse inverse = Inverse.of(confirmed.transaction(), state.optimistic());
      if (!inverse.forms().isEmpty()) {
        give(new Intent(new UUID(1, nextSeq), nextSeq, confirmed.t(), Samples.EPOCH.plusSeconds(nextSeq),
            inverse.forms(), Map.of(Intent.TX_TEMPID, nextLocal++), Terms.NONE.undoing(confirmed.id())));
      }
    }

    private Intent transact(Terms.Group group) {
      IntentBuilder.Completed completed;
      try {
        completed = IntentBuilder.complete(
            forms.local(state.optimistic(), nextLocal), state.optimistic().schema(), () -> nextLocal++);
      } catch (TransactionException refused) {
        return null;
      }
      return give(new Intent(new UUID(1, nextSeq), nextSeq, state.confirmed().basisT(),
          Samples.EPOCH.plusSeconds(nextSeq), completed.forms(), completed.tempids(),
          forms.terms(state.optimistic()).withGroup(group)));
    }

    private Intent give(Intent intent) {
      NaiveReplay naive = pending() > TERMS_COMPARED_MAX ? null : naive();
      try {
        Intent standing = state.transact(intent).intent();
        if (naive != null) {
          compareTerms(standing.terms(), intent, naive);
        }
        nextSeq++;
        unpushed.add(standing);
        intents.put(standing.id(), standing);
        return standing;
      } catch (TransactionException refused) {
        // A random transaction may well be impossible: then nothing may have changed, which compare() sees.
        assertThat(refused.code()).isNotNull();
        return null;
      }
    }

    /** What the client notes beside what its author said, computed from what each pending transaction did. */
    private void compareTerms(Terms noted, Intent intent, NaiveReplay naive) {
      assertThat(noted.after()).as("%s", intent).isEqualTo(naive.after(intent));
      Map<List<Long>, List<Object>> seen = new HashMap<>();
      noted.seen().forEach(one ->
          seen.put(List.of(one.e(), state.optimistic().schema().attribute(one.attribute()).id()), one.values()));
      assertThat(seen).as("%s", intent).isEqualTo(naive.seen(intent));
    }

    private NaiveReplay naive() {
      List<Intent> pending = state.pending().stream().map(PendingTransaction::intent).toList();
      return NaiveReplay.of(index.snapshot(), made, CLIENT, RandomForms.RULES, pending, failed);
    }

    void remote() {
      try {
        server.transact(forms.remote(server.db()));
      } catch (TransactionException | IllegalArgumentException refused) {
        assertThat(refused.getMessage()).isNotEmpty();
      }
    }

    void push(int count) {
      for (int i = 0; i < count && !unpushed.isEmpty(); i++) {
        PushOutcome outcome = server.push(CLIENT, unpushed.remove(0));
        outcomes.put(outcome.t(), outcome);
      }
    }

    void confirm() {
      List<Transaction> waiting = server.after(index.position());
      List<Transaction> batch = waiting.subList(0, waiting.isEmpty() ? 0 : 1 + random.nextInt(waiting.size()));
      List<Settled> settled = new ArrayList<>();
      for (Transaction transaction : batch) {
        PushOutcome outcome = outcomes.get(transaction.t());
        if (outcome != null) {
          Map<Long, Long> ids = new HashMap<>(outcome.made());
          if (outcome.kind().isCommitted()) {
            ids.put(-intents.get(outcome.id()).txLocalId(), transaction.tx());
          }
          if (!outcome.kind().isCommitted()) {
            failed.add(outcome.id());
          }
          made = made.with(ids);
          Settled one = new Settled(outcome.id(), outcome.kind(), outcome.t(), ids, transaction);
          settled.add(one);
          if (outcome.kind().isCommitted()) {
            committed.add(one);
          }
        }
      }
      index.apply(batch);
      state.confirm(index.snapshot(), batch, settled);
    }

    void compare(long seed, int step) {
      String where = "seed " + seed + ", step " + step;
      NaiveReplay naive = naive();
      int i = 0;
      for (PendingTransaction one : state.pending()) {
        Decision expected = naive.decisions().get(i++);
        Decision actual = one.decision();
        String what = where + ", " + one;
        assertThat(actual.kind()).as(what + " " + actual.reason() + " / " + expected.reason())
            .isEqualTo(expected.kind());
        assertThat(actual.datoms()).as(what).isEqualTo(expected.datoms());
        assertThat(actual.tempids()).as(what).isEqualTo(expected.tempids());
        assertThat(actual.conflicts()).as(what).isEqualTo(expected.conflicts());
        assertThat(actual.reason()).as(what).isEqualTo(expected.reason());
      }
      List<Datom> view = new ArrayList<>();
      state.optimistic().datoms(IndexOrder.EAVT).forEach(view::add);
      assertThat(view).as(where).isEqualTo(naive.datoms());
    }

    @Override
    public void close() {
      index.close();
      log.close();
      server.close();
    }
  }
}
