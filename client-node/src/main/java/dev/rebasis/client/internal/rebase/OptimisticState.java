package dev.rebasis.client.internal.rebase;

import dev.rebasis.client.internal.db.ConfirmedChanges;
import dev.rebasis.client.internal.db.DatabaseValue;
import dev.rebasis.client.internal.db.IndexSnapshot;
import dev.rebasis.client.internal.db.Overlay;
import dev.rebasis.client.internal.db.Queries;
import dev.rebasis.client.internal.log.MadeIds;
import dev.rebasis.conflict.Decider;
import dev.rebasis.conflict.Decision;
import dev.rebasis.conflict.LocalIds;
import dev.rebasis.conflict.Reason;
import dev.rebasis.conflict.RemoteChanges;
import dev.rebasis.conflict.Rules;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Schema;
import dev.rebasis.data.Transaction;
import dev.rebasis.error.TransactionException;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.protocol.RebasisSchema;
import dev.rebasis.protocol.Terms;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.LongPredicate;
import java.util.function.Predicate;

/**
 * The confirmed view with the pending transactions on top. Confined: its owner (the core, under its lock) makes every
 * call; the {@link DatabaseValue}s that it gives out are immutable and may be shared.
 *
 * <h2>What it keeps true</h2>
 * The optimistic view is what a naive replay gives: the newest confirmed snapshot, and on it every pending intent
 * decided in the order of the queue, each on the view that its predecessors left. {@code RebaseAgainstReplayTest}
 * compares the two.
 *
 * <h2>How, without replaying</h2>
 * Each pending transaction is remembered with its decision, its datoms in the {@link Overlay}, and its footprint in an
 * inverted index ({@link PatternIndex}). A decision is a pure function of what its footprint names, of the schema, of the
 * local ids that its forms mention, and of what others confirmed on the places that it writes (which are in the
 * footprint too). So when a batch is confirmed, a decision can only come out otherwise if
 * <ol>
 *   <li>a fact in its footprint changed: a remote transaction wrote it, or an own one left the queue and was confirmed
 *       with other facts than predicted (none, if it was refused; the server's ids instead of local ones always count
 *       as other facts);</li>
 *   <li>a local id that it mentions was resolved, or its maker failed;</li>
 *   <li>the schema changed: then every one is decided anew;</li>
 *   <li>an earlier pending transaction was decided anew and now writes, or no longer writes, a fact in its
 *       footprint.</li>
 * </ol>
 * {@link RebasePass} takes those of 1 to 3 out of the overlay and decides them anew in the order of the queue; 4 adds
 * to them while it goes. An own transaction that was confirmed just as predicted moves from the overlay to the snapshot
 * and disturbs no one.
 *
 * <p>A transaction must not see what comes after it in the queue, yet later ones stay in the overlay while it is
 * decided anew. Everything it looked at is in its footprint; so if a later one wrote there, that one is taken out
 * as well, and the decision is repeated. The same check keeps the operations on one fact stacked in the order of the
 * queue, since what a transaction writes it also reads.
 *
 * <h2>Cost</h2>
 * For a batch: one hash look-up per pattern of each confirmed datom (four or five per datom), and for each transaction
 * that is decided anew the decision (tens of microseconds), a path in each order of the overlay per datom, and one look
 * into the overlay per pattern of its footprint. The length of the queue does not enter, except through the logarithm
 * of the overlay's size. A schema change costs the whole queue; a transaction whose premise, or function, reads a whole
 * attribute costs, when it is decided anew, a look at each pending operation on that attribute; and a group that is predicted
 * to fail is tried again, whole, when something changes that one of it looked at.
 *
 * <h2>What was tried elsewhere</h2>
 * Replaying all pending mutations on each new base is what Replicache does (its "rebase"), which its authors bound by
 * keeping the queue short; a client that was offline for a week has no short queue. Patching the datoms of pending
 * transactions instead of deciding their intents anew loses what they meant (see design.md, "Intent, not datoms").
 * Recording read sets and re-running only what they invalidate is known from optimistic concurrency control (Kung and
 * Robinson, 1981) and from incremental computation (Acar, "Self-adjusting computation", 2005).
 */
