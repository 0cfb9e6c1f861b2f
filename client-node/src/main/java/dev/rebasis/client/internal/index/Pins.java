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

  /** Keeps the store's version of this moment, for a snapshot that is made with the state. */
  void add(Snapshot snapshot, IndexStore index, MVStore.TxCounter version, Pin.PinState state) {
    pins.add(new Pin(snapshot, dropped, index.store(), version, state));
  }

  /** Releases what the program has dropped. */
  void releaseDropped() {
    for (Reference<? extends Snapshot> pin = dropped.poll(); pin != null; pin = dropped.poll()) {
      pins.remove(pin);
      ((Pin) pin).release();
    }
  }

  int size() {
    return pins.size();
  }

  /** The state of the oldest, or null. */
  Pin.PinState oldest() {
    return pins.isEmpty() ? null : pins.iterator().next().state();
  }

  /** Gives the oldest up. */
  void expireOldest(String why) {
    Pin oldest = pins.iterator().next();
    pins.remove(oldest);
    oldest.state().expire(why);
    oldest.release();
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
