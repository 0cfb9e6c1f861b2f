package dev.rebasis.client.internal.query;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongUnaryOperator;

/**
 * The rows of a result with aggregates, in groups that are alike in the other columns; of each group only the columns
 * that are aggregated are kept. Confined to one evaluation.
 */
final class Groups {
  /** One group: the values that make it, as first met, and its values of each aggregated column. */
  private static final class Group {
    private final Row key;
    private final List<List<Object>> columns = new ArrayList<>();

    Group(Row key, int aggregates) {
      this.key = key;
      for (int i = 0; i < aggregates; i++) {
        columns.add(new ArrayList<>());
      }
    }
  }

  private final List<FindSpec.Element> elements;
  private final int[] keySlots;
  private final int[] aggregateSlots;
  // By what comparing takes for equal: a long, a double and a decimal of one value make one group, as in Datomic, which sorts them.
  private final Map<Row, Group> groups = new LinkedHashMap<>();
  private final Group whole; // the only one, if no column makes groups
  private boolean isEmpty = true;

  /**
   * Makes it.
   *
   * @param elements the columns of {@code :find}
   * @param slots where each column's value stands in what is added
   */
  Groups(List<FindSpec.Element> elements, int[] slots) {
    this.elements = elements;
    int[] keys = new int[slots.length];
    int[] aggregates = new int[slots.length];
    int keyCount = 0;
    int aggregateCount = 0;
    for (int i = 0; i < slots.length; i++) {
      if (elements.get(i) instanceof FindSpec.Aggregate) {
        aggregates[aggregateCount++] = slots[i];
      } else {
        keys[keyCount++] = slots[i];
      }
    }
    this.keySlots = Arrays.copyOf(keys, keyCount);
    this.aggregateSlots = Arrays.copyOf(aggregates, aggregateCount);
    this.whole = keyCount == 0 ? new Group(Row.owning(new Object[0]), aggregateCount) : null;
  }

  /** Takes a row whose values stand in a frame; one that differs from all before. */
  void add(Object[] frame) {
    isEmpty = false;
    Group group = whole != null ? whole
        : groups.computeIfAbsent(
            Row.comparedKeyOf(frame, keySlots), key -> new Group(Row.of(frame, keySlots), aggregateSlots.length));
    for (int i = 0; i < aggregateSlots.length; i++) {
      group.columns.get(i).add(frame[aggregateSlots[i]]);
    }
  }

  /** Takes a row that differs from all before. */
  void add(Row row) {
    add(row.values());
  }

  /**
   * One row for each group, in the order in which the groups came; none if there was no row.
   *
   * @param random from 0 up to, not including, its argument
   * @param look called before each aggregate is made; what it throws ends this
   */
  List<Row> aggregated(LongUnaryOperator random, Runnable look) {
    if (isEmpty) {
      return List.of();
    }
    List<Row> result = new ArrayList<>(groups.size());
    if (whole != null) {
      result.add(aggregated(whole, random, look));
    }
    groups.values().forEach(group -> result.add(aggregated(group, random, look)));
    return Collections.unmodifiableList(result);
  }

  private Row aggregated(Group group, LongUnaryOperator random, Runnable look) {
    Object[] values = new Object[elements.size()];
    int keyAt = 0;
    int aggregateAt = 0;
    for (int i = 0; i < values.length; i++) {
      if (elements.get(i) instanceof FindSpec.Aggregate aggregate) {
        look.run();
        values[i] = Aggregates.apply(aggregate, group.columns.get(aggregateAt++), random);
      } else {
        values[i] = group.key.get(keyAt++);
      }
    }
    return Row.owning(values);
  }
}
