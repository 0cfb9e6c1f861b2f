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
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Transaction;
import dev.rebasis.edn.Edn;
import dev.rebasis.error.TransactionException;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.PushOutcome;
import dev.rebasis.protocol.Terms;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;

/**
 * One more real state of a client: it stands where the client stood when it was made, with the same transactions pending, and is
 * told of what the server did since in pieces of its own, some of them more than once. Confined to one test.
 */
final class Replica implements AutoCloseable {
  /** What it shows at one T: the view, and what is predicted for each pending transaction. */
  record Shown(List<Datom> datoms, Map<UUID, List<Object>> predictions) {}

  /**
   * Where a client stands.
   *
   * @param number the client's
   * @param t what it knows of the server
   * @param made the server's ids of its local entities
   * @param pending its pending transactions, in order
   * @param failed its transactions that are pending no more and were not committed
   */
  record Place(long number, long t, MadeIds made, List<Intent> pending, Set<UUID> failed) {}

  private final FakeServer server;
  private final Place place;
  private final Decide decide;
  private final Function<Transaction, Settled> settled;
  private final ClientLog log = ClientLog.open(StoreFiles.inMemory(), Durability.PROCESS_CRASH, Samples.ids());
  private final DatomIndex index;
  private final Set<UUID> failed;
  private final Set<UUID> refusedGroups = new HashSet<>();
  private final Map<UUID, Intent> intents = new HashMap<>();
  private final List<List<Transaction>> told = new ArrayList<>();
  private MadeIds made;
  private long nextSeq = 1;
  private long nextLocal = 1;
  private OptimisticState state;

  /**
   * Makes one.
   *
   * @param settled what the server decided about the own transaction that a confirmed one is; null if it is another's
   */
  Replica(FakeServer server, Place place, Function<Transaction, Settled> settled) {
    this(server, place, settled, Decide.by(RandomForms.RULES));
  }

  /** Makes one that decides in its own way. */
  Replica(FakeServer server, Place place, Function<Transaction, Settled> settled, Decide decide) {
    this.decide = decide;
    this.server = server;
    this.place = place;
    this.settled = settled;
    this.failed = new HashSet<>(place.failed());
    this.made = place.made();
    place.pending().forEach(intent -> intents.put(intent.id(), intent));
    index = DatomIndex.open(StoreFiles.inMemory(), log);
    index.apply(server.after(0).stream().filter(transaction -> transaction.t() <= place.t()).toList());
    state = new OptimisticState(index.snapshot(), made, place.number(), decide, new QueryEngine());
    state.restore(place.pending(), failed);
  }

  /** What the server decided about an intent, as its client is told with the transaction that says so. */
  static Settled settled(PushOutcome outcome, Intent intent, Transaction transaction, Decision decision) {
    Map<Long, Long> ids = new HashMap<>(outcome.made());
    if (outcome.kind().isCommitted()) {
      ids.put(-intent.txLocalId(), transaction.tx());
    }
    return new Settled(
        outcome.id(), outcome.kind(), outcome.t(), ids, transaction, outcome.code(), decision.conflicts());
  }

  /**
   * Its program writes, on what it shows.
   *
   * @throws TransactionException if that is impossible; nothing has changed then
   */
  Intent transact(String edn) {
    IntentBuilder.Completed completed =
        IntentBuilder.complete(Edn.read(edn), state.optimistic().schema(), () -> nextLocal++);
    Intent intent = state.transact(new Intent(new UUID(place.number(), nextSeq), nextSeq, state.confirmed().basisT(),
        Samples.EPOCH.plusSeconds(nextSeq), completed.forms(), completed.tempids())).intent();
    nextSeq++;
    intents.put(intent.id(), intent);
    return intent;
  }

  /** What it predicts for a pending transaction. */
  Decision prediction(UUID id) {
    return state.pending(id).decision();
  }

  long t() {
    return index.position();
  }

  /** How many transactions of the server it lacks. */
  int behind() {
    return server.after(t()).size();
  }

  /** Is told of the next so many transactions in one batch. */
  void next(int count) {
    List<Transaction> batch = server.after(t()).subList(0, count);
    List<Settled> own = settled(batch);
    index.apply(batch);
    note(own);
    Rebased rebased = state.confirm(index.snapshot(), batch, own);
    assertThat(rebased.predictedWrong()).as("predictions that nobody disturbed, at T %s", t()).isZero();
    told.add(batch);
  }

  /** Loads so many transactions: what is here is given up, so nobody can say what lies between. */
  void load(int count) {
    List<Transaction> batch = server.after(t()).subList(0, count);
    List<Settled> own = settled(batch);
    index.apply(batch);
    note(own);
    state.reload(index.snapshot(), own);
    told.add(batch);
  }

  /** Is told once more of a batch that it was told of, which changes nothing at all. */
  void again(int batch) {
    List<Transaction> old = told.get(batch % told.size());
    Shown before = shown();
    Rebased rebased = state.confirm(index.snapshot(), old, settled(old));
    assertThat(shown()).as("after it was told once more of T %s to %s, at T %s", old.get(0).t(),
        old.get(old.size() - 1).t(), t()).isEqualTo(before);
    assertThat(rebased.left()).isEmpty();
    assertThat(rebased.predictedRight() + rebased.predictedWrong()).as("a decision is counted once").isZero();
  }

  /** A new run takes up what is stored. Not in the middle of a group that is refused, of which the store knows no more. */
  void restart() {
    List<Intent> pending = state.pending().stream().map(PendingTransaction::intent).toList();
    if (pending.stream().noneMatch(this::isOfRefusedGroup)) {
      state = new OptimisticState(index.snapshot(), made, place.number(), decide, new QueryEngine());
      state.restore(pending, failed);
    }
  }

  private boolean isOfRefusedGroup(Intent intent) {
    Terms.Group group = intent.terms().group();
    return group != null && refusedGroups.contains(group.id());
  }

  private List<Settled> settled(List<Transaction> batch) {
    return batch.stream().map(settled).filter(one -> one != null && intents.containsKey(one.id())).toList();
  }

  private void note(List<Settled> own) {
    for (Settled one : own) {
      made = made.with(one.made());
      if (!one.kind().isCommitted()) {
        failed.add(one.id());
        Terms.Group group = intents.get(one.id()).terms().group();
        if (group != null) {
          refusedGroups.add(group.id());
        }
      }
    }
  }

  /** What it shows now. Why the rest of a refused group waits is told by what was predicted last, so it is left out. */
  Shown shown() {
    List<Datom> datoms = new ArrayList<>();
    state.optimistic().datoms(IndexOrder.EAVT).forEach(datoms::add);
    Map<UUID, List<Object>> predictions = new LinkedHashMap<>();
    for (PendingTransaction one : state.pending()) {
      Decision decision = one.decision();
      predictions.put(one.intent().id(), isOfRefusedGroup(one.intent()) ? List.of(decision.kind())
          : List.of(decision.kind(), decision.datoms(), decision.tempids(), decision.conflicts(),
              String.valueOf(decision.reason())));
    }
    return new Shown(datoms, predictions);
  }

  @Override
  public void close() {
    index.close();
    log.close();
  }
}
