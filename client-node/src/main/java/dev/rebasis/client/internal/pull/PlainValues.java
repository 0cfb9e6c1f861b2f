package dev.rebasis.client.internal.pull;

import dev.rebasis.client.QueryException;
import dev.rebasis.client.internal.db.DatomSource;
import dev.rebasis.client.internal.db.Holders;
import dev.rebasis.data.Attribute;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.LookupRef;
import dev.rebasis.data.Symbol;
import dev.rebasis.data.Unique;
import dev.rebasis.data.ValueType;
import dev.rebasis.data.Values;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Which entity the value of an attribute names that is no reference, for a pattern that goes on below it: as Datomic has it, what would
 * name one as the argument of a pull does here too, and other values name none. Pure.
 */
final class PlainValues {
  private PlainValues() {}

  /**
   * The entity's id, or null if the value names none.
   *
   * @throws QueryException for a text that writes no keyword, a number that is no id, and a tuple that is no lookup ref
   */
  static Long entity(DatomSource datoms, Object value) {
    if (value instanceof Long id) {
      return id;
    }
    if (value instanceof BigInteger number) {
      if (number.bitLength() >= Long.SIZE) {
        throw refused(":db.error/not-an-entity-identifier", "the number is out of range", value);
      }
      return number.longValue();
    }
    if (value instanceof Keyword ident) {
      return datoms.schema().entid(ident);
    }
    if (value instanceof Symbol symbol) {
      return named(datoms, ":" + symbol.text());
    }
    if (value instanceof String text) {
      if (!text.startsWith(":")) {
        throw refused(":db.error/not-a-keyword", "the text writes no keyword", value);
      }
      return named(datoms, text);
    }
    return value instanceof List<?> tuple ? holder(datoms, tuple) : null;
  }

  /** What nobody has called anything, white space for example, names nothing, and is not kept as a keyword for ever. */
  private static Long named(DatomSource datoms, String text) {
    Keyword ident = Keyword.known(text);
    return ident == null ? null : datoms.schema().entid(ident);
  }

  /** What stands for the value where it is known again. */
  static Object name(Object value) {
    return value instanceof BigInteger number && number.bitLength() < Long.SIZE ? (Object) number.longValue()
        : value instanceof LookupRef ref ? List.of(ref.attribute(), ref.value()) : value;
  }

  private static Long holder(DatomSource datoms, List<?> ref) {
    if (ref.size() != 2) {
      throw refused(":db.error/invalid-lookup-ref", "a lookup ref has two parts", ref);
    }
    Long a = ref.get(0) == null ? null : entity(datoms, ref.get(0));
    if (a == null) {
      throw refused(":db.error/not-an-entity", "there is no attribute " + ref.get(0), ref);
    }
    Attribute attribute = datoms.schema().attribute(a);
    if (attribute == null) {
      throw refused(":db.error/not-an-attribute", ref.get(0) + " is no attribute", ref);
    }
    if (attribute.unique() == Unique.NONE) {
      throw refused(":db.error/lookup-ref-attr-not-unique", attribute.ident() + " is not unique", ref);
    }
    Object known = valueOf(attribute, name(ref.get(1)));
    return known == null ? null : Holders.of(datoms.datoms(IndexOrder.AVET, attribute.id(), known), false);
  }

  /** The value as facts of the attribute have it, null if none can; other names of an entity than its id find nothing in Datomic. */
  private static Object valueOf(Attribute attribute, Object value) {
    if (value == null || attribute.isRef() && !(value instanceof Long)) {
      return null;
    }
    if (attribute.valueType() == ValueType.KEYWORD && value instanceof String text && text.startsWith(":") && text.length() > 1) {
      // Not only a known one: the fact that has it may stand on a page that was never read. The store bounds how many there are.
      return text.chars().anyMatch(Character::isWhitespace) ? null : Keyword.of(text);
    }
    return Objects.requireNonNullElse(Values.coerce(attribute.valueType(), value), value);
  }

  private static QueryException refused(String code, String why, Object value) {
    return new QueryException(Keyword.of(code), "A pattern goes on below the plain value " + value
        + ", but this names no entity: " + why + ". Name the attribute without a pattern of its own.",
        Map.of(Keyword.of(":value"), value), null);
  }
}
