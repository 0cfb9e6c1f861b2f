package dev.rebasis.simulations.disk;

/** What a program can do to a disk, as the faults and counters tell it apart. Immutable. */
public enum DiskOperation {
  /** Read a file. */
  READ,
  /** Write a file, growing it if need be. */
  WRITE,
  /** Cut a file. */
  TRUNCATE,
  /** Force a file to the disk. */
  FORCE,
  /** Create, rename or delete a file or directory. */
  NAME;

  /** Whether it changes anything that a loss of power could take. */
  boolean mutates() {
    return this != READ;
  }
}
