package dev.rebasis.protocol;

import java.util.Objects;

/**
 * A digest of the current datoms of one attribute. Immutable.
 *
 * @param a the attribute's entity id
 * @param datoms how many there are, not negative
 * @param sum the sum of their hashes, 32 hexadecimal digits; see {@link dev.rebasis.digest.Digest}
 */
public record AttributeDigest(long a, long datoms, String sum) {
  /** Checks the values. */
  public AttributeDigest {
    Objects.requireNonNull(sum, "sum");
    if (datoms < 0 || !isHex(sum)) {
      throw new IllegalArgumentException(
          "A digest has a count that is not negative and 32 hexadecimal digits, not " + datoms + " and " + sum);
    }
  }

  private static boolean isHex(String text) {
    return text.length() == 32 && text.chars().allMatch(c -> c >= '0' && c <= '9' || c >= 'a' && c <= 'f');
  }
}
