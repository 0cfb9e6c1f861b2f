package dev.rebasis.protocol.codec;

import dev.rebasis.data.Bytes;
import dev.rebasis.edn.EdnList;
import dev.rebasis.protocol.Limits;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Reads values from a parser, whose current token is the value's first. Confined to one message. Recursion is bounded by
 * the parser's own limit of depth.
 */
final class ValueReader {
  /**
   * Most collections among the keys of one map or the elements of one set. Lists with equal hashes are easily made, and
   * a hash table with n of them takes the time of n squared.
   */
  private static final int COLLECTION_KEYS_MAX = 1_000;

  private final JsonParser in;
  private final boolean text;
  private final TaggedStrings strings;

  /**
   * Makes a reader.
   *
   * @param text whether the format is JSON
   */
  ValueReader(JsonParser in, boolean text, Limits limits) {
    this.in = in;
    this.text = text;
    this.strings = new TaggedStrings(limits);
  }

  /** The next token, never null. */
  JsonToken next() {
    JsonToken token = in.nextToken();
    if (token == null) {
      throw new WireFault("the message ends too early");
    }
    return token;
  }

  /** The value that begins at this token. */
  Object value(JsonToken token) {
    switch (token) {
      case VALUE_STRING:
        return strings.decode(in.getString());
      case VALUE_NUMBER_INT:
        return integer();
      case START_ARRAY:
        return array();
      case START_OBJECT:
        return object();
      case VALUE_TRUE:
        return Boolean.TRUE;
      case VALUE_FALSE:
        return Boolean.FALSE;
      case VALUE_NULL:
        return null;
      case VALUE_NUMBER_FLOAT:
        return floating();
      case VALUE_EMBEDDED_OBJECT:
        return embedded();
      default:
        throw new WireFault("a value is missing before " + token);
    }
  }

  private Long integer() {
    JsonParser.NumberType type = in.getNumberType();
    if (type != JsonParser.NumberType.INT && type != JsonParser.NumberType.LONG) {
      throw new WireFault("an integer is beyond 64 bits; a big integer is a string with ~n");
    }
    return in.getLongValue();
  }

  private Object floating() {
    if (text) {
      double d = in.getDoubleValue();
      if (Double.isInfinite(d)) {
        throw new WireFault("a number is too large for a double");
      }
      return d;
    }
    return switch (in.getNumberTypeFP()) {
      case FLOAT32 -> (Object) in.getFloatValue();
      case DOUBLE64 -> in.getDoubleValue();
      default -> throw new WireFault("a number is neither a float nor a double; a decimal is a string with ~f");
    };
  }

  private Object embedded() {
    if (in.getEmbeddedObject() instanceof byte[] bytes) {
      return Bytes.of(bytes);
    }
    throw new WireFault("a simple value is none of true, false and null");
  }

  private Object array() {
    JsonToken token = next();
    if (token == JsonToken.VALUE_STRING) {
      String first = in.getString();
      if (first.startsWith("~#")) {
        return tagged(first);
      }
      return rest(strings.decode(first));
    }
    return token == JsonToken.END_ARRAY ? List.of() : rest(value(token));
  }

  private List<Object> rest(Object first) {
    List<Object> elements = new ArrayList<>();
    elements.add(first);
    for (JsonToken token = next(); token != JsonToken.END_ARRAY; token = next()) {
      elements.add(value(token));
    }
    return Collections.unmodifiableList(elements);
  }

  private Object tagged(String tag) {
    expect(next(), JsonToken.START_ARRAY, "an array behind " + shortened(tag));
    Object collection = switch (tag) {
      case WireTags.LIST -> EdnList.copyOf(elements());
      case WireTags.SET -> set(elements());
      case WireTags.MAP -> map(elements());
      default -> throw new WireFault("the tag " + shortened(tag) + " is not known");
    };
    expect(next(), JsonToken.END_ARRAY, "nothing more behind the array of " + tag);
    return collection;
  }

  private List<Object> elements() {
    List<Object> elements = new ArrayList<>();
    for (JsonToken token = next(); token != JsonToken.END_ARRAY; token = next()) {
      elements.add(value(token));
    }
    return elements;
  }

  private static Set<Object> set(List<Object> elements) {
    int collections = 0;
    Set<Object> set = new LinkedHashSet<>();
    for (Object element : elements) {
      collections = countCollection(collections, element);
      if (!set.add(element)) {
        throw new WireFault("a set holds an element twice");
      }
    }
    return Collections.unmodifiableSet(set);
  }

  private static Map<Object, Object> map(List<Object> entries) {
    if (entries.size() % 2 != 0) {
      throw new WireFault("the last key of a map has no value");
    }
    int collections = 0;
    Map<Object, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < entries.size(); i += 2) {
      collections = countCollection(collections, entries.get(i));
      put(map, entries.get(i), entries.get(i + 1));
    }
    return Collections.unmodifiableMap(map);
  }

  private static int countCollection(int before, Object key) {
    int count = key instanceof Collection<?> || key instanceof Map<?, ?> ? before + 1 : before;
    if (count > COLLECTION_KEYS_MAX) {
      throw WireFault.tooLarge("a set or map has more than " + COLLECTION_KEYS_MAX + " collections as keys");
    }
    return count;
  }

  private static void put(Map<Object, Object> map, Object key, Object value) {
    int before = map.size();
    map.put(key, value);
    if (map.size() == before) {
      throw new WireFault("a map holds a key twice");
    }
  }

  private Map<Object, Object> object() {
    Map<Object, Object> map = new LinkedHashMap<>();
    for (JsonToken token = next(); token != JsonToken.END_OBJECT; token = next()) {
      Object key = strings.decode(in.currentName());
      put(map, key, value(next()));
    }
    return Collections.unmodifiableMap(map);
  }

  /** A value that must be an integer. */
  long longValue(JsonToken token, String what) {
    if (token == JsonToken.VALUE_NUMBER_INT) {
      return integer();
    }
    return typed(token, Long.class, what);
  }

  /** A value that must be of the type. */
  <T> T typed(JsonToken token, Class<T> type, String what) {
    Object value = value(token);
    if (!type.isInstance(value)) {
      throw new WireFault(what + " is not " + (type == UUID.class ? "a UUID" : "a " + type.getSimpleName()));
    }
    return type.cast(value);
  }

  /** Passes over a value of any type. */
  void skip() {
    in.skipChildren();
  }

  static void expect(JsonToken token, JsonToken wanted, String what) {
    if (token != wanted) {
      throw new WireFault("there is no " + what);
    }
  }

  private static String shortened(String s) {
    return s.length() <= 40 ? s : s.substring(0, 40) + "...";
  }
}
