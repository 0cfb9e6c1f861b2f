package dev.rebasis.server.internal.master;

import datomic.Database;
import dev.rebasis.data.EntityIds;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/**
 * Finds the transaction that brought a query's answer to what it is now. Pure but for reading.
 *
 * <p>Found by halves between two Ts, so that it costs one question for each binary digit of the number of Ts between: some
 * twenty after 100,000 transactions, never more than {@value #QUESTIONS_MAX}, and nothing is listed. All of them together take
 * no longer than the caller allows: the thread that asks decides for everybody.
 */
final class AnswerHistory {
  /** Ts are below 2^42, and the beginning is asked about too. */
  static final int QUESTIONS_MAX = 43;

  /** Asks about a past value. */
  @FunctionalInterface
  interface Question {
    /**
     * Whether the answer on it is the present one.
     *
     * @param past the database as it was
     * @param limitMillis after how long to give up, by throwing
     */
    boolean isPresent(Database past, long limitMillis);
  }

  private AnswerHistory() {}

  /**
   * The transaction's entity: as of it the answer is the present one, and as of the transaction before it another. If the answer
   * went to and fro, one of these changes.
   *
   * @param now the newest value
   * @param basisT where to begin
   * @param question told whether the answer on a value is the present one; on {@code now} it is
   * @param millisLeft how much longer all of it may take; asked before each question
   * @return 0 if it was the present one at the beginning; empty if there was no time left to find it
   */
  static OptionalLong lastTurn(Database now, long basisT, Question question, LongSupplier millisLeft) {
    long other = basisT;
    long present = now.basisT();
    boolean begun = false;
    while (!begun || present - other > 1) {
      long middle = begun ? (other + present) >>> 1 : basisT;
      long left = millisLeft.getAsLong();
      if (left <= 0) {
        return OptionalLong.empty();
      }
      boolean isPresent = question.isPresent(now.asOf(middle), left);
      if (!begun && isPresent) {
        return OptionalLong.of(0);
      }
      begun = true;
      if (isPresent) {
        present = middle;
      } else {
        other = middle;
      }
    }
    return OptionalLong.of(EntityIds.txOf(present));
  }
}
