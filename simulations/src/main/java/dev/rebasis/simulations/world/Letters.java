package dev.rebasis.simulations.world;

import dev.rebasis.protocol.Message;

/**
 * What the messages under way say, so that whoever sits on the line does not have to decode them again: the newest ones, by
 * the identity of their bytes, which nobody changes. The programs decode for themselves. Confined.
 */
final class Letters {
  private static final int KEPT = 32;

  private final byte[][] bytes = new byte[KEPT][];
  private final Message[] messages = new Message[KEPT];
  private int next;

  /** Notes a message that was sent. */
  void sent(byte[] encoded, Message message) {
    if (read(encoded) == null) {
      bytes[next] = encoded;
      messages[next] = message;
      next = (next + 1) % KEPT;
    }
  }

  /** What the bytes say; null if that is not known any more. */
  Message read(byte[] encoded) {
    for (int i = 0; i < KEPT; i++) {
      if (bytes[i] == encoded) {
        return messages[i];
      }
    }
    return null;
  }
}
