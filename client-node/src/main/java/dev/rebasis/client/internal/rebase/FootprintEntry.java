package dev.rebasis.client.internal.rebase;

import dev.rebasis.conflict.FootprintKey;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.function.LongPredicate;

/** Enters one transaction's footprint into the {@link PatternIndex}. Confined to one use. */
final class FootprintEntry {
  private final PendingTransaction owner;
  private final PatternIndex index;
  private final LongPredicate isOwn;
  private final Set<Long> mentioned = new HashSet<>();
  private int[] cells = new int[32];
  private int length;

  /** Begins; the predicate tells the owner's own local ids. */
  FootprintEntry(PendingTransaction owner, PatternIndex index, LongPredicate isOwn) {
    this.owner = owner;
    this.index = index;
    this.isOwn = isOwn;
  }

  /** Enters a pattern, and the local ids in it. */
  void add(FootprintKey key) {
    enter(Patterns.of(key));
    if (key instanceof FootprintKey.EntityAttribute k) {
      mention(k.e());
    } else if (key instanceof FootprintKey.Entity k) {
      mention(k.e());
    } else if (key instanceof FootprintKey.Reference k) {
      mention(k.v());
    } else if (key instanceof FootprintKey.AttributeValue k && k.v() instanceof Long v) {
      mention(v);
    }
  }

  /** Enters that the transaction depends on a local id, if it is one and not the transaction's own. */
  void mention(long id) {
    if (id < 0 && !isOwn.test(id) && mentioned.add(id)) {
      enter(Patterns.localId(id));
    }
  }

  /** The cells entered. */
  int[] cells() {
    return Arrays.copyOf(cells, length);
  }

  private void enter(long hash) {
    if (length == cells.length) {
      cells = Arrays.copyOf(cells, length * 2);
    }
    cells[length++] = index.add(hash, owner);
  }
}
