package dev.rebasis.server.internal.session;

import dev.rebasis.digest.Digest;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.AttributeDigest;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.ProtocolException;
import dev.rebasis.protocol.ProtocolVersion;
import dev.rebasis.protocol.PushOutcome;
import dev.rebasis.protocol.RebasisSchema;
import dev.rebasis.protocol.ScopeSpec;
import dev.rebasis.server.access.User;
import dev.rebasis.server.internal.master.Access;
import dev.rebasis.server.internal.master.EmbeddedMaster;
import dev.rebasis.server.internal.master.Master;
import dev.rebasis.server.internal.scope.PartRule;
import dev.rebasis.server.internal.master.StoreTokens;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's session: hello, welcome, then pushes in and transactions and outcomes out, until either side says bye.
 * Confined to the core; every method may be called after the session is over and does nothing then.
 *
 * <p>Memory is bounded whatever the client does: messages are taken only while few pushed transactions wait and few
 * frames are on their way; transactions go out only for credit and while few frames are on their way.
 */
public final class ClientSession {
  private static final Logger LOG = LoggerFactory.getLogger(ClientSession.class);

  /** The client can load by HTTP what it lacks. */
  static final String LOAD = "load";

  /** The client can hold a part of the database; agreed on if that is what it gets. */
  static final String PART = "part";

  private static final Set<String> FEATURES = Set.of(LOAD, PART);
  /** The first version of the protocol in which a part of the database can be told. */
  private static final int PARTS_VERSION = 4;

  private enum State { NEW, REGISTERING, LIVE, OVER }

  /** A client that waits for a T. */
  private record Wanted(long t, long ref) {}

  private final ServerMachine machine;
  private final SessionTransport transport;
  private final Instant helloBy;
  private Access access;
  private final Visibility visibility;
  private final PriorityQueue<Wanted> wanted =
      new PriorityQueue<>((x, y) -> x.t != y.t ? Long.compare(x.t, y.t) : Long.compare(x.ref, y.ref));

  private State state = State.NEW;
  private int version;
  private UUID store;
  private long client;
  private Feed feed;
  /** Hashes of the session's token, and of the one under which the store pushed last; null if there is none. */
  private UUID token;
  private UUID formerToken;
  private long credit;
  private long toldT;
  private int undecided;
  private int unsent;
  private int unsentBatches;
  private boolean demandDue;
  private boolean pumping;
  /** Nothing is sent before the client says what it has loaded by HTTP. */
  private boolean loading;
  /** The client is to be told the T that it stands at, even if it saw nothing of the last transactions. */
  private boolean levelDue = true;

  ClientSession(ServerMachine machine, SessionTransport transport, Instant helloBy, Access access) {
    this.machine = machine;
    this.access = access;
    this.visibility = new Visibility(access.hidden());
    this.transport = transport;
    this.helloBy = helloBy;
  }

  /** The store's id, or null before the hello. */
  UUID store() {
    return store;
  }

  /** How far what was sent is behind the newest T. */
  long lag() {
    return state == State.LIVE ? Math.max(0, machine.master().forcedT() - feed.cursor()) : 0;
  }

  User user() {
    return access.user();
  }

  /** What it is sent; null before the welcome. */
  Feed feed() {
    return feed;
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
    if (state == State.LIVE && isRevoked()) {
      fail(SessionErrors.revoked(client));
    }
  }

  private boolean isRevoked() {
    datomic.Entity device = machine.master().database().entity(
        datomic.Util.list(datomic.Util.read(RebasisSchema.CLIENT_NUMBER.toString()), client));
    return device != null && Boolean.TRUE.equals(device.get(RebasisSchema.CLIENT_REVOKED.toString()));
  }

  // ---- events ----

  /** A message has arrived. */
  public void received(Message.FromClient message) {
    if (state == State.OVER) {
      return;
    }
    demandDue = true;
    if (state != State.LIVE && !(message instanceof Message.Bye)) {
      if (state == State.NEW && message instanceof Message.Hello hello) {
        hello(hello);
      } else {
        fail(SessionErrors.unexpected(message));
      }
    } else if (message instanceof Message.Push push) {
      push(push);
    } else if (message instanceof Message.PullCredit more) {
      credit(more.datoms());
    } else if (message instanceof Message.Sync sync) {
      sync(sync);
    } else if (message instanceof Message.Scope scope) {
      scope(scope);
    } else if (message instanceof Message.Verify verify) {
      verify(verify);
    } else if (message instanceof Message.Loaded loaded && loading) {
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
      over();
    }
  }

  private void over() {
    state = State.OVER;
    machine.remove(this);
    if (feed != null) {
      feed.close();
    }
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
      if (before == null || before.equals(part(null))) {
        return;
      }
      if (feed instanceof PartFeed partFeed && now.readable() != null && former.readable() != null
          && now.hidden().equals(former.hidden())) {
        partFeed.want(0, part(partFeed.scopes()));
        pump();
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
    } else {
      levelDue = true;
      pump();
    }
  }