public final class OptimisticState {
  private final Decide decide;
  private final Queries queries;

  private long client;
  /** The T of the newest confirmed transaction that this client did not make; decisions on a later basis meet nothing. */
  private long foreignT;

  private final PendingQueue queue = new PendingQueue();
  private final GroupFates groups = new GroupFates();
  /** Transactions that are pending no more and were not committed; others may stand on them. */
  private final Set<UUID> failed = new HashSet<>();
  private final Layers layers;

  /**
   * Makes the state with nothing pending.
   *
   * @param confirmed the confirmed datoms
   * @param made the server's ids of the local entities that are confirmed
   * @param client this client's number, 0 if it has none yet
   * @param decide decides intents
   * @param queries answers queries of the database values
   */
  public OptimisticState(IndexSnapshot confirmed, MadeIds made, long client, Decide decide, Queries queries) {
    this.client = client;
    this.decide = decide;
    this.queries = queries;
    this.layers = new Layers(confirmed, made, queue, queries);
    this.foreignT = confirmed.basisT();
  }

  /** The confirmed datoms with the pending transactions on top. */
  public DatabaseValue optimistic() {
    return layers.optimistic();
  }

  /** The confirmed datoms alone. */
  public DatabaseValue confirmed() {
    return layers.confirmed();
  }

  /**
   * The state as a naive replay gives it: nothing pending on the confirmed snapshot, then each intent decided in the
   * order of the queue. Its {@link #optimistic()} must hold the same datoms as this one's. Costs the whole queue.
   */
  public OptimisticState replayed() {
    return replayed(decide);
  }

  /** The same by other rules: what would become of the pending transactions if they were decided now. */
  public OptimisticState replayed(Decide others) {
    OptimisticState plain = new OptimisticState(layers.snapshot(), made(), client, others, queries);
    plain.foreignT = foreignT;
    plain.restore(queue.all().stream().map(PendingTransaction::intent).toList(), failed);
    return plain;
  }

  /**
   * The state on another confirmed snapshot, which need not follow on this one's.
   *
   * @param others the transactions that are pending on it, in order
   */
  public OptimisticState onOther(IndexSnapshot snapshot, MadeIds made, List<Intent> others) {
    OptimisticState other = new OptimisticState(snapshot, made, client, decide, queries);
    other.restore(others, failed);
    return other;
  }

  /** What {@link AsSeen} needs of this state. */
  public AsSeen.Present present() {
    return new AsSeen.Present(layers.snapshot(), made(), client, decide, queries);
  }

  /** The local ids that the server has confirmed. */
  public MadeIds made() {
    return layers.redirects().made();
  }

  /** The pending transactions, in order; a live view. */
  public Collection<PendingTransaction> pending() {
    return queue.all();
  }

  /** The pending transaction with this id, or null. */
  public PendingTransaction pending(UUID id) {
    return queue.byId(id);
  }

  /**
   * Tells this client's number, by which it knows its own confirmed transactions.
   *
   * @return what changed if it had another number before: what was confirmed under that one counts as another's now, so that
   *     everything pending is decided anew; else null
   */
  public Rebased setClient(long number) {
    boolean hadAnother = client != 0 && client != number;
    this.client = number;
    return hadAnother && !queue.all().isEmpty() ? reload(layers.snapshot(), List.of()) : null;
  }

  /**
   * Adds a transaction made on the present view.
   *
   * @param intent its basis T is that of the present view (an earlier one for what takes back an earlier transaction),
   *     its sequence number the highest so far
   * @return with what pending predecessors bear on it among its intent's terms: see {@link Terms#seen} and
   *     {@link Terms#after}
   * @throws TransactionException if it cannot be applied; nothing has changed then
   */
  public PendingTransaction transact(Intent intent) {
    Decision decision = decide.decide(intent, optimistic(), remoteFor(intent), liveIds(intent));
    if (!decision.kind().isCommitted()) {
      Reason reason = decision.reason();
      throw new TransactionException(reason.code(), reason.message(), reason.data());
    }
    PendingTransaction pending = new PendingTransaction(Standing.of(intent, decision, this));
    queue.add(pending);
    layers.apply(pending, decision);
    return pending;
  }

