package dev.rebasis.client.internal.log;

import dev.rebasis.conflict.Conflict;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Transaction;
import dev.rebasis.protocol.Fork;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.protocol.ScopeSpec;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;

/** Something that the log remembers. Immutable. */
public sealed interface LogEntry {
  /**
   * A transaction was made here and waits for the server.
   *
   * @param intent its forms; its sequence number is above that of every intent before it
   */
  record IntentMade(Intent intent) implements LogEntry {
    /** Checks for null. */
    public IntentMade {
      Objects.requireNonNull(intent, "intent");
    }
  }

  /**
   * The server confirmed transactions.
   *
   * @param transactions by rising T, all above the newest T in the log
   */
  record Confirmed(List<Transaction> transactions) implements LogEntry {
    /** Copies the list. */
    public Confirmed {
      transactions = List.copyOf(transactions);
    }
  }

  /**
   * The server decided a pending transaction, which is pending no longer.
   *
   * @param id the transaction's id
   * @param kind what became of it
   * @param duplicate whether it had been decided before
   * @param t the T of the decision, 0 if none was written
   * @param made local number to server id
   * @param code why it was parked or rejected, else null
   * @param message the reason in words, else null
   * @param conflicts what it met
   */
  record Decided(
      UUID id, OutcomeKind kind, boolean duplicate, long t, Map<Long, Long> made, Keyword code, String message,
      List<Conflict> conflicts) implements LogEntry {
    /** Copies the collections. */
    public Decided {
      Objects.requireNonNull(id, "id");
      Objects.requireNonNull(kind, "kind");
      made = Map.copyOf(made);
      conflicts = List.copyOf(conflicts);
    }
  }

  /**
   * Entities made here became known to the server.
   *
   * @param made local number to server id
   */
  record Made(Map<Long, Long> made) implements LogEntry {
    /** Copies the map. */
    public Made {
      made = Map.copyOf(made);
    }
  }

  /**
   * The server gave this store a number.
   *
   * @param number positive
   */
  record ClientNumber(long number) implements LogEntry {}

  /**
   * The store follows a database from now on.
   *
   * @param id the database's id
   */
  record DatabaseId(UUID id) implements LogEntry {
    /** Checks for null. */
    public DatabaseId {
      Objects.requireNonNull(id, "id");
    }
  }

  /**
   * A load is under way: what is confirmed above one T is whole only when another T is reached.
   *
   * @param visibleT the T that programs see until then; the log holds it whole
   * @param targetT the T at which the load ends
   */
  record Loading(long visibleT, long targetT) implements LogEntry {}

  /**
   * The load is at its end: all that is confirmed is whole.
   *
   * @param historyFrom the T from which on the history is complete
   */
  record Loaded(long historyFrom) implements LogEntry {}

  /**
   * A pending transaction that was never sent was taken back.
   *
   * @param id the transaction's id
   */
  record Undone(UUID id) implements LogEntry {
    /** Checks for null. */
    public Undone {
      Objects.requireNonNull(id, "id");
    }
  }

  /**
   * Pending transactions that were never sent stand elsewhere among those made here, on other terms.
   *
   * @param intents as they are now, by rising sequence number, each above that of every intent before
   */
  record Moved(List<Intent> intents) implements LogEntry {
    /** Copies the list. */
    public Moved {
      intents = List.copyOf(intents);
    }
  }

  /**
   * A person dealt with a parked or rejected transaction.
   *
   * @param id the transaction's id
   * @param by the transaction that takes it up again, null if it was discarded
   */
  record DealtWith(UUID id, UUID by) implements LogEntry {
    /** Checks for null. */
    public DealtWith {
      Objects.requireNonNull(id, "id");
    }
  }

  /**
   * A program dealt with the outcomes so far.
   *
   * @param name the cursor's name
   * @param n the number of the last outcome dealt with
   */
  record CursorAt(String name, long n) implements LogEntry {
    /** Checks for null. */
    public CursorAt {
      Objects.requireNonNull(name, "name");
    }
  }

  /**
   * The store holds a part of the database from now on, or all of it again.
   *
   * @param scopes what the part is made of; null for all that the user may see
   * @param isPart whether it is a part
   */
  record Part(List<ScopeSpec> scopes, boolean isPart) implements LogEntry {
    /** All of the database. */
    public static final Part ALL = new Part(null, false);

    /** Copies the list. */
    public Part {
      scopes = scopes == null ? null : List.copyOf(scopes);
    }
  }

  /**
   * The server gave this store new tokens.
   *
   * @param token the newest
   * @param formerToken the one before it, or null
   */
  record Tokens(UUID token, UUID formerToken) implements LogEntry {
    /** Checks for null. */
    public Tokens {
      Objects.requireNonNull(token, "token");
    }
  }

  /**
   * The store is a client of its own from now on, under a number that it has yet to get: what it made so far, it made
   * under another one.
   *
   * @param store its id from now on
   */
  record Renumbered(UUID store) implements LogEntry {
    /** Checks for null. */
    public Renumbered {
      Objects.requireNonNull(store, "store");
    }
  }

  /**
   * The server told whom it takes this store's user for.
   *
   * @param name empty if it has no name for them
   */
  record UserName(String name) implements LogEntry {
    /** Checks for null. */
    public UserName {
      Objects.requireNonNull(name, "name");
    }
  }

  /** Nobody is this store's user until its server names one. */
  record UserForgotten() implements LogEntry {}

  /**
   * The store follows the lineage with this newest fork.
   *
   * @param id the fork's id
   */
  record OnFork(UUID id) implements LogEntry {
    /** Checks for null. */
    public OnFork {
      Objects.requireNonNull(id, "id");
    }
  }

  /**
   * What was confirmed past a fork is gone on the server, so all that is confirmed is loaded anew; at the end of that, the
   * transactions made here are to be mended.
   *
   * @param t the newest T that both ways have in common
   * @param nextT the T after it
   */
  record Forking(long t, long nextT) implements LogEntry {
    /** Whether nothing forked, but facts were excised. */
    public boolean isExcision() {
      return nextT == Fork.EXCISION;
    }
  }

  /**
   * What was written here in transactions of which something was excised is forgotten, and so are the values in the records
   * of conflicts about what was excised.
   *
   * @param ts their Ts; null for all, for who does not see all transactions cannot tell
   * @param entities about which something was excised
   */
  record Scrubbed(Set<Long> ts, Set<Long> entities) implements LogEntry {
    /** Copies the sets. */
    public Scrubbed {
      ts = ts == null ? null : Set.copyOf(ts);
      entities = Set.copyOf(entities);
    }
  }

  /**
   * The transactions made here are mended after a fork.
   *
   * @param pending those that the server is to decide, or to decide again, by rising sequence number, as they are now
   * @param forgotten local numbers whose entities are gone on the server
   */
  record Mended(List<Intent> pending, Set<Long> forgotten) implements LogEntry {
    /** Copies the collections. */
    public Mended {
      pending = List.copyOf(pending);
      forgotten = Set.copyOf(forgotten);
    }
  }

  /** Every confirmed transaction is given up, to be loaded anew; what was made here stays. */
  record DropConfirmed() implements LogEntry {}
}
