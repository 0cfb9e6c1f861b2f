package dev.rebasis.conflict;

import dev.rebasis.data.Keyword;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What a policy made of a meeting. Immutable. */
public sealed interface Resolved {
  /**
   * The attribute shall have these values; for cardinality many only those that met are meant.
   *
   * @param values none, one or several
   * @param related what other attributes of the same entity shall have, by ident; all of their values
   */
  record Values(List<Object> values, Map<Keyword, List<Object>> related) implements Resolved {
    /** Copies the collections. They may hold nulls here: a custom policy's are checked afterwards. */
    public Values {
      values = new ArrayList<>(Objects.requireNonNull(values, "values"));
      related = new HashMap<>(Objects.requireNonNull(related, "related"));
      related.replaceAll((attribute, list) -> list == null ? null : new ArrayList<>(list));
    }

    /** With what another attribute of the entity shall have. */
    public Values and(Keyword attribute, List<Object> others) {
      Map<Keyword, List<Object>> more = new HashMap<>(related);
      more.put(attribute, others);
      return new Values(values, more);
    }
  }

  /**
   * A person has to decide.
   *
   * @param why in words
   */
  record Park(String why) implements Resolved {}

  /**
   * The transaction is refused.
   *
   * @param why in words
   */
  record Reject(String why) implements Resolved {}

  /**
   * The policy did not do its work; parks, with the error.
   *
   * @param why in words
   */
  record Failed(String why) implements Resolved {}

  /** The attribute shall have these values. */
  static Values values(List<Object> values) {
    return new Values(values, Map.of());
  }

  /** The attribute shall have this value. */
  static Values value(Object value) {
    return values(Collections.singletonList(value));
  }

  /** A person has to decide. */
  static Resolved park(String why) {
    return new Park(why);
  }

  /** The transaction is refused. */
  static Resolved reject(String why) {
    return new Reject(why);
  }
}
