package dev.rebasis.protocol;

import dev.rebasis.data.Keyword;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;

/**
 * On which terms an author gave a transaction: what else than its forms bears on the decision. Immutable.
 *
 * @param policies which policy settles a conflict about an attribute, by its ident; applied only where the operator
 *     allows it
 * @param seen values that a pending predecessor had left when the transaction was made, for policies that work from them;
 *     without them the base is the database as of the basis T
 * @param premises what the author relied on
 * @param after the ids of the transactions of this client that it depends on: if one of them was parked or rejected,
 *     this one waits with it
 * @param group the group that it belongs to, or null
 * @param notAfter the server rejects it if it decides later than this; null if never
 * @param retries the id of the parked or rejected transaction that this one takes up again, or null
 * @param undoes the id of the confirmed transaction that this one takes back, or null. Whoever takes something back says
 *     nothing about what others did since: where a policy would let the later word win, theirs stays
 * @param moved if it got another sequence number after it was made: where from; else null. For the client that made it, which
 *     tells by it what its author saw; nothing is decided by it
 */
public record Terms(
    Map<Keyword, PolicyRef> policies,
    List<Seen> seen,
    List<Premise> premises,
    List<UUID> after,
    Group group,
    Instant notAfter,
    UUID retries,
    UUID undoes,
    Moved moved) {
  /** No terms. */
  public static final Terms NONE = new Terms(Map.of(), List.of(), List.of(), List.of(), null, null, null, null, null);

  /** A transaction has at most so many premises: each of them is asked while everybody else's transactions wait. */
  public static final int PREMISES_MAX = 16;

  private static final Keyword POLICIES = Keyword.of(":policies");
  private static final Keyword SEEN = Keyword.of(":seen");
  private static final Keyword PREMISES = Keyword.of(":premises");
  private static final Keyword AFTER = Keyword.of(":after");
  private static final Keyword GROUP = Keyword.of(":group");
  private static final Keyword NOT_AFTER = Keyword.of(":notAfter");
  private static final Keyword RETRIES = Keyword.of(":retries");
  private static final Keyword UNDOES = Keyword.of(":undoes");
  private static final Keyword MOVED = Keyword.of(":moved");

  /** Terms of a transaction that takes nothing back. */
  public Terms(Map<Keyword, PolicyRef> policies, List<Seen> seen, List<Premise> premises, List<UUID> after, Group group,
      Instant notAfter, UUID retries) {
    this(policies, seen, premises, after, group, notAfter, retries, null, null);
  }

  /** Terms of a transaction that stands where it was made. */
  public Terms(Map<Keyword, PolicyRef> policies, List<Seen> seen, List<Premise> premises, List<UUID> after, Group group,
      Instant notAfter, UUID retries, UUID undoes) {
    this(policies, seen, premises, after, group, notAfter, retries, undoes, null);
  }

  /** Copies the collections. */
  public Terms {
    policies = Map.copyOf(policies);
    seen = List.copyOf(seen);
    premises = List.copyOf(premises);
    after = List.copyOf(after);
  }

  /**
   * A policy by its name.
   *
   * @param name for example {@code :rebasis.policy/counter}
   * @param version of a custom policy's code; 0 for those that Rebasis has
   */
  public record PolicyRef(Keyword name, long version) {
    /** Checks for null. */
    public PolicyRef {
      Objects.requireNonNull(name, "name");
    }
  }

  /**
   * Values that the author saw.
   *
   * @param e an entity, by a local id if it was not confirmed
   * @param attribute its ident
   * @param values none, one or several
   */
  public record Seen(long e, Keyword attribute, List<Object> values) {
    /** Copies the list. */
    public Seen {
      Objects.requireNonNull(attribute, "attribute");
      values = List.copyOf(values);
    }
  }

  /**
   * A query whose answer the author relied on.
   *
   * @param query a query as plain data, in list or map form
   * @param inputs what stands in its {@code :in} behind the database
   * @param digest a hash of the answer that the client got, empty if that held local ids; for whoever looks into the transaction
   */
  public record Premise(Object query, List<Object> inputs, String digest) {
    /** Takes the list over; it may hold nulls. */
    public Premise {
      Objects.requireNonNull(query, "query");
      inputs = Collections.unmodifiableList(new ArrayList<>(inputs));
      Objects.requireNonNull(digest, "digest");
    }
  }

  /**
   * A place in a group of transactions of which all are committed or none. They have consecutive sequence numbers and
   * are pushed in one message.
   *
   * @param id the group's id
   * @param size how many they are, from 2
   * @param index which of them this is, from 0
   */
  public record Group(UUID id, int size, int index) {
    /** Checks the numbers. */
    public Group {
      Objects.requireNonNull(id, "id");
      if (size < 2 || index < 0 || index >= size) {
        throw new IllegalArgumentException("there is no place " + index + " in a group of " + size);
      }
    }
  }

  /**
   * Where a transaction stood among its client's when it was made.
   *
   * @param seq its sequence number then, positive
   * @param bound whether it got into its group when it was moved, not when it was made
   */
  public record Moved(long seq, boolean bound) {
    /** Checks the number. */
    public Moved {
      if (seq <= 0) {
        throw new IllegalArgumentException("nothing is made under the sequence number " + seq);
      }
    }
  }

  /** Whether there are none. */
  public boolean isNone() {
    return equals(NONE);
  }

  /** With other predecessors. */
  public Terms withAfter(List<UUID> predecessors) {
    return new Terms(policies, seen, premises, predecessors, group, notAfter, retries, undoes, moved);
  }

  /** With other seen values. */
  public Terms withSeen(List<Seen> values) {
    return new Terms(policies, values, premises, after, group, notAfter, retries, undoes, moved);
  }

  /** In a group. */
  public Terms withGroup(Group others) {
    return new Terms(policies, seen, premises, after, others, notAfter, retries, undoes, moved);
  }

  /** As of a transaction that was moved; as it was made if null. */
  public Terms withMoved(Moved from) {
    return new Terms(policies, seen, premises, after, group, notAfter, retries, undoes, from);
  }

  /** With other premises. */
  public Terms withPremises(List<Premise> others) {
    return new Terms(policies, seen, others, after, group, notAfter, retries, undoes, moved);
  }

  /** As a retry of another transaction: only what its author said remains, not what the client noted beside it. */
  public Terms retrying(UUID id) {
    return new Terms(policies, List.of(), premises, List.of(), null, notAfter, id, undoes, null);
  }

  /** Without the instant if that has come: who takes up what came too late wants it all the same. */
  public Terms withoutPassedInstant(Instant now) {
    return notAfter == null || now.isBefore(notAfter) ? this
        : new Terms(policies, seen, premises, after, group, null, retries, undoes, moved);
  }

  /** As what takes a confirmed transaction back; as what takes none back if it is null. */
  public Terms undoing(UUID id) {
    return new Terms(policies, seen, premises, after, group, notAfter, retries, id, moved);
  }

  /**
   * The terms as plain data, for the wire and the log: a map with a key for each that is there. Equal terms give equal
   * data in the same order.
   */
  public Map<Object, Object> toData() {
    Map<Object, Object> data = new LinkedHashMap<>();
    if (!policies.isEmpty()) {
      List<Object> flat = new ArrayList<>();
      new TreeMap<>(policies).forEach((attribute, policy) ->
          Collections.addAll(flat, attribute, policy.name(), policy.version()));
      data.put(POLICIES, flat);
    }
    if (!seen.isEmpty()) {
      data.put(SEEN, seen.stream().map(s -> (Object) List.of(s.e(), s.attribute(), s.values())).toList());
    }
    if (!premises.isEmpty()) {
      data.put(PREMISES, premises.stream().map(p -> (Object) List.of(p.query(), p.inputs(), p.digest())).toList());
    }
    if (!after.isEmpty()) {
      data.put(AFTER, after);
    }
    if (group != null) {
      data.put(GROUP, List.of(group.id(), (long) group.size(), (long) group.index()));
    }
    if (notAfter != null) {
      data.put(NOT_AFTER, notAfter);
    }
    if (retries != null) {
      data.put(RETRIES, retries);
    }
    if (undoes != null) {
      data.put(UNDOES, undoes);
    }
    if (moved != null) {
      data.put(MOVED, List.of(moved.seq(), moved.bound()));
    }
    return data;
  }

  /**
   * The terms that data stand for; keys that are not known are passed over.
   *
   * @throws IllegalArgumentException if they stand for none, with what is wrong
   */
  public static Terms fromData(Object data) {
    return data == null ? NONE : TermsReader.read(data);
  }
}
