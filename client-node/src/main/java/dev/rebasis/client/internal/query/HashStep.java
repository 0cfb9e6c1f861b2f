package dev.rebasis.client.internal.query;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Joins by reading all rows of one side once into a hash table, and looking each row of the other side up in it. Without
 * shared variables it is a product. Confined to one evaluation.
 */
final class HashStep extends Step {
  /** Gives the rows of the table side, each in a frame that is used again for the next. */
  @FunctionalInterface
  interface Rows {
    void forEach(Consumer<Object[]> action);
  }

  private final Rows rows;
  private final int[] keySlots;
  private final int[] newSlots;
  private final boolean onlyExists;
  private Map<Object, List<Object[]>> table; // made when the first row comes

  /**
   * Makes the step.
   *
   * @param keySlots the variables that both sides bind
   * @param newSlots those that only the table binds
   * @param onlyExists whether one match is as good as all
   */
  HashStep(Rows rows, int[] keySlots, int[] newSlots, boolean onlyExists) {
    this.rows = rows;
    this.keySlots = keySlots;
    this.newSlots = newSlots;
    this.onlyExists = onlyExists;
  }

  @Override
  boolean run(Object[] frame) {
    if (table == null) {
      build();
    }
    List<Object[]> matches = table.get(key(frame));
    if (matches == null) {
      return true;
    }
    for (Object[] match : matches) {
      for (int i = 0; i < newSlots.length; i++) {
        frame[newSlots[i]] = match[i];
      }
      if (!pass(frame)) {
        return false;
      }
    }
    return true;
  }

  private void build() {
    table = new HashMap<>();
    rows.forEach(row -> {
      List<Object[]> bucket = table.computeIfAbsent(key(row), key -> new ArrayList<>(1));
      if (!onlyExists || bucket.isEmpty()) {
        bucket.add(project(row));
      }
    });
  }

  private Object[] project(Object[] row) {
    Object[] values = new Object[newSlots.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = row[newSlots[i]];
    }
    return values;
  }

  private Object key(Object[] frame) {
    return keySlots.length == 1 ? QueryValues.key(frame[keySlots[0]]) : Row.keyOf(frame, keySlots);
  }
}
