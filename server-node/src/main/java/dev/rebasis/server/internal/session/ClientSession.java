package dev.rebasis.server.internal.session;

import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.PushOutcome;
import dev.rebasis.protocol.ScopeSpec;
import dev.rebasis.server.access.User;
import dev.rebasis.server.internal.master.Access;
import dev.rebasis.server.internal.master.Master;
import dev.rebasis.server.internal.master.PushLine;
import dev.rebasis.server.internal.scope.HiddenAttributes;
import dev.rebasis.server.internal.scope.PartRule;
import dev.rebasis.server.internal.scope.Reader;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
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
  /** The client can load by HTTP what it lacks. */
  static final String LOAD = "load";

  /** The client can hold a part of the database; agreed on if that is what it gets. */
  static final String PART = "part";

  /** The client holds no half of a load, and would give up what it holds to load it anew. */
  static final String ANEW = "anew";

  private static final Set<String> FEATURES = Set.of(LOAD, PART);
  /** The first version of the protocol in which a part of the database can be told. */
  private static final int PARTS_VERSION = 4;

  private enum State { NEW, REGISTERING, LIVE, OVER }

  private final ServerMachine machine;
  private final SessionTransport transport;
  private final Instant helloBy;
  private Access access;
  private Visibility visibility;
  private final Outflow outflow;

  private State state = State.NEW;
  private int version;
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
    this.access = access;
    this.visibility = visibility(access);
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

  User user() {
    return access.user();
  }

  /** What it is sent; null before the welcome. */
  Feed feed() {
    return outflow.feed();
  }

  String userName() {
    return access.userName();
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
      machine.contactsKept().left(client, access.userName());
    }
    state = State.OVER;
    machine.remove(this);
    outflow.end();
  }

  /** The rules are others now. */
  void accessChanged(UnaryOperator<Access> rules) {
    if (state == State.OVER || access.user() == null) {
      return;
    }
    try {
      Access now = rules.apply(access);
      PartRule before = state == State.LIVE ? part(null) : null;
      Access former = access;
      access = now;
      visibility = visibility(now);
      if (before == null || before.equals(part(null))) {
        return;
      }
      if (feed() instanceof PartFeed partFeed && now.readable() != null && former.readable() != null
          && now.hidden().equals(former.hidden())) {
        partFeed.want(0, part(partFeed.scopes()));
        outflow.pump();
      } else {
        fail(SessionErrors.rulesChanged());
      }
    } catch (RebasisException e) {
      fail(e);
    }
  }

  void tick(Instant now) {
    if (state == State.NEW && now.isAfter(helloBy)) {
      fail(SessionErrors.silent(machine.limits().helloMillis()));
    } else if (access.user() != null && access.user().expires() != null && now.isAfter(access.user().expires())) {
      fail(SessionErrors.expired(access.userName()));
    } else if (idle.isTooLong(now, pushes.undecided() > 0 || outflow.isLoading()) && state == State.LIVE) {
      fail(SessionErrors.idle(machine.limits().idleMillis()));
    } else {
      outflow.level();
    }
  }

  /** Sends what may be sent. */
  void pump() {
    outflow.pump();
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
    version = greeting.version();
    token = greeting.token();
    formerToken = greeting.formerToken();
    boolean isPastFork = greeting.isPastFork();
    Master master = machine.master();
    Set<String> features = new HashSet<>(hello.features());
    features.retainAll(FEATURES);
    PartRule part = part(hello.scopes());
    Feed feed;
    try {
      feed = isPastFork ? new WholeFeed(machine, visibility, 0) : feed(hello, part, features);
    } catch (RebasisException e) {
      fail(e);
      return;
    }
    if (!isPastFork && hello.t() > 0 && hello.features().containsAll(Set.of(LOAD, ANEW)) && isLessAnew(feed, hello.t())) {
      feed.close();
      fail(SessionErrors.loadAnew());
      return;
    }
    state = State.LIVE;
    if (part.isAll()) {
      features.remove(PART);
    }
    // A client that holds a part of a load goes on in the session: the part may be another by now.
    boolean mayLoad = features.contains(LOAD) && !isPastFork && (part.isAll() || hello.t() == 0);
    long missing = mayLoad ? master.datomsAfter(hello.t()) : 0;
    boolean loading = missing >= machine.limits().loadDatomsMin();
    log.began(hello.t(), master.forcedT());
    machine.contactsKept().came(client, access.userName());
    // What a client past a fork holds is no state of this database: it comes back once it has given that up.
    outflow.begin(feed, hello.credit(), loading || isPastFork,
        new Message.Welcome(version, features, master.databaseId(), client, master.forcedT(), greeting.newToken(),
            loading ? toLoad(feed, hello.t(), missing) : 0, greeting.forks(), access.userName()));
    demandIfReady();
    outflow.pump();
  }

  /** About how many facts a load brings: all that are current to who holds nothing, else at most what was written since. */
  private long toLoad(Feed feed, long t, long missing) {
    return t > 0 ? missing
        : Math.max(1, feed instanceof PartFeed partFeed ? partFeed.facts() : seenFacts());
  }

  /** What is hidden is not counted: the number would tell of it. */
  private long seenFacts() {
    return machine.digest().facts(HiddenAttributes.of(access.hidden(), machine.master().schema()));
  }

  private boolean isLessAnew(Feed feed, long t) {
    long least = machine.limits().loadDatomsMin();
    return feed instanceof PartFeed partFeed ? partFeed.isLessAnew(least) : WayBack.isLoadLess(machine.master(), t, least);
  }

  private static Visibility visibility(Access access) {
    return new Visibility(access.hidden(), access.userName());
  }

  private PartRule part(List<ScopeSpec> scopes) {
    return new PartRule(scopes, access.readable(), access.hidden());
  }

  private Feed feed(Message.Hello hello, PartRule part, Set<String> features) {
    if (part.isAll()) {
      return new WholeFeed(machine, visibility, hello.t());
    }
    if (version < PARTS_VERSION || !features.contains(PART)) {
      throw SessionErrors.cannotHoldPart();
    }
    PartRule held = part(hello.held());
    part.check();
    held.check();
    return new PartFeed(machine, new Reader(client, access.userName()), hello.t(), part, held);
  }

  /** Other scopes are wanted. A client that holds the whole database has to begin anew for that. */
  private void scope(Message.Scope scope) {
    if (!(feed() instanceof PartFeed partFeed)) {
      fail(SessionErrors.unexpected(scope));
      return;
    }
    try {
      PartRule wanted = part(scope.scopes());
      wanted.check();
      if (partFeed.want(scope.ref(), wanted)) {
        outflow.pump();
      } else {
        fail(SessionErrors.tooManyScopes());
      }
    } catch (RebasisException e) {
      outflow.send(new Message.Failed(e.code(), e.category(), e.getMessage(), 0, false));
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
      outflow.loaded(new WholeFeed(machine, visibility, loaded.t()), loaded.credit());
    }
  }

  private void push(Message.Push message) {
    try {
      pushes.take(message, access.userName() == null ? store : access.userName());
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
    machine.master().push(new SessionPush(message, client, access, line, token, formerToken, new SessionPush.Answers() {
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
