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
import dev.rebasis.conflict.IntentBuilder;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Transaction;
import dev.rebasis.error.TransactionException;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.PushOutcome;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Goal: real clients' states over one server converge, whatever the batches in which they are told, and whatever is pushed
 * twice. Method: three of them write random transactions on few entities (structure, functions, premises, schema and
 * policies that change meanwhile), push and are told in random pieces. Whenever two stand on one T with nothing pending,
 * they show the same; in the end all show what the server has. A push that is repeated changes nothing. The seed is the
 * test's parameter; more of them with {@code -Drebase.seeds=1000}.
 */
class ConvergingStatesTest {
  static Stream<Long> seeds() {
    return IntStream.rangeClosed(1, Integer.getInteger("rebase.seeds", 25)).mapToObj(Long::valueOf);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void allShowTheSameOnceAllIsDecidedAndTold(long seed) {
    Random random = new Random(seed);
    try (FakeServer server = new FakeServer()) {
      server.rules(RandomForms.RULES);
      server.transact(RandomForms.SCHEMA);
      List<Replica> replicas = new ArrayList<>();
      try {
        for (long client = 1; client <= 3; client++) {
          replicas.add(new Replica(client, server, random));
        }
        for (int step = 0; step < 120; step++) {
          replicas.get(random.nextInt(3)).step();
          compareThoseOnOneT(replicas, "seed " + seed + ", step " + step);
        }
        settle(replicas, server, seed);
      } finally {
        replicas.forEach(Replica::close);
      }
    }
  }

  private static void settle(List<Replica> replicas, FakeServer server, long seed) {
    replicas.forEach(replica -> replica.push(Integer.MAX_VALUE));
    for (Replica replica : replicas) {
      while (replica.behind()) {
        replica.confirm();
      }
      assertThat(replica.state.pending()).as("seed %s: nothing is left pending", seed).isEmpty();
      assertThat(replica.shown()).as("seed %s, client %s", seed, replica.client).isEqualTo(server.datoms());
    }
    List<Datom> before = server.datoms();
    replicas.forEach(Replica::pushAllAgain);
    assertThat(server.datoms()).as("seed %s: what is pushed twice", seed).isEqualTo(before);
  }

  private static void compareThoseOnOneT(List<Replica> replicas, String where) {
    Map<Long, List<Datom>> byT = new HashMap<>();
    for (Replica replica : replicas) {
      List<Datom> confirmed = new ArrayList<>();
      replica.state.confirmed().datoms(IndexOrder.EAVT).forEach(confirmed::add);
      List<Datom> other = byT.putIfAbsent(replica.index.position(), confirmed);
      assertThat(confirmed).as(where).isEqualTo(other == null ? confirmed : other);
      if (replica.state.pending().isEmpty()) {
        assertThat(replica.shown()).as(where).isEqualTo(confirmed);
      }
    }
  }

  /** One client: its real state, index and log. */
  private static final class Replica implements AutoCloseable {
    final long client;
    final OptimisticState state;
    final DatomIndex index;
    private final FakeServer server;
    private final Random random;
    private final RandomForms forms;
    private final ClientLog log = ClientLog.open(StoreFiles.inMemory(), Durability.PROCESS_CRASH, Samples.ids());
    private final List<Intent> unpushed = new ArrayList<>();
    private final List<Intent> pushed = new ArrayList<>();
    private final Map<Long, PushOutcome> outcomes = new HashMap<>();
    private final Map<UUID, Intent> intents = new HashMap<>();
    private MadeIds made = MadeIds.NONE;
    private long nextSeq = 1;
    private long nextLocal = 1;

    Replica(long client, FakeServer server, Random random) {
      this.client = client;
      this.server = server;
      this.random = random;
      this.forms = new RandomForms(random, 60);
      this.index = DatomIndex.open(StoreFiles.inMemory(), log);
      index.apply(server.after(0));
      state = new OptimisticState(index.snapshot(), made, client, Decide.by(RandomForms.RULES), new QueryEngine());
    }

    void step() {
      int dice = random.nextInt(10);
      if (dice < 5) {
        transact();
      } else if (dice < 7) {
        push(1 + random.nextInt(3));
      } else if (dice == 7) {
        schemaChange();
      } else {
        confirm();
      }
    }

    private void transact() {
      try {
        IntentBuilder.Completed completed = IntentBuilder.complete(
            forms.local(state.optimistic(), nextLocal), state.optimistic().schema(), () -> nextLocal++);
        Intent standing = state.transact(new Intent(new UUID(client, nextSeq), nextSeq, state.confirmed().basisT(),
            Samples.EPOCH.plusSeconds(nextSeq), completed.forms(), completed.tempids(),
            forms.terms(state.optimistic()))).intent();
        nextSeq++;
        unpushed.add(standing);
        intents.put(standing.id(), standing);
      } catch (TransactionException refused) {
        assertThat(refused.code()).isNotNull();
      }
    }

    /** By the server's own program, now and then. */
    private void schemaChange() {
      try {
        server.transact(forms.remote(server.db()));
      } catch (TransactionException | IllegalArgumentException refused) {
        assertThat(refused.getMessage()).isNotEmpty();
      }
    }

    void push(int count) {
      for (int i = 0; i < count && !unpushed.isEmpty(); i++) {
        Intent intent = unpushed.remove(0);
        pushed.add(intent);
        PushOutcome outcome = server.push(client, intent);
        outcomes.put(outcome.t(), outcome);
        if (random.nextInt(5) == 0) {
          assertThat(server.push(client, intent).t()).as("its acknowledgement was lost").isEqualTo(outcome.t());
        }
      }
    }

    void pushAllAgain() {
      pushed.forEach(intent -> assertThat(server.push(client, intent).duplicate()).isTrue());
    }

    boolean behind() {
      return !server.after(index.position()).isEmpty();
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
          made = made.with(ids);
          settled.add(new Settled(outcome.id(), outcome.kind(), outcome.t(), ids, transaction, outcome.code()));
        }
      }
      index.apply(batch);
      state.confirm(index.snapshot(), batch, settled);
    }

    List<Datom> shown() {
      List<Datom> shown = new ArrayList<>();
      state.optimistic().datoms(IndexOrder.EAVT).forEach(shown::add);
      return shown;
    }

    @Override
    public void close() {
      index.close();
      log.close();
    }
  }
}
