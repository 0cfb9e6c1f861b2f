package dev.rebasis.protocol.codec;

import dev.rebasis.data.Bytes;
import dev.rebasis.data.EntityId;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.LookupRef;
import dev.rebasis.data.Symbol;
import dev.rebasis.edn.EdnList;
import dev.rebasis.protocol.Limits;
import dev.rebasis.protocol.ProtocolException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import tools.jackson.core.JsonGenerator;

/** Writes values to a generator. Confined to one message. */
final class ValueWriter {
  private final JsonGenerator out;
  private final boolean text;
  private final Limits limits;

  /**
   * Makes a writer.
   *
   * @param text whether the format is JSON, which has neither bytes nor exact integers nor floats
   */
  ValueWriter(JsonGenerator out, boolean text, Limits limits) {
    this.out = out;
    this.text = text;
    this.limits = limits;
  }

  /**
   * Writes any value.
   *
   * @param depth how many arrays and objects are open
   */
  void write(Object value, int depth) {
    if (value instanceof String s) {
      writeString(s);
    } else if (value instanceof Long n) {
      writeLong(n);
    } else if (value instanceof Keyword keyword) {
      writeKeyword(keyword);
    } else if (value instanceof Collection<?> || value instanceof Map<?, ?> || value instanceof LookupRef) {
      writeCollection(value, depth);
    } else if (value instanceof Number number) {
      writeNumber(number);
    } else {
      writeOther(value);
    }
  }

  private void writeOther(Object value) {
    if (value == null) {
      out.writeNull();
    } else if (value instanceof Boolean b) {
      out.writeBoolean(b);
    } else if (value instanceof Instant instant) {
      writeInstant(instant);
    } else if (value instanceof UUID uuid) {
      writeUuid(uuid);
    } else if (value instanceof Symbol symbol) {
      writeTagged(WireTags.SYMBOL, named(symbol.text()));
    } else if (value instanceof URI uri) {
      writeTagged(WireTags.URI, uri.toString());
    } else if (value instanceof Bytes bytes) {
      writeBytes(bytes.toArray());
    } else if (value instanceof byte[] bytes) {
      writeBytes(bytes);
    } else if (value instanceof Character c) {
      writeTagged(WireTags.CHARACTER, String.valueOf(c));
    } else if (value instanceof Date date) {
      writeInstant(Instant.ofEpochMilli(date.getTime()));
    } else if (value instanceof EntityId id) {
      writeLong(id.id());
    } else {
      throw unsendable("A value of the class " + value.getClass().getName() + " cannot be sent: " + value);
    }
  }

  void writeLong(long n) {
    if (text && (n > WireTags.JSON_INTEGER_MAX || n < -WireTags.JSON_INTEGER_MAX)) {
      writeAscii(WireTags.LONG, Long.toString(n));
    } else {
      out.writeNumber(n);
    }
  }

  void writeString(String s) {
    if (!s.isEmpty() && s.charAt(0) == WireTags.MARK) {
      writeTagged(WireTags.ESCAPE, s.substring(1));
    } else {
      writeWire(s);
    }
  }

  void writeKeyword(Keyword keyword) {
    String named = named(keyword.toString()); // with its colon, which is the tag's letter
    writeWire(WireTags.MARK + named);
  }

  void writeUuid(UUID uuid) {
    writeAscii(WireTags.UUID, uuid.toString());
  }

  void writeInstant(Instant instant) {
    long millis = millis(instant);
    if (text) {
      writeAscii(WireTags.INSTANT, Instant.ofEpochMilli(millis).toString());
    } else {
      writeAscii(WireTags.INSTANT_MILLIS, Long.toString(millis));
    }
  }

  private void writeNumber(Number number) {
    if (number instanceof Double d) {
      writeDouble(d);
    } else if (number instanceof Float f) {
      writeFloat(f);
    } else if (number instanceof BigInteger big) {
      writeAscii(WireTags.BIG_INTEGER, digits(big.toString()));
    } else if (number instanceof BigDecimal decimal) {
      if (decimal.scale() > limits.scaleMax() || decimal.scale() < -limits.scaleMax()) {
        throw unsendable("A decimal has the scale " + decimal.scale() + ", beyond " + limits.scaleMax() + ".");
      }
      writeAscii(WireTags.BIG_DECIMAL, digits(decimal.toString()));
    } else if (number instanceof Integer || number instanceof Short || number instanceof Byte) {
      writeLong(number.longValue());
    } else {
      throw unsendable("A number of the class " + number.getClass().getName() + " cannot be sent: " + number);
    }
  }

  private void writeDouble(double d) {
    if (!text || Double.isFinite(d)) {
      out.writeNumber(d);
    } else {
      out.writeString(Double.isNaN(d) ? WireTags.NAN : d > 0 ? WireTags.INFINITY : WireTags.MINUS_INFINITY);
    }
  }

  private void writeFloat(float f) {
    if (text) {
      writeAscii(WireTags.FLOAT, Float.toString(f));
    } else {
      out.writeNumber(f);
    }
  }

