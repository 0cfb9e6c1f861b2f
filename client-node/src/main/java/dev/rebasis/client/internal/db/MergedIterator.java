package dev.rebasis.client.internal.db;

import java.util.Comparator;
import java.util.Iterator;
import java.util.NoSuchElementException;

/** Two sorted iterators as one. Confined to the thread that iterates. */
public final class MergedIterator<T> implements Iterator<T> {
  private final Iterator<T> left;
  private final Iterator<T> right;
  private final Comparator<? super T> order;
  private T nextLeft;
  private T nextRight;

  /**
   * Merges.
   *
   * @param order in which both are sorted
   */
  public MergedIterator(Iterator<T> left, Iterator<T> right, Comparator<? super T> order) {
    this.left = left;
    this.right = right;
    this.order = order;
    this.nextLeft = left.hasNext() ? left.next() : null;
    this.nextRight = right.hasNext() ? right.next() : null;
  }

  @Override
  public boolean hasNext() {
    return nextLeft != null || nextRight != null;
  }

  @Override
  public T next() {
    if (!hasNext()) {
      throw new NoSuchElementException("no more elements");
    }
    T result;
    if (nextRight == null || (nextLeft != null && order.compare(nextLeft, nextRight) < 0)) {
      result = nextLeft;
      nextLeft = left.hasNext() ? left.next() : null;
    } else {
      result = nextRight;
      nextRight = right.hasNext() ? right.next() : null;
    }
    return result;
  }
}
