package dev.rebasis.client.internal.sync;

import dev.rebasis.client.ConnectionState;
import dev.rebasis.client.Status;
import dev.rebasis.client.internal.log.LogEntry;
import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.AttributeDigest;
import dev.rebasis.protocol.Fork;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.ProtocolException;
import dev.rebasis.protocol.ProtocolVersion;
import dev.rebasis.protocol.ScopeSpec;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * The client's side of syncing: a state machine without I/O, clock or threads. Each event is a method; it returns what
 * is to be done, in order. The same state and events give the same actions. Confined: one thread at a time.
 *
 * <h2>Contract</h2>
 * <ol>
 *   <li>What {@code transact} promises when it returns: the intent is in the log (on the disk, under
 *       {@code POWER_LOSS}) and in the optimistic view. It will reach the server, in order, whatever crashes or is cut
 *       off, and be decided there exactly once; it stays in the log at least until its outcome is there.</li>
 *   <li>{@link #madeLocally} is told only of intents that are stored. So nothing is sent that a crash could take
 *       back.</li>
 *   <li>The database's id and the client's number are stored before the first push. A server with another database
 *       id, or one that lacks what this store has confirmed, is refused before anything is sent or stored.</li>
 *   <li>What arrives is stored before it is applied, in the order in which it arrived. Decisions about own transactions
 *       and the ids that they made are forced to the disk with it; other confirmed transactions need no force, since
 *       they can be fetched again.</li>
 *   <li>An intent leaves the queue in the same write that stores the decision. Only after that and after it has been
 *       applied is an outcome told to anyone. So whoever saw an outcome will see it again after a crash.</li>
 *   <li>A commit is applied when its transaction comes in the stream, not when its outcome message comes: the write
 *       stays visible all the time. A refusal that wrote nothing is applied at once.</li>
 *   <li>Nothing is pushed before the session has caught up with the T of its welcome: what a person sees is merged first,
 *       own transactions that were committed are known by their ids and not sent again, and what was withdrawn from this
 *       client is known before anything that touches it is sent (decision 0022).</li>
 *   <li>Then everything without an answer is sent again in each session, in order; the server knows what it has decided by
 *       the transaction's id. Several batches are on their way at once, while transactions stream in.</li>
 *   <li>Credit is granted for what has been applied, never for what has only arrived: what is on its way and in memory
 *       stays within {@code creditDatoms} (and one message).</li>
 *   <li>A batch of transactions that does not follow on what this client has is dropped, and the session with it; the
 *       next session asks from the right T.</li>
 *   <li>A server that says that this store is a copy of another gets it as a client of its own: with a new id, under a new
 *       number, what is pending pushed again under the same ids, one after the other. A database that forked is loaded
 *       anew, and own transactions past the fork are pushed again under the same ids ({@link #mended}).</li>
 *   <li>After {@link #storageFailed} or {@link #close} nothing is sent, stored or applied any more.</li>
 * </ol>
 *
 * <h2>States</h2>
 * <pre>
 *   OFFLINE --Connect--> CONNECTING --welcome--> CATCHING_UP --applied up to welcome's T--> LIVE
 *      ^---- disconnected, refused, gap: after a delay (see Backoff) -----'----------------'
 * </pre>
 */
public final class SyncMachine {
  private static final String LOAD = "load";
  private static final String PART = "part";
  /** So many messages of a load may be on their way through storage and index. */
  private static final int LOAD_WINDOW = 6;
  /** The first version of the protocol that has digests. */
  private static final int VERIFYING_VERSION = 3;

  private final SyncSettings settings;
  private final PushQueue queue;
  private final ConfirmedBatches batches = new ConfirmedBatches();
  private final SyncWaiters waiters = new SyncWaiters();
  private final Outbox outbox = new Outbox();
  private final Link link;
  private final Arrivals arrivals;
  private final Verifier verifier = new Verifier(outbox);
  private final ScopeWishes scopes;

  private final StoreIdentity identity;
  /** The database forked, and the transactions made here are not mended yet: nothing may be pushed. */
  private boolean mending;
  /** Intents up to this number are in the queue as they were mended. */
  private long mendedSeq;
  private long appliedT;
  private long serverT;
  private long catchUpT;
  private long consumedDatoms;
  /** The number of the write that holds database id and client number: no push before it is stored. */
  private long identityNumber;
  /** A load is on its way in this session; the server sends nothing else meanwhile. */
  private boolean loading;
  private int version;
  private long loadedDatoms;
  private long loadDatomsMax;

  /** Makes a machine that is offline. */
  public SyncMachine(SyncSettings settings) {
    this.settings = settings;
    this.queue = new PushQueue(settings.tuning().pushBatch(), settings.tuning().pushWindow());
    this.link = new Link(settings, outbox, this::hopeless);
    this.arrivals = new Arrivals(settings, queue, batches, outbox);
    this.scopes = new ScopeWishes(settings.scopes(), settings.part(), outbox);
    this.identity = new StoreIdentity(settings.ids(), settings.newIds());
    this.mending = settings.forking() != null;
    this.appliedT = settings.visibleT();
  }

  // ---- events: the program ----

  /** The program wants to be connected. */
  public List<SyncAction> goOnline() {
    link.goOnline();
    return outbox.take();
  }

  /** The program wants no connection. */
  public List<SyncAction> goOffline() {
    link.goOffline();
    return outbox.take();
  }

  /** An intent is stored. */
  public List<SyncAction> madeLocally(Intent intent) {
    return madeLocally(List.of(intent));
  }

  /** Those that an earlier run left, in order; it may have sent them, unless it never had a server. */
  public List<SyncAction> restored(List<Intent> intents) {
    queue.restored(intents, identity.client() != 0 || settings.ids().renumberedAt() > 0);
    if (settings.ids().renumberedAt() > 0) {
      // Which of them were made under the number before is not known, and matters only for how many go at once.
      queue.inherit();
    }
    push();
    return outbox.take();
  }

  /** Several new ones at once, in order. */
  public List<SyncAction> madeLocally(List<Intent> intents) {
    intents.stream().filter(intent -> intent.seq() > mendedSeq).forEach(queue::add);
    push();
    return outbox.take();
  }

  /**
   * The transactions made here are mended after a fork, and stored.
   *
   * @param pending all that the server is to decide, in order
   * @param lastSeq the newest sequence number that was given out when they were mended
   */
  public List<SyncAction> mended(List<Intent> pending, long lastSeq) {
    mending = false;
    mendedSeq = lastSeq;
    queue.replaceAll(pending);
    push();
    checkWaiters();
    return outbox.take();
  }

  /** Takes a transaction out that was never sent; false if it is not there, or may have been sent. */
  public boolean takeUnsent(UUID id) {
    return queue.takeUnsent(id);
  }

  /**
   * The program waits to be caught up.
   *
   * @param ref the number under which {@link SyncAction.Synced} answers
   * @param t the wanted T, 0 for the server's T of now
   * @param seq the last own transaction whose decision is waited for, 0 for none
   */
  public List<SyncAction> sync(long ref, long t, long seq) {
    if (link.isEnded() || !settings.hasServer()) {
      outbox.add(new SyncAction.Synced(ref, link.isEnded() ? SyncErrors.closed() : SyncErrors.noServer()));
      return outbox.take();
    }
    if (link.isOfflineForGood()) {
      outbox.add(new SyncAction.Synced(ref, link.lastError()));
      return outbox.take();
    }
    waiters.add(ref, t, seq);
    if (link.isWelcomed()) {
      link.send(new Message.Sync(ref, t));
    }
    checkWaiters();
    return outbox.take();
  }

  /**
   * The program wants to know whether it holds the server's datoms.
   *
   * @param ref the number under which {@link SyncAction.Verified} answers
   */
  public List<SyncAction> verify(long ref) {
    verifier.ask(ref);
    if (link.isEnded() || !settings.hasServer() || link.isOfflineForGood()) {
      outbox.addAll(verifier.failed(link.isEnded() ? SyncErrors.closed()
          : settings.hasServer() ? link.lastError() : SyncErrors.noServer()));
    } else {
      stepVerifier();
    }
    return outbox.take();
  }

  private List<SyncAction> hopeless(RebasisException error) {
    List<SyncAction> actions = new ArrayList<>(waiters.failed(error));
    actions.addAll(verifier.failed(error));
    actions.addAll(scopes.failed(error));
    return actions;
  }

  /**
   * The program wants other parts of the database.
   *
   * @param ref the number under which {@link SyncAction.Scoped} answers, rising
   */
  public List<SyncAction> scope(long ref, List<ScopeSpec> wanted) {
    RebasisException error = link.isEnded() ? SyncErrors.closed() : !settings.hasServer() ? SyncErrors.noServer()
        : scopes.wanted() == null ? ScopeWishes.holdsEverything() : null;
    if (error != null) {
      outbox.add(new SyncAction.Scoped(ref, error));
      return outbox.take();
    }
    Message.FromClient message = scopes.want(ref, wanted);
    if (link.isWelcomed()) {
      link.send(message);
      scopes.sent();
    }
    return outbox.take();
  }

  /** Which parts of the database are wanted, and whether they are held; null if all of it is. */
  public Status.Scopes scopes() {
    List<ScopeSpec> wanted = scopes.wanted();
    return wanted == null ? null
        : new Status.Scopes(wanted.stream().map(ScopeSpec::name).toList(), scopes.isFulfilled());
  }

  /** The scopes that it asks for, null for everything. */
  public List<ScopeSpec> wantedScopes() {
    return scopes.wanted();
  }

  private void scopeChange(Message.ScopeChange message) {
    LogEntry.Part part = message.last() ? scopes.changed(message.ref()) : null;
    long number = arrivals.scopeChange(message.change(), part);
    if (number < 0) {
      link.breakOff(SyncErrors.gap(arrivals.receivedT(), message.change().t()), 0);
    } else if (message.last()) {
      scopes.storing(number);
    }
  }

  private void stepVerifier() {
    if (link.state() == ConnectionState.LIVE && !loading && !arrivals.isLoading() && version >= VERIFYING_VERSION) {
      verifier.step(link.session(), scopes.isPart());
    }
  }

  private void verified(Message.Verified verified) {
    List<AttributeDigest> different = verifier.answered(verified);
    if (different != null && !different.isEmpty()) {
      // What is here is not what the server has: it is given up and loaded anew, in a new session.
      arrivals.drop(Math.max(serverT, arrivals.receivedT()));
      link.breakOff(SyncErrors.differs(verified.t(), different.size()), 0);
    }
    stepVerifier();
  }

  /** The client is being closed. */
  public List<SyncAction> close() {
    if (!link.isEnded()) {
      link.end("closing", SyncErrors.closed());
    }
    return outbox.take();
  }

  // ---- events: the connection ----

  /** The connection is open. */
  public List<SyncAction> connected(long ofSession) {
    if (link.isCurrent(ofSession) && link.state() == ConnectionState.CONNECTING) {
      long credit = Math.max(1, settings.tuning().creditDatoms() - batches.unappliedDatoms());
      if (scopes.mustBeginAnew() && arrivals.receivedT() > 0) {
        arrivals.drop(Math.max(serverT, arrivals.receivedT()));
      }
      arrivals.forgetHalfChange();
      List<ScopeSpec> held = scopes.greet(arrivals.receivedT());
      link.send(new Message.Hello(
          ProtocolVersion.CURRENT, settings.canLoad() ? Set.of(LOAD, PART) : Set.of(PART), identity.store(),
          identity.client(), identity.database(), arrivals.receivedT(), credit,
          identity.standing(arrivals.receivedInstant()), scopes.wanted(), held));
    }
    return outbox.take();
  }

  /** The connection could not be opened, or is gone. */
  public List<SyncAction> disconnected(long ofSession, RebasisException cause) {
    if (link.isCurrent(ofSession)) {
      link.retryAfter(cause, 0);
    }
    return outbox.take();
  }

  /** A message came. */
  public List<SyncAction> received(long ofSession, Message.FromServer message) {
    if (!link.isCurrent(ofSession)) {
      return outbox.take();
    }
    if (message instanceof Message.Welcome welcome) {
      welcome(welcome);
    } else if (message instanceof Message.Failed failed) {
      failed(failed);
    } else if (message instanceof Message.Bye bye) {
      link.breakOff(new RebasisException(SyncErrors.SERVER_LEFT, ErrorCategory.RETRY_LATER,
          "The server ended the session: " + bye.reason() + ". The client tries again."), 0);
    } else if (!link.isWelcomed()) {
      link.breakOff(SyncErrors.outOfOrder("it sent '" + message.type() + "' before 'welcome'"), 0);
    } else if (message instanceof Message.Transactions transactions) {
      transactions(transactions);
    } else if (message instanceof Message.ScopeChange change) {
      scopeChange(change);
    } else if (message instanceof Message.Outcomes outcomes) {
      arrivals.outcomes(outcomes);
      link.proved();
      push();
    } else if (message instanceof Message.Basis basis) {
      serverT = Math.max(serverT, basis.t());
    } else if (message instanceof Message.Verified verified) {
      verified(verified);
    } else if (message instanceof Message.Synced synced) {
      serverT = Math.max(serverT, synced.t());
      waiters.answered(synced.ref());
      checkWaiters();
    }
    return outbox.take();
  }

  /** A message came that cannot be read. */
  public List<SyncAction> unreadable(long ofSession, RebasisException error) {
    if (link.isCurrent(ofSession)) {
      link.breakOff(error, 0);
    }
    return outbox.take();
  }

  /** Time is up. */
  public List<SyncAction> timer(long token) {
    link.timer(token);
    return outbox.take();
  }

  // ---- events: a load ----

  /** A message of the load came. */
  public List<SyncAction> loadArrived(long ofSession, Message.FromServer message) {
    if (!link.isCurrent(ofSession) || !loading) {
      return outbox.take();
    }
    if (message instanceof Message.Transactions transactions) {
      RebasisException fault = arrivals.loaded(transactions);
      if (fault != null) {
        link.breakOff(fault, 0);
      } else {
        loadedDatoms += ConfirmedBatches.datomsOf(transactions.transactions());
        serverT = Math.max(serverT, transactions.basisT());
        link.proved();
      }
    } else if (message instanceof Message.Basis) {
      arrivals.loadEnded();
      loading = false;
      consumedDatoms = 0;
      long credit = Math.max(1, settings.tuning().creditDatoms() - batches.unappliedDatoms());
      link.send(new Message.Loaded(arrivals.receivedT(), credit));
      outbox.add(new SyncAction.StateChanged());
    } else {
      link.breakOff(SyncErrors.outOfOrder("a load holds '" + message.type() + "'"), 0);
    }
    return outbox.take();
  }

  /** The load was cut, or refused. The next session goes on with it from the last T that is stored. */
  public List<SyncAction> loadFailed(long ofSession, RebasisException cause, long retryAfterMillis) {
    if (link.isCurrent(ofSession) && loading) {
      link.breakOff(cause, retryAfterMillis);
    }
    return outbox.take();
  }

  // ---- events: storage ----

  /** Everything up to this {@link SyncAction.Persist} is stored. */
  public List<SyncAction> stored(long number) {
    if (!link.isEnded()) {
      batches.stored(number).forEach(outbox::add);
      if (loading) {
        outbox.add(new SyncAction.LoadMore(link.session()));
      }
      push();
      checkWaiters();
      scopes.applied(batches::isApplied);
    }
    return outbox.take();
  }

  /**
   * Everything up to this {@link SyncAction.Apply} is applied.
   *
   * @param t the T that programs see and that is the server's; -1 if what they see was just given up
   */
  public List<SyncAction> applied(long number, long t) {
    long datoms = batches.applied(number);
    consumedDatoms += datoms;
    verifier.taken(datoms);
    appliedT = t < 0 ? 0 : Math.max(appliedT, t);
    if (link.isEnded()) {
      return outbox.take();
    }
    if (queue.isInheriting()) {
      push();
    }
    if (loading) {
      consumedDatoms = 0;
      outbox.add(new SyncAction.StateChanged());
    } else if (link.isWelcomed() && consumedDatoms * 2 >= settings.tuning().creditDatoms()) {
      link.send(new Message.PullCredit(consumedDatoms));
      consumedDatoms = 0;
    }
    // Who waits is told before the pushes are encoded.
    checkWaiters();
    checkCaughtUp();
    scopes.applied(batches::isApplied);
    stepVerifier();
    return outbox.take();
  }

  /** The store can no longer be written: the client stops. */
  public List<SyncAction> storageFailed(RebasisException cause) {
    if (!link.isEnded()) {
      link.endFailed("storage failed", cause);
    }
    return outbox.take();
  }

  // ---- what the core asks ----

  /** How the client stands to its server. */
  public ConnectionState state() {
    return link.state();
  }

  /** The newest error of the connection, or null. */
  public RebasisException lastError() {
    return link.lastError();
  }

  /** The delay before the next attempt to connect, counted from when it was set; -1 if none is due. */
  public long reconnectMillis() {
    return link.reconnectMillis();
  }

  /** The newest T of the server that it told of. */
  public long serverT() {
    return serverT;
  }

  /** The id of the database that the store follows, or null. */
  public UUID database() {
    return identity.database();
  }

  /** The client's number, 0 if none. */
  public long client() {
    return identity.client();
  }

  /** The store's id. */
  public UUID store() {
    return identity.store();
  }

  /** The datoms that a load has brought so far; -1 if none is on its way. */
  public long loadedDatoms() {
    return loading && link.isWelcomed() ? loadedDatoms : -1;
  }

  /** At most how many datoms the load has. */
  public long loadDatomsMax() {
    return loadDatomsMax;
  }

  /** How often the server answered that it had decided a transaction before. */
  public long duplicates() {
    return arrivals.duplicates();
  }

  /** The error for a message that no server sends. */
  public static RebasisException notForClients(String what) {
    return new RebasisException(Keyword.of(":rebasis.error/unexpected-message"), ErrorCategory.RETRY_LATER,
        "The server sent " + what + ", which only clients send. Is the address that of a server?");
  }

  // ---- steps ----

  private void welcome(Message.Welcome welcome) {
    if (link.state() != ConnectionState.CONNECTING) {
      link.breakOff(SyncErrors.outOfOrder("it said 'welcome' twice"), 0);
      return;
    }
    long receivedT = arrivals.receivedT();
    RebasisException refusal = refusal(welcome);
    if (refusal != null) {
      link.breakOff(refusal, 0);
      return;
    }
    boolean isPart = welcome.features().contains(PART);
    if (!isPart && scopes.wanted() != null) {
      link.breakOff(ScopeWishes.serverTooOld(), 0);
      return;
    }
    if (isPart != scopes.isPart() && arrivals.receivedT() > 0) {
      // What the user may see has changed so much that what is here is no beginning.
      arrivals.drop(Math.max(welcome.basisT(), arrivals.receivedT()));
      link.breakOff(SyncErrors.otherPart(), 0);
      return;
    }
    link.welcomed();
    Fork lost = lostFork(welcome);
    remember(welcome);
    if (lost != null) {
      arrivals.fork(new LogEntry.Forking(lost.t(), lost.nextT()), welcome.basisT());
      mending = true;
      serverT = welcome.basisT();
      link.breakOff(
          lost.isExcision() ? SyncErrors.excised(receivedT) : SyncErrors.forked(receivedT, lost.t()), 0);
      return;
    }
    version = welcome.version();
    verifier.newSession();
    serverT = welcome.basisT();
    catchUpT = welcome.basisT();
    consumedDatoms = 0;
    loading = welcome.load() > 0;
    loadedDatoms = 0;
    loadDatomsMax = welcome.load();
    queue.newSession();
    link.enter(ConnectionState.CATCHING_UP);
    waiters.unanswered().forEach(link::send);
    if (loading) {
      outbox.add(new SyncAction.Load(link.session(), arrivals.receivedT(), identity.store()));
      for (int i = 0; i < LOAD_WINDOW; i++) {
        outbox.add(new SyncAction.LoadMore(link.session()));
      }
    }
    checkCaughtUp();
  }

  private RebasisException refusal(Message.Welcome welcome) {
    try {
      ProtocolVersion.check(welcome.version());
    } catch (ProtocolException e) {
      return e;
    }
    if (identity.database() != null && !identity.database().equals(welcome.database())) {
      return SyncErrors.otherDatabase(identity.database(), welcome.database());
    }
    if (identity.unknownOf(welcome.forks()) == null) {
      return SyncErrors.otherLineage();
    }
    if (identity.isOtherUser(welcome) && !queue.isEmpty()) {
      return SyncErrors.otherUser(identity.user(), welcome.user(), queue.size());
    }
    long receivedT = arrivals.receivedT();
    return welcome.basisT() < receivedT && lostFork(welcome) == null
        ? SyncErrors.serverBehind(receivedT, welcome.basisT()) : null;
  }

  /** The earliest fork that this store does not know and past which it has something, or null. */
  private Fork lostFork(Message.Welcome welcome) {
    // An excision comes last: whatever the other forks ask for drops all that is confirmed as well.
    return identity.unknownOf(welcome.forks()).stream().filter(fork -> fork.t() < arrivals.receivedT())
        .min(Comparator.comparing(Fork::isExcision).thenComparing(Fork::t)).orElse(null);
  }

  private void remember(Message.Welcome welcome) {
    long before = identity.client();
    List<LogEntry> entries = identity.welcomed(welcome);
    if (before != 0 && before != identity.client()) {
      queue.inherit();
    }
    LogEntry.Part part = scopes.welcomed(welcome.features().contains(PART), arrivals.receivedT());
    if (part != null) {
      entries.add(part);
    }
    identify(entries);
  }

  private void identify(List<LogEntry> entries) {
    if (!entries.isEmpty()) {
      identityNumber = batches.add(List.of(), List.of(), SyncAction.View.SHOWN);
      outbox.add(new SyncAction.Persist(identityNumber, entries, true));
    }
  }

  private void failed(Message.Failed failed) {
    RebasisException error = new RebasisException(failed.code(), failed.category(), failed.message());
    if (failed.code().equals(SyncErrors.COPIED) && identity.client() != 0) {
      identify(List.of(identity.copied()));
      queue.inherit();
    }
    if (failed.fatal()) {
      link.breakOff(error, failed.retryAfterMillis());
    } else if (!scopes.refused(error)) {
      link.fail(error);
    }
  }

  private void transactions(Message.Transactions message) {
    RebasisException fault = arrivals.transactions(message);
    if (fault != null) {
      link.breakOff(fault, 0);
      return;
    }
    serverT = Math.max(serverT, message.basisT());
    link.proved();
    push();
  }

  private void push() {
    if (link.state() != ConnectionState.LIVE || mending || !batches.isApplied(identityNumber)
        || queue.isInheriting() && !batches.isApplied(batches.lastNumber())) {
      return;
    }
    for (List<Intent> batch = queue.nextBatch(); batch != null; batch = queue.nextBatch()) {
      link.send(new Message.Push(batch));
    }
  }

  private void checkCaughtUp() {
    if (link.state() == ConnectionState.CATCHING_UP && appliedT >= catchUpT) {
      link.live();
      push();
      verifier.caughtUp();
      scopes.caughtUp();
      stepVerifier();
    }
  }

  private void checkWaiters() {
    outbox.addAll(waiters.fulfilled(
        appliedT, queue::isDecidedUpTo, batches.lastNumber(), batches::isApplied));
  }
}
