package dev.rebasis.simulations.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileLock;
import java.nio.channels.NonWritableChannelException;
import org.h2.store.fs.FileBaseDefault;

/** An open file of a simulated disk. Thread-safe: takes the disk's lock. Fails once its life is over. */
final class SimChannel extends FileBaseDefault {

  private final SimDisk disk;
  private final int life;
  private final Inode inode;
  private final boolean readOnly;

  SimChannel(SimDisk disk, int life, Inode inode, boolean readOnly) {
    this.disk = disk;
    this.life = life;
    this.inode = inode;
    this.readOnly = readOnly;
  }

  @Override
  public long size() throws IOException {
    synchronized (disk.lock()) {
      checkOpen();
      disk.faults().checkPower();
      return inode.size();
    }
  }

  @Override
  public int read(ByteBuffer into, long position) throws IOException {
    byte[] bytes = new byte[into.remaining()];
    synchronized (disk.lock()) {
      checkOpen();
      int length = disk.volume().read(inode, position, bytes);
      if (length > 0) {
        into.put(bytes, 0, length);
      }
      return length;
    }
  }

  @Override
  public int write(ByteBuffer from, long position) throws IOException {
    synchronized (disk.lock()) {
      checkWritable();
      byte[] bytes = new byte[from.remaining()];
      from.duplicate().get(bytes);
      disk.volume().write(inode, position, bytes);
      from.position(from.limit());
      return bytes.length;
    }
  }

  @Override
  protected void implTruncate(long size) throws IOException {
    synchronized (disk.lock()) {
      checkWritable();
      disk.volume().truncate(inode, size);
    }
  }

  @Override
  public void force(boolean metaData) throws IOException {
    synchronized (disk.lock()) {
      checkOpen();
      disk.volume().force(inode);
    }
  }

  @Override
  public FileLock lock(long position, long size, boolean shared) throws IOException {
    FileLock lock = tryLock(position, size, shared);
    if (lock == null) {
      throw new IOException("locked by another; a simulated disk does not wait: " + disk);
    }
    return lock;
  }

  @Override
  public FileLock tryLock(long position, long size, boolean shared) throws IOException {
    synchronized (disk.lock()) {
      checkOpen();
      return inode.lock(this, position, size, shared);
    }
  }

  boolean holds(SimLock lock) {
    synchronized (disk.lock()) {
      return life == disk.life() && inode.holds(lock);
    }
  }

  void release(SimLock lock) {
    synchronized (disk.lock()) {
      inode.release(lock);
    }
  }

  @Override
  protected void implCloseChannel() {
    synchronized (disk.lock()) {
      inode.releaseAll(this);
    }
  }

  private void checkOpen() throws IOException {
    if (!isOpen()) {
      throw new ClosedChannelException();
    }
    if (life != disk.life()) {
      throw new IOException("crashed: life " + life + " of " + disk + " is over");
    }
  }

  private void checkWritable() throws IOException {
    checkOpen();
    if (readOnly) {
      throw new NonWritableChannelException();
    }
  }

  @Override
  public String toString() {
    return disk.toString();
  }
}
