package dev.rebasis.server.internal.session;

import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Message;
import dev.rebasis.server.internal.master.Master;
import dev.rebasis.server.internal.scope.PartRule;
import java.util.HashSet;
import java.util.Set;

/**
 * What a session begins with once its client is known. Immutable, but for the feed; confined to the core.
 *
 * @param feed what it is sent, from the T on at which it stands
 * @param isWaiting whether the client first does something else: loads by HTTP, or gives up what it holds
 * @param welcome what it is told
 */
record Beginning(Feed feed, boolean isWaiting, Message.Welcome welcome) {
  /** The client can load by HTTP what it lacks. */
  private static final String LOAD = "load";

  /** The client can hold a part of the database; agreed on if that is what it gets. */
  private static final String PART = "part";

  /** The client holds no half of a load, and would give up what it holds to load it anew. */
  private static final String ANEW = "anew";

  private static final Set<String> FEATURES = Set.of(LOAD, PART);

  /**
   * Agrees with a client on what it gets.
   *
   * @param client its number
   * @throws RebasisException if it cannot have what it wants, or had better begin anew
   */
  static Beginning of(ServerMachine machine, Offer offer, Greeting greeting, long client) {
    Message.Hello hello = greeting.hello();
    boolean isPastFork = greeting.isPastFork();
    Set<String> features = new HashSet<>(hello.features());
    features.retainAll(FEATURES);
    PartRule part = offer.part(hello.scopes());
    Feed feed = isPastFork ? offer.whole(0) : offer.feed(hello, part, greeting.version(), features.contains(PART), client);
    try {
      return with(feed, part, features, machine, offer, greeting, client);
    } catch (RebasisException e) {
      feed.close();
      throw e;
    }
  }

  private static Beginning with(Feed feed, PartRule part, Set<String> features, ServerMachine machine, Offer offer, Greeting greeting,
      long client) {
    Message.Hello hello = greeting.hello();
    boolean isPastFork = greeting.isPastFork();
    if (!isPastFork && hello.t() > 0 && hello.features().containsAll(Set.of(LOAD, ANEW)) && offer.isLessAnew(feed, hello.t())) {
      throw SessionErrors.loadAnew();
    }
    if (part.isAll()) {
      features.remove(PART);
    }
    // A client that holds a part of a load goes on in the session: the part may be another by now.
    boolean mayLoad = features.contains(LOAD) && !isPastFork && (part.isAll() || hello.t() == 0);
    Master master = machine.master();
    long missing = mayLoad ? master.datomsAfter(hello.t()) : 0;
    boolean isLoading = missing >= machine.limits().loadDatomsMin();
    // What a client past a fork holds is no state of this database: it comes back once it has given that up.
    return new Beginning(feed, isLoading || isPastFork,
        new Message.Welcome(greeting.version(), features, master.databaseId(), client, master.forcedT(), greeting.newToken(),
            isLoading ? offer.toLoad(feed, hello.t(), missing) : 0, greeting.forks(), offer.access().userName()));
  }
}
