package dev.rebasis.client.internal.db;

import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityId;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.SystemIds;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import java.time.Instant;
import java.util.Date;
import java.util.Map;

/**
 * Turns what a program may write for a moment (a T, a transaction's id, an instant) into a time in the sense of
 * {@link TimeOrder}. Pure functions.
 */
final class Moments {
  private static final long FIRST_ID_WITH_PARTITION = 1L << 42;

  private Moments() {}

  /** The time that a moment means in this value: what happened until then belongs to it. */
  static long of(DatabaseValue database, Object moment) {
    if (moment instanceof Long || moment instanceof Integer) {
      return ofNumber(database, ((Number) moment).longValue(), moment);
    }
    if (moment instanceof EntityId id) {
      return ofNumber(database, id.id(), moment);
    }
    if (moment instanceof Instant instant) {
      return ofInstant(database, Instant.ofEpochMilli(instant.toEpochMilli()));
    }
    if (moment instanceof Date date) {
      return ofInstant(database, Instant.ofEpochMilli(date.getTime()));
    }
    throw invalid(moment);
  }

  private static long ofNumber(DatabaseValue database, long number, Object moment) {
    long id = number < 0 ? database.localIds().resolve(number) : number;
    if (id >= FIRST_ID_WITH_PARTITION && !EntityIds.isTx(id)) {
      throw invalid(moment);
    }
    return TimeOrder.of(id);
  }

  /**
   * The T of the first confirmed transaction that is not before a moment; {@link TimeOrder#END} if there is none.
   *
   * @param confirmed a value without pending transactions
   */
  static long firstFrom(DatabaseValue confirmed, Object moment) {
    if (!(moment instanceof Instant || moment instanceof Date)) {
      return of(confirmed, moment);
    }
    long instant = moment instanceof Date date ? date.getTime() : ((Instant) moment).toEpochMilli();
    for (Datom datom : confirmed.seek(IndexOrder.AVET, SystemIds.DB_TX_INSTANT, Instant.ofEpochMilli(instant))) {
      if (datom.a() != SystemIds.DB_TX_INSTANT) {
        break;
      }
      if (datom.e() == datom.tx()) {
        return datom.t();
      }
    }
    return TimeOrder.END;
  }

  /**
   * The time of the first transaction with this instant; if none has it, the time just before the next. The confirmed
   * transactions come before the pending ones, whatever the clocks said.
   */
  private static long ofInstant(DatabaseValue database, Instant instant) {
    long nextPending = TimeOrder.END;
    Instant ofPending = null;
    for (Datom datom : database.seek(IndexOrder.AVET, SystemIds.DB_TX_INSTANT, instant)) {
      if (datom.a() != SystemIds.DB_TX_INSTANT) {
        break;
      }
      // Anybody can give an instant to another entity or, if it is a pending one, to another transaction.
      if (datom.e() == datom.tx()) {
        if (datom.e() >= 0) {
          return justBefore(datom, instant);
        }
        long time = TimeOrder.of(datom.e());
        if (time < nextPending) {
          nextPending = time;
          ofPending = (Instant) datom.v();
        }
      }
    }
    return ofPending == null || ofPending.equals(instant) ? nextPending : nextPending - 1;
  }

  private static long justBefore(Datom txInstant, Instant instant) {
    long t = TimeOrder.of(txInstant.e());
    return txInstant.v().equals(instant) ? t : t - 1;
  }

  private static RebasisException invalid(Object moment) {
    return new RebasisException(
        Keyword.of(":db.error/invalid-time-point"), ErrorCategory.FIX_REQUEST,
        "Not a moment: " + moment + ". Give a T, the id of a transaction, or an instant.",
        Map.of(Keyword.of(":moment"), String.valueOf(moment)), null);
  }
}
