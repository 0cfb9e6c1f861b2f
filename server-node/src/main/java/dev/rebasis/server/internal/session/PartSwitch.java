package dev.rebasis.server.internal.session;

import datomic.Database;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Transaction;
import dev.rebasis.protocol.Message;
import dev.rebasis.server.internal.scope.ScopeState;
import dev.rebasis.server.internal.scope.TransactionRecord;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;

/**
 * The way from one part of the database to another at one T, in messages of whole entities: first what comes in, then, with
 * the last message, what leaves. A client that is cut off on the way still has all that it held, and can forget what came in.
 * Confined to the core.
 */
final class PartSwitch {
  private static final int ENTITIES_MAX = 20_000;
  /** A tree's entry, or a place in a list. */
  private static final int ENTERING_BYTES = 40;
  private static final int LEAVING_BYTES = 4;

  private final long ref;
  private final long t;
  private final Database db;
  private final List<Long> leaving;
  private final Iterator<Long> entering;
  private final long bytes;
  private boolean over;

  /**
   * Finds the difference.
   *
   * @param held the part that the client holds
   * @param wanted the part that it is to hold, at the same T
   */
  PartSwitch(long ref, ScopeState held, ScopeState wanted, TransactionRecord record) {
    this.ref = ref;
    this.t = wanted.t();
    this.db = wanted.database();
    Set<Long> left = new TreeSet<>(held.members());
    left.removeAll(wanted.members());
    List<Long> records = new ArrayList<>();
    record.conflictsAbout(left, db, records::add);
    left.addAll(records);
    Set<Long> entered = new TreeSet<>(wanted.members());
    entered.removeAll(held.members());
    this.leaving = List.copyOf(left);
    this.entering = entered.iterator();
    this.bytes = (long) ENTERING_BYTES * entered.size() + (long) LEAVING_BYTES * left.size();
  }

  /** How much memory it takes while it is under way, by estimate. */
  long bytes() {
    return bytes;
  }

  /** The next message; null if the last one was made. */
  Feed.Piece next(int datomsMax, UnaryOperator<Transaction> visible) {
    if (over) {
      return null;
    }
    List<Long> withdrawn = new ArrayList<>();
    List<Datom> datoms = new ArrayList<>();
    while (entering.hasNext() && withdrawn.size() < ENTITIES_MAX && datoms.size() < datomsMax) {
      long e = entering.next();
      withdrawn.add(e);
      datoms.addAll(ScopeState.wholeDatoms(List.of(e), db, 0));
    }
    over = !entering.hasNext();
    if (over) {
      withdrawn.addAll(leaving);
    }
    Transaction change = visible.apply(new Transaction(t, List.copyOf(datoms), List.copyOf(withdrawn)));
    return new Feed.Piece(new Frame(new Message.ScopeChange(ref, change, over)), change.datoms().size());
  }
}
