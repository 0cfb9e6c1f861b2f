package dev.rebasis.protocol;

/**
 * What a codec accepts and sends, so that no message fills the memory, the stack or the time of its reader. Immutable.
 *
 * <p>{@link #client()} and {@link #server()} fit each other: what one may send the other accepts.
 *
 * @param receiveBytesMax bytes of a message that is read (of a text: characters). A message needs up to some 40 times
 *     its bytes in memory while it is read
 * @param sendBytesMax bytes of a message that is written; must not exceed what the other side accepts
 * @param depthMax arrays and objects inside each other, those of the message itself included; each needs stack
 * @param itemsMax scalars, field names and brackets of a message
 * @param stringCharsMax characters of one string; the message's bytes bound it too
 * @param nameCharsMax characters of a keyword, symbol or field name
 * @param newKeywordsMax distinct keywords of one message that this process has never seen: the table of keywords is
 *     never cleared, so whoever could fill it would fill the memory
 * @param digitsMax characters of a big integer or decimal; reading takes time by the square of it
 * @param scaleMax largest scale of a decimal, and smallest when negated: arithmetic on {@code 1E+999999999} would fill
 *     the memory
 */
public record Limits(
    int receiveBytesMax,
    int sendBytesMax,
    int depthMax,
    int itemsMax,
    int stringCharsMax,
    int nameCharsMax,
    int newKeywordsMax,
    int digitsMax,
    int scaleMax) {
  private static final int FROM_CLIENT_BYTES = 4 << 20;
  private static final int FROM_SERVER_BYTES = 64 << 20;

  /** Checks that all are positive. */
  public Limits {
    int smallest = Math.min(Math.min(Math.min(receiveBytesMax, sendBytesMax), Math.min(depthMax, itemsMax)),
        Math.min(Math.min(stringCharsMax, nameCharsMax), Math.min(newKeywordsMax, Math.min(digitsMax, scaleMax))));
    if (smallest < 1) {
      throw new IllegalArgumentException("Each limit is at least 1: " + this);
    }
  }

  /** For a server: it reads at most 4 MiB from a client that it need not trust, and sends up to 64 MiB. */
  public static Limits server() {
    return new Limits(FROM_CLIENT_BYTES, FROM_SERVER_BYTES, 256, 1_000_000, FROM_CLIENT_BYTES, 1_024, 1_000, 10_000,
        10_000);
  }

  /** For a client: it reads up to 64 MiB, since one transaction cannot be cut, and sends at most 4 MiB. */
  public static Limits client() {
    return new Limits(FROM_SERVER_BYTES, FROM_CLIENT_BYTES, 256, 20_000_000, FROM_CLIENT_BYTES, 1_024, 100_000, 10_000,
        10_000);
  }

  /** These limits with others for the bytes of a message. */
  public Limits withBytes(int receiveBytesMax, int sendBytesMax) {
    return new Limits(receiveBytesMax, sendBytesMax, depthMax, itemsMax, stringCharsMax, nameCharsMax, newKeywordsMax,
        digitsMax, scaleMax);
  }
}
