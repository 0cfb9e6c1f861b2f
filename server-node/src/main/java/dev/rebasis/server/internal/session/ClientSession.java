package dev.rebasis.server.internal.session;

import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.PushOutcome;
import dev.rebasis.server.access.User;
import dev.rebasis.server.internal.master.Access;
import dev.rebasis.server.internal.master.Master;
import dev.rebasis.server.internal.master.PushLine;
import dev.rebasis.server.internal.scope.PartRule;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.function.UnaryOperator;

/**
 * One client's session: hello, welcome, then pushes in and transactions and outcomes out, until either side says bye.
 * Confined to the core; every method may be called after the session is over and does nothing then.
 *
 * <p>Memory is bounded whatever the client does: messages are taken only while few pushed transactions wait and few
 * frames are on their way; transactions go out only for credit and while few frames are on their way.
 */
public final class ClientSession {
  private enum State { NEW, REGISTERING, LIVE, OVER }

  private final ServerMachine machine;
  private final SessionTransport transport;
  private final Instant helloBy;
  private Offer offer;
  private final Outflow outflow;

  private State state = State.NEW;
  private UUID store;
  private long client;
  /** Hashes of the session's token, and of the one under which the store pushed last; null if there is none. */
  private UUID token;
  private UUID formerToken;
  private final SessionPushes pushes;
  private final PushLine line = new PushLine();
  private boolean demandDue;
  private final IdleTime idle;
  private final SessionLog log = new SessionLog(this);

  ClientSession(ServerMachine machine, SessionTransport transport, Instant helloBy, Access access) {
    this.machine = machine;
    this.offer = new Offer(machine, access);
    this.transport = transport;
    this.helloBy = helloBy;
    this.idle = new IdleTime(machine.limits().idleMillis());
    this.outflow = new Outflow(machine, transport, this::demandIfReady, this::fail);
    this.pushes = new SessionPushes(machine, outflow, () -> state == State.LIVE, this::decide);
  }

  /** The store's id, or null before the hello. */
  UUID store() {
    return store;
  }

  /** Whether it has been welcomed and goes on. */
  boolean isLive() {
    return state == State.LIVE;
  }

  /** The client's number; 0 before it has been looked up. */
  long client() {
    return client;
  }

  /** How far what was sent is behind the newest T. */
  long lag() {
    return state == State.LIVE ? outflow.lag() : 0;
  }

  private User user() {
    return offer.access().user();
  }

  /** Whether somebody is this session's user and sees the same; a token that was renewed meanwhile makes no difference. */
  boolean isOf(Access other) {
    Access own = offer.access();
    return Objects.equals(own.userName(), other.userName())
        && own.hidden().equals(other.hidden()) && Objects.equals(own.readable(), other.readable());
  }

  /** What it is sent; null before the welcome. */
  Feed feed() {
    return outflow.feed();
  }

  String userName() {
    return offer.access().userName();
  }

  /** There is no place for it. */
  void refuse(RebasisException reason) {
    fail(reason);
  }

  /** Ends the session if its device may come no more. */
  void checkRevoked() {
    if (state == State.LIVE && machine.isRevoked(client)) {
      fail(SessionErrors.revoked(client));
    }
  }

  // ---- events ----

  /** A message has arrived. */
  public void received(Message.FromClient message) {
    if (state == State.OVER) {
      return;
    }
    demandDue = true;
    idle.heard();
    if (state != State.LIVE && !(message instanceof Message.Bye)) {
      if (state == State.NEW && message instanceof Message.Hello hello) {
        hello(hello);
      } else {
        fail(SessionErrors.unexpected(message));
      }
    } else if (message instanceof Message.Push push) {
      push(push);
    } else if (message instanceof Message.PullCredit more) {
      outflow.credit(more.datoms());
    } else if (message instanceof Message.Sync sync) {
      outflow.sync(sync);
    } else if (message instanceof Message.Scope scope) {
      scope(scope);
    } else if (message instanceof Message.Verify verify) {
      outflow.verify(verify, client);
    } else if (message instanceof Message.Loaded loaded && outflow.isLoading()) {
      loaded(loaded);
    } else if (message instanceof Message.Bye) {
      end(true, "The client said bye.");
    } else {
      fail(SessionErrors.unexpected(message));
    }
    demandIfReady();
  }

  /** What has arrived is no message of the protocol. */
  public void malformed(RebasisException reason) {
    fail(reason);
  }

  /** The connection is gone. What was pushed is decided all the same. */
  public void closed() {
    if (state != State.OVER) {
      log.ended("the connection is gone.");
      over();
    }
  }

  private void over() {
    if (state == State.LIVE) {
      machine.contactsKept().left(client, userName());
    }
    state = State.OVER;
    machine.remove(this);
    outflow.end();
  }

  /** The rules are others now. */
  void accessChanged(UnaryOperator<Access> rules) {
    Access former = offer.access();
    if (state == State.OVER || former.user() == null) {
      return;
    }
    try {
      Access now = rules.apply(former);
      PartRule before = state == State.LIVE ? offer.part(null) : null;
      offer = new Offer(machine, now);
      if (before == null || before.equals(offer.part(null))) {
        return;
      }
      if (!(feed() instanceof PartFeed partFeed && now.readable() != null && former.readable() != null
          && now.hidden().equals(former.hidden()) && hasBegunWith(partFeed))) {
        fail(SessionErrors.rulesChanged());
      }
    } catch (RebasisException e) {
      fail(e);
    }
  }

