package dev.rebasis.client.internal.query;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The last step: collects the rows, without duplicates, and gives them the shape of {@code :find}. Confined. */
final class Collector extends Step {
  private final FindSpec find;
  private final int[] slots; // of the columns, then of :with
  private final boolean firstRowSuffices;
  private final Set<Row> rows = new HashSet<>();

  Collector(FindSpec find, List<Integer> with) {
    this.find = find;
    int columns = find.elements().size();
    this.slots = new int[columns + with.size()];
    for (int i = 0; i < slots.length; i++) {
      slots[i] = i < columns ? find.elements().get(i).slot() : with.get(i - columns);
    }
    boolean single = find.shape() == FindSpec.Shape.SCALAR || find.shape() == FindSpec.Shape.TUPLE;
    this.firstRowSuffices = single && !find.hasAggregates();
  }

  @Override
  boolean run(Object[] frame) {
    rows.add(Row.of(frame, slots));
    return !firstRowSuffices;
  }

  /** The result: a set or list of rows, a list of values, a row, or a value; null where there is no row to show. */
  Object result() {
    if (find.hasAggregates()) {
      return shaped(aggregated());
    }
    boolean exact = slots.length == find.elements().size();
    if (find.shape() == FindSpec.Shape.RELATION && exact) {
      return Collections.unmodifiableSet(rows);
    }
    return shaped(exact ? rows : projected());
  }

  // With :with but without an aggregate, the other columns disappear and all rows stay, as in Datomic: some may repeat.
  private List<Row> projected() {
    int[] columns = new int[find.elements().size()];
    for (int i = 0; i < columns.length; i++) {
      columns[i] = i;
    }
    List<Row> projected = new ArrayList<>(rows.size());
    for (Row row : rows) {
      projected.add(Row.of(row.toArray(), columns));
    }
    return projected;
  }

  private Object shaped(Collection<Row> result) {
    Row first = result.isEmpty() ? null : result.iterator().next();
    return switch (find.shape()) {
      case RELATION -> result;
      case COLLECTION -> firstColumn(result);
      case TUPLE -> first;
      case SCALAR -> first == null ? null : first.get(0);
    };
  }

  private static List<Object> firstColumn(Collection<Row> result) {
    List<Object> values = new ArrayList<>(result.size());
    for (Row row : result) {
      values.add(row.get(0));
    }
    return Collections.unmodifiableList(values);
  }

  private List<Row> aggregated() {
    List<FindSpec.Element> elements = find.elements();
    int[] grouping = new int[elements.size()];
    int groupingCount = 0;
    for (int i = 0; i < elements.size(); i++) {
      if (elements.get(i) instanceof FindSpec.Value) {
        grouping[groupingCount++] = i;
      }
    }
    int[] keys = Arrays.copyOf(grouping, groupingCount);
    Map<Row, List<Row>> groups = new LinkedHashMap<>();
    for (Row row : rows) {
      groups.computeIfAbsent(Row.of(row.toArray(), keys), key -> new ArrayList<>()).add(row);
    }
    List<Row> result = new ArrayList<>(groups.size());
    groups.values().forEach(group -> result.add(aggregate(group)));
    return Collections.unmodifiableList(result);
  }

  private Row aggregate(List<Row> group) {
    Object[] values = new Object[find.elements().size()];
    for (int i = 0; i < values.length; i++) {
      if (find.elements().get(i) instanceof FindSpec.Aggregate aggregate) {
        List<Object> column = new ArrayList<>(group.size());
        for (Row row : group) {
          column.add(row.get(i));
        }
        values[i] = Aggregates.apply(aggregate, column);
      } else {
        values[i] = group.get(0).get(i);
      }
    }
    return Row.owning(values);
  }
}
