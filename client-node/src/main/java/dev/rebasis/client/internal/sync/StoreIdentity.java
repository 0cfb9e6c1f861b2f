package dev.rebasis.client.internal.sync;

import dev.rebasis.client.internal.log.LogEntry;
import dev.rebasis.client.internal.log.StoreIds;
import dev.rebasis.protocol.Fork;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.Standing;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * Who this store is to its server: its id, its number, the tokens by which the server tells it from a copy, and the
 * lineage of the database that it follows. Each change is given as entries for the log. Confined to the {@link
 * SyncMachine}.
 *
 * <p>Two tokens are kept: the newest, and the one before it. The server knows the one under which this store pushed last;
 * a crash of either side between a welcome and the next push leaves that the one before.
 */
final class StoreIdentity {
  /** The first version of the protocol in which a welcome names the user. */
  private static final int USER_VERSION = 4;

  private final Supplier<UUID> newIds;
  private UUID store;
  private UUID database;
  private long client;
  private UUID token;
  private UUID formerToken;
  private UUID fork;
  private String user;
  private String factsOf;

  StoreIdentity(StoreIds ids, Supplier<UUID> newIds) {
    this.newIds = newIds;
    this.store = ids.store();
    this.database = ids.database();
    this.client = ids.client();
    this.token = ids.token();
    this.formerToken = ids.formerToken();
    this.fork = ids.fork();
    // An older store that has a number, and of which no name is known, met its server without one.
    boolean unnamed = ids.client() != 0 && ids.user() == null && ids.factsOf() == null;
    this.user = unnamed ? "" : ids.user();
    this.factsOf = unnamed ? "" : ids.factsOf();
  }

  UUID store() {
    return store;
  }

  UUID database() {
    return database;
  }

  /** The client's number, 0 if none. */
  long client() {
    return client;
  }

  /** What the store says of itself in a hello. */
  Standing standing(Instant newestConfirmed) {
    return new Standing(token, formerToken, fork, newestConfirmed);
  }

  /** The forks of the database that the store has not heard of; null if it followed another lineage. */
  List<Fork> unknownOf(List<Fork> forks) {
    if (fork == null) {
      return forks;
    }
    for (int i = forks.size() - 1; i >= 0; i--) {
      if (forks.get(i).id().equals(fork)) {
        return forks.subList(i + 1, forks.size());
      }
    }
    return null;
  }

  /**
   * Whether the server takes this store's user for another one than before. What waits under no name is nobody's: whoever
   * is named next may push it, or a server that begins to ask for names would lock out every store that has something waiting.
   */
  boolean isOtherUser(Message.Welcome welcome) {
    return namesUser(welcome) && user != null && !user.isEmpty() && !user.equals(nameIn(welcome));
  }

  /** Whether what is confirmed here is what another user than the server's may see. */
  boolean holdsFactsOfOther(Message.Welcome welcome) {
    return namesUser(welcome) && factsOf != null && !factsOf.equals(nameIn(welcome));
  }

  /** Whether somebody logged in whom the server has not named yet, over what another user may have seen. */
  boolean awaitsUser() {
    return user == null && factsOf != null;
  }

  /** The user's name, as the server told it last; null or empty if there is none. */
  String user() {
    return user;
  }

  private static boolean namesUser(Message.Welcome welcome) {
    return welcome.version() >= USER_VERSION;
  }

  private static String nameIn(Message.Welcome welcome) {
    return welcome.user() == null ? "" : welcome.user();
  }

  /** Takes in what a welcome says; gives what the log has to hold of it before the next push. */
  List<LogEntry> welcomed(Message.Welcome welcome) {
    List<LogEntry> entries = new ArrayList<>();
    if (database == null) {
      database = welcome.database();
      entries.add(new LogEntry.DatabaseId(database));
    }
    if (client != welcome.client()) {
      if (client != 0) {
        // The server has forgotten this store, as one that was restored from a backup may.
        entries.add(renumbered(store));
      }
      client = welcome.client();
      entries.add(new LogEntry.ClientNumber(client));
    }
    if (welcome.token() != null && !welcome.token().equals(token)) {
      formerToken = token;
      token = welcome.token();
      entries.add(new LogEntry.Tokens(token, formerToken));
    }
    if (namesUser(welcome) && (!nameIn(welcome).equals(user) || holdsFactsOfOther(welcome))) {
      user = nameIn(welcome);
      factsOf = user;
      entries.add(new LogEntry.UserName(user));
    }
    if (!welcome.forks().isEmpty()) {
      UUID newest = welcome.forks().get(welcome.forks().size() - 1).id();
      if (!newest.equals(fork)) {
        fork = newest;
        entries.add(new LogEntry.OnFork(fork));
      }
    }
    return entries;
  }

  /** Others may be its user from now on; gives what the log has to hold of it. */
  List<LogEntry> forgetUser() {
    if (user == null) {
      return List.of();
    }
    user = null;
    return List.of(new LogEntry.UserForgotten());
  }

  /** The server found that this store is a copy of another: it becomes one of its own. */
  LogEntry copied() {
    return renumbered(newIds.get());
  }

  private LogEntry renumbered(UUID newStore) {
    store = newStore;
    client = 0;
    token = null;
    formerToken = null;
    return new LogEntry.Renumbered(store);
  }
}
