package dev.rebasis.edn;

import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.RandomAccess;

/**
 * What EDN writes in round brackets. A query tells {@code (> ?a 5)} from {@code [?a 5]} by this class; otherwise it is a
 * list like others, equal to a vector with the same elements. Immutable, may hold nulls; callers may share it.
 */
public final class EdnList extends AbstractList<Object> implements RandomAccess {
  private final List<Object> elements;

  private EdnList(List<Object> elements) {
    this.elements = elements;
  }

  /** A list with these elements. */
  public static EdnList of(Object... elements) {
    return new EdnList(new ArrayList<>(Arrays.asList(elements)));
  }

  /** A copy of a list. */
  public static EdnList copyOf(List<?> elements) {
    return new EdnList(new ArrayList<>(elements));
  }

  @Override
  public Object get(int index) {
    return elements.get(index);
  }

  @Override
  public int size() {
    return elements.size();
  }
}
