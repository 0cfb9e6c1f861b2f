package dev.rebasis.server.internal.session;

import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.codec.WireCodec;

/**
 * A message on its way out. Sessions at the same place of the log are sent the same frame, which is encoded once for
 * each codec. Thread-safe: transports may encode on any thread.
 */
public final class Frame {
  private final Message.FromServer message;
  private volatile byte[] json;
  private volatile byte[] cbor;

  /** Wraps a message. */
  public Frame(Message.FromServer message) {
    this.message = message;
  }

  /** The message. */
  public Message.FromServer message() {
    return message;
  }

  /**
   * The encoded message. Callers share the array and must not change it.
   *
   * @param codec one of the two codecs of the process
   */
  public byte[] bytes(WireCodec codec) {
    // Two threads may both encode; they get equal bytes.
    byte[] known = codec.isText() ? json : cbor;
    if (known != null) {
      return known;
    }
    byte[] encoded = codec.encode(message);
    if (codec.isText()) {
      json = encoded;
    } else {
      cbor = encoded;
    }
    return encoded;
  }
}
