package dev.rebasis.client.internal.index;

import dev.rebasis.data.Datom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.Page;
import org.h2.mvstore.RootReference;
import org.h2.mvstore.type.DataType;

/**
 * A tree of datoms that can also be changed in many places at once ({@link TreeBatch}), and filled from its first key to its
 * last. H2's own {@code put} halves a full page whatever comes next, so that rising keys leave every page half empty; its
 * {@code append} asks for a map with a single writer, which H2 never compacts. Here full leaves are hung on the right edge
 * of the tree. After each the tree is whole, and may be committed.
 *
 * <p>Confined to the index's owner.
 */
final class DatomMap extends MVMap<Datom, Boolean> {
  /** Keys of a leaf and children of a node. More make the tree lower, but more is read from the file at once. */
  static final int PAGE_KEYS_MAX = 128;

  private static final int LEAF_BYTES_MAX = 16 << 10;
  static final int ENTRY_BYTES = 16; // the pointers to key and value

  private Datom[] appended = new Datom[0]; // the first appendedKeys of them are not in the tree yet
  private int appendedKeys;
  private int appendedBytes;

  private DatomMap(Map<String, Object> config, DataType<Datom> keys, DataType<Boolean> values) {
    super(config, keys, values);
  }

  /** Opens such maps. */
  static final class Builder extends MVMap.BasicBuilder<DatomMap, Datom, Boolean> {
    Builder(DatomType order) {
      keyType(order);
      valueType(new PresentType());
    }

    @Override
    protected DatomMap create(Map<String, Object> config) {
      return new DatomMap(config, getKeyType(), getValueType());
    }
  }

  Comparator<Datom> order() {
    return ((DatomType) getKeyType()).order();
  }

  boolean isInFile() {
    return isPersistent();
  }

  Page<Datom, Boolean> emptyLeaf() {
    return createEmptyLeaf();
  }

  /**
   * A leaf of these keys, one at least, which become its own.
   *
   * @param bytes of all keys together, with {@link #ENTRY_BYTES} for each
   */
  Page<Datom, Boolean> leafOf(Datom[] keys, int bytes) {
    DatomType type = (DatomType) getKeyType();
    PresentType present = (PresentType) getValueType();
    Page<Datom, Boolean> made = createEmptyLeaf();
    type.fillNext(keys);
    present.countNext(bytes - DatomType.bytesOf(keys[0]) - ENTRY_BYTES);
    try {
      made.insertLeaf(0, keys[0], Boolean.TRUE);
    } finally {
      type.filled();
      present.counted();
    }
    return made;
  }

  // ---- finding

  /** The datom in a version of this tree that compares as equal, or null. */
  Datom find(Page<Datom, Boolean> root, Datom datom) {
    Comparator<Datom> order = order();
    Page<Datom, Boolean> page = root;
    while (!page.isLeaf()) {
      page = page.getChildPage(child(page, datom, order));
    }
    int place = place(page, datom, 0, order);
    return place < 0 ? null : page.getKey(place);
  }

  /** Below which child of a node a datom stands. */
  static int child(Page<Datom, Boolean> node, Datom datom, Comparator<Datom> order) {
    int place = place(node, datom, 0, order);
    return place < 0 ? ~place : place + 1;
  }