  /**
   * Takes up the pending transactions of an earlier run, in order.
   *
   * @param intents the transactions
   * @param failedBefore those on which they stand and which were not committed
   */
  public void restore(List<Intent> intents, Collection<UUID> failedBefore) {
    failed.addAll(failedBefore);
    RebasePass pass = new RebasePass(this);
    for (Intent intent : intents) {
      PendingTransaction pending = new PendingTransaction(intent);
      queue.add(pending);
      pass.due(pending);
    }
    pass.run();
  }

  /**
   * Moves on to a newer confirmed snapshot.
   *
   * @param next the snapshot after the batch
   * @param batch the transactions between the present snapshot and {@code next}, in order; may be empty
   * @param settled what the server decided about transactions of this client; those that are not pending are passed
   *     over
   */
  public Rebased confirm(IndexSnapshot next, List<Transaction> batch, Collection<Settled> settled) {
    RebasePass pass = new RebasePass(this);
    Map<Long, Settled> own = new HashMap<>();
    for (Settled one : settled) {
      if (one.transaction() != null) {
        own.put(one.t(), one);
      }
    }
    boolean rulesChanged = false;
    Predictions predictions = new Predictions(next.schema(), batch, own.keySet());
    for (Transaction transaction : batch) {
      for (long e : transaction.withdrawn()) {
        layers.snapshot().datoms(IndexOrder.EAVT, e).forEach(pass::changed);
      }
      if (!own.containsKey(transaction.t()) || isOfOtherNumber(transaction, next.schema()) || bringsEarlier(transaction)) {
        foreignT = Math.max(foreignT, transaction.t());
        for (Datom datom : transaction.datoms()) {
          pass.changed(datom);
          rulesChanged |= Decider.bearsOnAll(datom, layers.snapshot().schema());
        }
      }
    }
    if (rulesChanged) {
      queue.all().forEach(pass::due);
    }
    return move(next, settled, pass, predictions);
  }

  /** An own transaction may bring an entity into the scopes, with what others had written there before it. */
  private static boolean bringsEarlier(Transaction transaction) {
    return transaction.datoms().stream().anyMatch(datom -> datom.t() != transaction.t());
  }

  /** A copy of the store may have pushed what waits here, or this store before it had to take another number: then it is another's. */
  private boolean isOfOtherNumber(Transaction transaction, Schema schema) {
    Long attribute = schema.entid(RebasisSchema.TX_CLIENT);
    for (Datom datom : transaction.datoms()) {
      if (attribute != null && datom.a() == attribute) {
        return !datom.v().equals(client);
      }
    }
    return false;
  }

  /**
   * Moves on to a confirmed snapshot after a load, when nobody can say what lies in between: everything pending is decided
   * anew.
   *
   * @param next the snapshot after the load
   * @param settled what the server decided about transactions of this client
   */
  public Rebased reload(IndexSnapshot next, Collection<Settled> settled) {
    RebasePass pass = new RebasePass(this);
    foreignT = next.basisT();
    queue.all().forEach(pass::due);
    return move(next, settled, pass, Predictions.none(next.schema()));
  }

  private Rebased move(
      IndexSnapshot next, Collection<Settled> settled, RebasePass pass, Predictions predictions) {
    DatabaseValue optimisticBefore = optimistic();
    DatabaseValue confirmedBefore = confirmed();
    List<PendingTransaction> left = new ArrayList<>();
    predictions.compare(settled, queue, groups);
    for (Settled one : settled) {
      PendingTransaction leaving = queue.byId(one.id());
      if (leaving != null) {
        left.add(leaving);
        pass.leave(leaving, one);
        if (!one.kind().isCommitted()) {
          failed.add(one.id());
        }
      } else if (one.transaction() != null) {
        one.transaction().datoms().forEach(pass::changed);
      }
    }
    left.sort((x, y) -> Long.compare(x.seq(), y.seq()));
    if (next.schema() != layers.snapshot().schema()) {
      queue.all().forEach(pass::due);
    }
    layers.moveTo(next, pass.made());
    int anew = pass.run();
    return new Rebased(confirmedBefore, confirmed(), optimisticBefore, optimistic(), left, anew,
        predictions.right(), predictions.wrong());
  }

