package dev.rebasis.conflict;

import dev.rebasis.data.Attribute;
import dev.rebasis.data.Schema;
import dev.rebasis.data.Values;
import dev.rebasis.protocol.Terms.Seen;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongUnaryOperator;

/**
 * What pending predecessors had left when the author looked, as the intent tells. A client says so itself, and can only
 * wrong its own transaction: whoever may write a counter may write any value. Immutable.
 */
final class SeenValues {
  private record Place(long e, long a) {}

  private final Map<Place, List<Object>> values = new HashMap<>();

  SeenValues(List<Seen> seen, Schema schema, LongUnaryOperator resolveLocal) {
    for (Seen one : seen) {
      Attribute attribute = schema.attribute(one.attribute());
      if (attribute != null) {
        values.put(new Place(resolve(one.e(), resolveLocal), attribute.id()), normal(one, attribute, resolveLocal));
      }
    }
  }

  private static long resolve(long e, LongUnaryOperator resolveLocal) {
    return e < 0 ? resolveLocal.applyAsLong(e) : e;
  }

  /** Values that are not of the attribute's type are left out: the attribute is another one by now. */
  private static List<Object> normal(Seen seen, Attribute attribute, LongUnaryOperator resolveLocal) {
    List<Object> normal = new ArrayList<>();
    for (Object value : seen.values()) {
      Object coerced = Values.coerce(attribute.valueType(), value);
      if (coerced != null) {
        normal.add(attribute.isRef() ? (Object) resolve((Long) coerced, resolveLocal) : coerced);
      }
    }
    return normal;
  }

  boolean isEmpty() {
    return values.isEmpty();
  }

  /** The values, or null if nothing is said about the place. */
  List<Object> of(long e, Attribute a) {
    return values.isEmpty() ? null : values.get(new Place(e, a.id()));
  }
}
