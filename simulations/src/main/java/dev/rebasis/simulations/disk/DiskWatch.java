package dev.rebasis.simulations.disk;

import java.io.IOException;

/**
 * Someone who is told of each operation on a disk before it is carried out. The disk's lock is held; it may be crashed, and
 * other disks used, but no other thread waited for.
 */
public interface DiskWatch {
  /**
   * An operation is about to be carried out.
   *
   * @param operation what
   * @param file the file's name, relative to the disk
   * @throws IOException to prevent it; the program sees this error. Whoever has crashed the disk must throw one
   */
  void before(DiskOperation operation, String file) throws IOException;
}
