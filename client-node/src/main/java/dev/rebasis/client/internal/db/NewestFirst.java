package dev.rebasis.client.internal.db;

import dev.rebasis.data.Datom;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;

/**
 * A walk over history with the operations of each fact turned round: Datomic's indexes sort these by falling T, ours by
 * rising T. Confined to the thread that iterates.
 */
final class NewestFirst implements Iterator<Datom> {
  private final Iterator<Datom> all;
  private final Comparator<Datom> facts;
  private final Deque<Datom> fact = new ArrayDeque<>();
  private Datom ahead;

  NewestFirst(Iterator<Datom> all, Scan scan) {
    this.all = all;
    this.facts = FactOrder.of(scan.order());
    this.ahead = all.hasNext() ? all.next() : null;
    advance();
  }

  private void advance() {
    while (ahead != null && (fact.isEmpty() || facts.compare(ahead, fact.peek()) == 0)) {
      fact.push(ahead);
      ahead = all.hasNext() ? all.next() : null;
    }
  }

  @Override
  public boolean hasNext() {
    return !fact.isEmpty();
  }

  @Override
  public Datom next() {
    Datom result = fact.pop();
    if (fact.isEmpty()) {
      advance();
    }
    return result;
  }
}
