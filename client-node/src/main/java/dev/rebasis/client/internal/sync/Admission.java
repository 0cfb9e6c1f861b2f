package dev.rebasis.client.internal.sync;

import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Fork;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.ProtocolException;
import dev.rebasis.protocol.ProtocolVersion;
import java.util.Comparator;

/**
 * Whether this store can go on with the server that greets it: the same protocol, database, lineage and user, and nothing
 * confirmed here that the server lacks. Looks only; changes nothing. Confined.
 */
final class Admission {
  private final StoreIdentity identity;
  private final Arrivals arrivals;
  private final PushQueue queue;

  Admission(StoreIdentity identity, Arrivals arrivals, PushQueue queue) {
    this.identity = identity;
    this.arrivals = arrivals;
    this.queue = queue;
  }

  /** Why this client does not go on with the server that greets so, or null. */
  RebasisException refusal(Message.Welcome welcome) {
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
  Fork lostFork(Message.Welcome welcome) {
    // An excision comes last: whatever the other forks ask for drops all that is confirmed as well.
    return identity.unknownOf(welcome.forks()).stream().filter(fork -> fork.t() < arrivals.receivedT())
        .min(Comparator.comparing(Fork::isExcision).thenComparing(Fork::t)).orElse(null);
  }
}
