package dev.rebasis.server.internal.session;

import dev.rebasis.data.Keyword;
import dev.rebasis.data.Transaction;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.server.internal.master.Master;
import dev.rebasis.server.internal.master.MasterDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

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

  private final Master master;
  private final SessionLimits limits;
  private final Broadcast broadcast;
  private final MasterDigest digest;
  private final Set<ClientSession> sessions = new LinkedHashSet<>();
  private long headT;

  /** Makes the sessions' side of a master, which must have no other listener. */
  public ServerMachine(Master master, SessionLimits limits) {
    this.master = master;
    this.limits = limits;
    this.broadcast = new Broadcast(limits);
    this.headT = master.forcedT();
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
    ClientSession session = new ClientSession(this, transport, now.plusMillis(limits.helloMillis()));
    sessions.add(session);
    transport.demand();
    return session;
  }

  /** Time has passed; to be called about once a second. Closes connections that never said hello. */
  public void tick(Instant now) {
    digest.follow(DIGEST_DATOMS_A_TICK);
    for (ClientSession session : List.copyOf(sessions)) {
      session.tick(now);
    }
  }

  /** Says goodbye to all and takes no one any more. */
  public void shutDown(String reason) {
    for (ClientSession session : List.copyOf(sessions)) {
      session.bye(reason);
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

  Master master() {
    return master;
  }

  MasterDigest digest() {
    return digest;
  }

  SessionLimits limits() {
    return limits;
  }

  /** The next batch after a T that the durable log goes beyond. */
  Broadcast.Batch batchAfter(long t) {
    Broadcast.Batch shared = broadcast.after(t);
    return shared != null ? shared
        : Broadcast.batch(t, master.transactionsAfter(t, limits.batchDatoms()), master.forcedT());
  }

  /** A store has one session at a time: an older one is a connection that its client has given up. */
  void replaceOthers(ClientSession newest, UUID store) {
    for (ClientSession session : List.copyOf(sessions)) {
      if (session != newest && store.equals(session.store())) {
        session.bye("The same store has opened a newer session.");
      }
    }
  }

  void remove(ClientSession session) {
    sessions.remove(session);
  }

  private void forced(List<Transaction> transactions) {
    long t = master.forcedT();
    broadcast.add(headT, transactions, t);
    headT = t;
    for (ClientSession session : new ArrayList<>(sessions)) {
      session.pump();
    }
  }
}
