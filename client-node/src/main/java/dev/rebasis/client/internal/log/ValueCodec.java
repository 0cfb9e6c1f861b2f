package dev.rebasis.client.internal.log;

import dev.rebasis.data.Bytes;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Symbol;
import dev.rebasis.data.Values;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.WriteBuffer;

/**
 * Datom values as bytes, behind a tag of four bits. Pure functions. Tags and forms are part of the index file's format
 * and of the log's hash chain: whoever changes one breaks both.
 */
public final class ValueCodec {
  private static final int STRING = 0;
  private static final int LONG = 1;
  private static final int TRUE = 2;
  private static final int FALSE = 3;
  private static final int KEYWORD = 4;
  private static final int INSTANT = 5;
  private static final int UNIQUE_ID = 6;
  private static final int DOUBLE = 7;
  private static final int FLOAT = 8;
  private static final int BIGINT = 9;
  private static final int BIGDEC = 10;
  private static final int URI_TEXT = 11;
  private static final int SYMBOL = 12;
  private static final int BYTES = 13;
  private static final int TUPLE = 14;
  private static final int NULL = 15;
  private static final int ASCII_MAX = 0x7f;

  private ValueCodec() {}

  /** The tag of a value, 0 to 15. */
  public static int tag(Object value) {
    if (value instanceof String) {
      return STRING;
    }
    if (value instanceof Long) {
      return LONG;
    }
    if (value instanceof Boolean b) {
      return b ? TRUE : FALSE;
    }
    if (value instanceof Keyword) {
      return KEYWORD;
    }
    if (value instanceof Instant) {
      return INSTANT;
    }
    return value == null ? NULL : rareTag(value);
  }

  private static int rareTag(Object value) {
    if (value instanceof UUID) {
      return UNIQUE_ID;
    }
    if (value instanceof Double) {
      return DOUBLE;
    }
    if (value instanceof Float) {
      return FLOAT;
    }
    if (value instanceof BigInteger) {
      return BIGINT;
    }
    if (value instanceof BigDecimal) {
      return BIGDEC;
    }
    if (value instanceof URI) {
      return URI_TEXT;
    }
    if (value instanceof Symbol) {
      return SYMBOL;
    }
    if (value instanceof Bytes) {
      return BYTES;
    }
    if (value instanceof List) {
      return TUPLE;
    }
    throw new IllegalArgumentException("Not a datom value: " + value + " of " + value.getClass());
  }

  /** Writes tag and content. */
  public static void write(WriteBuffer out, Object value) {
    int tag = tag(value);
    out.put((byte) tag);
    writeContent(out, tag, value);
  }

  /** Writes what follows the tag. */
  public static void writeContent(WriteBuffer out, int tag, Object value) {
    switch (tag) {
      case STRING -> text(out, (String) value);
      case LONG -> out.putVarLong(zigzag((Long) value));
      case KEYWORD -> text(out, value.toString());
      case INSTANT -> out.putVarLong(zigzag(((Instant) value).toEpochMilli()));
      case UNIQUE_ID -> out.putLong(((UUID) value).getMostSignificantBits())
          .putLong(((UUID) value).getLeastSignificantBits());
      case DOUBLE -> out.putLong(Double.doubleToRawLongBits((Double) value));
      case FLOAT -> out.putInt(Float.floatToRawIntBits((Float) value));
      case BIGINT -> bytes(out, ((BigInteger) value).toByteArray());
      case BIGDEC -> {
        out.putVarInt(((BigDecimal) value).scale());
        bytes(out, ((BigDecimal) value).unscaledValue().toByteArray());
      }
      case URI_TEXT, SYMBOL -> text(out, value.toString());
      case BYTES -> bytes(out, ((Bytes) value).toArray());
      case TUPLE -> {
        out.putVarInt(((List<?>) value).size());
        ((List<?>) value).forEach(element -> write(out, element));
      }
      default -> { }
    }
  }

  /** Reads tag and content; throws IllegalArgumentException or BufferUnderflowException if they are none. */
  public static Object read(ByteBuffer in) {
    return readContent(in, in.get());
  }

  /** Reads what follows the tag. */
  public static Object readContent(ByteBuffer in, int tag) {
    return switch (tag) {
      case STRING -> text(in);
      case LONG -> unzigzag(DataUtils.readVarLong(in));
      case TRUE -> Boolean.TRUE;
      case FALSE -> Boolean.FALSE;
      case KEYWORD -> Keyword.of(text(in));
      case INSTANT -> Instant.ofEpochMilli(unzigzag(DataUtils.readVarLong(in)));
      case UNIQUE_ID -> new UUID(in.getLong(), in.getLong());
      case DOUBLE -> Double.longBitsToDouble(in.getLong());
      case FLOAT -> Float.intBitsToFloat(in.getInt());
      case BIGINT -> new BigInteger(bytes(in));
      case BIGDEC -> {
        int scale = DataUtils.readVarInt(in);
        yield new BigDecimal(new BigInteger(bytes(in)), scale);
      }
      case URI_TEXT -> URI.create(text(in));
      case SYMBOL -> Symbol.of(text(in));
      case BYTES -> Bytes.of(bytes(in));
      case TUPLE -> tuple(in);
      case NULL -> null;
      default -> throw new IllegalArgumentException("no value has the tag " + tag);
    };
  }

  private static List<Object> tuple(ByteBuffer in) {
    int size = length(in);
    List<Object> elements = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      elements.add(read(in));
    }
    return Values.tuple(elements);
  }

  private static void text(WriteBuffer out, String text) {
    out.putVarInt(text.length());
    if (isAscii(text)) {
      // The same bytes at once.
      out.put(text.getBytes(StandardCharsets.ISO_8859_1));
    } else {
      out.putStringData(text, text.length());
    }
  }

  private static boolean isAscii(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) > ASCII_MAX) {
        return false;
      }
    }
    return true;
  }

  private static String text(ByteBuffer in) {
    int length = length(in);
    if (in.hasArray() && isAscii(in, length)) {
      String text = new String(in.array(), in.arrayOffset() + in.position(), length, StandardCharsets.ISO_8859_1);
      in.position(in.position() + length);
      return text;
    }
    return DataUtils.readString(in, length);
  }

  /** Whether the next bytes are one character each; a character of several bytes has one above in its first place. */
  private static boolean isAscii(ByteBuffer in, int length) {
    byte[] bytes = in.array();
    int begin = in.arrayOffset() + in.position();
    for (int i = begin; i < begin + length; i++) {
      if (bytes[i] < 0) {
        return false;
      }
    }
    return true;
  }

  /** How many characters, bytes or elements follow, of which each has a byte at least: damage is not to ask for all memory. */
  private static int length(ByteBuffer in) {
    int length = DataUtils.readVarInt(in);
    if (length < 0 || length > in.remaining()) {
      throw new IllegalArgumentException("a value of length " + length + " where " + in.remaining() + " bytes follow");
    }
    return length;
  }

  private static void bytes(WriteBuffer out, byte[] bytes) {
    out.putVarInt(bytes.length).put(bytes);
  }

  private static byte[] bytes(ByteBuffer in) {
    byte[] bytes = new byte[length(in)];
    in.get(bytes);
    return bytes;
  }

  /** Small numbers of either sign become small ones without sign. */
  public static long zigzag(long n) {
    return (n << 1) ^ (n >> 63);
  }

  /** The inverse of {@link #zigzag}. */
  public static long unzigzag(long n) {
    return (n >>> 1) ^ -(n & 1);
  }
}
