package dev.rebasis.digest;

import dev.rebasis.data.Bytes;
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
 * SHA-256 over values of datoms in a fixed binary form that does not depend on any library's printing: numbers are
 * big-endian, texts are UTF-8 behind a four-byte length, a value stands behind a tag for its type. Confined: one caller
 * at a time.
 */
public final class ValueHash {
  private static final int BLOCK = 8192;

  private final MessageDigest sha256;
  private final ByteBuffer buffer = ByteBuffer.allocate(BLOCK);

  /** Begins with nothing. */
  public ValueHash() {
    try {
      this.sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** The hash, 32 bytes, of what was put since the last one. */
  public byte[] finish() {
    flush();
    return sha256.digest();
  }

  /**
   * Puts a value behind its tag.
   *
   * @throws IllegalArgumentException if no datom can have such a value
   */
  public void value(Object value) {
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

  /** Puts one byte. */
  public void tag(char tag) {
    need(1).put((byte) tag);
  }

  /** Puts a text behind the length of its UTF-8. */
  public void text(String text) {
    bytes(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Puts a long. */
  public void number(long number) {
    need(8).putLong(number);
  }

  /** Puts bytes behind their length. */
  public void bytes(byte[] bytes) {
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
