package dev.rebasis.client.conform;

import dev.rebasis.client.Database;
import dev.rebasis.client.internal.mirror.Mirror;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.Transaction;
import java.util.List;

/** A client's index that is fed from Datomic's log: everything is confirmed, ids are Datomic's. */
final class ConfirmedSide extends Ours {
  private final Mirror mirror = new Mirror();

  /** Datomic's side of it. */
  Theirs theirs() {
    return new Theirs(mirror.connection());
  }

  @Override
  Database db() {
    return mirror.ours(engine());
  }

  @Override
  Database seen(int transaction) {
    throw new CaseException("This client has made no transactions.");
  }

  @Override
  Iterable<Transaction> txRange(Object start, Object end) {
    return mirror.txRange(start, end);
  }

  @Override
  boolean hasTheirIds() {
    return true;
  }

  @Override
  Outcome commit(List<?> forms, Outcome tried, Outcome theirs) {
    mirror.follow();
    note(theirs.datoms().get(0).tx(), theirs.tempids(), theirs.datoms());
    return theirs;
  }

  @Override
  long timeOf(long tx) {
    return EntityIds.tOf(tx);
  }

  @Override
  public void close() {
    mirror.close();
  }
}
