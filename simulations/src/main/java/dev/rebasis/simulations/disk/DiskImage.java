package dev.rebasis.simulations.disk;

import java.util.Map;
import java.util.TreeMap;

/**
 * What was on a disk at one moment: a backup, or a copy of a whole machine. Immutable.
 */
public final class DiskImage {
  private final TreeMap<String, Sectors> files;

  /** {@code files} by name, directories as null; the contents must not change any more. */
  DiskImage(TreeMap<String, Sectors> files) {
    this.files = files;
  }

  Map<String, Sectors> files() {
    return files;
  }
}
