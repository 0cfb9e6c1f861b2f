package dev.rebasis.client.internal.sync;

import dev.rebasis.client.ConnectionState;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Message;
import java.util.List;
import java.util.function.Function;

/**
 * The connection's own life: which session is the current one, how it stands, why the last one failed, and when the
 * next attempt is due. It knows nothing of what the messages hold. Confined to the {@link SyncMachine}.
 *
 * <p>Each attempt to connect has a session number of its own; leaving a session raises the number at once, so that what
 * still comes from the old connection is not current any more and is passed over.
 */
final class Link {
  private final SyncSettings settings;
  private final Backoff backoff;
  private final Outbox outbox;
  /** Gives the answers to those who wait, when waiting cannot help. */
  private final Function<RebasisException, List<SyncAction>> hopeless;

  private ConnectionState state = ConnectionState.OFFLINE;
  private boolean online;
  private boolean ended;
  private long session;
  private long timerToken;
  private long reconnectMillis = -1;
  private RebasisException lastError;

  Link(SyncSettings settings, Outbox outbox, Function<RebasisException, List<SyncAction>> hopeless) {
    this.settings = settings;
    this.backoff = new Backoff(
        settings.tuning().backoffMin().toMillis(), settings.tuning().backoffMax().toMillis(), settings.randomBelow());
    this.outbox = outbox;
    this.hopeless = hopeless;
  }

  ConnectionState state() {
    return state;
  }

  /** The number of the session. */
  long session() {
    return session;
  }

  RebasisException lastError() {
    return lastError;
  }

  long reconnectMillis() {
    return reconnectMillis;
  }

  /** Whether {@link #end} was called. */
  boolean isEnded() {
    return ended;
  }

  /** Whether a server has agreed to this session. */
  boolean isWelcomed() {
    return state == ConnectionState.CATCHING_UP || state == ConnectionState.LIVE;
  }

  /** Whether an event of this session is still of interest. */
  boolean isCurrent(long ofSession) {
    return !ended && ofSession == session && state != ConnectionState.OFFLINE;
  }

  /** Whether the client is offline for a reason that waiting for a better moment cannot mend. */
  boolean isOfflineForGood() {
    return state == ConnectionState.OFFLINE && isHopeless(lastError);
  }

  private static boolean isHopeless(RebasisException error) {
    return error != null && error.category() != ErrorCategory.RETRY_LATER;
  }

  void goOnline() {
    if (!ended && settings.hasServer() && state == ConnectionState.OFFLINE) {
      online = true;
      backoff.reset();
      connect();
    }
  }

  void goOffline() {
    online = false;
    if (!ended) {
      leave("going offline");
      reconnectMillis = -1;
    }
  }

  private void connect() {
    session++;
    enter(ConnectionState.CONNECTING);
    reconnectMillis = -1;
    outbox.add(new SyncAction.Connect(session));
    setTimer(settings.tuning().handshakeTimeout().toMillis());
  }

  /** The server has agreed: the handshake's timer no longer counts. */
  void welcomed() {
    timerToken++;
  }

  void enter(ConnectionState next) {
    if (state != next) {
      state = next;
      outbox.add(new SyncAction.StateChanged());
    }
  }

  /** All that the server had at the welcome is applied. */
  void live() {
    lastError = null;
    enter(ConnectionState.LIVE);
  }

  /** The session has brought something: the next failure is the first one again. */
  void proved() {
    backoff.reset();
  }

  void send(Message.FromClient message) {
    outbox.add(new SyncAction.Send(session, message));
  }

  /** Has {@link #timer} called in a session that is live, which needs no timer itself. */
  void wake(long millis) {
    setTimer(millis);
  }

  /**
   * Time is up.
   *
   * @return whether this is what {@link #wake} asked for
   */
  boolean timer(long token) {
    if (token != timerToken || ended) {
      return false;
    }
    if (state == ConnectionState.OFFLINE && online) {
      connect();
    } else if (state == ConnectionState.CONNECTING) {
      breakOff(SyncErrors.handshakeTimeout(settings.tuning().handshakeTimeout().toMillis()));
    }
    return state == ConnectionState.LIVE;
  }

  /** Ends the session from this side and comes back later. */
  void breakOff(RebasisException cause) {
    outbox.add(new SyncAction.Disconnect(session, cause.getMessage()));
    comeBack(cause);
  }

  /** The session is over; comes back later, not before the time that the cause may name. */
  void comeBack(RebasisException cause) {
    session++;
    fail(cause);
    enter(ConnectionState.OFFLINE);
    if (online) {
      long millis = isHopeless(cause) ? backoff.longMillis() : backoff.nextMillis();
      reconnectMillis = cause.retryAfter() == null ? millis : Math.max(millis, cause.retryAfter().toMillis());
      setTimer(reconnectMillis);
    }
  }

  /** Notes an error that does not end the session. */
  void fail(RebasisException error) {
    lastError = error;
    if (isHopeless(error)) {
      outbox.addAll(hopeless.apply(error));
    }
    outbox.add(new SyncAction.StateChanged());
  }

  /** Says goodbye, and nothing after it. */
  void end(String reason, RebasisException cause) {
    leave(reason);
    ended = true;
    online = false;
    reconnectMillis = -1;
    outbox.addAll(hopeless.apply(cause));
  }

  /** The same, where the cause is a failure that {@code status()} shows. */
  void endFailed(String reason, RebasisException cause) {
    lastError = cause;
    end(reason, cause);
  }

  private void leave(String reason) {
    if (state != ConnectionState.OFFLINE) {
      if (isWelcomed()) {
        send(new Message.Bye(reason));
      }
      outbox.add(new SyncAction.Disconnect(session, reason));
      session++;
      enter(ConnectionState.OFFLINE);
    }
    timerToken++;
  }

  private void setTimer(long millis) {
    outbox.add(new SyncAction.SetTimer(++timerToken, millis));
  }
}
