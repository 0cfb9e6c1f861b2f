package dev.rebasis.protocol.codec;

/**
 * Looks over the bytes of CBOR before Jackson parses them, in one pass over the heads of the items. It refuses tags,
 * which the protocol does not use: Jackson collects a run of tags in quadratic time, reads tagged big integers and
 * decimals of any size, and lets a string reference of two bytes stand for a long string again and again. It also
 * refuses what has no meaning here (Jackson reads undefined as null), texts that are not UTF-8 (Jackson reads some
 * character) and lengths beyond the end. Pure function.
 */
final class CborGuard {
  private static final int BYTES = 2;
  private static final int TEXT = 3;
  private static final int TAG = 6;
  private static final int SIMPLE = 7;
  private static final int INDEFINITE = 31;

  private CborGuard() {}

  static void check(byte[] bytes, int offset, int length) {
    int end = offset + length;
    int at = offset;
    while (at < end) {
      int major = (bytes[at] & 0xff) >>> 5;
      int info = bytes[at] & 0x1f;
      at++;
      if (major == TAG) {
        throw new WireFault("CBOR's tags are not accepted (at " + (at - 1 - offset) + ")");
      }
      if (major == SIMPLE && !isKnownSimple(info)) {
        throw new WireFault("CBOR's undefined, simple values and half floats are not accepted (at "
            + (at - 1 - offset) + ")");
      }
      if (info >= 24 && info != INDEFINITE) {
        int size = size(info);
        check(size <= end - at);
        if (major == BYTES || major == TEXT) {
          long content = unsigned(bytes, at, size);
          at = skipString(major, bytes, at + size, content, end);
        } else {
          at += size;
        }
      } else if (info < 24 && (major == BYTES || major == TEXT)) {
        at = skipString(major, bytes, at, info, end);
      }
    }
  }

  private static int skipString(int major, byte[] bytes, int at, long length, int end) {
    check(length >= 0 && length <= end - at);
    if (major == TEXT && !Utf8.isValid(bytes, at, (int) length)) {
      throw new WireFault("a text is not UTF-8");
    }
    return at + (int) length;
  }

  private static boolean isKnownSimple(int info) {
    return (info >= 20 && info <= 22) || info == 26 || info == 27 || info == INDEFINITE; // false to null, floats, break
  }

  private static int size(int info) {
    if (info > 27) {
      throw new WireFault("CBOR has no such item");
    }
    return 1 << (info - 24);
  }

  private static long unsigned(byte[] bytes, int at, int size) {
    long value = 0;
    for (int i = 0; i < size; i++) {
      value = value << 8 | bytes[at + i] & 0xff;
    }
    return value;
  }

  private static void check(boolean inside) {
    if (!inside) {
      throw new WireFault("the message ends too early");
    }
  }
}
