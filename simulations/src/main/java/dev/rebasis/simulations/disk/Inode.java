package dev.rebasis.simulations.disk;

import java.nio.channels.OverlappingFileLockException;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** One file, whatever it is called. Confined to the holder of the disk's lock. */
final class Inode {

  private Sectors content = new Sectors();
  private Sectors durable = new Sectors();
  private final List<Unforced> unforced = new ArrayList<>();
  private final List<SimLock> locks = new ArrayList<>();

  /** A change that the disk may still lose. {@code data} is null for a truncation. */
  private record Unforced(int position, byte[] data) {}

  /** A file whose content is durable. */
  static Inode of(Sectors content) {
    Inode inode = new Inode();
    inode.content = content.copy();
    inode.durable = content.copy();
    return inode;
  }

  /** What it holds now, forced or not. */
  Sectors image() {
    return content.copy();
  }

  int size() {
    return content.size();
  }

  /** Returns the number of bytes read, or -1 at the end of the file, as a channel does. */
  int read(long position, byte[] into) {
    if (position >= content.size()) {
      return -1;
    }
    int length = Math.min(into.length, content.size() - (int) position);
    content.read((int) position, into, 0, length);
    return length;
  }

  void write(int position, byte[] data) {
    content.write(position, data, 0, data.length);
    unforced.add(new Unforced(position, data));
  }

  void truncate(int size) {
    content.truncate(size);
    unforced.add(new Unforced(size, null));
  }

  void force() {
    for (Unforced change : unforced) {
      if (change.data == null) {
        durable.truncate(change.position);
      } else {
        durable.write(change.position, change.data, 0, change.data.length);
      }
    }
    unforced.clear();
  }

  void powerLoss(RandomGenerator random) {
    LossMood mood = LossMood.draw(random, unforced.size());
    for (int i = 0; i < unforced.size(); i++) {
      Unforced change = unforced.get(i);
      if (change.data != null) {
        mood.write(i, durable, change.position, change.data);
      } else if (mood.keeps(i)) {
        durable.truncate(change.position);
      }
    }
    unforced.clear();
    locks.clear();
    content = durable.copy();
  }

  void processCrash() {
    locks.clear();
  }

  /** Returns null if another holds a lock that this one does not go with. */
  SimLock lock(SimChannel channel, long position, long length, boolean shared) {
    for (SimLock held : locks) {
      if (held.overlaps(position, length) && !(shared && held.isShared())) {
        if (held.channel() == channel) {
          throw new OverlappingFileLockException();
        }
        return null;
      }
    }
    SimLock lock = new SimLock(channel, position, length, shared);
    locks.add(lock);
    return lock;
  }

  boolean holds(SimLock lock) {
    return locks.contains(lock);
  }

  void release(SimLock lock) {
    locks.remove(lock);
  }

  void releaseAll(SimChannel channel) {
    locks.removeIf(lock -> lock.channel() == channel);
  }
}