  /**
   * Whether the session goes by the rules of now at once. A client that takes nothing, or has asked for other scopes before, would
   * go on by the old ones until it pleases to take more, and be sent what was written since.
   */
  private boolean hasBegunWith(PartFeed partFeed) {
    if (!partFeed.requests().isEmpty()) {
      return false;
    }
    partFeed.requests().want(0, offer.part(partFeed.scopes()));
    outflow.pump();
    return state == State.OVER || partFeed.requests().isEmpty();
  }

  void tick(Instant now) {
    if (state == State.NEW && now.isAfter(helloBy)) {
      fail(SessionErrors.silent(machine.limits().helloMillis()));
    } else if (offer.access().isExpired(now)) {
      fail(SessionErrors.expired(userName()));
    } else if (idle.isTooLong(now, pushes.undecided() > 0 || outflow.isLoading()) && state == State.LIVE) {
      fail(SessionErrors.idle(machine.limits().idleMillis()));
    } else {
      outflow.level();
    }
  }

  /** Sends what may be sent; ends if there will be nothing to send any more, also while the client takes nothing. */
  void pump() {
    RebasisException fault = state == State.LIVE ? feed().fault() : null;
    if (fault != null) {
      fail(fault);
    } else {
      outflow.pump();
    }
  }

  void bye(String reason) {
    if (state != State.OVER) {
      outflow.send(new Message.Bye(reason));
      end(true, reason);
    }
  }

  // ---- the first message ----

  private void hello(Message.Hello hello) {
    state = State.REGISTERING;
    // The client may have seen more at another node than this one has heard of.
    machine.master().catchUp(new Master.Answer<>() {
      @Override
      public void done(Long t) {
        if (isRegistering()) {
          greet(hello);
        }
      }

      @Override
      public void refused(RebasisException reason) {
        fail(reason);
      }
    });
  }

  private void greet(Message.Hello hello) {
    Greeting greeting = new Greeting(this, machine, hello);
    if (greeting.refusal() != null) {
      fail(greeting.refusal());
    } else {
      store = hello.store();
      greeting.begin();
    }
  }

  /** Whether the greeting goes on. */
  boolean isRegistering() {
    return state == State.REGISTERING;
  }

  /** The store's number is known. */
  void numbered(long number) {
    client = number;
    if (machine.isRevoked(client)) {
      fail(SessionErrors.revoked(number));
    }
  }

  /** The greeting is over: the session is as agreed. */
  void welcome(Greeting greeting) {
    Message.Hello hello = greeting.hello();
    token = greeting.token();
    formerToken = greeting.formerToken();
    Beginning beginning;
    try {
      beginning = Beginning.of(machine, offer, greeting, client);
    } catch (RebasisException e) {
      fail(e);
      return;
    }
    state = State.LIVE;
    log.began(hello.t(), machine.master().forcedT());
    machine.contactsKept().came(client, userName());
    outflow.begin(beginning.feed(), hello.credit(), beginning.isWaiting(), beginning.welcome());
    demandIfReady();
    outflow.pump();
  }

  /** Other scopes are wanted. A client that holds the whole database has to begin anew for that. */
  private void scope(Message.Scope scope) {
    if (!(feed() instanceof PartFeed partFeed)) {
      fail(SessionErrors.unexpected(scope));
      return;
    }
    boolean taken;
    try {
      PartRule wanted = offer.part(scope.scopes());
      wanted.check();
      taken = partFeed.requests().want(scope.ref(), wanted);
    } catch (RebasisException e) {
      taken = partFeed.requests().refuse(scope.ref(), e);
    }
    if (taken) {
      outflow.pump();
    } else {
      fail(SessionErrors.tooManyScopes());
    }
  }

  private void loaded(Message.Loaded loaded) {
    Master master = machine.master();
    if (loaded.t() < feed().cursor()) {
      fail(SessionErrors.loadedBack(loaded.t(), feed().cursor()));
    } else if (loaded.t() > 0 && !master.hasTransaction(loaded.t())) {
      fail(ServerMachine.unknownT(loaded.t(), master.forcedT()));
    } else if (feed() instanceof PartFeed part) {
      part.filled(loaded.t());
      outflow.loaded(part, loaded.credit());
    } else {
      outflow.loaded(offer.whole(loaded.t()), loaded.credit());
    }
  }

  private void push(Message.Push message) {
    try {
      pushes.take(message, userName() == null ? store : userName());
    } catch (RebasisException e) {
      fail(e);
    }
  }

  /** There is room on the disk again. */
  void decideHeld() {
    if (state == State.LIVE) {
      pushes.decideHeld();
    }
  }

  private void decide(Message.Push message) {
    machine.master().push(new SessionPush(message, client, offer.access(), line, token, formerToken, new SessionPush.Answers() {
      @Override
      public void decided(List<PushOutcome> outcomes) {
        pushes.decided(outcomes.size());
        outcomes.forEach(machine::count);
        outcomes.forEach(log::decided);
        if (state == State.LIVE) {
          outflow.send(new Message.Outcomes(outcomes));
        }
        demandIfReady();
      }

      @Override
      public void refused(int open, RebasisException reason) {
        pushes.decided(open);
        fail(reason);
      }
    }));
  }

  // ---- out ----

  private void demandIfReady() {
    SessionLimits limits = machine.limits();
    if (demandDue && state == State.LIVE
        && pushes.undecided() < limits.intentsUndecided() && !outflow.isFull()) {
      demandDue = false;
      transport.demand();
    }
  }

  /** Ends the session with an error. */
  void fail(RebasisException reason) {
    if (state == State.OVER) {
      return;
    }
    log.failed(reason);
    outflow.send(SessionErrors.failed(reason, true));
    over();
    transport.close(reason.category() == ErrorCategory.RETRY_LATER, reason.getMessage());
  }

  private void end(boolean normal, String reason) {
    log.ended(reason);
    over();
    transport.close(normal, reason);
  }
}
