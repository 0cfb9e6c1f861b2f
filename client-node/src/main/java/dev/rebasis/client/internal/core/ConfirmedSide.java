package dev.rebasis.client.internal.core;

import dev.rebasis.client.Outcome;
import dev.rebasis.client.Verification;
import dev.rebasis.client.internal.db.IndexSnapshot;
import dev.rebasis.client.internal.index.DatomIndex;
import dev.rebasis.client.internal.index.PinStatus;
import dev.rebasis.client.internal.rebase.Rebased;
import dev.rebasis.client.internal.sync.SyncAction;
import dev.rebasis.client.internal.sync.Verdict;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Transaction;
import dev.rebasis.digest.Digest;
import dev.rebasis.protocol.AttributeDigest;
import dev.rebasis.protocol.Message;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.function.LongConsumer;
import java.util.function.Predicate;

/**
 * What the sync executor does with confirmed transactions once they are stored: brings the index up to them, hands the
 * new snapshot to the view, tells who listens, and writes the index to its file now and then. Confined to the sync
 * executor, but for {@link #pins} and {@link #isLoading}.
 */
final class ConfirmedSide {
  /** The index file is written after so many datoms: a restart applies at most these again from the log. */
  private static final long PERSIST_DATOMS = 100_000;

  private final DatomIndex index;
  private final CoreState state;
  private final ClientEvents events;
  private final Tally tally;
  private final Executor notifications;
  private final LongConsumer awaitStored;
  private volatile PinStatus pins;
  private volatile boolean loading;
  private long unpersistedDatoms;
  private IndexSnapshot visible;
  private boolean resuming;
  /** What programs see was given up, and is shown until something new is loaded. */
  private boolean dropped;

  /**
   * Begins with the index as it was opened.
   *
   * @param awaitStored has what was handed to storage under a ticket written
   * @param resuming whether a load was under way when the store was closed
   */
  ConfirmedSide(
      DatomIndex index, CoreState state, ClientEvents events, Tally tally, Executor notifications,
      LongConsumer awaitStored, boolean resuming) {
    this.index = index;
    this.state = state;
    this.events = events;
    this.tally = tally;
    this.notifications = notifications;
    this.awaitStored = awaitStored;
    this.resuming = resuming;
    this.loading = resuming;
    this.visible = index.snapshot();
    this.pins = index.pins();
  }

  /** What programs hold of the index, as of the newest batch. For any thread. */
  PinStatus pins() {
    return pins;
  }

  /** Whether a load has begun that is not shown yet. For any thread. */
  boolean isLoading() {
    return loading;
  }

  /**
   * Applies what was stored: to the index, then to the view, which programs see when everything of their own in it is
   * durable.
   *
   * @param takeUnsent takes a transaction out of what is to be sent; false if it may have been sent
   * @return the T that programs can see; 0 if that is none of what the server has now, -1 if it was given up with this
   */
  long apply(SyncAction.Apply batch, Predicate<UUID> takeUnsent) {
    long t = applyTo(batch, takeUnsent);
    loading = goesOn(loading, batch);
    return t;
  }

  /** Whether a load is under way after a batch. */
  static boolean goesOn(boolean loading, SyncAction.Apply batch) {
    return switch (batch.view()) {
      case HELD, DROPPED, HIDDEN -> true;
      // What is decided without a transaction is shown while a load goes on.
      case SHOWN -> loading && batch.transactions().isEmpty();
      case LOADED, FORKED -> false;
    };
  }

  private long applyTo(SyncAction.Apply batch, Predicate<UUID> takeUnsent) {
    if (batch.view() == SyncAction.View.DROPPED) {
      index.clear();
      dropped = true;
      return -1;
    }
    if (batch.view() == SyncAction.View.HIDDEN) {
      hide();
      return -1;
    }
    if (!batch.transactions().isEmpty()) {
      if (resuming) {
        // A part of the load came before the store was opened, and the index was opened without it.
        resuming = false;
        index.catchUp(batch.transactions().get(batch.transactions().size() - 1).t());
      } else if (batch.view() == SyncAction.View.SHOWN) {
        index.apply(batch.transactions());
      } else {
        index.load(batch.transactions());
      }
    }
    boolean loaded = batch.view() == SyncAction.View.LOADED || batch.view() == SyncAction.View.FORKED;
    if (loaded) {
      index.loaded();
      dropped = false;
    }
    if (batch.view() != SyncAction.View.HELD) {
      // While a load is held back, what is decided without a transaction is shown on what was shown before.
      IndexSnapshot before = visible;
      visible = batch.transactions().isEmpty() && batch.view() == SyncAction.View.SHOWN ? visible : index.snapshot();
      if (batch.view() == SyncAction.View.LOADED) {
        // The load is stored already. After a crash in between these are sent, and the server refuses them.
        withdraw(HiddenByLoad.of(before, visible), takeUnsent);
      }
      state.confirm(visible, batch, rebased -> tell(batch, rebased));
    }
    pins = index.pins();
    for (Transaction transaction : batch.transactions()) {
      unpersistedDatoms += transaction.datoms().size();
    }
    if (unpersistedDatoms > PERSIST_DATOMS) {
      unpersistedDatoms = 0;
      index.persist();
    }
    return dropped ? 0 : visible.basisT();
  }

