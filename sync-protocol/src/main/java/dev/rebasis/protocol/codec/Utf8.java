package dev.rebasis.protocol.codec;

/** Whether bytes are well-formed UTF-8 (Unicode 15, table 3-7). Pure function. */
final class Utf8 {
  private Utf8() {}

  static boolean isValid(byte[] bytes, int offset, int length) {
    int at = offset;
    int end = offset + length;
    while (at < end) {
      int first = bytes[at];
      if (first >= 0) {
        at++;
        continue;
      }
      int size = size(first & 0xff);
      if (size == 0 || size > end - at || !isSecond(first & 0xff, bytes[at + 1] & 0xff)) {
        return false;
      }
      for (int i = 2; i < size; i++) {
        if ((bytes[at + i] & 0xc0) != 0x80) {
          return false;
        }
      }
      at += size;
    }
    return true;
  }

  private static int size(int first) {
    if (first < 0xc2 || first > 0xf4) {
      return 0;
    }
    return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  }

  // Some first bytes narrow the second: no overlong forms, no surrogates, nothing beyond U+10FFFF.
  private static boolean isSecond(int first, int second) {
    int low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    int high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    return second >= low && second <= high;
  }
}
