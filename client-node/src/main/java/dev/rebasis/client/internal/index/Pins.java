package dev.rebasis.client.internal.index;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.h2.mvstore.MVStore;

/** The snapshots that are in use, oldest first. Confined to the index's owner. */
final class Pins {
  private final ReferenceQueue<Snapshot> dropped = new ReferenceQueue<>();
  private final Set<Pin> pins = new LinkedHashSet<>();
  private long bytesHeldBackMax = Long.MAX_VALUE;

  /** Keeps the store's version of this moment, for a snapshot that is made with the state. */
  void add(Snapshot snapshot, IndexStore index, Pin.PinState state) {
    MVStore.TxCounter version = index.isInFile() ? index.store().registerVersionUsage() : null;
    pins.add(new Pin(snapshot, dropped, index.store(), version, state));
  }

  /** Releases what the program has dropped. */
  void releaseDropped() {
    for (Reference<? extends Snapshot> pin = dropped.poll(); pin != null; pin = dropped.poll()) {
      pins.remove(pin);
      ((Pin) pin).release();
    }
  }

  /** Past so many bytes of the file held back by an old value, the value is given up; no limit at first. */
  void limitBytesHeldBack(long bytes) {
    bytesHeldBackMax = bytes;
  }

  /** Which are in use, and what that costs. */
  PinStatus status(IndexStore index, long newestT) {
    return pins.isEmpty() ? new PinStatus(0, newestT, 0) : new PinStatus(pins.size(), oldest().t, bytesHeldBack(index));
  }

  /** Bytes written since the oldest value that is held was taken. */
  long bytesWrittenSinceOldest(IndexStore index) {
    return pins.isEmpty() ? 0 : Math.max(0, index.bytesWritten() - oldest().bytesWrittenBefore);
  }

  private long bytesHeldBack(IndexStore index) {
    return Math.min(bytesWrittenSinceOldest(index), index.bytesDead());
  }

  private Pin.PinState oldest() {
    return pins.iterator().next().state();
  }

  /** Gives up the oldest, as long as too much is held back. */
  void expireOld(IndexStore index) {
    while (!pins.isEmpty() && bytesHeldBack(index) > bytesHeldBackMax) {
      Pin oldest = pins.iterator().next();
      pins.remove(oldest);
      oldest.state().expire("it was held for so long that it kept more than " + bytesHeldBackMax
          + " bytes of the index file from being used again");
      oldest.release();
    }
  }

  /** Gives all up. */
  void expireAll(String why) {
    for (Pin pin : List.copyOf(pins)) {
      pin.state().expire(why);
      pin.release();
    }
    pins.clear();
  }
}
