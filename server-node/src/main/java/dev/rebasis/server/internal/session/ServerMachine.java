package dev.rebasis.server.internal.session;

import datomic.Database;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Schema;
import dev.rebasis.data.Transaction;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.protocol.PushOutcome;
import dev.rebasis.protocol.RebasisSchema;
import dev.rebasis.server.internal.master.Access;
import dev.rebasis.server.internal.master.EmbeddedMaster;
import dev.rebasis.server.internal.master.Master;
import dev.rebasis.server.internal.master.MasterDigest;
import dev.rebasis.server.internal.master.Missing;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;

/**
 * The sessions of one database. Each session has a cursor, the T up to which its client was sent everything, and a
 * credit; catching up and hearing of new transactions are the same thing: while the cursor is behind the durable T and
 * there is credit, the next batch goes out, from the batches kept at hand if possible, else from the master's log.
 *
 * <p>Confined: everything is called on the core, and the master calls back there. To run a server in one thread, open
 * an {@link dev.rebasis.server.internal.master.EmbeddedMaster} with one
 * {@link dev.rebasis.executor.InlineExecutor} as both executors, make a machine on it, and connect
 * virtual transports: {@link #opened}, then {@link ClientSession#received} for each message.
 */
public final class ServerMachine {
  /** So many datoms the digest follows in a second unasked: some milliseconds. */
  private static final int DIGEST_DATOMS_A_TICK = 5_000;

  private static final String NOBODY = "(without a name)";
  private static final long TOO_MANY_RETRY_MILLIS = 5_000;

  private final Master master;
  private final SessionLimits limits;
  private final Broadcast broadcast;
  private final MasterDigest digest;
  private final Rates rates;
  private final Rates newStores;
  private final Contacts contacts = new Contacts();
  private final PartGroups parts;
  private final Set<ClientSession> sessions = new LinkedHashSet<>();
  private final RoleBatches filtered;
  private final Map<OutcomeKind, Long> outcomes = new EnumMap<>(OutcomeKind.class);
  private RebasisException diskFull;
  private long headT;
  /** How access is judged since it changed first; null before. */
  private UnaryOperator<Access> rules;
  /** Written on the core only. */
  private volatile long withdrawals;
  private volatile Schema schema;

  /** Makes the sessions' side of a master, which must have no other listener; it does not look at how long queries take. */
  public ServerMachine(Master master, SessionLimits limits) {
    this(master, limits, null);
  }

  /**
   * The same, in which nobody's scopes may hold the core for long.
   *
   * @param nanos a clock that only runs forward, in nanoseconds; null if nothing is to depend on how long queries take
   */
  public ServerMachine(Master master, SessionLimits limits, LongSupplier nanos) {
    this.parts = new PartGroups(this, limits.scopeBytesMax(), nanos);
    this.master = master;
    this.limits = limits;
    this.rates = Rates.ofPushes(limits.pushRateMax());
    this.newStores = Rates.anHour(10.0 + limits.sessionsPerUserMax());
    this.broadcast = new Broadcast(limits);
    this.filtered = new RoleBatches(master, limits.batchDatoms());
    this.headT = master.forcedT();
    this.schema = master.schema();
    this.digest = new MasterDigest(master);
    master.onForced(this::forced);
  }

  /**
   * A client has connected.
   *
   * @param transport the way to it
   * @param now the time, for the limit on a first message
   * @return where its messages go
   */
  public ClientSession opened(SessionTransport transport, Instant now) {
    return opened(transport, now, Access.ALL);
  }

  /** The same for a user who may not do everything. If the rules have changed since the user was asked for, the newest count. */
  public ClientSession opened(SessionTransport transport, Instant now, Access asked) {
    contacts.now(now);
    Access access = asked;
    RebasisException out = null;
    try {
      access = newest(asked);
    } catch (RebasisException e) {
      out = e;
    }
    ClientSession session = new ClientSession(this, transport, now.plusMillis(limits.helloMillis()), access);
    if (out != null) {
      session.refuse(out);
      return session;
    }
    if (sessions.size() >= limits.sessionsMax()) {
      session.refuse(tooMany("This server has", limits.sessionsMax()));
      return session;
    }
    String user = access.userName();
    if (user != null && sessions.stream().filter(s -> user.equals(s.userName())).count() >= limits.sessionsPerUserMax()) {
      session.refuse(tooMany("The user " + user + " has", limits.sessionsPerUserMax()));
      return session;
    }
    sessions.add(session);
    transport.demand();
    return session;
  }

