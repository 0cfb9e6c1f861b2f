package dev.rebasis.server.internal.master;

import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Schema;
import dev.rebasis.data.Transaction;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.RebasisSchema;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.LongFunction;

/**
 * What the database holds about each client's store, at hand for the question whether a push comes from the store that
 * the number was given to, or from a copy of it: the token under which it pushed last, its sequence numbers, and its
 * highest local number. Confined.
 *
 * <p>Three signs of a copy, or of a store that was restored from an older backup: it names a token that is neither the
 * one under which something was pushed last nor the one given out after it; it pushes another transaction under a
 * sequence number that is taken; it makes an entity under a local number that is taken. The first is the rule; the others
 * hold even if two copies were let in with the same token, each before the other pushed.
 */
final class ClientRecords {
  /** Numbers from here on are not counted up one after the other (see the client's numbering of what functions make). */
  private static final long FAR = 1L << 31;

  private static final class Record {
    private long entity;
    private UUID token;
    private long localMax;
    private long pushedT;
    private final SeqRanges seqs = new SeqRanges();
  }

  private final Map<Long, Record> byNumber = new HashMap<>();
  private final Map<Long, Long> numberByEntity = new HashMap<>();
  private Schema schema;
  private long newestNumber;
  private long number;
  private long token;
  private long client;
  private long seq;
  private long made;

  /** Takes note of a committed transaction; all of them have to be noted, in order. */
  void note(Transaction transaction, Schema newest) {
    follow(newest);
    long pusher = 0;
    long pushed = 0;
    for (Datom datom : transaction.datoms()) {
      if (!datom.added()) {
        continue;
      }
      if (datom.a() == client && datom.e() == transaction.tx()) {
        pusher = (Long) datom.v();
      } else if (datom.a() == seq && datom.e() == transaction.tx()) {
        pushed = (Long) datom.v();
      } else if (datom.a() == made) {
        noteMade((List<?>) datom.v());
      } else if (datom.a() == number) {
        record((Long) datom.v()).entity = datom.e();
        newestNumber = Math.max(newestNumber, (Long) datom.v());
        numberByEntity.put(datom.e(), (Long) datom.v());
      } else if (datom.a() == token && numberByEntity.containsKey(datom.e())) {
        record(numberByEntity.get(datom.e())).token = (UUID) datom.v();
      }
    }
    if (pusher > 0) {
      record(pusher).pushedT = transaction.t();
    }
    if (pusher > 0 && pushed > 0) {
      record(pusher).seqs.add(pushed);
    }
  }

  private void noteMade(List<?> tuple) {
    if (tuple.get(0) instanceof Long by && tuple.get(1) instanceof Long local && local < FAR) {
      Record record = record(by);
      record.localMax = Math.max(record.localMax, local);
    }
  }

  private void follow(Schema newest) {
    if (newest != schema) {
      schema = newest;
      number = id(RebasisSchema.CLIENT_NUMBER);
      token = id(RebasisSchema.CLIENT_TOKEN);
      client = id(RebasisSchema.TX_CLIENT);
      seq = id(RebasisSchema.TX_SEQ);
      made = id(RebasisSchema.TX_MADE);
    }
  }

  /** The attribute's id, or one that no datom has. */
  private long id(Keyword ident) {
    Long id = schema.entid(ident);
    return id == null ? Long.MIN_VALUE : id;
  }

  private Record record(long of) {
    return byNumber.computeIfAbsent(of, none -> new Record());
  }

  /** The hash of the token under which a client pushed last, or null. */
  UUID token(long of) {
    Record record = byNumber.get(of);
    return record == null ? null : record.token;
  }

  /** The T of the newest transaction that a client pushed, also of one that was parked or rejected; 0 if there is none. */
  long pushedT(long of) {
    Record record = byNumber.get(of);
    return record == null ? 0 : record.pushedT;
  }

  /** The highest number given so far; 0 if none. */
  long newestNumber() {
    return newestNumber;
  }

  /** The entity of a client. */
  long entity(long of) {
    return record(of).entity;
  }

  /**
   * Checks that a transaction that was not decided before comes from the store that the number belongs to.
   *
   * @param numbers finds the entity that a local number of the client stands for, null if none
   * @throws RebasisException {@link StoreTokens#COPIED}
   */
  void check(Master.Push push, Intent intent, LongFunction<Long> numbers) {
    Record record = byNumber.get(push.client());
    if (record == null) {
      return;
    }
    boolean pushedElsewhere = push.token() != null && record.token != null
        && !record.token.equals(push.token()) && !record.token.equals(push.formerToken());
    if (pushedElsewhere || record.seqs.contains(intent.seq())) {
      throw StoreTokens.copied(push.client());
    }
    for (long local : intent.tempids().values()) {
      if (local <= record.localMax && numbers.apply(local) != null) {
        throw StoreTokens.copied(push.client());
      }
    }
  }

  /** Whether the token of the push is one under which nothing was pushed yet, so that it has to be written. */
  boolean isTokenDue(Master.Push push) {
    return push.token() != null && !push.token().equals(token(push.client()))
        && entity(push.client()) > 0;
  }
}
