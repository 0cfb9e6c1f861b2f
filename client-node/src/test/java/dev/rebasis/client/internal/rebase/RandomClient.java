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
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Transaction;
import dev.rebasis.error.RebasisException;
import dev.rebasis.error.TransactionException;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.PushOutcome;
import dev.rebasis.protocol.Terms;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.UUID;

/**
 * One client over a fake server: its real state, index and log. It writes random transactions, pushes them and is told of the
 * server's in random pieces, and expects its predictions to come true wherever nobody disturbed them. Confined to one test.
 */
final class RandomClient implements AutoCloseable {
  /** With more pending than this, what a new one stands on is not computed a second time: it costs the whole queue. */
  private static final int TERMS_COMPARED_MAX = 40;

  final OptimisticState state;
  final DatomIndex index;
  private final long number;
  private final FakeServer server;
  private final Random random;
  private final RandomForms forms;
  private final ClientLog log = ClientLog.open(StoreFiles.inMemory(), Durability.PROCESS_CRASH, Samples.ids());
  private final List<Intent> unpushed = new ArrayList<>();
  private final List<Intent> pushed = new ArrayList<>();
  private final Map<Long, PushOutcome> outcomes = new HashMap<>();
  private final Map<UUID, Intent> intents = new HashMap<>();
  private final List<Settled> committed = new ArrayList<>();
  private final Set<UUID> failed = new HashSet<>();
  /** Of which some have left the queue and were not committed. */
  private final Set<UUID> refusedGroups = new HashSet<>();
  /** Refused or set aside, and not taken up again. */
  private final List<Intent> parked = new ArrayList<>();
  private MadeIds made = MadeIds.NONE;
  private long nextSeq = 1;
  private long nextLocal = 1;
  private int bound;

  /**
   * Makes a client that knows all that the server has.
   *
   * @param keys how many there are, so that the fewer, the more meets
   */
  RandomClient(long number, FakeServer server, Random random, int keys) {
    this.number = number;
    this.server = server;
    this.random = random;
    this.forms = new RandomForms(random, keys);
    this.index = DatomIndex.open(StoreFiles.inMemory(), log);
    index.apply(server.after(0));
    state = new OptimisticState(index.snapshot(), made, number, Decide.by(RandomForms.RULES), new QueryEngine());
  }

  int pending() {
    return state.pending().size();
  }

  // ---- what its user does

  /** Writes: mostly one transaction, now and then a group, one that takes another back, or one that was refused once more. */
  void transact() {
    int dice = random.nextInt(60);
    if (dice < 4 && !committed.isEmpty()) {
      undo(committed.get(random.nextInt(committed.size())));
    } else if (dice < 8 && !parked.isEmpty()) {
      retry(parked.remove(random.nextInt(parked.size())));
    } else if (dice < 13) {
      transactGroup();
    } else {
      transact(null);
    }
  }

