package dev.rebasis.client.internal.core;

import dev.rebasis.client.ConnectionState;
import dev.rebasis.client.Status;
import dev.rebasis.client.internal.log.LogEntry;
import dev.rebasis.client.internal.sync.SyncAction;
import dev.rebasis.client.internal.sync.SyncMachine;
import dev.rebasis.data.Transaction;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.ScopeSpec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Runs the {@link SyncMachine}: turns what happens into its events, one after the other on the sync executor, and does
 * what it asks for. Methods may be called by any thread unless they say otherwise; the machine itself is touched by the
 * sync executor's tasks only.
 */
final class SyncDriver {
  /** What is decoded in less time than it takes to wake another thread: such a message is dealt with where it came in. */
  private static final int SMALL_BYTES_MAX = 4_096;

  /** How the connection stands, for any thread to read. Immutable. */
  record Connection(
      ConnectionState state,
      RebasisException lastError,
      long serverT,
      UUID store,
      UUID database,
      long client,
      long reconnectAtMillis,
      long duplicates,
      long loadedDatoms,
      long loadDatomsMax,
      Status.Scopes scopes) {}

  private final ClientEnvironment environment;
  private final GroupCommit commit;
  private final Executor storing;
  private final SyncMachine machine;
  private final SyncCore core;
  private final Wire wire;
  private final ConcurrentLinkedQueue<Intent> stored = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean wakePosted = new AtomicBoolean();
  private volatile Connection connection;
  /** The newest session; used by the sync executor's tasks only. */
  private long session;
  /** What was just found too large to send, and stopped the pushing; used by the sync executor's tasks only. */
  private Wire.TooLarge tooLarge;

  /**
   * Makes one.
   *
   * @param storing runs tasks that wait until something is stored; the sync executor itself for a store in memory, which
   *     never waits for a disk
   */
  SyncDriver(ClientEnvironment environment, GroupCommit commit, Executor storing, SyncMachine machine, SyncCore core) {
    this.environment = environment;
    this.storing = storing;
    this.commit = commit;
    this.machine = machine;
    this.core = core;
    this.wire = new Wire(environment.transport(), new Events());
    publish(-1);
  }

  Connection connection() {
    return connection;
  }

  long bytesSent() {
    return wire.bytesSent();
  }

  long bytesReceived() {
    return wire.bytesReceived();
  }

  void goOnline() {
    post(machine::goOnline);
  }

  void goOffline() {
    post(machine::goOffline);
  }

  /** Nothing waits and somebody logs in: what is made from now on is theirs. */
  void forgetUser() {
    post(machine::forgetUser);
  }

  void sync(long ref, long t, long seq) {
    post(() -> {
      List<SyncAction> actions = new ArrayList<>(takeStored());
      actions.addAll(machine.sync(ref, t, seq));
      return actions;
    });
  }

  void verify(long ref) {
    post(() -> machine.verify(ref));
  }

  /** The scopes that the machine asks for; on the sync executor only. */
  List<ScopeSpec> wantedScopes() {
    return machine.wantedScopes();
  }

  void scope(long ref, List<ScopeSpec> wanted) {
    post(() -> machine.scope(ref, wanted));
  }

  /** What {@link SyncMachine#unapplied} says; on the sync executor only. */
  List<Transaction> unapplied() {
    return machine.unapplied();
  }

  void close() {
    post(machine::close);
  }

  void storageFailed(RebasisException cause) {
    post(() -> machine.storageFailed(cause));
  }

  /** Own transactions of an earlier run, in order; before any other event. */
  void restored(List<Intent> intents) {
    post(() -> machine.restored(intents));
  }

  /** An own transaction is stored; call it in their order. Many share one task. */
  void madeLocally(Intent intent) {
    stored.add(intent);
    if (wakePosted.compareAndSet(false, true)) {
      post(this::takeStored);
    }
  }

