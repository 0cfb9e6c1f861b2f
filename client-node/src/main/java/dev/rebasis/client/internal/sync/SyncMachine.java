package dev.rebasis.client.internal.sync;

import dev.rebasis.client.ConnectionState;
import dev.rebasis.client.Status;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Transaction;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.ScopeSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * The client's side of syncing: a state machine without I/O, clock or threads. Each event is a method; it returns what
 * is to be done, in order. The same state and events give the same actions. What it promises stands in the package's own page.
 * Confined: one thread at a time.
 *
 * <h2>States</h2>
 * <pre>
 *   OFFLINE --Connect--> CONNECTING --welcome--> CATCHING_UP --applied up to welcome's T--> LIVE
 *      ^---- disconnected, refused, gap: after a delay (see Backoff) -----'----------------'
 * </pre>
 */
public final class SyncMachine {
  private final SyncSettings settings;
  private final PushQueue queue;
  private final ConfirmedBatches batches = new ConfirmedBatches();
  private final SyncWaiters waiters = new SyncWaiters();
  private final Outbox outbox = new Outbox();
  private final Link link;
  private final Arrivals arrivals;
  private final Verifier verifier;
  private final ScopeWishes scopes;
  private final StoreIdentity identity;
  private final Conversation conversation;

  /** Makes a machine that is offline. */
  public SyncMachine(SyncSettings settings) {
    this.settings = settings;
    this.queue = new PushQueue(settings.tuning().pushBatch(), settings.tuning().pushWindow());
    this.link = new Link(settings, outbox, this::hopeless);
    this.arrivals = new Arrivals(settings, queue, batches, outbox);
    this.scopes = new ScopeWishes(settings.scopes(), settings.part(), outbox);
    this.identity = new StoreIdentity(settings.ids(), settings.newIds());
    this.verifier = new Verifier(outbox, link, identity::client);
    this.conversation = new Conversation(
        settings, queue, batches, waiters, outbox, link, arrivals, verifier, scopes, identity);
  }

  // ---- events: the program ----

  /** The program wants to be connected. */
  public List<SyncAction> goOnline() {
    link.goOnline();
    return outbox.take();
  }

  /** Nothing waits, and the program is about to connect as somebody, perhaps as another user than before. */
  public List<SyncAction> forgetUser() {
    conversation.forgetUser();
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
    conversation.push();
    return outbox.take();
  }

  /** Several new ones at once, in order. */
  public List<SyncAction> madeLocally(List<Intent> intents) {
    conversation.madeLocally(intents);
    return outbox.take();
  }

  /**
   * The transactions made here are mended after a fork, and stored.
   *
   * @param pending all that the server is to decide, in order
   * @param lastSeq the newest sequence number that was given out when they were mended
   */
  public List<SyncAction> mended(List<Intent> pending, long lastSeq) {
    conversation.mended(pending, lastSeq);
    return outbox.take();
  }

  /** Takes a transaction out that was never sent; false if it is not there, or may have been sent. */
  public boolean takeUnsent(UUID id) {
    return queue.takeUnsent(id);
  }

  /** Whether a transaction is here that was never sent, and is stored as it is here. */
  public boolean isUnsent(UUID id) {
    return queue.isUnsent(id);
  }

  /** Whether a transaction waits here for its decision. */
  public boolean isWaiting(UUID id) {
    return queue.get(id) != null;
  }

  /**
   * Transactions that were never sent stand behind all others from now on. They are sent once {@link #madeLocally} tells that they
   * are stored so.
   *
   * @param intents as they are now, in order, with higher sequence numbers than all before
   */
  public void moved(List<Intent> intents) {
    if (!settings.hasServer()) {
      return; // nothing is ever sent, and not all that is made is told
    }
    long from = intents.stream().mapToLong(intent -> queue.get(intent.id()).seq()).min().orElseThrow();
    waiters.moved(from, intents.get(intents.size() - 1).seq());
    queue.moved(intents);
  }

  /** What was to be pushed was not sent from this one on, since it is too large for this server. */
  public void notSentFrom(Intent first) {
    queue.notSentFrom(first);
  }

  /** Takes a transaction out that is not on its way; false if it is, or is not there. To be called when caught up. */
  public boolean takeUnanswered(UUID id) {
    return queue.takeUnanswered(id);
  }

  /** Goes on pushing, after {@link #notSentFrom} and what came of it. */
  public List<SyncAction> pushOn() {
    conversation.push();
    conversation.checkWaiters();
    return outbox.take();
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
    conversation.checkWaiters();
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
      conversation.stepVerifier();
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
        : new Status.Scopes(wanted.stream().map(ScopeSpec::name).toList(), scopes.isSettled(batches::isApplied));
  }

  /** The scopes that it asks for, null for everything. */
  public List<ScopeSpec> wantedScopes() {
    return scopes.wanted();
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
      conversation.hello();
    }
    return outbox.take();
  }

  /** The connection could not be opened, or is gone. */
  public List<SyncAction> disconnected(long ofSession, RebasisException cause) {
    if (link.isCurrent(ofSession)) {
      link.comeBack(cause);
    }
    return outbox.take();
  }

  /** A message came. */
  public List<SyncAction> received(long ofSession, Message.FromServer message) {
    if (link.isCurrent(ofSession)) {
      conversation.received(message);
    }
    return outbox.take();
  }

  /** A message came that cannot be read. */
  public List<SyncAction> unreadable(long ofSession, RebasisException error) {
    if (link.isCurrent(ofSession)) {
      link.breakOff(error);
    }
    return outbox.take();
  }

  /** Time is up. */
  public List<SyncAction> timer(long token) {
    if (link.timer(token)) {
      verifier.timeIsUp();
      conversation.stepVerifier();
    }
    return outbox.take();
  }

  // ---- events: a load ----

  /** A message of the load came. */
  public List<SyncAction> loadArrived(long ofSession, Message.FromServer message) {
    if (link.isCurrent(ofSession)) {
      conversation.loadArrived(message);
    }
    return outbox.take();
  }

  /** The load was cut, or refused. The next session goes on with it from the last T that is stored. */
  public List<SyncAction> loadFailed(long ofSession, RebasisException cause) {
    if (link.isCurrent(ofSession) && conversation.isLoading()) {
      link.breakOff(cause);
    }
    return outbox.take();
  }

  // ---- events: storage ----

  /** Everything up to this {@link SyncAction.Persist} is stored. */
  public List<SyncAction> stored(long number) {
    if (!link.isEnded()) {
      conversation.stored(number);
    }
    return outbox.take();
  }

  /**
   * Everything up to this {@link SyncAction.Apply} is applied.
   *
   * @param t the T that programs see and that is the server's; -1 if what they see was just given up
   */
  public List<SyncAction> applied(long number, long t) {
    conversation.applied(number, t);
    return outbox.take();
  }

  /** The store can no longer be written: the client stops. */
  public List<SyncAction> storageFailed(RebasisException cause) {
    if (!link.isEnded()) {
      link.endFailed("storage failed", cause);
      // Also whoever was offline before has to be told.
      outbox.add(new SyncAction.StateChanged());
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
    return conversation.serverT();
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
    return conversation.loadedDatoms();
  }

  /** At most how many datoms the load has. */
  public long loadDatomsMax() {
    return conversation.loadDatomsMax();
  }

  /**
   * The transactions that the log may hold while the index does not; null if all that is confirmed is being given up, which the
   * log may have done already.
   */
  public List<Transaction> unapplied() {
    return batches.isGivenUp() ? null : batches.unapplied();
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
}
