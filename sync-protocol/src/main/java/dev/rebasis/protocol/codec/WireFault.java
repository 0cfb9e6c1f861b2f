package dev.rebasis.protocol.codec;

import dev.rebasis.data.Keyword;
import dev.rebasis.protocol.ProtocolException;

/**
 * What is wrong with a message, found deep inside it; {@link WireCodec} adds the place and throws a
 * {@link ProtocolException}. Without a stack trace: hostile messages must be cheap to refuse.
 */
final class WireFault extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final transient Keyword code;

  WireFault(String what) {
    this(ProtocolException.MALFORMED, what);
  }

  WireFault(Keyword code, String what) {
    super(what, null, false, false);
    this.code = code;
  }

  static WireFault tooLarge(String what) {
    return new WireFault(ProtocolException.TOO_LARGE, what);
  }

  Keyword code() {
    return code;
  }
}
