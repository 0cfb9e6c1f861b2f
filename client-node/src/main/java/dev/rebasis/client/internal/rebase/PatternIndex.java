package dev.rebasis.client.internal.rebase;

import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Pending transactions by the patterns that they read or wrote: an inverted index from pattern hash to transactions.
 * Confined to the owner of the {@link OptimisticState}.
 *
 * <p>A hash table with open addressing maps each hash to a doubly linked list of cells, all in primitive arrays: there
 * are a dozen patterns per pending transaction, and some (all entities of one attribute) may be shared by all of them,
 * so that a cell must come out without a search. Adding and removing cost O(1); finding costs O(1) and the number found.
 */
final class PatternIndex {
  private static final int NONE = -1;

  // Slot: key 0 means never used; a key whose list is empty stays until the next resize.
  private long[] keys = new long[64];
  private int[] heads = new int[64];
  private int usedSlots;
  /** A bit for each key among eight or more a key: most look-ups find nothing, and this stays in the processor's cache. */
  private long[] seen = new long[64];

  private int[] next = new int[64];
  private int[] previous = new int[64];
  private int[] slots = new int[64];
  private PendingTransaction[] owners = new PendingTransaction[64];
  private int cells;
  private int firstFree = NONE;
  private int liveCells;

  /**
   * Enters a transaction under a pattern.
   *
   * @return the cell, which {@link #remove} takes
   */
  int add(long hash, PendingTransaction owner) {
    if (usedSlots * 2 >= keys.length) {
      resize();
    }
    int slot = slotFor(hash);
    int cell = newCell();
    owners[cell] = owner;
    slots[cell] = slot;
    previous[cell] = NONE;
    next[cell] = heads[slot];
    if (heads[slot] != NONE) {
      previous[heads[slot]] = cell;
    }
    heads[slot] = cell;
    liveCells++;
    return cell;
  }

  /** Takes a cell out. */
  void remove(int cell) {
    if (previous[cell] == NONE) {
      heads[slots[cell]] = next[cell];
    } else {
      next[previous[cell]] = next[cell];
    }
    if (next[cell] != NONE) {
      previous[next[cell]] = previous[cell];
    }
    owners[cell] = null;
    next[cell] = firstFree;
    firstFree = cell;
    liveCells--;
  }

  /** Gives every transaction under a pattern, in no particular order; one may come twice. */
  void forEach(long hash, Consumer<PendingTransaction> found) {
    if ((seen[word(hash)] & 1L << hash) == 0) {
      return;
    }
    int mask = keys.length - 1;
    for (int slot = (int) hash & mask; keys[slot] != 0; slot = (slot + 1) & mask) {
      if (keys[slot] == hash) {
        for (int cell = heads[slot]; cell != NONE; cell = next[cell]) {
          found.accept(owners[cell]);
        }
        return;
      }
    }
  }

  /** How many entries there are. */
  int size() {
    return liveCells;
  }

  private int slotFor(long hash) {
    int mask = keys.length - 1;
    int slot = (int) hash & mask;
    while (keys[slot] != hash) {
      if (keys[slot] == 0) {
        keys[slot] = hash;
        heads[slot] = NONE;
        seen[word(hash)] |= 1L << hash;
        usedSlots++;
        return slot;
      }
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  /** The low bits of the hash choose the bit, the high ones the word; the slot is chosen by the low ones. */
  private int word(long hash) {
    return (int) (hash >>> 32) & seen.length - 1;
  }

  private int newCell() {
    if (firstFree != NONE) {
      int cell = firstFree;
      firstFree = next[cell];
      return cell;
    }
    if (cells == owners.length) {
      int longer = cells * 2;
      next = Arrays.copyOf(next, longer);
      previous = Arrays.copyOf(previous, longer);
      slots = Arrays.copyOf(slots, longer);
      owners = Arrays.copyOf(owners, longer);
    }
    return cells++;
  }

  /** Doubles the table, or only sweeps out the keys whose lists are empty. */
  private void resize() {
    long[] oldKeys = keys;
    int[] oldHeads = heads;
    int live = 0;
    for (int slot = 0; slot < oldKeys.length; slot++) {
      live += oldKeys[slot] != 0 && oldHeads[slot] != NONE ? 1 : 0;
    }
    int capacity = Math.max(64, Integer.highestOneBit(Math.max(1, live)) * 8);
    keys = new long[capacity];
    heads = new int[capacity];
    seen = new long[Math.max(64, capacity / 16)];
    usedSlots = 0;
    for (int old = 0; old < oldKeys.length; old++) {
      if (oldKeys[old] != 0 && oldHeads[old] != NONE) {
        int slot = slotFor(oldKeys[old]);
        heads[slot] = oldHeads[old];
        for (int cell = heads[slot]; cell != NONE; cell = next[cell]) {
          slots[cell] = slot;
        }
      }
    }
  }
}
