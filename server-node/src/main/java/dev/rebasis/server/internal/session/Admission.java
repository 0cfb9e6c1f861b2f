package dev.rebasis.server.internal.session;

import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Fork;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.Standing;
import dev.rebasis.server.internal.master.Master;
import dev.rebasis.server.internal.master.StoreTokens;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * Judges what a store says of itself in its hello: whether it followed this lineage of the database, and whether it is the
 * store that its number was given to or a copy of it. Confined to one session's beginning.
 */
final class Admission {
  /** The first version of the protocol that has lineage and two tokens. */
  private static final int LINEAGE_VERSION = 4;

  private final Master master;
  private final Message.Hello hello;
  private final int version;
  private final List<Fork> forks;
  private final List<Fork> unknown;

  Admission(Master master, Message.Hello hello, int version) {
    this.master = master;
    this.hello = hello;
    this.version = version;
    this.forks = master.forks();
    this.unknown = after(forks, hello.standing().fork());
  }

  /** The forks after the one with this id, all if it is null; null if it is not among them. */
  private static List<Fork> after(List<Fork> forks, UUID known) {
    if (known == null) {
      return forks;
    }
    for (int i = forks.size() - 1; i >= 0; i--) {
      if (forks.get(i).id().equals(known)) {
        return forks.subList(i + 1, forks.size());
      }
    }
    return null;
  }

  /** Why the store cannot follow this database, or null. */
  RebasisException refusal() {
    if (unknown == null) {
      return error(":rebasis.error/server-behind", "The store knows of a fork of this database (" + hello.standing().fork()
          + ") that this server does not have: it was restored from an older backup. Restore a newer one, or use a new"
          + " store.");
    }
    if (!forks.isEmpty() && version < LINEAGE_VERSION && hello.t() > forks.get(0).t()) {
      return error(":rebasis.error/unsupported-version", "This database was restored from a backup, and a client of"
          + " version " + version + " of the protocol cannot tell what of its data that concerns: update the client.");
    }
    if (isPastFork() || hello.t() == 0) {
      return null;
    }
    if (!master.hasTransaction(hello.t())) {
      return ServerMachine.unknownT(hello.t(), master.forcedT());
    }
    Instant here = master.instantOf(hello.t());
    Instant there = hello.standing().instant();
    return there == null || here == null || there.equals(here) ? null
        : error(":rebasis.error/other-history", "The transaction with T " + hello.t() + " was committed at " + there
            + " as the store has it, and at " + here + " here: the server was restored from a backup without this being"
            + " noted. Its operator notes it with 'rebasis log fork'; nothing was sent or changed.");
  }

  /** Whether the store holds what was confirmed past a fork that it does not know of. */
  boolean isPastFork() {
    return unknown.stream().anyMatch(fork -> hello.t() > fork.t());
  }

  /** All forks of the database. */
  List<Fork> forks() {
    return forks;
  }

  /** What the session's token is to be. */
  sealed interface Token {
    /**
     * Given to the store.
     *
     * @param token what the welcome says; null for clients that have no tokens
     * @param former a hash of the token under which the store pushed last, or null
     * @param now whether the database has to hold it before the session begins
     */
    record Given(UUID token, UUID former, boolean now) implements Token {}

    /** It is a copy. */
    record Copied() implements Token {}

    /** It cannot show one, and there is one: whoever speaks of it may be anybody. */
    record None() implements Token {}
  }

  /** The token for the store's number. */
  Token token(long number) {
    UUID used = master.tokenOf(number);
    if (version < LINEAGE_VERSION) {
      return used == null ? new Token.Given(null, null, false) : new Token.None();
    }
    Standing standing = hello.standing();
    if (used == null || used.equals(StoreTokens.hash(standing.token()))) {
      return new Token.Given(master.newId(), used, false);
    }
    if (used.equals(StoreTokens.hash(standing.formerToken()))) {
      // Nothing was pushed under the newest one, or a crash took back what was: it still stands to be used.
      return new Token.Given(standing.token(), used, false);
    }
    // Before the database forked the store may well have used a token that the database has forgotten.
    return unknown.isEmpty() ? new Token.Copied() : new Token.Given(master.newId(), used, true);
  }

  private static RebasisException error(String code, String message) {
    return new RebasisException(Keyword.of(code), ErrorCategory.ASK_PERSON, message);
  }
}