  private String digits(String digits) {
    if (digits.length() > limits.digitsMax()) {
      throw unsendable("A number has more than " + limits.digitsMax() + " characters.");
    }
    return digits;
  }

  private void writeBytes(byte[] bytes) {
    if (text) {
      writeAscii(WireTags.BYTES, Base64.getEncoder().encodeToString(bytes));
    } else {
      out.writeBinary(bytes);
    }
  }

  private void writeCollection(Object value, int depth) {
    if (value instanceof EdnList list) {
      writeTaggedArray(WireTags.LIST, list, depth);
    } else if (value instanceof List<?> list) {
      writeArray(list, depth);
    } else if (value instanceof Map<?, ?> map) {
      writeMap(map, depth);
    } else if (value instanceof Set<?> set) {
      writeTaggedArray(WireTags.SET, set, depth);
    } else if (value instanceof LookupRef ref) {
      writeArray(List.of(ref.attribute(), ref.value()), depth);
    } else {
      throw unsendable("A collection of the class " + value.getClass().getName() + " cannot be sent.");
    }
  }

  private void writeArray(Collection<?> elements, int depth) {
    checkDepth(depth);
    out.writeStartArray(elements, elements.size());
    for (Object element : elements) {
      write(element, depth + 1);
    }
    out.writeEndArray();
  }

  private void writeTaggedArray(String tag, Collection<?> elements, int depth) {
    checkDepth(depth);
    out.writeStartArray(elements, 2);
    out.writeString(tag);
    writeArray(elements, depth + 1);
    out.writeEndArray();
  }

  private void writeMap(Map<?, ?> map, int depth) {
    if (!hasTextKeys(map)) {
      writeEntries(map, depth);
      return;
    }
    checkDepth(depth);
    out.writeStartObject(map, map.size());
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      String key = entry.getKey() instanceof Keyword keyword ? named(keyword.toString()) : (String) entry.getKey();
      boolean marked = entry.getKey() instanceof Keyword || (!key.isEmpty() && key.charAt(0) == WireTags.MARK);
      String wire = marked ? WireTags.MARK + key : key;
      out.writeName(isUnicode(wire) ? wire : utf16(wire));
      write(entry.getValue(), depth + 1);
    }
    out.writeEndObject();
  }

  private boolean hasTextKeys(Map<?, ?> map) {
    for (Object key : map.keySet()) {
      // The names of fields have a bound of their own.
      if (!(key instanceof Keyword) && !(key instanceof String s && s.length() < limits.nameCharsMax())) {
        return false;
      }
    }
    return true;
  }

  private void writeEntries(Map<?, ?> map, int depth) {
    checkDepth(depth + 1);
    out.writeStartArray(map, 2);
    out.writeString(WireTags.MAP);
    out.writeStartArray(map, 2 * map.size());
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      write(entry.getKey(), depth + 2);
      write(entry.getValue(), depth + 2);
    }
    out.writeEndArray();
    out.writeEndArray();
  }

  private void checkDepth(int depth) {
    if (depth >= limits.depthMax()) {
      throw unsendable("A value is nested deeper than " + limits.depthMax() + " collections.");
    }
  }

  private String named(String name) {
    if (name.length() > limits.nameCharsMax()) {
      throw unsendable("A name has " + name.length() + " characters; at most " + limits.nameCharsMax() + " can be sent.");
    }
    return name;
  }

  private void writeTagged(char tag, String content) {
    writeWire("" + WireTags.MARK + tag + content);
  }

  private void writeAscii(char tag, String content) {
    out.writeString("" + WireTags.MARK + tag + content);
  }

  private void writeWire(String wire) {
    String sent = isUnicode(wire) ? wire : utf16(wire);
    if (sent.length() > limits.stringCharsMax()) {
      throw unsendable("A string has more than " + limits.stringCharsMax() + " characters.");
    }
    out.writeString(sent);
  }

  // Half of a surrogate pair has no UTF-8. A text cut in the middle of an emoji must not stop a client's queue.
  private static String utf16(String wire) {
    byte[] units = new byte[2 * wire.length()];
    for (int i = 0; i < wire.length(); i++) {
      units[2 * i] = (byte) (wire.charAt(i) >> 8);
      units[2 * i + 1] = (byte) wire.charAt(i);
    }
    return "" + WireTags.MARK + WireTags.UTF16 + new String(Base64.getEncoder().encode(units), StandardCharsets.US_ASCII);
  }

  private static boolean isUnicode(String s) {
    for (int i = 0; i < s.length(); i++) {
      char c = s.charAt(i);
      if (Character.isSurrogate(c)) {
        boolean pair = Character.isHighSurrogate(c) && i + 1 < s.length() && Character.isLowSurrogate(s.charAt(i + 1));
        if (!pair) {
          return false;
        }
        i++;
      }
    }
    return true;
  }

  private static long millis(Instant instant) {
    try {
      return instant.toEpochMilli();
    } catch (ArithmeticException e) {
      throw unsendable("The instant " + instant + " is no long of milliseconds.");
    }
  }

  private static ProtocolException unsendable(String message) {
    return new ProtocolException(ProtocolException.UNSENDABLE, message);
  }
}
