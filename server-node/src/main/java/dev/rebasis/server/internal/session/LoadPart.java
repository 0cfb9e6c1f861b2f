package dev.rebasis.server.internal.session;

import dev.rebasis.server.internal.master.Access;
import dev.rebasis.server.internal.master.Missing;
import dev.rebasis.server.internal.scope.PartRule;
import dev.rebasis.server.internal.scope.Reader;
import java.util.Collection;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;

/**
 * What of what is missing a load brings. Which part a store is to hold its session alone knows: without one nothing is brought,
 * since everything would be too much. Called on the core.
 */
final class LoadPart {
  private LoadPart() {}

  /**
   * For a store that has a session here.
   *
   * @throws dev.rebasis.error.RebasisException if it has none of this user's, by these rules
   */
  static Missing ofStore(
      ServerMachine machine, Collection<ClientSession> sessions, Access access, UUID store, Missing missing) {
    for (ClientSession session : sessions) {
      if (!store.equals(session.store()) || !session.isLive() || !session.isOf(access)) {
        continue;
      }
      if (session.feed() instanceof PartFeed feed) {
        if (missing.afterT() > 0 || feed.isChanging()) {
          // The client's part of then may have been another: it goes on in the session.
          throw SessionErrors.loadOfPartGoesOn();
        }
        return PartOfMissing.of(missing, feed.fillAt(missing.t()), feed.reader(), machine.master().schema());
      }
      return ofUser(machine, access, missing);
    }
    throw SessionErrors.loadWithoutSession(store);
  }

  /** For a tool: all that the user may see, who pays for the time that it takes to find that out. */
  static Missing ofUser(ServerMachine machine, Access access, Missing missing) {
    PartRule rule = new PartRule(null, access.readable(), access.hidden());
    if (rule.isAll()) {
      return missing;
    }
    Reader reader = new Reader(0, Objects.requireNonNull(access.userName(), "user"));
    ScopeBudget budget = machine.parts().budget(reader);
    if (budget.isOver()) {
      throw SessionErrors.scopesCost(budget.waitMillis());
    }
    PartGroup group = machine.parts().enter(rule, budget);
    try {
      return PartOfMissing.of(missing, Set.copyOf(group.state().members()), reader, machine.master().schema());
    } finally {
      machine.parts().leave(group, budget);
    }
  }
}