  void bye(String reason) {
    if (state != State.OVER) {
      send(new Frame(new Message.Bye(reason)), () -> { });
      end(true, reason);
    }
  }

  // ---- the first message ----

  private void hello(Message.Hello hello) {
    Master master = machine.master();
    try {
      version = ProtocolVersion.agree(hello.version());
    } catch (ProtocolException e) {
      fail(e);
      return;
    }
    if (hello.database() != null && !hello.database().equals(master.databaseId())) {
      fail(SessionErrors.otherDatabase(hello.database(), master.databaseId()));
      return;
    }
    Admission admission = new Admission(master, hello, version);
    RebasisException refusal = admission.refusal();
    if (refusal != null) {
      fail(refusal);
    } else {
      state = State.REGISTERING;
      store = hello.store();
      master.clientNumber(store, new Master.Answer<>() {
        @Override
        public void done(Long number) {
          admit(hello, admission, number);
        }

        @Override
        public void refused(RebasisException reason) {
          fail(reason);
        }
      });
    }
  }

  private void admit(Message.Hello hello, Admission admission, long number) {
    if (state != State.REGISTERING) {
      return;
    }
    client = number;
    if (isRevoked()) {
      fail(SessionErrors.revoked(number));
    } else if (admission.token(number) instanceof Admission.Token.Given given) {
      machine.replaceOthers(this, store);
      token = StoreTokens.hash(given.token());
      formerToken = given.former();
      if (given.now()) {
        machine.master().setToken(number, token, new Master.Answer<>() {
          @Override
          public void done(UUID hash) {
            welcome(hello, admission, given.token());
          }

          @Override
          public void refused(RebasisException reason) {
            fail(reason);
          }
        });
      } else {
        welcome(hello, admission, given.token());
      }
    } else {
      fail(StoreTokens.copied(number));
    }
  }

  private void welcome(Message.Hello hello, Admission admission, UUID newToken) {
    if (state != State.REGISTERING) {
      return;
    }
    credit = Math.max(0, hello.credit());
    Master master = machine.master();
    toldT = master.forcedT();
    Set<String> features = new HashSet<>(hello.features());
    features.retainAll(FEATURES);
    PartRule part = part(hello.scopes());
    try {
      feed = admission.isPastFork() ? new WholeFeed(machine, visibility, 0) : feed(hello, part, features);
    } catch (RebasisException e) {
      fail(e);
      return;
    }
    state = State.LIVE;
    if (part.isAll()) {
      features.remove(PART);
    }
    // A client that holds a part of a load goes on in the session: the part may be another by now.
    boolean mayLoad = features.contains(LOAD) && !admission.isPastFork() && (part.isAll() || hello.t() == 0);
    long missing = mayLoad ? master.datomsAfter(hello.t()) : 0;
    loading = missing >= machine.limits().loadDatomsMin();
    send(new Frame(new Message.Welcome(version, features, master.databaseId(), client, toldT, newToken,
        loading ? missing : 0, admission.forks(), access.userName())), () -> { });
    // What the client holds is no state of this database: it comes back once it has given that up.
    loading |= admission.isPastFork();
    demandIfReady();
    pump();
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
    return new PartFeed(machine, client, hello.t(), part, held);
  }

  /** Other scopes are wanted. A client that holds the whole database has to begin anew for that. */
  private void scope(Message.Scope scope) {
    if (!(feed instanceof PartFeed partFeed)) {
      fail(SessionErrors.unexpected(scope));
      return;
    }
    try {
      PartRule wanted = part(scope.scopes());
      wanted.check();
      if (partFeed.want(scope.ref(), wanted)) {
        pump();
      } else {
        fail(SessionErrors.tooManyScopes());
      }
    } catch (RebasisException e) {
      send(new Frame(new Message.Failed(e.code(), e.category(), e.getMessage(), 0, false)), () -> { });
    }
  }

  private void loaded(Message.Loaded loaded) {
    Master master = machine.master();
    if (loaded.t() < feed.cursor()) {
      fail(SessionErrors.loadedBack(loaded.t(), feed.cursor()));
    } else if (loaded.t() > 0 && !master.hasTransaction(loaded.t())) {
      fail(ServerMachine.unknownT(loaded.t(), master.forcedT()));
    } else {
      loading = false;
      if (feed instanceof PartFeed part) {
        part.filled(loaded.t());
      } else {
        feed = new WholeFeed(machine, visibility, loaded.t());
      }
      credit = loaded.credit();
      pump();
    }
  }

  // ---- pushes ----