  /** Time has passed; to be called about once a second. Closes connections that never said hello. */
  public void tick(Instant now) {
    contacts.now(now);
    rates.tick(now);
    newStores.tick(now);
    parts.tick();
    digest.follow(DIGEST_DATOMS_A_TICK);
    for (ClientSession session : List.copyOf(sessions)) {
      session.tick(now);
    }
  }

  /**
   * The disk of the log has no room any more, or has some again. What is pushed meanwhile waits; everything else goes on.
   *
   * @param reason why nothing can be written, null if it can
   */
  public void disk(RebasisException reason) {
    boolean roomAgain = diskFull != null && reason == null;
    diskFull = reason;
    if (roomAgain) {
      List.copyOf(sessions).forEach(ClientSession::decideHeld);
    }
  }

  boolean isDiskFull() {
    return diskFull != null;
  }

  /** Why nothing can be written, or null. */
  public RebasisException diskFull() {
    return diskFull;
  }

  /** Says goodbye to all and takes no one any more. */
  public void shutDown(String reason) {
    for (ClientSession session : List.copyOf(sessions)) {
      session.bye(reason);
    }
  }

  /** The newest schema. For any thread. */
  public Schema schema() {
    return schema;
  }

  /**
   * A client that is connected and how far what it was sent is behind the newest T.
   *
   * @param client its number
   * @param lag in steps of T
   */
  public record Lag(long client, long lag) {}

  /** How far each welcomed client is behind, those that are furthest first. */
  public List<Lag> lags() {
    List<Lag> lags = new ArrayList<>();
    for (ClientSession session : sessions) {
      if (session.isLive()) {
        lags.add(new Lag(session.client(), session.lag()));
      }
    }
    lags.sort(Comparator.comparingLong(Lag::lag).reversed().thenComparingLong(Lag::client));
    return lags;
  }

  /** How many pushed transactions had which outcome since the start; repeated answers are not counted. */
  public Map<OutcomeKind, Long> outcomes() {
    return Map.copyOf(outcomes);
  }

  void count(PushOutcome outcome) {
    if (!outcome.duplicate()) {
      outcomes.merge(outcome.kind(), 1L, Long::sum);
    }
  }

  /** How many connections there are. */
  public int sessionCount() {
    return sessions.size();
  }

  /** The error for whoever stands at a T that the database does not have. */
  public static RebasisException unknownT(long t, long forcedT) {
    return new RebasisException(Keyword.of(":rebasis.error/server-behind"), ErrorCategory.ASK_PERSON,
        "The store holds T " + t + ", which this server (at T " + forcedT + ") does not have: it was restored from"
            + " an older backup. Restore a newer one, or use a new store.");
  }

  private RebasisException tooMany(String who, int max) {
    return new RebasisException(Keyword.of(":rebasis.error/too-many-sessions"), ErrorCategory.RETRY_LATER,
        who + " " + max + " sessions, the most that it allows. Come back in " + TOO_MANY_RETRY_MILLIS / 1000 + " s.",
        Map.of(RebasisException.RETRY_AFTER, TOO_MANY_RETRY_MILLIS), null);
  }

  Master master() {
    return master;
  }

  /**
   * What of what is missing somebody is to have.
   *
   * @param store the store that it is for: what its session is to hold then, if that begins with this; null for all that
   *     the user may see
   */
  public Missing seenBy(Access access, UUID store, Missing missing) {
    if (store != null && isRevoked(storeRef(store))) {
      throw SessionErrors.revoked(store);
    }
    return store == null ? LoadPart.ofUser(this, access, missing) : LoadPart.ofStore(this, sessions, access, store, missing);
  }

  /** The parts of the database that sessions hold. */
  PartGroups parts() {
    return parts;
  }

  /** The database value as of a durable T. */
  Database databaseAt(long t) {
    Database newest = master.database();
    return t == master.forcedT() ? newest : newest.asOf(t);
  }