  private void transactGroup() {
    int size = 2 + random.nextInt(2);
    UUID group = new UUID(number + 1_000, nextSeq);
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
      give(new Intent(new UUID(number, nextSeq), nextSeq, confirmed.t(), Samples.EPOCH.plusSeconds(nextSeq),
          inverse.forms(), Map.of(Intent.TX_TEMPID, nextLocal++), Terms.NONE.undoing(confirmed.id())));
    }
  }

  /** Makes what was refused or set aside again, on the present view; its entities keep their local ids, as with the client. */
  private void retry(Intent old) {
    Map<String, Long> tempids = new HashMap<>(old.tempids());
    tempids.put(Intent.TX_TEMPID, nextLocal++);
    if (tempids.values().stream().anyMatch(local -> made.resolve(-local) >= 0)) {
      return; // an edit of it was confirmed already
    }
    give(new Intent(new UUID(number, nextSeq), nextSeq, state.confirmed().basisT(), Samples.EPOCH.plusSeconds(nextSeq),
        old.forms(), tempids, new Terms(old.terms().policies(), List.of(), List.of(), List.of(), null, null, old.id())));
  }

  private Intent transact(Terms.Group group) {
    IntentBuilder.Completed completed;
    try {
      completed = IntentBuilder.complete(
          forms.local(state.optimistic(), nextLocal), state.optimistic().schema(), () -> nextLocal++);
    } catch (TransactionException refused) {
      return null;
    }
    return give(new Intent(new UUID(number, nextSeq), nextSeq, state.confirmed().basisT(),
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

  /** Binds two or three of those together that were not pushed yet. What is predicted to be committed stays so, and shows the same. */
  void bind() {
    List<Intent> free = new ArrayList<>(unpushed.stream().filter(one -> one.terms().group() == null).toList());
    Collections.shuffle(free, random);
    Set<UUID> ids = new HashSet<>();
    free.stream().limit(2 + random.nextInt(2)).forEach(one -> ids.add(one.id()));
    if (ids.size() < 2) {
      return;
    }
    List<Intent> before;
    try {
      before = MovedBehind.of(state, ids);
    } catch (RebasisException e) {
      assertThat(e.code()).isEqualTo(Keyword.of(":rebasis.error/cannot-bind"));
      return;
    }
    boolean allGood = ids.stream().allMatch(id -> state.pending(id).decision().kind().isCommitted());
    List<Datom> shown = shown();
    UUID group = new UUID(number + 2_000, nextSeq);
    List<Intent> moved = new ArrayList<>();
    for (Intent one : before) {
      int index = moved.size();
      moved.add(one.movedTo(nextSeq++, index < ids.size() ? new Terms.Group(group, ids.size(), index) : null));
    }
    MovedBehind.move(state, moved);
    unpushed.removeAll(before);
    unpushed.addAll(moved);
    moved.forEach(one -> intents.put(one.id(), one));
    bound++;
    if (allGood) {
      assertThat(shown()).as("with %s bound: %s", ids, moved).isEqualTo(shown);
    }
  }

  /** How many groups were bound from what was pending. */
  int bound() {
    return bound;
  }

  /** Facts are withdrawn from it: what touches them and was not sent is set aside. The facts themselves stay, to be met again. */
  void withdraw() {
    List<Datom> all = new ArrayList<>();
    state.confirmed().datoms(IndexOrder.AEVT, state.confirmed().schema().entid(RandomForms.K)).forEach(all::add);
    if (all.isEmpty()) {
      return;
    }
    long e = all.get(random.nextInt(all.size())).e();
    Set<UUID> unsent = new HashSet<>();
    unpushed.forEach(one -> unsent.add(one.id()));
    for (SetAside aside : state.setAside(state.confirmed().datoms(IndexOrder.EAVT, e), unsent::contains)) {
      unpushed.removeIf(one -> one.id().equals(aside.intent().id()));
      failed.add(aside.intent().id());
      parked.add(aside.intent());
    }
  }

  // ---- what goes between it and the server

  /** Pushes up to so many transactions; a group goes whole. Some are pushed twice, since an answer can be lost. */
  void push(int count) {
    for (int i = 0; i < count && !unpushed.isEmpty(); i++) {
      Terms.Group group = unpushed.get(0).terms().group();
      List<Intent> unit = new ArrayList<>(unpushed.subList(0, group == null ? 1 : group.size()));
      unpushed.removeAll(unit);
      pushed.addAll(unit);
      List<PushOutcome> all = pushed(unit);
      all.forEach(outcome -> outcomes.put(outcome.t(), outcome));
      if (random.nextInt(5) == 0) {
        assertThat(pushed(unit)).extracting(PushOutcome::t).as("its acknowledgement was lost")
            .isEqualTo(all.stream().map(PushOutcome::t).toList());
      }
    }
  }

  private List<PushOutcome> pushed(List<Intent> unit) {
    return unit.get(0).terms().group() == null
        ? List.of(server.push(number, unit.get(0))) : server.pushTogether(number, unit);
  }

  /** Pushes everything once more that it ever pushed. */
  void pushAllAgain() {
    pushed.forEach(intent -> assertThat(server.push(number, intent).duplicate()).isTrue());
  }

  /** The server's own program writes something. */
  void remote() {
    try {
      server.transact(forms.remote(server.db()));
    } catch (TransactionException | IllegalArgumentException refused) {
      assertThat(refused.getMessage()).isNotEmpty();
    }
  }

  boolean behind() {
    return !server.after(index.position()).isEmpty();
  }

  /** Is told of some of what it lacks. */
  void confirm() {
    List<Transaction> waiting = server.after(index.position());
    List<Transaction> batch = waiting.subList(0, waiting.isEmpty() ? 0 : 1 + random.nextInt(waiting.size()));
    List<Settled> settled = batch.stream().map(this::settled).filter(Objects::nonNull).toList();
    settled.forEach(this::note);
    index.apply(batch);
    List<String> differing = settled.stream().filter(one -> state.pending(one.id()) != null)
        .map(one -> difference(state.pending(one.id()))).filter(text -> !text.isEmpty()).toList();
    Rebased rebased = state.confirm(index.snapshot(), batch, settled);
    assertThat(rebased.predictedWrong()).as("predictions that nobody disturbed; some are otherwise: %s", differing).isZero();
  }

  /** What the server decided otherwise than the client predicted, for a person to read; empty if nothing. */
  private String difference(PendingTransaction pending) {
    Decision predicted = pending.decision();
    Decision decided = server.decision(pending.intent().id());
    boolean same = predicted.kind() == decided.kind() && predicted.datoms().size() == decided.datoms().size()
        && predicted.conflicts().equals(decided.conflicts());
    return same ? "" : "\n" + pending + "\n  predicted " + predicted.kind() + " " + predicted.reason() + " "
        + predicted.datoms() + " " + predicted.conflicts() + "\n  decided " + decided.kind() + " " + decided.reason()
        + " " + decided.datoms() + " " + decided.conflicts();
  }

  /** What the server decided about the own transaction that this one is, or null. */
  private Settled settled(Transaction transaction) {
    PushOutcome outcome = outcomes.get(transaction.t());
    return outcome == null ? null
        : Replica.settled(outcome, intents.get(outcome.id()), transaction, server.decision(outcome.id()));
  }

  private void note(Settled one) {
    Intent intent = intents.get(one.id());
    if (one.kind().isCommitted()) {
      committed.add(one);
    } else {
      failed.add(one.id());
      parked.add(intent);
      if (intent.terms().group() != null) {
        refusedGroups.add(intent.terms().group().id());
      }
    }
    made = made.with(one.made());
  }

  /** Another state that stands where this one stands, decides so, and can be told of what comes in pieces of its own. */
  Replica replica(Decide decide) {
    return new Replica(server, new Replica.Place(number, index.position(), made,
        state.pending().stream().map(PendingTransaction::intent).toList(), failed), this::settled, decide);
  }

  // ---- what it shows

  List<Datom> shown() {
    List<Datom> shown = new ArrayList<>();
    state.optimistic().datoms(IndexOrder.EAVT).forEach(shown::add);
    return shown;
  }

  private NaiveReplay naive() {
    List<Intent> pending = state.pending().stream().map(PendingTransaction::intent).toList();
    return NaiveReplay.of(index.snapshot(), made, number, RandomForms.RULES, pending, failed, refusedGroups);
  }

  /** What the client notes beside what its author said, computed from what each pending transaction did. */
  private void compareTerms(Terms noted, Intent intent, NaiveReplay naive) {
    assertThat(noted.after()).as("%s", intent).isEqualTo(naive.after(intent));
    Map<List<Long>, List<Object>> seen = new HashMap<>();
    noted.seen().forEach(one ->
        seen.put(List.of(one.e(), state.optimistic().schema().attribute(one.attribute()).id()), one.values()));
    assertThat(seen).as("%s", intent).isEqualTo(naive.seen(intent));
  }

  /** Compares every prediction and the view with a naive replay. */
  void compare(String where) {
    NaiveReplay naive = naive();
    int i = 0;
    for (PendingTransaction one : state.pending()) {
      compare(where + ", " + one, one, naive.decisions().get(i++));
    }
    assertThat(shown()).as(where).isEqualTo(naive.datoms());
  }

  private void compare(String what, PendingTransaction one, Decision expected) {
    Decision actual = one.decision();
    assertThat(actual.kind()).as(what + " " + actual.reason() + " / " + expected.reason()).isEqualTo(expected.kind());
    assertThat(actual.datoms()).as(what).isEqualTo(expected.datoms());
    assertThat(actual.tempids()).as(what).isEqualTo(expected.tempids());
    Terms.Group group = one.intent().terms().group();
    if (group == null || !refusedGroups.contains(group.id())) { // else the reason is what the server said of another one
      assertThat(actual.conflicts()).as(what).isEqualTo(expected.conflicts());
      assertThat(actual.reason()).as(what).isEqualTo(expected.reason());
    }
  }

  @Override
  public void close() {
    index.close();
    log.close();
  }
}
