package dev.rebasis.protocol;

import dev.rebasis.data.Keyword;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Reads {@link Terms} from plain data that may come from anyone. Confined to one call. */
final class TermsReader {
  private Map<Keyword, Terms.PolicyRef> policies = Map.of();
  private List<Terms.Seen> seen = List.of();
  private List<Terms.Premise> premises = List.of();
  private List<UUID> after = List.of();
  private Terms.Group group;
  private Instant notAfter;
  private UUID retries;
  private UUID undoes;
  private Terms.Moved moved;

  private TermsReader() {}

  static Terms read(Object data) {
    TermsReader reader = new TermsReader();
    Map<?, ?> map = typed(data, Map.class, "the terms");
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      reader.read(String.valueOf(entry.getKey()), entry.getValue());
    }
    return new Terms(reader.policies, reader.seen, reader.premises, reader.after, reader.group, reader.notAfter,
        reader.retries, reader.undoes, reader.moved);
  }

  private void read(String key, Object value) {
    switch (key) {
      case ":policies" -> policies = policies(list(value, "the policies"));
      case ":seen" -> seen = each(value, "what was seen", element -> {
        List<?> parts = parts(element, 3, "what was seen");
        return new Terms.Seen(number(parts.get(0), "an entity"), keyword(parts.get(1), "an attribute"),
            List.copyOf(list(parts.get(2), "values")));
      });
      case ":premises" -> premises = each(value, "the premises", element -> {
        List<?> parts = parts(element, 3, "a premise");
        return new Terms.Premise(query(parts.get(0)), new ArrayList<>(list(parts.get(1), "a premise's inputs")),
            typed(parts.get(2), String.class, "a premise's digest"));
      });
      case ":after" -> after = each(value, "the predecessors", element -> typed(element, UUID.class, "a predecessor"));
      case ":group" -> {
        List<?> parts = parts(value, 3, "a group");
        group = new Terms.Group(typed(parts.get(0), UUID.class, "a group's id"),
            Math.toIntExact(bounded(parts.get(1))), Math.toIntExact(bounded(parts.get(2))));
      }
      case ":notAfter" -> notAfter = typed(value, Instant.class, "notAfter");
      case ":retries" -> retries = typed(value, UUID.class, "retries");
      case ":undoes" -> undoes = typed(value, UUID.class, "undoes");
      case ":moved" -> {
        List<?> parts = parts(value, 2, "where it was moved from");
        moved = new Terms.Moved(number(parts.get(0), "a sequence number"), typed(parts.get(1), Boolean.class, "whether it was bound"));
      }
      default -> { }
    }
  }

  private static Map<Keyword, Terms.PolicyRef> policies(List<?> flat) {
    if (flat.size() % 3 != 0) {
      throw new IllegalArgumentException("the policies are not triples of attribute, name and version");
    }
    Map<Keyword, Terms.PolicyRef> policies = new HashMap<>();
    for (int i = 0; i < flat.size(); i += 3) {
      policies.put(keyword(flat.get(i), "an attribute"),
          new Terms.PolicyRef(keyword(flat.get(i + 1), "a policy"), number(flat.get(i + 2), "a policy's version")));
    }
    return policies;
  }

  private static Object query(Object given) {
    if (given instanceof List || given instanceof Map) {
      return given;
    }
    throw new IllegalArgumentException("a premise's query is neither a list nor a map");
  }

  private interface Read<T> {
    T from(Object element);
  }

  private static <T> List<T> each(Object value, String what, Read<T> read) {
    List<T> all = new ArrayList<>();
    for (Object element : list(value, what)) {
      all.add(read.from(element));
    }
    return all;
  }

  private static List<?> parts(Object value, int size, String what) {
    List<?> parts = list(value, what);
    if (parts.size() != size) {
      throw new IllegalArgumentException(what + " has " + parts.size() + " parts, not " + size);
    }
    return parts;
  }

  private static List<?> list(Object value, String what) {
    return typed(value, List.class, what);
  }

  private static long number(Object value, String what) {
    return typed(value, Long.class, what);
  }

  private static long bounded(Object value) {
    long number = number(value, "a place in a group");
    if (number < 0 || number > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("a place in a group is " + number);
    }
    return number;
  }

  private static Keyword keyword(Object value, String what) {
    return typed(value, Keyword.class, what);
  }

  private static <T> T typed(Object value, Class<T> type, String what) {
    if (!type.isInstance(value)) {
      throw new IllegalArgumentException(what + " is not a " + type.getSimpleName());
    }
    return type.cast(value);
  }
}
