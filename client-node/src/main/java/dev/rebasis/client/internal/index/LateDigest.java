package dev.rebasis.client.internal.index;

import dev.rebasis.data.Datom;
import dev.rebasis.digest.Digest;
import java.util.ArrayDeque;

/**
 * The digest of the current datoms, which follows their changes when somebody asks for it: measured, hashing was a quarter of
 * what applying a datom to the index costs, and nobody needs the digest while confirmed transactions come in. Since the digest is a
 * sum, it does not matter in which order they are counted. Confined to the index's owner.
 *
 * <p>When many wait, each change that comes has an older one counted, so that nobody ever waits for all of them at once: clients
 * of one server take in the same transactions, and would all stop to count at the same moment.
 */
final class LateDigest {
  static final int WAITING_MAX = 20_000;

  private final Digest digest = new Digest();
  private final ArrayDeque<Datom> added = new ArrayDeque<>();
  private final ArrayDeque<Datom> removed = new ArrayDeque<>();

  /** A datom has become current; see {@link Digest#add}. */
  void add(Datom datom) {
    added.add(datom);
    followOneIfMany();
  }

  /** A datom is no longer current; see {@link Digest#remove}. */
  void remove(Datom datom) {
    removed.add(datom);
    followOneIfMany();
  }

  private void followOneIfMany() {
    if (waiting() > WAITING_MAX) {
      if (added.isEmpty()) {
        digest.remove(removed.poll());
      } else {
        digest.add(added.poll());
      }
    }
  }

  /** How many changes are not counted yet. */
  int waiting() {
    return added.size() + removed.size();
  }

  /** The digest with all changes so far. */
  Digest now() {
    added.forEach(digest::add);
    removed.forEach(digest::remove);
    added.clear();
    removed.clear();
    return digest;
  }
}
