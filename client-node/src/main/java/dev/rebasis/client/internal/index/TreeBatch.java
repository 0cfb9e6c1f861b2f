package dev.rebasis.client.internal.index;

import dev.rebasis.data.Datom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import org.h2.mvstore.Page;

/**
 * Many changes of one tree at once. H2's own {@code put} copies the way from the root to the leaf for each key; here each page
 * is copied once, whatever number of keys lies below it. A page that gets too full becomes several; one that gets empty is
 * left out, and so is a node with a single child. Confined to the index's owner, for one change.
 */
final class TreeBatch {
  private static final int LEAF_BYTES_MAX = 16 << 10;
  /** A leaf with so many keys stays as it is when all new ones come behind them: rising keys leave full leaves. */
  private static final int KEYS_ENOUGH = DatomMap.PAGE_KEYS_MAX * 3 / 4;

  /** What becomes of one key: it is there afterwards, in place of one that compares as equal, or it is not. */
  record Change(Datom datom, boolean stays) {}

  /** A page in place of another or beside it; nothing below it is smaller than from, which is null for the first. */
  private record Piece(Page<Datom, Boolean> page, Datom from) {}

  private final DatomMap map;
  private final Comparator<Datom> order;
  private final Change[] changes;
  private final long version;
  private final int emptyBytes; // of a leaf without keys
  private int bytes; // not written yet, more than before

  /**
   * Makes one.
   *
   * @param changes of each key at most one, in any order
   * @param version the tree's, before
   */
  TreeBatch(DatomMap map, Collection<Change> changes, long version) {
    this.map = map;
    this.order = map.order();
    this.changes = changes.toArray(new Change[0]);
    this.version = version;
    this.emptyBytes = map.emptyLeaf().getMemory();
    Arrays.sort(this.changes, (x, y) -> order.compare(x.datom, y.datom));
  }

  /** The tree's root with the changes; the same page if there is nothing to change. */
  Page<Datom, Boolean> applyTo(Page<Datom, Boolean> root) {
    List<Piece> pieces = changed(root, 0, changes.length);
    while (pieces.size() > 1) {
      pieces = parents(pieces);
    }
    return pieces.isEmpty() ? map.emptyLeaf() : pieces.get(0).page;
  }

  /** How many more bytes wait to be written than before, as the store counts them. */
  int bytes() {
    return bytes;
  }

  private List<Piece> changed(Page<Datom, Boolean> page, int from, int to) {
    return page.isLeaf() ? changedLeaf(page, from, to) : changedNode(page, from, to);
  }

  // ---- nodes

  private List<Piece> changedNode(Page<Datom, Boolean> page, int from, int to) {
    Page<Datom, Boolean> copy = null;
    int end = to;
    // From the last child to the first, so that a place in the page is the same in its copy.
    while (end > from) {
      int at = DatomMap.child(page, changes[end - 1].datom, order);
      int begin = at == 0 ? from : firstNotBelow(page.getKey(at - 1), from, end);
      Page<Datom, Boolean> child = page.getChildPage(at);
      List<Piece> pieces = changed(child, begin, end);
      if (pieces.size() != 1 || pieces.get(0).page != child) {
        copy = copy == null ? page.copy() : copy;
        if (pieces.isEmpty() && copy.getKeyCount() == 0) {
          leave(page);
          return List.of();
        }
        replace(copy, at, pieces);
      }
      end = begin;
    }
    if (copy == null) {
      return List.of(new Piece(page, null));
    }
    leave(page);
    return copy.getKeyCount() == 0 ? List.of(new Piece(copy.getChildPage(0), null)) : parts(copy);
  }

