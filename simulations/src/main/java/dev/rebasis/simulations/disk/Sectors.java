package dev.rebasis.simulations.disk;

import java.util.Arrays;

/** The bytes of one file, growing as needed. Confined to the holder of the disk's lock. */
final class Sectors {

  /** What a drive writes wholly or not at all. */
  static final int BYTES = 512;

  private byte[] bytes;
  private int size;

  Sectors() {
    bytes = new byte[0];
  }

  private Sectors(byte[] bytes, int size) {
    this.bytes = bytes;
    this.size = size;
  }

  Sectors copy() {
    return new Sectors(Arrays.copyOf(bytes, size), size);
  }

  int size() {
    return size;
  }

  /** Reads into the array; the range must lie within the file. */
  void read(int position, byte[] into, int offset, int length) {
    System.arraycopy(bytes, position, into, offset, length);
  }

  void write(int position, byte[] from, int offset, int length) {
    growTo(position + length);
    System.arraycopy(from, offset, bytes, position, length);
  }

  void growTo(int newSize) {
    if (newSize > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(newSize, bytes.length * 2));
    }
    size = Math.max(size, newSize);
  }

  void truncate(int newSize) {
    if (newSize < size) {
      // what lies beyond must read as zeros if the file grows again
      Arrays.fill(bytes, newSize, size, (byte) 0);
      size = newSize;
    }
  }
}
