package dev.rebasis.client.internal.sync;

import dev.rebasis.data.Bytes;
import dev.rebasis.data.Keyword;
import dev.rebasis.protocol.Intent;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Map;

/** About how many bytes a transaction takes on the wire; somewhat more than it really does. Pure functions. */
public final class IntentWeight {
  private static final long HEADER = 100;
  private static final long SCALAR = 12;

  private IntentWeight() {}

  /** The estimate in bytes. */
  public static long of(Intent intent) {
    long weight = HEADER + of(intent.forms()) + (intent.terms().isNone() ? 0 : of(intent.terms().toData()));
    for (String tempid : intent.tempids().keySet()) {
      weight += SCALAR + tempid.length();
    }
    return weight;
  }

  private static long of(Object form) {
    if (form instanceof String s) {
      return SCALAR + s.length() * 3L;
    }
    if (form instanceof Keyword k) {
      return SCALAR + k.toString().length();
    }
    if (form instanceof Map<?, ?> map) {
      long weight = SCALAR;
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        weight += of(entry.getKey()) + of(entry.getValue());
      }
      return weight;
    }
    if (form instanceof Iterable<?> several) {
      long weight = SCALAR;
      for (Object one : several) {
        weight += of(one);
      }
      return weight;
    }
    if (form instanceof Bytes bytes) {
      return SCALAR + bytes.length() * 2L;
    }
    if (form instanceof BigInteger n) {
      return SCALAR + n.bitLength() / 3;
    }
    if (form instanceof BigDecimal n) {
      return SCALAR + n.precision();
    }
    return form == null ? 1 : SCALAR * 3;
  }
}