  // What follows is for the classes that share the work in this package.

  /** The rules that decisions are made by. */
  Rules rules() {
    return decide.rules();
  }

  /** The confirmed snapshot and what stands on it. */
  Layers layers() {
    return layers;
  }

  GroupFates groups() {
    return groups;
  }

  PendingQueue queue() {
    return queue;
  }

  Decision decide(PendingTransaction pending) {
    return decide.decide(pending.intent(), optimistic(), remoteFor(pending.intent()), liveIds(pending.intent()));
  }

  /**
   * Takes a transaction back that was never sent.
   *
   * @param id that of a pending transaction
   */
  public Rebased withdraw(UUID id) {
    return confirm(layers.snapshot(), List.of(), List.of(new Settled(id, OutcomeKind.REJECTED, 0, Map.of(), null)));
  }

  /**
   * Takes out those that touch facts which this client may soon see no more, and what stands on them; see {@link Custody}.
   * Call it while the facts still stand in the view.
   *
   * @param facts confirmed facts
   * @param mayTake whether a transaction can be taken back, because it was never sent; asked once for each in question
   * @return what was taken out, in the order of the queue; the caller keeps it as parked
   */
  public List<SetAside> setAside(Iterable<Datom> facts, Predicate<UUID> mayTake) {
    return setAside(new Custody(this).of(facts, mayTake));
  }

  /**
   * Takes out transactions that the server does not take, and what stands on them.
   *
   * @param ids of pending transactions; a group is named whole
   * @param code why they are not taken
   * @param message the same in words
   * @param mayTake whether a transaction can be taken back, because it is not on its way
   * @return what was taken out, in the order of the queue; the caller keeps it as parked
   */
  public List<SetAside> setAside(Set<UUID> ids, Keyword code, String message, Predicate<UUID> mayTake) {
    return setAside(new Custody(this).of(ids, code, message, mayTake));
  }

  private List<SetAside> setAside(List<SetAside> aside) {
    if (!aside.isEmpty()) {
      confirm(layers.snapshot(), List.of(), aside.stream()
          .map(one -> new Settled(one.intent().id(), OutcomeKind.PARKED, 0, Map.of(), null)).toList());
    }
    return aside;
  }

  /** Forgets a transaction that is pending no more. */
  void remove(PendingTransaction pending) {
    layers.revert(pending);
    queue.remove(pending);
  }

  private RemoteChanges remoteFor(Intent intent) {
    long basisT = intent.basisT();
    if (intent.terms().undoes() != null) {
      return new LaterChanges(this, basisT, intent.seq());
    }
    if (foreignT <= basisT) {
      return RemoteChanges.NONE;
    }
    RemoteChanges changes = ConfirmedChanges.of(layers.snapshot(), basisT, client, reliedOn(intent.terms()));
    return changes.isEmpty() ? changes : new PendingChanges(changes, this, tx -> queue.isBefore(tx, intent.seq()));
  }

  /**
   * What the author of a premise saw as pending counts as part of the base, as on the server, also if a copy of this store pushed it,
   * or this store did before it had to take another number.
   */
  private LongPredicate reliedOn(Terms terms) {
    Long ids = layers.snapshot().schema().entid(RebasisSchema.TX_ID);
    if (terms.premises().isEmpty() || terms.after().isEmpty() || ids == null) {
      return tx -> false;
    }
    return tx -> {
      Iterator<Datom> id = layers.snapshot().datoms(IndexOrder.EAVT, tx, ids).iterator();
      return id.hasNext() && id.next().v() instanceof UUID known && terms.after().contains(known);
    };
  }

  /** The local ids as a decision needs them: with those that pending predecessors make. */
  private LocalIds liveIds(Intent intent) {
    return new LiveIds(layers.redirects(), queue, failed, intent.seq());
  }
}
