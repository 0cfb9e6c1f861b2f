package dev.rebasis.client.internal.index;

import dev.rebasis.data.Datom;
import dev.rebasis.digest.Digest;
import java.util.ArrayList;
import java.util.List;

/**
 * The digest of the current datoms, which follows their changes when somebody asks for it, or when many wait: measured,
 * hashing was a quarter of what applying a datom to the index costs, and nobody needs the digest while confirmed
 * transactions come in. Since the digest is a sum, it does not matter in which order they are counted. Confined to the index's owner.
 */
final class LateDigest {
  private static final int WAITING_MAX = 20_000;

  private final Digest digest = new Digest();
  private final List<Datom> added = new ArrayList<>();
  private final List<Datom> removed = new ArrayList<>();

  /** A datom has become current; see {@link Digest#add}. */
  void add(Datom datom) {
    added.add(datom);
    followIfMany();
  }

  /** A datom is no longer current; see {@link Digest#remove}. */
  void remove(Datom datom) {
    removed.add(datom);
    followIfMany();
  }

  private void followIfMany() {
    if (added.size() + removed.size() >= WAITING_MAX) {
      now();
    }
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
