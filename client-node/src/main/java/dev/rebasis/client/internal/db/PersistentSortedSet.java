package dev.rebasis.client.internal.db;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;

/**
 * An immutable sorted set: each change gives a new set that shares all but one path of nodes with the old one.
 * Immutable; threads may share it. Nulls are not allowed.
 *
 * <p>A B+tree of nodes with 16 to 32 entries. Elements lie in the leaves; a branch keeps the smallest element of each
 * child. A change copies one node per level: for 10,000 elements three nodes, about 600 bytes, less than a microsecond.
 * Why an own one: the JDK's sorted sets are mutable, and a copy of the overlay for each local transaction would cost the
 * length of the pending queue. Why a B+tree and not a balanced binary tree: a fourth of the memory, and ordered
 * iteration (what joins do) reads arrays.
 *
 * <p>Source of the algorithm: R. Bayer and E. McCreight, "Organization and maintenance of large ordered indices", 1972,
 * with path copying as in J. R. Driscoll et al., "Making data structures persistent", 1986.
 *
 * @param <T> what it holds; equality is that of the comparator
 */
public final class PersistentSortedSet<T> implements Iterable<T> {
  private static final int LENGTH_MAX = 32;
  private static final int LENGTH_MIN = LENGTH_MAX / 2;

  /**
   * A node. In a leaf the keys are the elements and children is null; in a branch {@code keys[i]} is the smallest
   * element below {@code children[i]}.
   */
  private record Node(Object[] keys, Node[] children) {
    boolean isLeaf() {
      return children == null;
    }

    int length() {
      return keys.length;
    }

    Node slice(int from, int to) {
      return new Node(
          Arrays.copyOfRange(keys, from, to), isLeaf() ? null : Arrays.copyOfRange(children, from, to));
    }
  }

  private final Comparator<? super T> order;
  private final Node root;
  private final int size;
  private final int height;

  private PersistentSortedSet(Comparator<? super T> order, Node root, int size, int height) {
    this.order = order;
    this.root = root;
    this.size = size;
    this.height = height;
  }

  /** The empty set in this order. */
  public static <T> PersistentSortedSet<T> empty(Comparator<? super T> order) {
    return new PersistentSortedSet<>(Objects.requireNonNull(order, "order"), new Node(new Object[0], null), 0, 1);
  }

  /** How many elements. */
  public int size() {
    return size;
  }

  /** Whether there are none. */
  public boolean isEmpty() {
    return size == 0;
  }

  /** Whether an element that compares as equal is in the set. */
  public boolean contains(T element) {
    return get(element) != null;
  }

  /** The element that compares as equal, or null. */
  public T get(T element) {
    Node node = root;
    while (!node.isLeaf()) {
      node = node.children[childFor(node, element)];
    }
    int at = search(node.keys, element);
    return at < 0 ? null : cast(node.keys[at]);
  }

  /** With the element; this set itself if one that compares as equal is there already. */
  public PersistentSortedSet<T> add(T element) {
    return contains(element) ? this : put(element);
  }

  /** With the element, in place of one that compares as equal. */
  public PersistentSortedSet<T> put(T element) {
    Objects.requireNonNull(element, "element");
    boolean replaces = contains(element);
    Node[] nodes = put(root, element);
    int newSize = replaces ? size : size + 1;
    return nodes.length == 1
        ? new PersistentSortedSet<>(order, nodes[0], newSize, height)
        : new PersistentSortedSet<>(order, branch(nodes), newSize, height + 1);
  }

  /** Without the element; this set itself if it is not there. */
  public PersistentSortedSet<T> remove(T element) {
    if (!contains(element)) {
      return this;
    }
    Node node = remove(root, element);
    boolean shrinks = !node.isLeaf() && node.length() == 1;
    return new PersistentSortedSet<>(order, shrinks ? node.children[0] : node, size - 1, shrinks ? height - 1 : height);
  }

  /** All elements in order. */
  @Override
  public Iterator<T> iterator() {
    return new Forward(null);
  }

  /** The elements from the first that is not smaller than the given one, in order. The given one need not be in it. */
  public Iterator<T> from(T inclusive) {
    return new Forward(Objects.requireNonNull(inclusive, "inclusive"));
  }

  /** The elements from the last that is not greater than the given one, backwards. The given one need not be in it. */
  public Iterator<T> backwardsFrom(T inclusive) {
    return new Backward(Objects.requireNonNull(inclusive, "inclusive"));
  }

  /** All elements in reverse order. */
  public Iterator<T> backwards() {
    return new Backward(null);
  }

  // ---- one path down and up again

  private Node[] put(Node node, T element) {
    if (node.isLeaf()) {
      int at = search(node.keys, element);
      if (at >= 0) {
        Object[] keys = node.keys.clone();
        keys[at] = element;
        return new Node[] {new Node(keys, null)};
      }
      return halves(new Node(inserted(node.keys, ~at, element), null));
    }
    int at = childFor(node, element);
    return halves(replaced(node, at, at + 1, put(node.children[at], element)));
  }

  private Node remove(Node node, T element) {
    if (node.isLeaf()) {
      return new Node(without(node.keys, search(node.keys, element)), null);
    }
    int at = childFor(node, element);
    Node child = remove(node.children[at], element);
    if (child.length() >= LENGTH_MIN || node.length() == 1) {
      return replaced(node, at, at + 1, child);
    }
    int left = at == 0 ? 0 : at - 1;
    Node joined = at == 0 ? concatenated(child, node.children[1]) : concatenated(node.children[left], child);
    return replaced(node, left, left + 2, halves(joined));
  }

