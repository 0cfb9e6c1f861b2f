package dev.rebasis.protocol.codec;

import dev.rebasis.protocol.AttributeDigest;
import dev.rebasis.protocol.Fork;
import dev.rebasis.protocol.ScopeSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;

/** The fields of a small message, checked for presence and type when they are asked for. Confined to one message. */
final class Fields {
  private static final Pattern SUM = Pattern.compile("[0-9a-f]{32}");

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

  /** The same for a field that may be missing. */
  long atLeastOr(long bound, String name, long otherwise) {
    return optional(name, Long.class) == null ? otherwise : atLeast(bound, name);
  }

  /** An array of attribute, count, sum, attribute, count, sum, ...; each attribute once. */
  List<AttributeDigest> digests(String name) {
    List<?> elements = required(name, List.class);
    if (elements.size() % 3 != 0) {
      throw new WireFault("the field " + name + " of " + type + " does not hold triples");
    }
    List<AttributeDigest> digests = new ArrayList<>(elements.size() / 3);
    Set<Long> attributes = new HashSet<>();
    for (int i = 0; i < elements.size(); i += 3) {
      if (!(elements.get(i) instanceof Long a && elements.get(i + 1) instanceof Long datoms && datoms >= 0
          && elements.get(i + 2) instanceof String sum && SUM.matcher(sum).matches() && attributes.add(a))) {
        throw new WireFault("the field " + name + " of " + type
            + " holds something else than attributes, each once, with a count and 32 hexadecimal digits");
      }
      digests.add(new AttributeDigest(a, datoms, sum));
    }
    return List.copyOf(digests);
  }

  /** An array of scopes, each once by its name; null if it is missing. */
  List<ScopeSpec> scopes(String name) {
    List<?> elements = optional(name, List.class);
    if (elements == null) {
      return null;
    }
    List<ScopeSpec> scopes = new ArrayList<>(elements.size());
    Set<String> names = new HashSet<>();
    for (Object element : elements) {
      try {
        scopes.add(ScopeSpec.fromData(element));
      } catch (IllegalArgumentException e) {
        throw new WireFault("the field " + name + " of " + type + ": " + e.getMessage());
      }
      if (!names.add(scopes.get(scopes.size() - 1).name())) {
        throw new WireFault("the field " + name + " of " + type + " holds two scopes of one name");
      }
    }
    return List.copyOf(scopes);
  }

  /** An array of T, next T, id, T, next T, id, ... that may be missing. */
  List<Fork> forks(String name) {
    List<?> elements = optional(name, List.class) == null ? List.of() : required(name, List.class);
    List<Fork> forks = new ArrayList<>(elements.size() / 3);
    for (int i = 0; i < elements.size(); i += 3) {
      if (!(i + 2 < elements.size() && elements.get(i) instanceof Long t && elements.get(i + 1) instanceof Long next
          && elements.get(i + 2) instanceof UUID id && t >= 0 && next > t)) {
        throw new WireFault("the field " + name + " of " + type + " holds something else than T, next T and id");
      }
      forks.add(new Fork(t, next, id));
    }
    return List.copyOf(forks);
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
