package dev.rebasis.client.internal.sync;

import dev.rebasis.client.ConnectionState;
import dev.rebasis.client.internal.log.LogEntry;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.AttributeDigest;
import dev.rebasis.protocol.Fork;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.ProtocolVersion;
import dev.rebasis.protocol.ScopeSpec;
import java.util.List;
import java.util.Set;

/**
 * What is said with the server in a session, and what it means: the greeting, the stream of transactions or a load, the
 * pushes, the digests. Holds how far the client and its server are; which of them is told first is {@link SyncMachine}'s
 * contract. Adds what is to be done to the outbox. Confined.
 */
final class Conversation {
  private static final String LOAD = "load";
  private static final String PART = "part";
  private static final String ANEW = "anew";
  /** So many messages of a load may be on their way through storage and index. */
  private static final int LOAD_WINDOW = 6;
  /** The first version of the protocol that has digests. */
  private static final int VERIFYING_VERSION = 3;

  private final SyncSettings settings;
  private final PushQueue queue;
  private final ConfirmedBatches batches;
  private final SyncWaiters waiters;
  private final Outbox outbox;
  private final Link link;
  private final Arrivals arrivals;
  private final Verifier verifier;
  private final ScopeWishes scopes;
  private final StoreIdentity identity;
  private final Admission admission;

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
  /** False from a login until the server has said whom it takes the client for: what is shown may be another's. */
  private boolean userKnown;
  /** The number of the write that forgets what another user saw. */
  private long hiddenNumber;
  /** The server has said that less is sent if this store begins anew: it does, once it is known whose the session is. */
  private boolean anew;
  /** A load is on its way in this session; the server sends nothing else meanwhile. */
  private boolean loading;
  private int version;
  private long loadedDatoms;
  private long loadDatomsMax;

  Conversation(SyncSettings settings, PushQueue queue, ConfirmedBatches batches, SyncWaiters waiters, Outbox outbox,
      Link link, Arrivals arrivals, Verifier verifier, ScopeWishes scopes, StoreIdentity identity) {
    this.settings = settings;
    this.queue = queue;
    this.batches = batches;
    this.waiters = waiters;
    this.outbox = outbox;
    this.link = link;
    this.arrivals = arrivals;
    this.verifier = verifier;
    this.scopes = scopes;
    this.identity = identity;
    this.admission = new Admission(identity, arrivals, queue);
    this.mending = settings.forking() != null;
    this.appliedT = settings.visibleT();
    this.userKnown = !identity.awaitsUser();
  }

  // ---- what the program writes ----

  void madeLocally(List<Intent> intents) {
    intents.stream().filter(intent -> intent.seq() > mendedSeq).forEach(queue::add);
    push();
  }

  void mended(List<Intent> pending, long lastSeq) {
    mending = false;
    mendedSeq = lastSeq;
    queue.replaceAll(pending);
    push();
    checkWaiters();
  }

  // ---- messages ----

  void hello() {
    if (scopes.mustBeginAnew() && arrivals.receivedT() > 0) {
      giveUpAll();
    }
    arrivals.forgetHalfChange();
    long t = anew ? 0 : arrivals.receivedT();
    List<ScopeSpec> held = scopes.greet(t);
    link.send(new Message.Hello(
        ProtocolVersion.CURRENT, features(), identity.store(),
        identity.client(), identity.database(), t, credit(),
        identity.standing(t == 0 ? null : arrivals.receivedInstant()), scopes.wanted(), held));
  }

  private Set<String> features() {
    // Who begins a load anew that was cut would never come to its end on a bad line.
    return !settings.canLoad() ? Set.of(PART) : arrivals.isLoading() ? Set.of(LOAD, PART) : Set.of(LOAD, PART, ANEW);
  }

  private long credit() {
    return Math.max(1, settings.tuning().creditDatoms() - batches.unappliedDatoms());
  }

