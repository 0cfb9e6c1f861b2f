package dev.rebasis.server.internal.master;

import dev.rebasis.data.Bytes;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Symbol;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * SHA-256 over the datoms of a transaction and over the rows of the log, in a fixed binary form that does not depend
 * on any library's printing. Numbers are big-endian; texts are UTF-8 behind a four-byte length.
 *
 * <p>A datom is: entity (8 bytes), attribute (8), 1 or 0 for asserted or retracted (1), the value's tag (1), the value.
 * The transaction's own id is left out, since T stands beside the hash. Confined: one caller at a time.
 */
final class DatomDigest {
  private static final int BLOCK = 8192;

  private final MessageDigest sha256;
  private ByteBuffer buffer = ByteBuffer.allocate(BLOCK);

  DatomDigest() {
    try {
      this.sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** The hash of the datoms, in their order. */
  byte[] of(List<Datom> datoms) {
    for (Datom datom : datoms) {
      need(18).putLong(datom.e()).putLong(datom.a()).put((byte) (datom.added() ? 1 : 0));
      value(datom.v());
    }
    return finish();
  }

  /** The hash that chains a row to the one before it. */
  byte[] chain(byte[] previous, long t, Instant txInstant, String forms, String tempids, byte[] datomsHash) {
    bytes(previous);
    need(16).putLong(t).putLong(txInstant.toEpochMilli());
    text(forms);
    text(tempids);
    bytes(datomsHash);
    return finish();
  }

  private byte[] finish() {
    flush();
    return sha256.digest();
  }

  private void value(Object value) {
    if (value == null) {
      tag('0');
    } else if (value instanceof String text) {
      tag('s');
      text(text);
    } else if (value instanceof Long number) {
      tag('l');
      need(8).putLong(number);
    } else if (value instanceof Instant instant) {
      tag('t');
      need(8).putLong(instant.toEpochMilli());
    } else if (value instanceof UUID uuid) {
      tag('u');
      need(16).putLong(uuid.getMostSignificantBits()).putLong(uuid.getLeastSignificantBits());
    } else if (value instanceof Keyword keyword) {
      tag('k');
      text(keyword.toString());
    } else if (value instanceof Boolean bool) {
      tag(bool ? '+' : '-');
    } else if (value instanceof List<?> tuple) {
      tag('(');
      need(4).putInt(tuple.size());
      tuple.forEach(this::value);
    } else {
      rareValue(value);
    }
  }

  private void rareValue(Object value) {
    if (value instanceof Double number) {
      tag('d');
      need(8).putLong(Double.doubleToRawLongBits(number));
    } else if (value instanceof Float number) {
      tag('f');
      need(4).putInt(Float.floatToRawIntBits(number));
    } else if (value instanceof BigInteger number) {
      tag('n');
      bytes(number.toByteArray());
    } else if (value instanceof BigDecimal number) {
      tag('m');
      need(4).putInt(number.scale());
      bytes(number.unscaledValue().toByteArray());
    } else if (value instanceof Bytes bytes) {
      tag('b');
      bytes(bytes.toArray());
    } else if (value instanceof URI uri) {
      tag('i');
      text(uri.toString());
    } else if (value instanceof Symbol symbol) {
      tag('y');
      text(symbol.text());
    } else {
      throw new IllegalArgumentException("no datom has a value of " + value.getClass());
    }
  }

  private void tag(char tag) {
    need(1).put((byte) tag);
  }

  private void text(String text) {
    bytes(text.getBytes(StandardCharsets.UTF_8));
  }

  private void bytes(byte[] bytes) {
    need(4).putInt(bytes.length);
    if (bytes.length > BLOCK / 4) {
      flush();
      sha256.update(bytes);
    } else {
      need(bytes.length).put(bytes);
    }
  }

  private ByteBuffer need(int size) {
    if (buffer.remaining() < size) {
      flush();
    }
    return buffer;
  }

  private void flush() {
    sha256.update(buffer.array(), 0, buffer.position());
    buffer.clear();
  }
}