  private int firstNotBelow(Datom key, int from, int to) {
    int low = from;
    int high = to;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (order.compare(changes[middle].datom, key) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private static void replace(Page<Datom, Boolean> node, int at, List<Piece> pieces) {
    if (pieces.isEmpty()) {
      node.remove(at);
      return;
    }
    int last = pieces.size() - 1;
    node.setChild(at, pieces.get(last).page);
    for (int i = last; i > 0; i--) {
      node.insertNode(at, pieces.get(i).from, pieces.get(i - 1).page);
    }
  }

  /** A node that was copied, or several if it has too many children. */
  private List<Piece> parts(Page<Datom, Boolean> node) {
    int children = node.getRawChildPageCount();
    int parts = pagesFor(children);
    List<Piece> pieces = new ArrayList<>(parts);
    for (int i = 0; i < parts; i++) {
      int from = i * children / parts;
      int to = (i + 1) * children / parts;
      Page<Datom, Boolean> part = node.copy();
      for (int at = children - 1; at >= to; at--) {
        part.remove(at);
      }
      for (int at = 0; at < from; at++) {
        part.remove(0);
      }
      pieces.add(new Piece(counted(part), from == 0 ? null : node.getKey(from - 1)));
    }
    return pieces;
  }

  private List<Piece> parents(List<Piece> pieces) {
    int nodes = pagesFor(pieces.size());
    List<Piece> above = new ArrayList<>(nodes);
    for (int i = 0; i < nodes; i++) {
      above.add(parent(pieces.subList(i * pieces.size() / nodes, (i + 1) * pieces.size() / nodes)));
    }
    return above;
  }

  private Piece parent(List<Piece> pieces) {
    Datom[] keys = new Datom[pieces.size() - 1];
    Page.PageReference<Datom, Boolean>[] children = Page.createRefStorage(pieces.size());
    long total = 0;
    for (int i = 0; i < children.length; i++) {
      Page<Datom, Boolean> child = pieces.get(i).page;
      children[i] = new Page.PageReference<>(child);
      total += child.getTotalCount();
      if (i > 0) {
        keys[i - 1] = pieces.get(i).from;
      }
    }
    return new Piece(counted(Page.createNode(map, keys, children, total, 0)), pieces.get(0).from);
  }

  private static int pagesFor(int entries) {
    return (entries + DatomMap.PAGE_KEYS_MAX - 1) / DatomMap.PAGE_KEYS_MAX;
  }

  // ---- leaves

  private List<Piece> changedLeaf(Page<Datom, Boolean> page, int from, int to) {
    int[] places = new int[to - from];
    int keys = page.getKeyCount();
    int keysAfter = keys;
    int bytesAfter = page.getMemory() - emptyBytes;
    boolean differs = false;
    int place = 0;
    for (int i = from; i < to; i++) {
      Change change = changes[i];
      place = placeFrom(page, change.datom, place < 0 ? ~place : place);
      places[i - from] = place;
      differs |= change.stays ? place < 0 || !page.getKey(place).equals(change.datom) : place >= 0;
      if (change.stays) {
        keysAfter++;
        bytesAfter += DatomType.bytesOf(change.datom) + DatomMap.ENTRY_BYTES;
      }
      if (place >= 0) {
        keysAfter--;
        bytesAfter -= DatomType.bytesOf(page.getKey(place)) + DatomMap.ENTRY_BYTES;
      }
    }
    if (!differs) {
      return List.of(new Piece(page, null));
    }
    if (keysAfter == 0) {
      leave(page);
      return List.of();
    }
    if (keysAfter <= DatomMap.PAGE_KEYS_MAX && bytesAfter <= LEAF_BYTES_MAX) {
      leave(page);
      return List.of(new Piece(counted(map.leafOf(merged(page, places, from, 0, keysAfter), bytesAfter)), null));
    }
    // The changes are sorted: if the first is behind the last key, all are.
    if (keys >= KEYS_ENOUGH && places[0] == ~keys) {
      List<Piece> pieces = new ArrayList<>();
      pieces.add(new Piece(page, null));
      pieces.addAll(leaves(merged(page, places, from, keys, keysAfter - keys), true));
      return pieces;
    }
    leave(page);
    return leaves(merged(page, places, from, 0, keysAfter), false);
  }

  /** As {@link DatomMap#place}; what comes in mostly stands where the one before it did. */
  private int placeFrom(Page<Datom, Boolean> page, Datom datom, int from) {
    return from < page.getKeyCount() && order.compare(datom, page.getKey(from)) < 0 ? ~from : DatomMap.place(page, datom, from, order);
  }

  /** The keys of a leaf from one on, with changes at these places. */
  private Datom[] merged(Page<Datom, Boolean> page, int[] places, int from, int firstKey, int length) {
    Datom[] merged = new Datom[length];
    int size = 0;
    int next = firstKey;
    for (int i = 0; i < places.length; i++) {
      int place = places[i] < 0 ? ~places[i] : places[i];
      while (next < place) {
        merged[size++] = page.getKey(next++);
      }
      next = places[i] < 0 ? next : next + 1;
      if (changes[from + i].stays) {
        merged[size++] = changes[from + i].datom;
      }
    }
    while (next < page.getKeyCount()) {
      merged[size++] = page.getKey(next++);
    }
    return merged;
  }

  /**
   * New leaves of these keys.
   *
   * @param full whether each is filled before the next; else they are of one length
   */
  private List<Piece> leaves(Datom[] keys, boolean full) {
    List<Piece> pieces = new ArrayList<>();
    int pages = pagesFor(keys.length);
    int length = full ? DatomMap.PAGE_KEYS_MAX : (keys.length + pages - 1) / pages;
    int from = 0;
    int size = 0;
    for (int i = 0; i < keys.length; i++) {
      size += DatomType.bytesOf(keys[i]) + DatomMap.ENTRY_BYTES;
      if (i + 1 == keys.length || i + 1 - from == length || size > LEAF_BYTES_MAX) {
        pieces.add(new Piece(counted(map.leafOf(Arrays.copyOfRange(keys, from, i + 1), size)), keys[from]));
        from = i + 1;
        size = 0;
      }
    }
    return pieces;
  }

  // ---- what the store counts

  private Page<Datom, Boolean> counted(Page<Datom, Boolean> fresh) {
    bytes += fresh.getMemory();
    return fresh;
  }

  private void leave(Page<Datom, Boolean> page) {
    if (map.isInFile()) {
      bytes += page.removePage(version);
    }
  }
}