  void received(Message.FromServer message) {
    if (message instanceof Message.Welcome welcome) {
      welcome(welcome);
    } else if (message instanceof Message.Failed failed) {
      failed(failed);
    } else if (message instanceof Message.Bye bye) {
      link.breakOff(new RebasisException(SyncErrors.SERVER_LEFT, ErrorCategory.RETRY_LATER,
          "The server ended the session: " + bye.reason() + ". The client tries again."));
    } else if (!link.isWelcomed()) {
      link.breakOff(SyncErrors.outOfOrder("it sent '" + message.type() + "' before 'welcome'"));
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
  }

  /** A message of the load. */
  void loadArrived(Message.FromServer message) {
    if (!loading) {
      return;
    }
    if (message instanceof Message.Transactions transactions) {
      RebasisException fault = arrivals.loaded(transactions);
      if (fault != null) {
        link.breakOff(fault);
      } else {
        loadedDatoms += ConfirmedBatches.factsOf(transactions.transactions());
        serverT = Math.max(serverT, transactions.basisT());
        link.proved();
        outbox.add(new SyncAction.StateChanged());
      }
    } else if (message instanceof Message.Basis) {
      arrivals.loadEnded();
      loading = false;
      consumedDatoms = 0;
      link.send(new Message.Loaded(arrivals.receivedT(), credit()));
      outbox.add(new SyncAction.StateChanged());
    } else {
      link.breakOff(SyncErrors.outOfOrder("a load holds '" + message.type() + "'"));
    }
  }

  // ---- storage ----

  void stored(long number) {
    batches.stored(number).forEach(outbox::add);
    if (loading) {
      outbox.add(new SyncAction.LoadMore(link.session()));
    }
    push();
    checkWaiters();
    scopes.applied(batches::isApplied);
  }

  void applied(long number, long t) {
    long datoms = batches.applied(number);
    consumedDatoms += datoms;
    verifier.taken(datoms);
    appliedT = t < 0 ? 0 : Math.max(appliedT, t);
    if (link.isEnded()) {
      return;
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
  }

  // ---- how far it is ----

  long serverT() {
    return serverT;
  }

  boolean isLoading() {
    return loading;
  }

  long loadedDatoms() {
    return loading && link.isWelcomed() ? loadedDatoms : -1;
  }

  long loadDatomsMax() {
    return Math.max(loadDatomsMax, loadedDatoms);
  }

  // ---- steps ----

  private void scopeChange(Message.ScopeChange message) {
    long t = message.change().t();
    long receivedT = arrivals.receivedT();
    if (t < receivedT || !scopes.isNext(message.ref())) {
      // It was overtaken: what came before it was of the part that it leads to, and was taken for one of that held till now.
      giveUpAll();
    }
    if (t != receivedT || !scopes.isNext(message.ref())) {
      link.breakOff(SyncErrors.gap(receivedT, t));
      return;
    }
    LogEntry.Part part = message.last() ? scopes.changed(message.ref()) : null;
    long number = arrivals.scopeChange(message.change(), part);
    if (message.last()) {
      scopes.storing(number);
    }
  }

  /** What is here is not what the server has: it is to be loaded anew, in a new session. */
  private void giveUpAll() {
    arrivals.drop(Math.max(serverT, arrivals.receivedT()));
  }

  void stepVerifier() {
    // While scopes change, the digests of the two sides are of two different parts.
    if (link.state() == ConnectionState.LIVE && !loading && !arrivals.isLoading() && version >= VERIFYING_VERSION
        && scopes.isSettled(batches::isApplied)) {
      verifier.step(link.session(), scopes.isPart());
    }
  }

  private void verified(Message.Verified verified) {
    List<AttributeDigest> different = verifier.answered(verified);
    if (different != null && !different.isEmpty()) {
      giveUpAll();
      link.breakOff(SyncErrors.differs(verified.t(), different.size()));
    }
    stepVerifier();
  }

  private void welcome(Message.Welcome welcome) {
    if (link.state() != ConnectionState.CONNECTING) {
      link.breakOff(SyncErrors.outOfOrder("it said 'welcome' twice"));
      return;
    }
    long receivedT = arrivals.receivedT();
    RebasisException refusal = admission.refusal(welcome);
    if (refusal != null) {
      link.breakOff(refusal);
      return;
    }
    boolean isPart = welcome.features().contains(PART);
    if (!isPart && scopes.wanted() != null) {
      link.breakOff(ScopeWishes.serverTooOld());
      return;
    }
    // First of all: what another user saw must not be shown for a moment longer, whatever else is to be done.
    if (identity.holdsFactsOfOther(welcome)) {
      boolean holdsSome = receivedT > 0;
      anew = false;
      // Forgotten before the store says that it is this user's: a crash in between forgets twice.
      hiddenNumber = arrivals.hide(Math.max(welcome.basisT(), receivedT));
      if (holdsSome) {
        remember(welcome);
        link.breakOff(SyncErrors.factsOfOtherUser());
        return;
      }
    }
    if (isPart != scopes.isPart() && arrivals.receivedT() > 0) {
      // What the user may see has changed so much that what is here is no beginning.
      arrivals.drop(Math.max(welcome.basisT(), arrivals.receivedT()));
      link.breakOff(SyncErrors.otherPart());
      return;
    }
    userKnown = true;
    link.welcomed();
    Fork lost = admission.lostFork(welcome);
    if (anew && lost == null && receivedT > 0) {
      arrivals.drop(Math.max(welcome.basisT(), receivedT));
    }
    anew = false;
    remember(welcome);
    if (lost != null) {
      arrivals.fork(new LogEntry.Forking(lost.t(), lost.nextT()), welcome.basisT());
      mending = true;
      serverT = welcome.basisT();
      link.breakOff(
          lost.isExcision() ? SyncErrors.excised(receivedT) : SyncErrors.forked(receivedT, lost.t()));
      return;
    }
    version = welcome.version();
    verifier.newSession();
    serverT = welcome.basisT();
    catchUpT = welcome.basisT();
    consumedDatoms = 0;
    loading = welcome.load() > 0;
    if (loadedDatoms == 0 || !arrivals.isLoading() || arrivals.receivedT() == 0) {
      loadedDatoms = 0;
      loadDatomsMax = welcome.load();
    }
    queue.newSession();
    link.enter(ConnectionState.CATCHING_UP);
    waiters.unanswered().forEach(link::send);
    scopes.late().forEach(message -> {
      link.send(message);
      scopes.sent();
    });
    if (loading) {
      outbox.add(new SyncAction.Load(link.session(), arrivals.receivedT(), identity.store()));
      for (int i = 0; i < LOAD_WINDOW; i++) {
        outbox.add(new SyncAction.LoadMore(link.session()));
      }
    }
    checkCaughtUp();
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

  /** Nothing that waits is another user's: whoever the server takes the next credentials for is welcome. */
  void forgetUser() {
    userKnown = false;
    identify(identity.forgetUser());
  }

  private void identify(List<LogEntry> entries) {
    if (!entries.isEmpty()) {
      identityNumber = batches.add(List.of(), List.of(), SyncAction.View.SHOWN);
      outbox.add(new SyncAction.Persist(identityNumber, entries, true));
    }
  }

  private void failed(Message.Failed failed) {
    RebasisException error = new RebasisException(
        failed.code(), failed.category(), failed.message(), RebasisException.comeBackIn(failed.retryAfterMillis()), null);
    // Also a store that has no number of its own: it may be a backup from the moment between a new id and its first welcome.
    if (failed.code().equals(SyncErrors.COPIED)) {
      identify(List.of(identity.copied()));
      queue.inherit();
    }
    anew |= failed.code().equals(SyncErrors.LOAD_ANEW);
    if (failed.fatal()) {
      link.breakOff(error);
    } else if (!scopes.refused(error)) {
      link.fail(error);
    }
  }

  private void transactions(Message.Transactions message) {
    RebasisException fault = arrivals.transactions(message);
    if (fault != null) {
      link.breakOff(fault);
      return;
    }
    serverT = Math.max(serverT, message.basisT());
    link.proved();
    push();
  }

  void push() {
    if (link.state() != ConnectionState.LIVE || mending || !batches.isApplied(identityNumber)
        || queue.isInheriting() && !batches.isApplied(batches.lastNumber())) {
      return;
    }
    for (List<Intent> batch = queue.nextBatch(); batch != null; batch = queue.nextBatch()) {
      link.send(new Message.Push(batch));
    }
  }

  /** How far what is shown is: nowhere, while it is what was given up, perhaps of another way of the database. */
  private long appliedT() {
    return batches.isGivenUp() ? 0 : appliedT;
  }

  private void checkCaughtUp() {
    if (link.state() == ConnectionState.CATCHING_UP && appliedT() >= catchUpT) {
      link.live();
      push();
      verifier.caughtUp();
      scopes.caughtUp();
      stepVerifier();
    }
  }

  void checkWaiters() {
    if (!userKnown || !batches.isApplied(hiddenNumber)) {
      return;
    }
    outbox.addAll(waiters.fulfilled(
        appliedT(), queue::isDecidedUpTo, batches.lastNumber(), batches::isApplied));
  }
}
