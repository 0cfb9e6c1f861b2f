package dev.rebasis.protocol.codec;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** The fields of a small message, checked for presence and type when they are asked for. Confined to one message. */
final class Fields {
  private final String type;
  private final Map<String, Object> values = new HashMap<>();

  Fields(String type) {
    this.type = type;
  }

  void put(String name, Object value) {
    values.put(name, value);
  }

  /** A field that may be missing or null. */
  <T> T optional(String name, Class<T> wanted) {
    Object value = values.get(name);
    if (value != null && !wanted.isInstance(value)) {
      throw new WireFault("the field " + name + " of " + type + " is not a " + wanted.getSimpleName());
    }
    return wanted.cast(value);
  }

  <T> T required(String name, Class<T> wanted) {
    T value = optional(name, wanted);
    if (value == null) {
      throw missing(type, name);
    }
    return value;
  }

  UUID uuid(String name) {
    return required(name, UUID.class);
  }

  /** An integer of at least the bound. */
  long atLeast(long bound, String name) {
    long value = required(name, Long.class);
    if (value < bound) {
      throw new WireFault("the field " + name + " of " + type + " is " + value + ", less than " + bound);
    }
    return value;
  }

  /** A version number. */
  int version(String name) {
    long value = atLeast(1, name);
    if (value > Integer.MAX_VALUE) {
      throw new WireFault("the field " + name + " of " + type + " is " + value + ", more than 32 bits");
    }
    return (int) value;
  }

  Set<String> strings(String name) {
    Set<String> strings = new HashSet<>();
    for (Object element : required(name, List.class)) {
      if (!(element instanceof String s)) {
        throw new WireFault("the field " + name + " of " + type + " holds something else than strings");
      }
      strings.add(s);
    }
    return Set.copyOf(strings);
  }

  static WireFault missing(String type, String name) {
    return new WireFault("the field " + name + " of " + type + " is missing");
  }
}
