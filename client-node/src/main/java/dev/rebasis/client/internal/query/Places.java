package dev.rebasis.client.internal.query;

import dev.rebasis.data.Attribute;
import dev.rebasis.data.EntityId;
import dev.rebasis.data.LookupRef;
import dev.rebasis.data.ValueType;
import java.util.Arrays;
import java.util.List;

/**
 * A data pattern made ready for one database: its five places, constants resolved to entity ids and index values,
 * inputs with one value put in as constants. Immutable.
 */
final class Places {
  static final int E = 0;
  static final int A = 1;
  static final int V = 2;
  static final int TX = 3;
  static final int ADDED = 4;
  static final int COUNT = 5;

  /** Where a variable has what it stands for in one place of a pattern. */
  interface Slots {
    /** Each variable in its own slot. */
    Slots OWN = new Slots() {
      @Override
      public int ofEntity(int slot) {
        return slot;
      }

      @Override
      public int ofKeyword(int slot) {
        return slot;
      }
    };

    int ofEntity(int slot);

    int ofKeyword(int slot);
  }

  private final Clause.Pattern clause;
  private final Attribute attribute;
  private final Attribute meaning; // see meaning()
  private final Object[] constants = new Object[COUNT];
  private final int[] slots = new int[COUNT];
  private boolean impossible;
  private ValueRange range;

  private Places(Clause.Pattern clause, Source.Facts facts, Inputs inputs, Slots others) {
    this.clause = clause;
    Arrays.fill(slots, -1);
    ClauseParser.checkDatabasePattern(clause);
    attribute = attribute(clause, facts, inputs);
    meaning = meaning(clause, facts, inputs);
    List<Term> terms = clause.terms();
    for (int i = 0; i < terms.size(); i++) {
      Object value = constantOf(terms.get(i), inputs);
      if (value != Inputs.NONE) {
        constants[i] = constant(i, value, facts);
        impossible |= constants[i] == null;
      } else if (terms.get(i) instanceof Term.Variable variable) {
        slots[i] = isEntity(i, meaning) ? others.ofEntity(variable.slot())
            : isKeyword(i, meaning) ? others.ofKeyword(variable.slot()) : variable.slot();
      } else if (terms.get(i) instanceof Term.SourceName) {
        throw QueryErrors.in(clause.form(), QueryErrors.INVALID_QUERY, "A data source stands first in its clause.");
      }
    }
    impossible |= constants[A] != null && attribute == null;
  }

  /**
   * Resolves a pattern.
   *
   * @param slots where entity ids and keywords are, which may be beside the variable's own slot
   */
  static Places of(Clause.Pattern clause, Source.Facts facts, Inputs inputs, Slots slots) {
    return new Places(clause, facts, inputs, slots);
  }

  /** Narrows the value down; only right after the making. */
  Places within(ValueRange bounds) {
    this.range = bounds;
    return this;
  }

  /** The attribute, if the pattern has it as a constant; null if not, or if the entity there is no attribute. */
  static Attribute attribute(Clause.Pattern clause, Source.Facts facts, Inputs inputs) {
    if (clause.terms().size() <= A) {
      return null;
    }
    Object name = constantOf(clause.terms().get(A), inputs);
    if (name == Inputs.NONE) {
      return null;
    }
    return facts.datoms().schema().attribute(entity(name, clause, facts));
  }

  /**
   * The attribute, if it is certain what a name or a text at the place of the value means: not if the attribute is one of an input's
   * several values, even if there is but one ({@link Inputs#loose}).
   */
  static Attribute meaning(Clause.Pattern clause, Source.Facts facts, Inputs inputs) {
    boolean loose = clause.terms().size() > A && clause.terms().get(A) instanceof Term.Variable variable
        && inputs.isLoose(variable.slot());
    return loose ? null : attribute(clause, facts, inputs);
  }

  /** Whether an entity id stands at a place; of values only those of a reference that is known to be one. */
  static boolean isEntity(int place, Attribute attribute) {
    return place == E || place == A || place == TX || place == V && attribute != null && attribute.isRef();
  }

  /** Whether a keyword stands at a place that is no entity. */
  static boolean isKeyword(int place, Attribute attribute) {
    return place == V && attribute != null && attribute.valueType() == ValueType.KEYWORD;
  }

  private static Object constantOf(Term term, Inputs inputs) {
    if (term instanceof Term.Constant constant) {
      return constant.value();
    }
    return term instanceof Term.Variable v && inputs.isConstant(v.slot()) ? inputs.constants()[v.slot()] : Inputs.NONE;
  }

  private Object constant(int place, Object value, Source.Facts facts) {
    if (isEntity(place, meaning)) {
      return entity(value, clause, facts);
    }
    if (value instanceof EntityId) {
      return facts.entities().find(value);
    }
    if (place != V || attribute == null) {
      return value;
    }
    if (meaning == null) {
      return QueryValues.stored(attribute, value);
    }
    if (isKeyword(place, meaning) && value instanceof String s && !QueryValues.isKeywordText(s)) {
      throw notAKeyword(s, clause.form());
    }
    return QueryValues.forIndex(attribute, value);
  }

  private static long entity(Object value, Clause.Pattern clause, Source.Facts facts) {
    if (value instanceof Long id) {
      return id;
    }
    if (value instanceof String s && !QueryValues.isKeywordText(s)) {
      throw notAKeyword(s, clause.form());
    }
    if (value instanceof List<?> list && !(list.size() == 2)) {
      throw QueryErrors.in(clause.form(), QueryErrors.INVALID_LOOKUP_REF,
          QueryErrors.text(value) + " is no lookup ref: one has an attribute and a value.");
    }
    Long id = facts.entities().find(value, clause.form());
    if (id == null) {
      Object named = value instanceof LookupRef ref ? List.of(ref.attribute(), ref.value()) : value;
      throw QueryErrors.notAnEntity(named, clause.form());
    }
    return id;
  }

  static RuntimeException notAKeyword(String text, Object form) {
    return QueryErrors.in(form, QueryErrors.NOT_A_KEYWORD,
        QueryErrors.text(text) + " is no keyword: one begins with a colon.");
  }

  Clause.Pattern clause() {
    return clause;
  }

  Attribute attribute() {
    return attribute;
  }

  /** The constant at a place, or null. */
  Object constant(int place) {
    return constants[place];
  }

  /** The slot of the variable at a place, or -1. */
  int slot(int place) {
    return slots[place];
  }

  /** Bounds of the value, or null. */
  ValueRange range() {
    return range;
  }

  /** Whether no fact can match. */
  boolean isImpossible() {
    return impossible;
  }
}
