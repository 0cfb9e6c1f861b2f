package dev.rebasis.server.wiring;

import dev.rebasis.data.Bytes;
import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Base64;
import java.util.Map;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.json.JsonFactory;

/**
 * Values as JSON that is easy to read for tools: keywords, instants, uuids and the like become strings, bytes base64,
 * numbers that no double holds stay numbers. Not to be read back; the protocol's JSON is. Pure functions.
 */
final class PlainJson {
  private static final JsonFactory JSON = new JsonFactory();

  private PlainJson() {}

  /** Writes a value of ours. */
  static String write(Object value) {
    StringWriter text = new StringWriter();
    try (JsonGenerator out = JSON.createGenerator(tools.jackson.core.ObjectWriteContext.empty(), text)) {
      write(value, out);
    }
    return text.toString();
  }

  private static void write(Object value, JsonGenerator out) {
    if (value instanceof Map<?, ?> map) {
      out.writeStartObject();
      map.forEach((k, v) -> {
        out.writeName(name(k));
        write(v, out);
      });
      out.writeEndObject();
    } else if (value instanceof Iterable<?> elements) {
      out.writeStartArray();
      elements.forEach(element -> write(element, out));
      out.writeEndArray();
    } else {
      writeScalar(value, out);
    }
  }

  private static void writeScalar(Object value, JsonGenerator out) {
    if (value == null) {
      out.writeNull();
    } else if (value instanceof Boolean truth) {
      out.writeBoolean(truth);
    } else if (value instanceof Long || value instanceof Integer) {
      out.writeNumber(((Number) value).longValue());
    } else if (value instanceof BigInteger big) {
      out.writeNumber(big);
    } else if (value instanceof BigDecimal decimal) {
      out.writeNumber(decimal);
    } else if (value instanceof Number number && Double.isFinite(number.doubleValue())) {
      out.writeNumber(number.doubleValue());
    } else if (value instanceof Bytes bytes) {
      out.writeString(Base64.getEncoder().encodeToString(bytes.toArray()));
    } else {
      out.writeString(value.toString());
    }
  }

  private static String name(Object key) {
    return key instanceof String || key instanceof Keyword ? key.toString() : Edn.write(key);
  }
}