  /** Takes a transaction out of what is to be sent; false if it is not there, or may have been sent. */
  CompletableFuture<Boolean> takeUnsent(UUID id) {
    CompletableFuture<Boolean> taken = new CompletableFuture<>();
    post(() -> {
      List<SyncAction> actions = new ArrayList<>(takeStored());
      taken.complete(machine.takeUnsent(id));
      return actions;
    });
    return taken;
  }

  /** A step that has transactions stand elsewhere which were never sent. */
  @FunctionalInterface
  interface Moving {
    /**
     * Moves them in the view.
     *
     * @param isUnsent whether a transaction was never sent
     * @param isWaiting whether it is among what is to be sent, or may have been
     * @return those that were moved, as they are now; none if it could not be done yet
     */
    List<Intent> move(Predicate<UUID> isUnsent, Predicate<UUID> isWaiting);
  }

  /** Runs a step while nothing is sent; gives whether it could be done. Completes with what the step throws. */
  CompletableFuture<Boolean> move(Moving step) {
    CompletableFuture<Boolean> done = new CompletableFuture<>();
    post(() -> {
      List<SyncAction> actions = new ArrayList<>(takeStored());
      try {
        List<Intent> moved = step.move(machine::isUnsent, machine::isWaiting);
        if (!moved.isEmpty()) {
          machine.moved(moved);
        }
        done.complete(!moved.isEmpty());
      } catch (RuntimeException | Error e) {
        done.completeExceptionally(e);
      }
      return actions;
    });
    return done;
  }

  private List<SyncAction> takeStored() {
    wakePosted.set(false);
    List<Intent> intents = new ArrayList<>();
    for (Intent intent = stored.poll(); intent != null; intent = stored.poll()) {
      intents.add(intent);
    }
    return intents.isEmpty() ? List.of() : machine.madeLocally(intents);
  }

  private void post(Supplier<List<SyncAction>> event) {
    environment.syncExecutor().execute(step(event));
  }

  private Runnable step(Supplier<List<SyncAction>> event) {
    return () -> {
      try {
        ConnectionState before = machine.state();
        long delay = machine.reconnectMillis();
        perform(event.get());
        setAsideWhatIsTooLarge();
        boolean newDelay = machine.reconnectMillis() != delay || machine.state() != before;
        publish(newDelay && machine.reconnectMillis() >= 0
            ? environment.millis() + machine.reconnectMillis()
            : machine.reconnectMillis() < 0 ? -1 : connection.reconnectAtMillis());
      } catch (RuntimeException | Error e) {
        core.failed(Health.stopping(e));
      }
    };
  }

  /** It must not hold up what comes after it, which was not sent either: both are seen to before the next event. */
  private void setAsideWhatIsTooLarge() {
    while (tooLarge != null) {
      Wire.TooLarge concerned = tooLarge;
      tooLarge = null;
      Intent first = concerned.intents().get(0);
      machine.notSentFrom(first);
      Set<UUID> taken = new HashSet<>();
      core.setAside(concerned, id -> machine.takeUnanswered(id) && taken.add(id));
      perform(taken.contains(first.id()) ? machine.pushOn() : machine.unreadable(session, concerned.reason()));
    }
  }

  private void publish(long reconnectAtMillis) {
    connection = new Connection(machine.state(), machine.lastError(), machine.serverT(), machine.store(), machine.database(),
        machine.client(), reconnectAtMillis, machine.duplicates(),
        machine.loadedDatoms(), machine.loadDatomsMax(), machine.scopes());
  }

  private void perform(List<SyncAction> actions) {
    for (SyncAction action : actions) {
      perform(action);
    }
  }

