package dev.rebasis.protocol;

import dev.rebasis.data.Keyword;
import dev.rebasis.data.Transaction;
import dev.rebasis.error.ErrorCategory;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** Everything that travels between a client and a server. Immutable values; unknown fields are ignored. */
public sealed interface Message {

  /** The word that names the message on the wire, for example {@code hello}. */
  String type();

  /** What a client sends. */
  sealed interface FromClient extends Message {}

  /** What a server sends. */
  sealed interface FromServer extends Message {}

  /**
   * Opens a session; the first message of a client.
   *
   * @param version the newest protocol version that the client speaks
   * @param features what the client can do beyond the version, by name
   * @param store the client store's id, made once when the store was
   * @param client the client number that the server gave this store, 0 before the first
   * @param database the id of the database that the store follows, null before the first contact
   * @param t the newest confirmed T that the client has, 0 if none
   * @param credit how many datoms the server may send before the client asks for more
   * @param standing by which the server tells copies of the store, and stores of another lineage; null for nothing
   * @param scopes the parts of the database that the client wants; null for all of it
   * @param held the parts that it holds at {@code t}; null for all of it
   */
  record Hello(
      int version, Set<String> features, UUID store, long client, UUID database, long t, long credit, Standing standing,
      List<ScopeSpec> scopes, List<ScopeSpec> held)
      implements FromClient {
    /** Copies the lists. */
    public Hello {
      standing = standing == null ? Standing.NONE : standing;
      scopes = scopes == null ? null : List.copyOf(scopes);
      held = held == null ? null : List.copyOf(held);
    }

    /** Wants all of the database. */
    public Hello(
        int version, Set<String> features, UUID store, long client, UUID database, long t, long credit,
        Standing standing) {
      this(version, features, store, client, database, t, credit, standing, null, null);
    }

    /** Says hello without more about the store. */
    public Hello(int version, Set<String> features, UUID store, long client, UUID database, long t, long credit) {
      this(version, features, store, client, database, t, credit, Standing.NONE);
    }

    @Override
    public String type() {
      return "hello";
    }
  }

  /**
   * Pending transactions, in order.
   *
   * @param intents at least one, by rising sequence number
   * @param known local numbers that the intents mention with the entities that they stand for, as far as the server may
   *     not know: those of a store that had another client number when it made them
   * @param number counts the pushes of a session from 1, so that the server notices one that is missing or that came twice;
   *     0 if the client does not count them
   */
  record Push(List<Intent> intents, Map<Long, Long> known, long number) implements FromClient {
    /** Copies the map. */
    public Push {
      known = Map.copyOf(known);
    }

    /** A push that is not counted. */
    public Push(List<Intent> intents, Map<Long, Long> known) {
      this(intents, known, 0);
    }

    /** A push of a store whose local numbers the server knows. */
    public Push(List<Intent> intents) {
      this(intents, Map.of());
    }

    @Override
    public String type() {
      return "push";
    }
  }

  /**
   * Lets the server send more.
   *
   * @param datoms how many datoms more, positive
   */
  record PullCredit(long datoms) implements FromClient {
    @Override
    public String type() {
      return "pull-credit";
    }
  }

  /**
   * Asks for a {@link Synced} when the server's T is known to be at least the wanted one.
   *
   * @param ref the client's own number for the request
   * @param t the wanted T, or 0 for the server's T at the moment the message arrives
   */
  record Sync(long ref, long t) implements FromClient {
    @Override
    public String type() {
      return "sync";
    }
  }

  /**
   * Changes the parts of the database that the client wants, from now on; answered by {@link ScopeChange}. Only a client
   * that named scopes in its hello may send it.
   *
   * @param ref the client's own number for the request, positive
   * @param scopes all that are wanted from now on
   */
  record Scope(long ref, List<ScopeSpec> scopes) implements FromClient {
    /** Copies the list. */
    public Scope {
      scopes = List.copyOf(scopes);
    }

    @Override
    public String type() {
      return "scope";
    }
  }

  /**
   * A first load has come to its end: the server may send what follows.
   *
   * @param t the newest T that the client has now
   * @param credit how many datoms the server may send before the client asks for more
   */
  record Loaded(long t, long credit) implements FromClient {
    @Override
    public String type() {
      return "loaded";
    }
  }

