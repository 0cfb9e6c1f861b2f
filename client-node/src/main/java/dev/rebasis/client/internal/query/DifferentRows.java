package dev.rebasis.client.internal.query;

import java.util.AbstractSet;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;

/**
 * A set of rows that are known to differ. It is walked as a list; a hash table is made when somebody asks for one row or
 * compares it. Immutable; threads may share it.
 */
final class DifferentRows extends AbstractSet<List<Object>> {
  private final List<Row> rows;
  private volatile Set<Row> table; // made when it is needed, perhaps by several threads, all alike

  /** A set of these rows, which the caller gives away. */
  DifferentRows(List<Row> rows) {
    this.rows = rows;
  }

  @Override
  public int size() {
    return rows.size();
  }

  @Override
  public Iterator<List<Object>> iterator() {
    return Collections.<List<Object>>unmodifiableList(rows).iterator();
  }

  @Override
  public boolean contains(Object row) {
    Set<Row> made = table;
    if (made == null) {
      made = new HashSet<>(rows);
      table = made;
    }
    return made.contains(row);
  }
}
