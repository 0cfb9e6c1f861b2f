package dev.rebasis.client.internal.rebase;

import dev.rebasis.client.internal.db.PersistentSortedSet;
import dev.rebasis.client.internal.log.MadeIds;
import dev.rebasis.conflict.LocalIds;
import java.util.Comparator;
import java.util.Map;

/**
 * The local ids of one database value: what the server made of them, and what the pending transactions in the value
 * made of them (a tempid that upserts stands for another entity than its own local id). Immutable; threads may share
 * it.
 */
final class Redirects implements LocalIds {
  /** A local id that stands for another entity. */
  private record Redirect(long localId, long target) {}

  private final MadeIds made;
  private final PersistentSortedSet<Redirect> pending;

  private Redirects(MadeIds made, PersistentSortedSet<Redirect> pending) {
    this.made = made;
    this.pending = pending;
  }

  /** Only what the server made. */
  static Redirects of(MadeIds made) {
    return new Redirects(made, PersistentSortedSet.empty(Comparator.comparingLong(Redirect::localId)));
  }

  MadeIds made() {
    return made;
  }

  /** With more that the server made: positive local numbers to server ids. */
  Redirects withMade(Map<Long, Long> more) {
    return more.isEmpty() ? this : new Redirects(made.with(more), pending);
  }

  Redirects with(long localId, long target) {
    Redirect redirect = new Redirect(localId, target);
    return new Redirects(made, pending.remove(redirect).add(redirect));
  }

  Redirects without(long localId) {
    return pending.isEmpty() ? this : new Redirects(made, pending.remove(new Redirect(localId, 0)));
  }

  @Override
  public long resolve(long localId) {
    long id = localId;
    while (id < 0) {
      long server = made.resolve(id);
      if (server >= 0) {
        return server;
      }
      Redirect redirect = pending.isEmpty() ? null : pending.get(new Redirect(id, 0));
      if (redirect == null || redirect.target() == id) {
        return id;
      }
      id = redirect.target();
    }
    return id;
  }
}
