package dev.rebasis.data;

import java.util.Arrays;
import java.util.HexFormat;

/**
 * An immutable byte string, the value of {@code :db.type/bytes}; unlike {@code byte[]} it has equality and order
 * (as Datomic orders them). Callers may share it.
 */
public final class Bytes implements Comparable<Bytes> {
  private final byte[] bytes;

  private Bytes(byte[] bytes) {
    this.bytes = bytes;
  }

  /** A copy of the array. */
  public static Bytes of(byte... bytes) {
    return new Bytes(bytes.clone());
  }

  /** A copy of the content. */
  public byte[] toArray() {
    return bytes.clone();
  }

  /** How many bytes. */
  public int length() {
    return bytes.length;
  }

  /** Orders as Datomic does: the shorter first, then by the bytes, which are signed. */
  @Override
  public int compareTo(Bytes other) {
    int byLength = Integer.compare(bytes.length, other.bytes.length);
    return byLength != 0 ? byLength : Arrays.compare(bytes, other.bytes);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Bytes b && Arrays.equals(bytes, b.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /** As EDN: {@code #rebasis/bytes "cafe"} with hexadecimal digits. */
  @Override
  public String toString() {
    return "#rebasis/bytes \"" + HexFormat.of().formatHex(bytes) + "\"";
  }
}
