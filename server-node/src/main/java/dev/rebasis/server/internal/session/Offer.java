package dev.rebasis.server.internal.session;

import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.ScopeSpec;
import dev.rebasis.server.internal.master.Access;
import dev.rebasis.server.internal.scope.HiddenAttributes;
import dev.rebasis.server.internal.scope.PartRule;
import dev.rebasis.server.internal.scope.Reader;
import java.util.List;

/**
 * What a session's user may be sent by the rules that hold now: which part of the database, and as which feed. Immutable, but
 * for the database that it looks at; confined to the core.
 */
final class Offer {
  /** The first version of the protocol in which a part of the database can be told. */
  private static final int PARTS_VERSION = 4;

  private final ServerMachine machine;
  private final Access access;
  private final Visibility visibility;

  Offer(ServerMachine machine, Access access) {
    this.machine = machine;
    this.access = access;
    this.visibility = new Visibility(access.hidden(), access.userName());
  }

  /** Who is asking, and by which rules. */
  Access access() {
    return access;
  }

  /** What of the scopes that a client asks for, or holds, the user may see; no scopes are the whole. */
  PartRule part(List<ScopeSpec> scopes) {
    return new PartRule(scopes, access.readable(), access.hidden());
  }

  /** The whole database from a T on, but for what is hidden. */
  WholeFeed whole(long t) {
    return new WholeFeed(machine, visibility, t);
  }

  /**
   * What the client gets from the T on that it holds.
   *
   * @param part from {@link #part}
   * @param canHoldPart whether that was agreed on
   * @throws dev.rebasis.error.RebasisException if the client cannot hold the part that it would get, or a scope is wrong
   */
  Feed feed(Message.Hello hello, PartRule part, int version, boolean canHoldPart, long client) {
    if (part.isAll()) {
      return whole(hello.t());
    }
    if (version < PARTS_VERSION || !canHoldPart) {
      throw SessionErrors.cannotHoldPart();
    }
    PartRule held = part(hello.held());
    part.check();
    held.check();
    return new PartFeed(machine, new Reader(client, access.userName()), hello.t(), part, held);
  }

  /** About how many facts a load brings: all that are current to who holds nothing, else at most what was written since. */
  long toLoad(Feed feed, long t, long missing) {
    return t > 0 ? missing
        : Math.max(1, feed instanceof PartFeed partFeed ? partFeed.facts() : seenFacts());
  }

  /** What is hidden is not counted: the number would tell of it. */
  private long seenFacts() {
    return machine.digest().facts(HiddenAttributes.of(access.hidden(), machine.master().schema()));
  }

  /** Whether a client that stands at a T has less to load if it begins anew. */
  boolean isLessAnew(Feed feed, long t) {
    long least = machine.limits().loadDatomsMin();
    return feed instanceof PartFeed partFeed ? partFeed.isLessAnew(least) : WayBack.isLoadLess(machine.master(), t, least);
  }
}