  private void push(Message.Push message) {
    List<Intent> intents = message.intents();
    undecided += intents.size();
    machine.master().push(new Master.Push() {
      private int open = intents.size();

      @Override
      public long client() {
        return client;
      }

      @Override
      public String user() {
        return access.userName();
      }

      @Override
      public Access access() {
        return access;
      }

      @Override
      public List<Intent> intents() {
        return intents;
      }

      @Override
      public Map<Long, Long> known() {
        return message.known();
      }

      @Override
      public UUID token() {
        return token;
      }

      @Override
      public UUID formerToken() {
        return formerToken;
      }

      @Override
      public void decided(List<PushOutcome> outcomes) {
        open -= outcomes.size();
        undecided -= outcomes.size();
        outcomes.forEach(machine::count);
        if (state == State.LIVE) {
          send(new Frame(new Message.Outcomes(outcomes)), () -> { });
        }
        demandIfReady();
      }

      @Override
      public void refused(RebasisException reason) {
        undecided -= open;
        fail(reason);
      }
    });
  }

  // ---- transactions ----

  private void credit(long datoms) {
    if (datoms <= 0) {
      fail(SessionErrors.credit(datoms));
      return;
    }
    credit = credit + datoms < credit ? Long.MAX_VALUE : credit + datoms;
    pump();
  }

  private void sync(Message.Sync sync) {
    if (wanted.size() >= machine.limits().intentsUndecided()) {
      fail(SessionErrors.tooManySyncs(wanted.size()));
      return;
    }
    wanted.add(new Wanted(sync.t() > 0 ? sync.t() : machine.master().forcedT(), sync.ref()));
    pump();
  }

  private void verify(Message.Verify verify) {
    Digest theirs = Digest.of(verify.digests());
    Optional<Digest> ours = feed.digest(verify.t(), theirs);
    List<AttributeDigest> different = List.of();
    if (ours.isPresent()) {
      different = ours.get().differences(theirs);
      if (!different.isEmpty()) {
        LOG.warn("Client {} differs from the server at T {}: the server has {}, the client {}.", client, verify.t(),
            different, theirs.differences(ours.get()));
      }
    }
    send(new Frame(new Message.Verified(verify.ref(), verify.t(), ours.isPresent(), different)), () -> { });
  }

  /** Sends what may be sent. */
  void pump() {
    // A transport may run "sent" inside "send"; the loop below then simply goes on.
    if (state != State.LIVE || pumping || loading) {
      return;
    }
    pumping = true;
    try {
      sendNext();
    } catch (RebasisException e) {
      fail(e);
    }
    pumping = false;
    answerSyncs();
    long head = machine.master().forcedT();
    if (state == State.LIVE && feed.cursor() < head && credit <= 0 && toldT < head && unsent == 0) {
      toldT = head;
      send(new Frame(new Message.Basis(head)), this::pump);
    }
  }

  private void sendNext() {
    long head = machine.master().forcedT();
    while (state == State.LIVE && credit > 0 && unsentBatches < machine.limits().framesUnsent()) {
      Feed.Piece piece = feed.next();
      if (piece == null && levelDue) {
        levelDue = false;
        piece = feed.level();
      }
      if (piece == null) {
        return;
      }
      toldT = head;
      send(piece);
    }
  }

  private void send(Feed.Piece piece) {
    credit -= piece.datoms();
    unsentBatches++;
    send(piece.frame(), this::batchSent);
  }

  private void batchSent() {
    unsentBatches--;
    pump();
  }

  private void answerSyncs() {
    while (state == State.LIVE && !wanted.isEmpty() && wanted.peek().t <= feed.cursor()) {
      Feed.Piece level = feed.level();
      if (level != null) {
        send(level);
      }
      send(new Frame(new Message.Synced(wanted.poll().ref, feed.cursor())), () -> { });
    }
  }

  // ---- out ----

  private void send(Frame frame, Runnable then) {
    unsent++;
    transport.send(frame, () -> {
      unsent--;
      then.run();
      demandIfReady();
    });
  }

  private void demandIfReady() {
    SessionLimits limits = machine.limits();
    if (demandDue && state == State.LIVE
        && undecided < limits.intentsUndecided() && unsent < 4 * limits.framesUnsent()) {
      demandDue = false;
      transport.demand();
    }
  }

  private void fail(RebasisException reason) {
    if (state == State.OVER) {
      return;
    }
    long retryAfter = reason.data().get(EmbeddedMaster.RETRY_AFTER) instanceof Long millis ? millis : 0;
    send(new Frame(new Message.Failed(reason.code(), reason.category(), reason.getMessage(), retryAfter, true)),
        () -> { });
    end(reason.category() == ErrorCategory.RETRY_LATER, reason.getMessage());
  }

  private void end(boolean normal, String reason) {
    over();
    transport.close(normal, reason);
  }
}
