package dev.rebasis.data;

import java.util.Objects;

/**
 * Names an entity by one of its unique attributes, as {@code [:order/number "A-1"]} does in EDN.
 *
 * @param attribute the ident of a unique attribute, never null
 * @param value its value, never null
 */
public record LookupRef(Keyword attribute, Object value) {
  /** Checks for nulls. */
  public LookupRef {
    Objects.requireNonNull(attribute, "attribute");
    Objects.requireNonNull(value, "value");
  }

  /** For example {@code LookupRef.of(":order/number", "A-1")}. */
  public static LookupRef of(String attribute, Object value) {
    return new LookupRef(Keyword.of(attribute), value);
  }

  @Override
  public String toString() {
    return "[" + attribute + " " + value + "]";
  }
}
