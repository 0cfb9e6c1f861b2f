package dev.rebasis.client.internal.index;

import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import org.h2.mvstore.MVStore;

/**
 * Keeps one version of a store readable while a snapshot of it is in use. The reference tells when the program has
 * dropped the snapshot; no thread waits for it, the index's owner looks when it takes a snapshot or writes. Confined to
 * the owner.
 */
final class Pin extends PhantomReference<Snapshot> {
  private final MVStore store;
  private final MVStore.TxCounter version;
  private final PinState state;

  /** What a snapshot knows of its pin, without a reference back. The flag is read by every thread that reads it. */
  static final class PinState {
    final long t;
    final long bytesWrittenBefore;
    private volatile String expired;

    PinState(long t, long bytesWrittenBefore) {
      this.t = t;
      this.bytesWrittenBefore = bytesWrittenBefore;
    }

    /** Why the storage is gone, or null. */
    String expired() {
      return expired;
    }

    /** From now on the snapshot throws; only then its storage may be used again. */
    void expire(String why) {
      expired = why;
    }
  }

  Pin(Snapshot snapshot, ReferenceQueue<Snapshot> dropped, MVStore store, MVStore.TxCounter version, PinState state) {
    super(snapshot, dropped);
    this.store = store;
    this.version = version;
    this.state = state;
  }

  PinState state() {
    return state;
  }

  /** Lets the store use the version's pages again. */
  void release() {
    clear();
    if (version != null && !store.isClosed()) {
      store.deregisterVersionUsage(version);
    }
  }
}
