package dev.rebasis.simulations.disk;

import java.io.IOException;
import java.nio.channels.FileLock;

/** A lock on a file of a simulated disk. Thread-safe: its channel takes the disk's lock. */
final class SimLock extends FileLock {

  private final SimChannel holder;

  SimLock(SimChannel holder, long position, long size, boolean shared) {
    super(holder, position, size, shared);
    this.holder = holder;
  }

  @Override
  public boolean isValid() {
    return holder.holds(this);
  }

  @Override
  public void release() throws IOException {
    holder.release(this);
  }
}
