package dev.rebasis.client.internal.query;

import java.util.AbstractList;
import java.util.Arrays;
import java.util.RandomAccess;

/** A row of a result, or a key of several values: a list of fixed values that remembers its hash. Immutable. */
final class Row extends AbstractList<Object> implements RandomAccess {
  private final Object[] values;
  /** 0 until somebody asks: maps that were pulled can be nested more deeply than a hash of them can be made. Threads may each make it. */
  private int hash;

  private Row(Object[] values) {
    this.values = values;
  }

  /** The values in some slots. */
  static Row of(Object[] frame, int[] slots) {
    Object[] values = new Object[slots.length];
    for (int i = 0; i < slots.length; i++) {
      values[i] = frame[slots[i]];
    }
    return new Row(values);
  }

  /** A key of the values in some slots: equal for rows that a join matches. */
  static Row keyOf(Object[] frame, int[] slots) {
    Object[] values = new Object[slots.length];
    for (int i = 0; i < slots.length; i++) {
      values[i] = QueryValues.key(frame[slots[i]]);
    }
    return new Row(values);
  }

  /** A key of the values in some slots: equal for rows whose values are equal when compared. */
  static Row comparedKeyOf(Object[] frame, int[] slots) {
    Object[] values = new Object[slots.length];
    for (int i = 0; i < slots.length; i++) {
      values[i] = QueryValues.comparedKey(frame[slots[i]]);
    }
    return new Row(values);
  }

  /** A row of these values, which the caller gives away. */
  static Row owning(Object[] values) {
    return new Row(values);
  }

  /** A row of some of the values. */
  Row project(int[] columns) {
    return of(values, columns);
  }

  /** The values themselves; not to be changed. */
  Object[] values() {
    return values;
  }

  // The inherited one goes through an iterator.
  @Override
  public Object[] toArray() {
    return values.clone();
  }

  @Override
  public Object get(int index) {
    return values[index];
  }

  @Override
  public int size() {
    return values.length;
  }

  @Override
  public int hashCode() {
    int known = hash;
    if (known == 0) {
      known = Arrays.hashCode(values);
      hash = known;
    }
    return known;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Row row ? hashCode() == row.hashCode() && Arrays.equals(values, row.values) : super.equals(other);
  }
}