  private void hide() {
    index.clear();
    dropped = true;
    visible = index.snapshot();
    pins = index.pins();
    state.reload(visible, events::hidden);
  }

  private void tell(SyncAction.Apply batch, Rebased rebased) {
    tally.countConfirmed(batch.transactions().size(), rebased);
    if (batch.view() == SyncAction.View.LOADED || batch.view() == SyncAction.View.FORKED) {
      events.loaded(rebased);
    } else {
      events.confirmed(batch.transactions(), rebased);
    }
    tell(batch.verdicts());
  }

  private void tell(List<Verdict> verdicts) {
    if (verdicts.isEmpty()) {
      return;
    }
    notifications.execute(() -> {
      for (Verdict verdict : verdicts) {
        Outcome outcome = verdict.outcome();
        tally.count(outcome);
        events.decided(outcome, state.handles().complete(verdict));
      }
    });
  }

  /**
   * Custody: sets aside, as parked and with their values, the pending transactions that touch facts which this client
   * is about to see no more. Call it before the withdrawal is handed to storage and to the index: the parking is then
   * written before it, so that a crash in between loses neither. What was sent already is left to the server.
   *
   * @param facts confirmed facts that still stand in the view
   * @param takeUnsent takes a transaction out of what is to be sent; false if it may have been sent
   */
  void withdraw(Iterable<Datom> facts, Predicate<UUID> takeUnsent) {
    written(state.setAside(facts, takeUnsent, this::tell));
  }

  /**
   * Keeps transactions as parked that this server does not take, and what stands on them. Should a crash come before that is
   * stored, they are pending again and found too large again.
   *
   * @param take takes a transaction out of what is to be sent; false if it is on its way
   */
  void setAside(Wire.TooLarge tooLarge, Predicate<UUID> take) {
    written(state.setAside(tooLarge, take, this::tell));
  }

  private void written(long ticket) {
    if (ticket != 0) {
      awaitStored.accept(ticket);
    }
  }

  /** The message that asks the server to compare. */
  Message.Verify digest(long ref, boolean ofPart) {
    Digest digest = ofPart ? index.digest().withoutTransactions() : index.digest();
    return new Message.Verify(ref, index.position(), digest.attributes());
  }

  /** What the server's answer says of this store. */
  Verification verification(SyncAction.Verified verified) {
    List<Verification.Difference> differences = new ArrayList<>();
    for (AttributeDigest there : verified.different()) {
      differences.add(new Verification.Difference(visible.schema().ident(there.a()), there.a(),
          index.digest().attribute(there.a()).datoms(), there.datoms()));
    }
    if (!differences.isEmpty()) {
      logger().log(Level.WARNING, "At T {0} this store and the server differ: {1}. The server has {2}, this store {3}."
          + " Everything is loaded anew; what is pending is kept.", Long.toString(verified.t()), differences,
          verified.different(), index.digest().differences(Digest.of(verified.different())));
    }
    return new Verification(verified.t(), differences);
  }

  /** Compares the index with the digest that followed every change, and makes it again if a datom was lost or changed. */
  void mendIndex() {
    Digest walked = new Digest();
    index.snapshot().datoms(IndexOrder.EAVT).forEach(walked::add);
    if (!walked.differences(index.digest()).isEmpty()) {
      logger().log(Level.WARNING,
          "The index of this store does not hold what was put into it and is made again from the log: {0}", walked.differences(index.digest()));
      index.makeAgain();
      if (index.position() == visible.basisT()) {
        visible = index.snapshot();
        state.reload(visible, rebased -> events.loaded(rebased));
      }
    }
  }

  /** Asked for when there is something to say: it may start a whole logging framework, which an opening need not wait for. */
  private static Logger logger() {
    return System.getLogger(ConfirmedSide.class.getName());
  }
}