  /**
   * Asks whether the client's current datoms are those of the server.
   *
   * @param ref the client's own number for the request
   * @param t the T that the client stands at
   * @param digests of its current datoms at this T, each attribute once
   */
  record Verify(long ref, long t, List<AttributeDigest> digests) implements FromClient {
    @Override
    public String type() {
      return "verify";
    }
  }

  /**
   * Says goodbye; either side may. Whoever gets it closes the connection.
   *
   * @param reason in words
   */
  record Bye(String reason) implements FromClient, FromServer {
    @Override
    public String type() {
      return "bye";
    }
  }

  /**
   * Accepts a session; the first message of a server.
   *
   * @param version the protocol version of the session, at most the client's
   * @param features those that both sides have
   * @param database the database's id
   * @param client the client's number, the same for ever for one store
   * @param basisT the server's forced T now
   * @param token what the client is to name in its next hello, null if the server gives none
   * @param load if positive, the client is to load what it lacks by HTTP before the server sends transactions, and
   *     this is at most how many datoms that are
   * @param forks those of the database, in the order in which they came about
   * @param user whom the server takes the client for, null if it has no name for them
   */
  record Welcome(
      int version, Set<String> features, UUID database, long client, long basisT, UUID token, long load,
      List<Fork> forks, String user) implements FromServer {
    /** Copies the list. */
    public Welcome {
      forks = List.copyOf(forks);
    }

    /** Welcomes without a token and a load to a database that has no forks. */
    public Welcome(int version, Set<String> features, UUID database, long client, long basisT) {
      this(version, features, database, client, basisT, null, 0, List.of(), null);
    }

    @Override
    public String type() {
      return "welcome";
    }
  }

  /**
   * Answers to a push, in the order of the push; one message may answer a part of it.
   *
   * @param outcomes at least one
   */
  record Outcomes(List<PushOutcome> outcomes) implements FromServer {
    @Override
    public String type() {
      return "outcomes";
    }
  }

  /**
   * Confirmed transactions, in the order of T, without a gap.
   *
   * @param follows the T that the first of them follows on, 0 if it is the first of all; a client whose own T is
   *     another has missed something
   * @param transactions at least one
   * @param basisT the server's forced T, at least the last transaction's
   */
  record Transactions(long follows, List<Transaction> transactions, long basisT) implements FromServer {
    @Override
    public String type() {
      return "transactions";
    }
  }

  /**
   * What leaves and what comes in because the client's scopes are others now, at the T up to which everything was sent
   * before. Several of these may answer one request, with whole entities in each.
   *
   * @param ref the client's number for the request; 0 if the scopes of the hello are not those that the client held, or if
   *     what the user may see has changed
   * @param change what to forget and what to take, at the T at which the client stands
   * @param last whether the client holds its scopes with this message
   */
  record ScopeChange(long ref, Transaction change, boolean last) implements FromServer {
    @Override
    public String type() {
      return "scope-change";
    }
  }

  /**
   * The server's T, told when there is nothing (or no credit) to send.
   *
   * @param t the server's forced T
   */
  record Basis(long t) implements FromServer {
    @Override
    public String type() {
      return "basis";
    }
  }

  /**
   * Answers {@link Sync}: every transaction up to T has been sent before this message.
   *
   * @param ref the client's number for the request
   * @param t the T that was reached
   */
  record Synced(long ref, long t) implements FromServer {
    @Override
    public String type() {
      return "synced";
    }
  }

  /**
   * Answers {@link Verify}.
   *
   * @param ref the client's number for the request
   * @param t the T that was asked for
   * @param known whether the server still knows its digest at this T; if not, the client asks again at a newer one
   * @param different the server's digests of the attributes that differ; empty if all are the same
   */
  record Verified(long ref, long t, boolean known, List<AttributeDigest> different) implements FromServer {
    @Override
    public String type() {
      return "verified";
    }
  }

  /**
   * Something that the receiver sent cannot be served.
   *
   * @param code for example {@code :rebasis.error/malformed-message}
   * @param category what the receiver can do
   * @param message cause and way out
   * @param retryAfterMillis when to come back, 0 if that is not the point
   * @param fatal whether the sender closes the session after it
   */
  record Failed(Keyword code, ErrorCategory category, String message, long retryAfterMillis, boolean fatal)
      implements FromServer {
    @Override
    public String type() {
      return "error";
    }
  }
}
