package dev.rebasis.client.internal.sync;

import dev.rebasis.client.ConnectionState;
import dev.rebasis.client.internal.log.LogEntry;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.Transaction;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.ProtocolException;
import dev.rebasis.protocol.ProtocolVersion;
import dev.rebasis.protocol.PushOutcome;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
 *   <li>Everything without an answer is sent again in each session, in order; the server knows what it has decided by
 *       the transaction's id. Several batches are on their way at once, while transactions stream in.</li>
 *   <li>Credit is granted for what has been applied, never for what has only arrived: what is on its way and in memory
 *       stays within {@code creditDatoms} (and one message).</li>
 *   <li>A batch of transactions that does not follow on what this client has is dropped, and the session with it; the
 *       next session asks from the right T.</li>
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
  private static final Set<String> FEATURES = Set.of();

  private final SyncSettings settings;
  private final Backoff backoff;
  private final PushQueue queue;
  private final ConfirmedBatches batches = new ConfirmedBatches();
  private final SyncWaiters waiters = new SyncWaiters();
  private final DecisionReader decisions;
  private List<SyncAction> actions = new ArrayList<>();

  private ConnectionState state = ConnectionState.OFFLINE;
  private boolean online;
  private boolean ended;
  private long session;
  private long timerToken;
  private long reconnectMillis = -1;
  private RebasisException lastError;

  private UUID database;
  private long client;
  private long receivedT;
  private long appliedT;
  private long serverT;
  private long catchUpT;
  private long consumedDatoms;
  private long duplicates;
  /** The number of the write that holds database id and client number: no push before it is stored. */
  private long identityNumber;

  /** Makes a machine that is offline. */
  public SyncMachine(SyncSettings settings) {
    this.settings = settings;
    this.backoff = new Backoff(
        settings.tuning().backoffMin().toMillis(), settings.tuning().backoffMax().toMillis(), settings.randomBelow());
    this.queue = new PushQueue(settings.tuning().pushBatch(), settings.tuning().pushWindow());
    this.decisions = new DecisionReader(settings.schema());
    this.database = settings.database();
    this.client = settings.client();
    this.receivedT = settings.t();
    this.appliedT = settings.t();
  }

  // ---- events: the program ----

  /** The program wants to be connected. */
  public List<SyncAction> goOnline() {
    if (!ended && settings.hasServer() && state == ConnectionState.OFFLINE) {
      online = true;
      backoff.reset();
      connect();
    }
    return done();
  }

  /** The program wants no connection. */
  public List<SyncAction> goOffline() {
    online = false;
    if (!ended) {
      leave("going offline");
      reconnectMillis = -1;
    }
    return done();
  }

  /** An intent is stored. */
  public List<SyncAction> madeLocally(Intent intent) {
    queue.add(intent);
    push();
    return done();
  }

  /** The same for several at once, in order. */
  public List<SyncAction> madeLocally(List<Intent> intents) {
    intents.forEach(queue::add);
    push();
    return done();
  }

  /**
   * The program waits to be caught up.
   *
   * @param ref the number under which {@link SyncAction.Synced} answers
   * @param t the wanted T, 0 for the server's T of now
   * @param seq the last own transaction whose decision is waited for, 0 for none
   */
  public List<SyncAction> sync(long ref, long t, long seq) {
    if (ended || !settings.hasServer()) {
      actions.add(new SyncAction.Synced(ref, ended ? SyncErrors.closed() : SyncErrors.noServer()));
      return done();
    }
    if (state == ConnectionState.OFFLINE && isHopeless(lastError)) {
      actions.add(new SyncAction.Synced(ref, lastError));
      return done();
    }
    waiters.add(ref, t, seq);
    if (isWelcomed()) {
      send(new Message.Sync(ref, t));
    }
    checkWaiters();
    return done();
  }

  /** The client is being closed. */
  public List<SyncAction> close() {
    if (!ended) {
      leave("closing");
      end(SyncErrors.closed());
    }
    return done();
  }

  // ---- events: the connection ----

  /** The connection is open. */
  public List<SyncAction> connected(long ofSession) {
    if (isCurrent(ofSession) && state == ConnectionState.CONNECTING) {
      long credit = Math.max(1, settings.tuning().creditDatoms() - batches.unappliedDatoms());
      send(new Message.Hello(
          ProtocolVersion.CURRENT, FEATURES, settings.store(), client, database, receivedT, credit));
    }
    return done();
  }

  /** The connection could not be opened, or is gone. */
  public List<SyncAction> disconnected(long ofSession, RebasisException cause) {
    if (isCurrent(ofSession)) {
      retryAfter(cause, 0);
    }
    return done();
  }

  /** A message came. */
  public List<SyncAction> received(long ofSession, Message.FromServer message) {
    if (!isCurrent(ofSession)) {
      return done();
    }
    if (message instanceof Message.Welcome welcome) {
      welcome(welcome);
    } else if (message instanceof Message.Failed failed) {
      failed(failed);
    } else if (message instanceof Message.Bye bye) {
      breakOff(new RebasisException(SyncErrors.SERVER_LEFT, ErrorCategory.RETRY_LATER,
          "The server ended the session: " + bye.reason() + ". The client tries again."), 0);
    } else if (!isWelcomed()) {
      breakOff(SyncErrors.outOfOrder("it sent '" + message.type() + "' before 'welcome'"), 0);
    } else if (message instanceof Message.Transactions transactions) {
      transactions(transactions);
    } else if (message instanceof Message.Outcomes outcomes) {
      outcomes(outcomes);
    } else if (message instanceof Message.Basis basis) {
      serverT = Math.max(serverT, basis.t());
    } else if (message instanceof Message.Synced synced) {
      serverT = Math.max(serverT, synced.t());
      waiters.answered(synced.ref());
      checkWaiters();
    }
    return done();
  }

  /** A message came that cannot be read. */
  public List<SyncAction> unreadable(long ofSession, RebasisException error) {
    if (isCurrent(ofSession)) {
      breakOff(error, 0);
    }
    return done();
  }

  /** Time is up. */
  public List<SyncAction> timer(long token) {
    if (token != timerToken || ended) {
      return done();
    }
    if (state == ConnectionState.OFFLINE && online) {
      connect();
    } else if (state == ConnectionState.CONNECTING) {
      breakOff(SyncErrors.handshakeTimeout(settings.tuning().handshakeTimeout().toMillis()), 0);
    }
    return done();
  }

  // ---- events: storage ----

  /** Everything up to this {@link SyncAction.Persist} is stored. */
  public List<SyncAction> stored(long number) {
    if (!ended) {
      SyncAction.Apply apply = batches.stored(number);
      if (apply != null) {
        actions.add(apply);
      }
      push();
      checkWaiters();
    }
    return done();
  }

  /** Everything up to this {@link SyncAction.Apply} is applied. */
  public List<SyncAction> applied(long number, long t) {
    consumedDatoms += batches.applied(number);
    appliedT = Math.max(appliedT, t);
    if (ended) {
      return done();
    }
    if (isWelcomed() && consumedDatoms * 2 >= settings.tuning().creditDatoms()) {
      send(new Message.PullCredit(consumedDatoms));
      consumedDatoms = 0;
    }
    checkCaughtUp();
    checkWaiters();
    return done();
  }

  /** The store can no longer be written: the client stops. */
  public List<SyncAction> storageFailed(RebasisException cause) {
    if (!ended) {
      lastError = cause;
      leave("storage failed");
      end(cause);
    }
    return done();
  }

  // ---- what the core asks ----

  /** How the client stands to its server. */
  public ConnectionState state() {
    return state;
  }

  /** The newest error of the connection, or null. */
  public RebasisException lastError() {
    return lastError;
  }

  /** The delay before the next attempt to connect, counted from when it was set; -1 if none is due. */
  public long reconnectMillis() {
    return reconnectMillis;
  }

  /** The newest T of the server that it told of. */
  public long serverT() {
    return serverT;
  }

  /** The id of the database that the store follows, or null. */
  public UUID database() {
    return database;
  }

  /** The client's number, 0 if none. */
  public long client() {
    return client;
  }

  /** How often the server answered that it had decided a transaction before. */
  public long duplicates() {
    return duplicates;
  }

  // ---- session ----

  private void connect() {
    session++;
    enter(ConnectionState.CONNECTING);
    reconnectMillis = -1;
    actions.add(new SyncAction.Connect(session));
    setTimer(settings.tuning().handshakeTimeout().toMillis());
  }

  private void welcome(Message.Welcome welcome) {
    if (state != ConnectionState.CONNECTING) {
      breakOff(SyncErrors.outOfOrder("it said 'welcome' twice"), 0);
      return;
    }
    RebasisException refusal = refusal(welcome);
    if (refusal != null) {
      breakOff(refusal, 0);
      return;
    }
    timerToken++;
    serverT = welcome.basisT();
    catchUpT = welcome.basisT();
    consumedDatoms = 0;
    remember(welcome);
    queue.newSession();
    enter(ConnectionState.CATCHING_UP);
    push();
    waiters.unanswered().forEach(this::send);
    checkCaughtUp();
  }

  private RebasisException refusal(Message.Welcome welcome) {
    try {
      ProtocolVersion.check(welcome.version());
    } catch (ProtocolException e) {
      return e;
    }
    if (database != null && !database.equals(welcome.database())) {
      return SyncErrors.otherDatabase(database, welcome.database());
    }
    return welcome.basisT() < receivedT ? SyncErrors.serverBehind(receivedT, welcome.basisT()) : null;
  }

  private void remember(Message.Welcome welcome) {
    List<LogEntry> entries = new ArrayList<>(2);
    if (database == null) {
      database = welcome.database();
      entries.add(new LogEntry.DatabaseId(database));
    }
    if (client != welcome.client()) {
      client = welcome.client();
      entries.add(new LogEntry.ClientNumber(client));
    }
    if (!entries.isEmpty()) {
      identityNumber = batches.add(List.of(), List.of());
      actions.add(new SyncAction.Persist(identityNumber, entries, true));
    }
  }

  private void failed(Message.Failed failed) {
    RebasisException error = new RebasisException(failed.code(), failed.category(), failed.message());
    if (failed.fatal()) {
      breakOff(error, failed.retryAfterMillis());
    } else {
      fail(error);
    }
  }

  /** Ends the session from this side and comes back later. */
  private void breakOff(RebasisException cause, long atLeastMillis) {
    actions.add(new SyncAction.Disconnect(session, cause.getMessage()));
    retryAfter(cause, atLeastMillis);
  }

  private void retryAfter(RebasisException cause, long atLeastMillis) {
    session++;
    fail(cause);
    enter(ConnectionState.OFFLINE);
    if (online) {
      long millis = isHopeless(cause) ? backoff.longMillis() : backoff.nextMillis();
      reconnectMillis = Math.max(millis, atLeastMillis);
      setTimer(reconnectMillis);
    }
  }

  /** Says goodbye. */
  private void leave(String reason) {
    if (state != ConnectionState.OFFLINE) {
      if (isWelcomed()) {
        send(new Message.Bye(reason));
      }
      actions.add(new SyncAction.Disconnect(session, reason));
      session++;
      enter(ConnectionState.OFFLINE);
    }
    timerToken++;
  }

  private void end(RebasisException cause) {
    ended = true;
    online = false;
    reconnectMillis = -1;
    actions.addAll(waiters.failed(cause));
  }

  private void fail(RebasisException error) {
    lastError = error;
    if (isHopeless(error)) {
      actions.addAll(waiters.failed(error));
    }
    actions.add(new SyncAction.StateChanged());
  }

  /** Whether waiting for a better moment cannot mend it. */
  private static boolean isHopeless(RebasisException error) {
    return error != null && error.category() != ErrorCategory.RETRY_LATER;
  }

  // ---- what arrives ----

  private void transactions(Message.Transactions message) {
    if (message.follows() != receivedT) {
      breakOff(SyncErrors.gap(receivedT, message.follows()), 0);
      return;
    }
    List<Verdict> verdicts = new ArrayList<>();
    long last = receivedT;
    for (Transaction transaction : message.transactions()) {
      if (transaction.t() <= last) {
        breakOff(SyncErrors.outOfOrder("T " + transaction.t() + " came after T " + last), 0);
        return;
      }
      last = transaction.t();
      Verdict verdict = verdict(transaction);
      if (verdict != null) {
        verdicts.add(verdict);
      }
    }
    verdicts.forEach(verdict -> queue.decided(verdict.id()));
    receivedT = last;
    serverT = Math.max(serverT, message.basisT());
    backoff.reset();
    persist(message.transactions(), verdicts);
    push();
  }

  /** What the server decided about the own transaction that this one is, or null if it is not an own, pending one. */
  private Verdict verdict(Transaction transaction) {
    decisions.follow(transaction);
    UUID id = decisions.idOf(transaction);
    Intent intent = id == null ? null : queue.get(id);
    if (intent == null) {
      return null;
    }
    PushOutcome answer = queue.answer(id);
    return decisions.read(transaction, intent, client).withDuplicate(answer != null && answer.duplicate());
  }

  private void outcomes(Message.Outcomes message) {
    List<Verdict> verdicts = new ArrayList<>();
    for (PushOutcome outcome : message.outcomes()) {
      duplicates += outcome.duplicate() ? 1 : 0;
      Intent intent = queue.get(outcome.id());
      if (intent != null) {
        queue.answered(outcome);
        if (outcome.t() <= receivedT) {
          verdicts.add(Verdict.of(outcome, madeBy(outcome, intent)));
        }
      }
    }
    if (!verdicts.isEmpty()) {
      verdicts.forEach(verdict -> queue.decided(verdict.id()));
      persist(List.of(), verdicts);
    }
    backoff.reset();
    push();
  }

  private static Map<Long, Long> madeBy(PushOutcome outcome, Intent intent) {
    if (!outcome.kind().isCommitted()) {
      return Map.of();
    }
    Map<Long, Long> made = new HashMap<>(outcome.made());
    made.put(intent.tempids().get(Intent.TX_TEMPID), EntityIds.txOf(outcome.t()));
    return made;
  }

  private void persist(List<Transaction> transactions, List<Verdict> verdicts) {
    List<LogEntry> entries = new ArrayList<>(verdicts.size() + 1);
    if (!transactions.isEmpty()) {
      entries.add(new LogEntry.Confirmed(transactions));
    }
    verdicts.forEach(verdict -> entries.add(verdict.entry()));
    long number = batches.add(transactions, verdicts);
    actions.add(new SyncAction.Persist(number, entries, !verdicts.isEmpty()));
  }

  private void checkCaughtUp() {
    if (state == ConnectionState.CATCHING_UP && appliedT >= catchUpT) {
      lastError = null;
      enter(ConnectionState.LIVE);
    }
  }

  private void checkWaiters() {
    actions.addAll(waiters.fulfilled(
        appliedT, queue::isDecidedUpTo, batches.lastNumber(), batches::isApplied));
  }

  // ---- what is sent ----

  private void push() {
    if (!isWelcomed() || !batches.isApplied(identityNumber)) {
      return;
    }
    for (List<Intent> batch = queue.nextBatch(); batch != null; batch = queue.nextBatch()) {
      send(new Message.Push(batch));
    }
  }

  private void send(Message.FromClient message) {
    actions.add(new SyncAction.Send(session, message));
  }

  private boolean isWelcomed() {
    return state == ConnectionState.CATCHING_UP || state == ConnectionState.LIVE;
  }

  private boolean isCurrent(long ofSession) {
    return !ended && ofSession == session && state != ConnectionState.OFFLINE;
  }

  private void enter(ConnectionState next) {
    if (state != next) {
      state = next;
      actions.add(new SyncAction.StateChanged());
    }
  }

  private void setTimer(long millis) {
    actions.add(new SyncAction.SetTimer(++timerToken, millis));
  }

  private List<SyncAction> done() {
    List<SyncAction> result = actions;
    actions = new ArrayList<>();
    return result;
  }
}
