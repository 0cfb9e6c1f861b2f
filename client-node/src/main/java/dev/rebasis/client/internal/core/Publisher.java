package dev.rebasis.client.internal.core;

import dev.rebasis.client.internal.db.DatabaseValue;
import dev.rebasis.client.internal.rebase.OptimisticState;
import java.util.ArrayDeque;

/**
 * Gives the program the newest views, but never one that holds a transaction which is not durable yet. Thread-safe.
 *
 * <p>The core decides on views that are ahead of the disk; each is queued here with the last own transaction in it, and
 * published when that one is durable. Order of publishing is the order of queuing.
 */
final class Publisher {
  /** What a program sees. Immutable. */
  record Views(DatabaseValue optimistic, DatabaseValue confirmed, int pendingCount) {
    /** What programs see once everything in a state is durable. */
    static Views of(OptimisticState state) {
      return new Views(state.optimistic(), state.confirmed(), state.pending().size());
    }
  }

  private record Version(long seq, Views views, Runnable published) {}

  private final ArrayDeque<Version> versions = new ArrayDeque<>();
  private long durableSeq;
  private volatile Views views;

  Publisher(Views first, long durableSeq) {
    this.views = first;
    this.durableSeq = durableSeq;
  }

  /** The newest published views. */
  Views views() {
    return views;
  }

  /**
   * Queues views. Call it in the order in which they were made.
   *
   * @param seq the last own transaction that is in them
   * @param published run when they are published, in order; short, and it must not call back into this object
   */
  synchronized void add(long seq, Views next, Runnable published) {
    versions.add(new Version(seq, next, published));
    publish();
  }

  /** Notes that own transactions are durable up to a sequence number. */
  synchronized void durable(long seq) {
    durableSeq = seq;
    publish();
  }

  private void publish() {
    while (!versions.isEmpty() && versions.peek().seq() <= durableSeq) {
      Version version = versions.poll();
      views = version.views();
      version.published().run();
    }
  }
}