  private static Node[] halves(Node node) {
    int length = node.length();
    return length <= LENGTH_MAX
        ? new Node[] {node}
        : new Node[] {node.slice(0, length / 2), node.slice(length / 2, length)};
  }

  private static Node concatenated(Node left, Node right) {
    Object[] keys = Arrays.copyOf(left.keys, left.length() + right.length());
    System.arraycopy(right.keys, 0, keys, left.length(), right.length());
    if (left.isLeaf()) {
      return new Node(keys, null);
    }
    Node[] children = Arrays.copyOf(left.children, keys.length);
    System.arraycopy(right.children, 0, children, left.length(), right.length());
    return new Node(keys, children);
  }

  private static Node branch(Node... children) {
    Object[] keys = new Object[children.length];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = children[i].keys[0];
    }
    return new Node(keys, children);
  }

  /** The branch with other children in place of those from (inclusive) to (exclusive). */
  private static Node replaced(Node node, int from, int to, Node... with) {
    int length = node.length() - (to - from) + with.length;
    Object[] keys = Arrays.copyOf(node.keys, length);
    Node[] children = Arrays.copyOf(node.children, length);
    System.arraycopy(node.keys, to, keys, from + with.length, node.length() - to);
    System.arraycopy(node.children, to, children, from + with.length, node.length() - to);
    for (int i = 0; i < with.length; i++) {
      keys[from + i] = with[i].keys[0];
      children[from + i] = with[i];
    }
    return new Node(keys, children);
  }

  private static Object[] inserted(Object[] keys, int at, Object element) {
    Object[] more = new Object[keys.length + 1];
    System.arraycopy(keys, 0, more, 0, at);
    more[at] = element;
    System.arraycopy(keys, at, more, at + 1, keys.length - at);
    return more;
  }

  private static Object[] without(Object[] keys, int at) {
    Object[] fewer = Arrays.copyOf(keys, keys.length - 1);
    System.arraycopy(keys, at + 1, fewer, at, fewer.length - at);
    return fewer;
  }

  private int childFor(Node node, T element) {
    int at = search(node.keys, element);
    return at >= 0 ? at : Math.max(0, ~at - 1);
  }

  private int search(Object[] keys, T element) {
    int low = 0;
    int high = keys.length - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      int c = order.compare(cast(keys[middle]), element);
      if (c == 0) {
        return middle;
      }
      if (c < 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return ~low;
  }

  @SuppressWarnings("unchecked")
  private T cast(Object key) {
    return (T) key;
  }

  /** Walks the leaves with a stack of one node and one place per level. */
  private final class Forward implements Iterator<T> {
    private final Node[] nodes = new Node[height];
    private final int[] places = new int[height];

    Forward(T inclusive) {
      Node node = root;
      for (int level = 0; level < height; level++) {
        nodes[level] = node;
        if (node.isLeaf()) {
          int at = inclusive == null ? 0 : search(node.keys, inclusive);
          places[level] = at >= 0 ? at : ~at;
        } else {
          places[level] = inclusive == null ? 0 : childFor(node, inclusive);
          node = node.children[places[level]];
        }
      }
      skipToElement();
    }

    @Override
    public boolean hasNext() {
      return places[height - 1] < nodes[height - 1].length();
    }

    @Override
    public T next() {
      if (!hasNext()) {
        throw new NoSuchElementException("no more elements");
      }
      T element = cast(nodes[height - 1].keys[places[height - 1]++]);
      skipToElement();
      return element;
    }

    /** Leaves a leaf that is used up for the next one; stays at the end of the last. */
    private void skipToElement() {
      int leaf = height - 1;
      if (places[leaf] < nodes[leaf].length()) {
        return;
      }
      int level = leaf - 1;
      while (level >= 0 && places[level] + 1 >= nodes[level].length()) {
        level--;
      }
      if (level < 0) {
        return;
      }
      places[level]++;
      for (int below = level + 1; below <= leaf; below++) {
        nodes[below] = nodes[below - 1].children[places[below - 1]];
        places[below] = 0;
      }
    }
  }

  /** Like {@link Forward}, from right to left. */
  private final class Backward implements Iterator<T> {
    private final Node[] nodes = new Node[height];
    private final int[] places = new int[height];

    Backward(T inclusive) {
      Node node = root;
      for (int level = 0; level < height; level++) {
        nodes[level] = node;
        if (node.isLeaf()) {
          places[level] = inclusive == null ? node.length() - 1 : floor(node, inclusive);
        } else {
          places[level] = inclusive == null ? node.length() - 1 : childFor(node, inclusive);
          node = node.children[places[level]];
        }
      }
      skipToElement();
    }

    private int floor(Node leaf, T element) {
      int at = search(leaf.keys, element);
      return at >= 0 ? at : ~at - 1;
    }

    @Override
    public boolean hasNext() {
      return places[height - 1] >= 0;
    }

    @Override
    public T next() {
      if (!hasNext()) {
        throw new NoSuchElementException("no more elements");
      }
      T element = cast(nodes[height - 1].keys[places[height - 1]--]);
      skipToElement();
      return element;
    }

    /** Leaves a leaf that is used up for the one before; stays at the begin of the first. */
    private void skipToElement() {
      int leaf = height - 1;
      if (places[leaf] >= 0) {
        return;
      }
      int level = leaf - 1;
      while (level >= 0 && places[level] == 0) {
        level--;
      }
      if (level < 0) {
        return;
      }
      places[level]--;
      for (int below = level + 1; below <= leaf; below++) {
        nodes[below] = nodes[below - 1].children[places[below - 1]];
        places[below] = nodes[below].length() - 1;
      }
    }
  }
}