  private void perform(SyncAction action) {
    if (action instanceof SyncAction.Send send) {
      send(send);
    } else if (action instanceof SyncAction.Persist persist) {
      persist(persist);
    } else if (action instanceof SyncAction.Apply apply) {
      long t = core.apply(apply, machine::takeUnsent);
      if (apply.view() == SyncAction.View.FORKED) {
        SyncCore.Mended mended = core.mended();
        perform(machine.mended(mended.pending(), mended.lastSeq()));
      }
      perform(machine.applied(apply.number(), t));
    } else if (action instanceof SyncAction.Connect connect) {
      connect(connect.session());
    } else if (action instanceof SyncAction.Disconnect disconnect) {
      wire.disconnect(disconnect.session(), disconnect.reason());
    } else if (action instanceof SyncAction.Load begin) {
      wire.load(begin.session(), begin.afterT(), begin.store());
    } else if (action instanceof SyncAction.LoadMore more) {
      wire.loadMore(more.session());
    } else if (action instanceof SyncAction.Verify verify) {
      wire.send(verify.session(), core.digest(verify.ref(), verify.ofPart()));
    } else if (action instanceof SyncAction.Verified verified) {
      core.verified(verified);
    } else if (action instanceof SyncAction.Scoped scoped) {
      // First: whoever is answered looks at the status next.
      publish(connection.reconnectAtMillis());
      core.scoped(scoped.ref(), scoped.error());
    } else if (action instanceof SyncAction.SetTimer timer) {
      environment.schedule(timer.millis(), () -> post(() -> machine.timer(timer.token())));
    } else if (action instanceof SyncAction.Synced synced) {
      publish(connection.reconnectAtMillis());
      core.synced(synced.ref(), synced.error());
    } else {
      publish(connection.reconnectAtMillis());
      core.stateChanged();
    }
  }

  private void send(SyncAction.Send send) {
    if (!(send.message() instanceof Message.Push push)) {
      wire.send(send.session(), send.message());
    } else if (tooLarge == null) {
      // After one that is too large nothing more is pushed until that is dealt with: order is by sequence number.
      tooLarge = wire.send(send.session(), new Message.Push(push.intents(), core.known(push.intents())));
    }
  }

  private void connect(long session) {
    this.session = session;
    RebasisException full = core.arriving();
    if (full == null) {
      wire.connect(session);
    } else {
      post(() -> machine.disconnected(session, full));
    }
  }

  /** What has arrived is stored all the same, out of the reserve; no more comes until there is room. */
  private void stopIfFull() {
    long current = session;
    RebasisException full = core.arriving();
    if (full != null) {
      wire.disconnect(current, "no room");
      post(() -> machine.disconnected(current, full));
    }
  }

  private void persist(SyncAction.Persist persist) {
    for (LogEntry entry : persist.entries()) {
      if (entry instanceof LogEntry.ClientNumber number) {
        core.clientNumber(number.number());
      } else if (entry instanceof LogEntry.Renumbered) {
        core.clientNumber(0);
      } else if (entry instanceof LogEntry.Forking fork) {
        core.forking(fork);
      }
    }
    awaitStored(
        commit.submit(persist.entries(), persist.force(), () -> post(() -> machine.stored(persist.number()))));
    stopIfFull();
  }

  /** Has what was handed in under this ticket written. */
  void awaitStored(long ticket) {
    storing.execute(() -> {
      try {
        commit.await(ticket);
      } catch (RuntimeException | Error e) {
        core.failed(Health.stopping(e));
      }
    });
  }

  private final class Events implements Wire.Events {
    @Override
    public void connected(long session) {
      post(() -> machine.connected(session));
    }

    @Override
    public void received(long session, Message.FromServer message, int bytes) {
      Runnable step = step(() -> machine.received(session, message));
      if (bytes <= SMALL_BYTES_MAX) {
        environment.syncHere(step);
      } else {
        // The connection's thread decodes the next one meanwhile.
        environment.syncExecutor().execute(step);
      }
    }

    @Override
    public void unreadable(long session, RebasisException cause) {
      post(() -> machine.unreadable(session, cause));
    }

    @Override
    public void disconnected(long session, RebasisException cause) {
      post(() -> machine.disconnected(session, cause));
    }

    @Override
    public void loadArrived(long session, Message.FromServer message) {
      post(() -> machine.loadArrived(session, message));
    }

    @Override
    public void loadFailed(long session, RebasisException cause) {
      post(() -> machine.loadFailed(session, cause));
    }
  }
}