  /** When which client was last here, by its number, as far as this run knows. */
  public Map<Long, Contacts.Contact> contacts() {
    return contacts.all();
  }

  Contacts contactsKept() {
    return contacts;
  }

  /** How fast who pushes. */
  Rates rates() {
    return rates;
  }

  /**
   * Whether a store that nobody knows may get a number, which stays in the database for ever.
   *
   * @param user who asks, or null
   * @return why not, or null
   */
  RebasisException refusalOfNew(UUID store, String user) {
    if (master.database().entid(storeRef(store)) != null) {
      return null;
    }
    // Who has no name is trusted; but the reserve of a full disk is not for new stores without number.
    String who = user == null && diskFull != null ? NOBODY : user;
    long wait = who == null ? 0 : newStores.take(who, 1);
    return wait == 0 ? null : SessionErrors.tooManyStores(who, wait);
  }

  private static Object storeRef(UUID store) {
    return datomic.Util.list(datomic.Util.read(RebasisSchema.CLIENT_STORE.toString()), store);
  }

  MasterDigest digest() {
    return digest;
  }

  SessionLimits limits() {
    return limits;
  }

  /** The next batch after a T that the durable log goes beyond, as a reader sees it. */
  Broadcast.Batch batchAfter(long t, Visibility visibility) {
    if (visibility.isAll()) {
      return batchAfter(t);
    }
    return filtered.after(t, visibility);
  }

  private Broadcast.Batch batchAfter(long t) {
    Broadcast.Batch shared = broadcast.after(t);
    return shared != null ? shared
        : Broadcast.batch(t, master.transactionsAfter(t, limits.batchDatoms()), master.forcedT());
  }

  private Access newest(Access asked) {
    return rules == null || asked.user() == null ? asked : rules.apply(asked);
  }

  /** Changes whenever somebody may have lost sight of something: what is under way must be asked for again. For any thread. */
  public long withdrawals() {
    return withdrawals;
  }

  /**
   * The rules are others now: each session goes on with what its user may do by them, and what may no longer be seen is
   * withdrawn.
   *
   * @param access what a user may do now; throws a {@link RebasisException} if nothing at all
   */
  public void accessChanged(UnaryOperator<Access> access) {
    rules = access;
    withdrawals++;
    for (ClientSession session : List.copyOf(sessions)) {
      session.accessChanged(access);
    }
  }

  /** Tokens that were good may be good no more: everybody has to show theirs again. */
  public void tokensChanged() {
    withdrawals++;
    List.copyOf(sessions).forEach(session -> session.refuse(SessionErrors.tokensChanged()));
  }

  /**
   * A store has one session at a time. An older one is a connection that its client has given up, and nobody hears what is
   * said on it; or the store is in use twice, and then the one who hears it has to become a store of its own: else the
   * two would end each other's sessions for ever.
   */
  void replaceOthers(ClientSession newest, UUID store) {
    for (ClientSession session : List.copyOf(sessions)) {
      if (session != newest && store.equals(session.store())) {
        session.refuse(SessionErrors.usedTwice());
      }
    }
  }

  void remove(ClientSession session) {
    sessions.remove(session);
  }

  private void forced(List<Transaction> transactions) {
    long t = master.forcedT();
    schema = master.schema();
    Long revoked = master.schema().entid(RebasisSchema.CLIENT_REVOKED);
    for (Transaction transaction : transactions) {
      for (Datom datom : transaction.datoms()) {
        if (revoked != null && datom.a() == revoked) {
          withdrawals++;
          List.copyOf(sessions).forEach(ClientSession::checkRevoked);
        }
      }
    }
    broadcast.add(headT, transactions, t);
    parts.forced(transactions);
    headT = t;
    for (ClientSession session : new ArrayList<>(sessions)) {
      session.pump();
    }
  }

  /** Whether an operator has revoked the device with this number. */
  boolean isRevoked(long client) {
    return isRevoked(datomic.Util.list(datomic.Util.read(RebasisSchema.CLIENT_NUMBER.toString()), client));
  }

  private boolean isRevoked(Object reference) {
    datomic.Entity device = master.database().entid(reference) == null ? null : master.database().entity(reference);
    return device != null && Boolean.TRUE.equals(device.get(RebasisSchema.CLIENT_REVOKED.toString()));
  }
}
