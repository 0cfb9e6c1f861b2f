package dev.rebasis.server.internal.master;

import datomic.Database;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.SystemIds;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Finds the transaction that brought a query's answer to what it is now. Pure but for reading. */
final class AnswerHistory {
  private AnswerHistory() {}

  /**
   * The transaction's entity: as of it the answer is the present one, and as of the transaction before it another. If the answer
   * went to and fro, one of these changes. Found by halves, so that it costs some seventeen queries after 100,000
   * transactions.
   *
   * @param now the newest value
   * @param basisT where to begin
   * @param isPresent whether the answer on a value is the present one
   * @return 0 if it was the present one at the beginning
   */
  static long lastTurn(Database now, long basisT, Predicate<Database> isPresent) {
    if (isPresent.test(now.asOf(basisT))) {
      return 0;
    }
    List<Long> transactions = new ArrayList<>();
    for (datomic.Datom instant : now.seekDatoms(
        Database.AEVT, SystemIds.DB_TX_INSTANT, EntityIds.txOf(basisT + 1))) {
      if (((Number) instant.a()).longValue() != SystemIds.DB_TX_INSTANT) {
        break;
      }
      transactions.add((Long) instant.e());
    }
    int other = -1;
    int present = transactions.size() - 1;
    while (present - other > 1) {
      int middle = (other + present) >>> 1;
      if (isPresent.test(now.asOf(EntityIds.tOf(transactions.get(middle))))) {
        present = middle;
      } else {
        other = middle;
      }
    }
    return present < 0 ? 0 : transactions.get(present);
  }
}