  /** The place of a datom among the keys of a page, none of them before the given one; if it is not there, where it would be, inverted. */
  static int place(Page<Datom, Boolean> page, Datom datom, int from, Comparator<Datom> order) {
    int low = from;
    int high = page.getKeyCount() - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      int c = order.compare(datom, page.getKey(middle));
      if (c == 0) {
        return middle;
      }
      if (c > 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return ~low;
  }

  // ---- changing

  /** Puts in and takes out at once, of each key at most one. */
  void change(Collection<TreeBatch.Change> changes) {
    if (changes.isEmpty()) {
      return;
    }
    flush();
    beforeWrite();
    RootReference<Datom, Boolean> before = flushAndGetRoot();
    TreeBatch batch = new TreeBatch(this, changes, before.version);
    Page<Datom, Boolean> root = batch.applyTo(before.root);
    if (root != before.root) {
      replaceRoot(root, before, batch.bytes());
    }
  }

  private void replaceRoot(Page<Datom, Boolean> root, RootReference<Datom, Boolean> before, int bytes) {
    if (!updateRoot(before, root, 1)) {
      throw new IllegalStateException("the index has two writers");
    }
    if (isPersistent()) {
      registerUnsavedMemory(bytes);
    }
  }

  /** Puts a datom behind all others; in the tree after {@link #flush} at the latest. */
  void append(Datom datom) {
    if (appended.length == 0) {
      appended = new Datom[PAGE_KEYS_MAX];
    }
    appended[appendedKeys++] = datom;
    appendedBytes += DatomType.bytesOf(datom) + ENTRY_BYTES;
    if (appendedKeys == PAGE_KEYS_MAX || appendedBytes > LEAF_BYTES_MAX) {
      flush();
    }
  }

  /** Hangs what was appended into the tree. */
  void flush() {
    if (appendedKeys == 0) {
      return;
    }
    beforeWrite();
    Page<Datom, Boolean> full = leafOf(Arrays.copyOf(appended, appendedKeys), appendedBytes);
    appendedKeys = 0;
    appendedBytes = 0;
    RootReference<Datom, Boolean> before = flushAndGetRoot();
    Growth growth = new Growth(before.version);
    replaceRoot(growth.of(before.root, full), before, growth.bytes);
  }

  /** A page in place of another, and the one beside it if there is no room in it. */
  private record Edge(Page<Datom, Boolean> page, Page<Datom, Boolean> next, Datom nextFirst) {}

  /** The way down the right edge, for one leaf. */
  private final class Growth {
    private final long version;
    private int bytes; // not written yet, more than before

    Growth(long version) {
      this.version = version;
    }

    Page<Datom, Boolean> of(Page<Datom, Boolean> root, Page<Datom, Boolean> last) {
      bytes += last.getMemory();
      if (root.getTotalCount() == 0) {
        return last;
      }
      Edge edge = grown(root, last);
      return edge.next == null ? edge.page : pair(edge);
    }

    /** From the leaf up; in a loop, since the compiler takes seconds over the same as a recursion. */
    private Edge grown(Page<Datom, Boolean> root, Page<Datom, Boolean> last) {
      List<Page<Datom, Boolean>> nodes = new ArrayList<>();
      Page<Datom, Boolean> page = root;
      while (!page.isLeaf()) {
        nodes.add(page);
        page = page.getChildPage(page.getKeyCount());
      }
      Edge edge = new Edge(page, last, last.getKey(0));
      for (int i = nodes.size() - 1; i >= 0; i--) {
        edge = grown(nodes.get(i), edge);
      }
      return edge;
    }

    private Edge grown(Page<Datom, Boolean> node, Edge below) {
      int at = node.getKeyCount();
      Page<Datom, Boolean> changed = node.copy();
      Edge edge = new Edge(changed, null, null);
      if (below.next == null) {
        changed.setChild(at, below.page);
      } else if (at + 1 < PAGE_KEYS_MAX) {
        changed.setChild(at, below.next);
        changed.insertNode(at, below.nextFirst, below.page);
      } else {
        // The last child moves on, so that no page has a single one.
        changed.remove(at);
        edge = new Edge(changed, pair(below), node.getKey(at - 1));
      }
      bytes += changed.getMemory();
      if (isPersistent()) {
        bytes += node.removePage(version);
      }
      return edge;
    }

    private Page<Datom, Boolean> pair(Edge edge) {
      Datom[] keys = {edge.nextFirst};
      Page.PageReference<Datom, Boolean>[] children = Page.createRefStorage(2);
      children[0] = new Page.PageReference<>(edge.page);
      children[1] = new Page.PageReference<>(edge.next);
      Page<Datom, Boolean> node = Page.createNode(
          DatomMap.this, keys, children, edge.page.getTotalCount() + edge.next.getTotalCount(), 0);
      bytes += node.getMemory();
      return node;
    }
  }
}
