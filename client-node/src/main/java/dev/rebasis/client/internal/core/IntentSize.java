package dev.rebasis.client.internal.core;

import dev.rebasis.client.internal.sync.IntentWeight;
import dev.rebasis.data.Bytes;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Symbol;
import dev.rebasis.error.TransactionException;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Limits;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.ProtocolException;
import dev.rebasis.protocol.codec.WireCodec;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;

/**
 * Refuses what could never be sent to a server, while its author is still there to be told: once stored it would block
 * the queue. Pure functions.
 *
 * <p>The codec knows best, but to encode each transaction twice would cost a tenth of {@code transact}; so only those
 * that are large, deep, or hold values that can be beyond a limit are tried.
 */
final class IntentSize {
  private static final Limits LIMITS = Limits.client();
  private static final long WEIGHT_PLAIN_MAX = LIMITS.sendBytesMax() / 4;
  private static final int DEPTH_PLAIN_MAX = 20;
  private static final int NAME_PLAIN_MAX = 200;

  private IntentSize() {}

  /**
   * Checks a transaction.
   *
   * @throws TransactionException {@code :rebasis.error/transaction-too-large} or
   *     {@code :rebasis.error/unsendable-value}
   */
  static void check(Intent intent) {
    long weight = IntentWeight.of(intent);
    if (weight <= WEIGHT_PLAIN_MAX && isPlain(intent.forms(), 0) && isPlain(intent.terms().toData(), 0)) {
      return;
    }
    try {
      WireCodec.cbor(LIMITS).encode(new Message.Push(List.of(intent)));
      // A text codec needs more room for some values.
      WireCodec.json(LIMITS).encode(new Message.Push(List.of(intent)));
    } catch (ProtocolException e) {
      boolean large = e.code() == ProtocolException.TOO_LARGE;
      throw new TransactionException(
          large ? Keyword.of(":rebasis.error/transaction-too-large") : e.code(),
          "The transaction could not be sent to a server: " + e.getMessage()
              + (large ? " Split it, and keep large content outside of the database." : ""),
          Map.of(Keyword.of(":bytes"), weight, Keyword.of(":max"), (long) LIMITS.sendBytesMax()));
    }
  }

  private static boolean isPlain(Object form, int depth) {
    if (form instanceof Map<?, ?> map) {
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        if (!isPlain(entry.getKey(), depth + 1) || !isPlain(entry.getValue(), depth + 1)) {
          return false;
        }
      }
      return depth < DEPTH_PLAIN_MAX;
    }
    if (form instanceof Iterable<?> several) {
      for (Object one : several) {
        if (!isPlain(one, depth + 1)) {
          return false;
        }
      }
      return depth < DEPTH_PLAIN_MAX;
    }
    if (form instanceof Keyword || form instanceof Symbol) {
      return form.toString().length() <= NAME_PLAIN_MAX;
    }
    return !(form instanceof BigDecimal || form instanceof BigInteger || form instanceof Bytes);
  }
}
