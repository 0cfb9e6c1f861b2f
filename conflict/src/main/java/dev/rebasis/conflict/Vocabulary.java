package dev.rebasis.conflict;

import dev.rebasis.data.Attribute;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Schema;
import dev.rebasis.data.SystemIds;
import dev.rebasis.data.ValueType;
import dev.rebasis.data.Values;
import java.util.List;
import java.util.Set;
import java.util.function.LongUnaryOperator;

/** Reads attributes and scalar values as Datomic does, by a schema. Throws {@link Unfit}. Immutable. */
final class Vocabulary {
  static final Keyword ADD = Keyword.of(":db/add");
  static final Keyword RETRACT = Keyword.of(":db/retract");
  static final Keyword RETRACT_ENTITY = Keyword.of(":db/retractEntity");
  static final Keyword RETRACT_ENTITY_FORMER = Keyword.of(":db.fn/retractEntity");
  static final Keyword CAS = Keyword.of(":db/cas");
  static final Keyword CAS_FORMER = Keyword.of(":db.fn/cas");
  static final Keyword ID = Keyword.of(":db/id");
  /** Entity specs and attribute predicates: code that only the server has, so that no client could predict it. */
  private static final Set<Keyword> CHECKED_BY_DATOMIC = Set.of(
      Keyword.of(":db/ensure"), Keyword.of(":db.attr/preds"), Keyword.of(":db.entity/attrs"),
      Keyword.of(":db.entity/preds"));

  private final Schema schema;

  Vocabulary(Schema schema) {
    this.schema = schema;
  }

  Schema schema() {
    return schema;
  }

  /**
   * The attribute that stands in a form.
   *
   * @param given a keyword, its text, or an entity id
   * @param localId resolves a negative id
   * @param form for the message
   */
  Attribute attribute(Object given, LongUnaryOperator localId, Object form) {
    Object key = given instanceof String s ? keyword(s, form) : given;
    Attribute found = null;
    Long id = null;
    if (key instanceof Keyword ident) {
      id = schema.entid(ident);
      found = schema.attribute(ident);
    } else if (Values.coerce(ValueType.REF, key) instanceof Long number) {
      id = number < 0 ? localId.applyAsLong(number) : number;
      found = schema.attribute(id);
    }
    if (found != null) {
      refuseReserved(found, form);
      return found;
    }
    if (id == null) {
      throw Unfit.reject(Codes.NOT_AN_ENTITY, "There is no attribute " + Text.of(key) + " in " + Text.of(form)
          + ". Transact its schema first, or mend its name.",
          Problem.ENTITY, key, Problem.ATTRIBUTE, key, Problem.FORM, form);
    }
    throw Unfit.reject(Codes.NOT_AN_ATTRIBUTE, Text.of(key) + " in " + Text.of(form)
        + " is an entity, but not an attribute.", Problem.ATTRIBUTE, key, Problem.FORM, form);
  }

  private static void refuseReserved(Attribute attribute, Object form) {
    if (attribute.id() == SystemIds.DB_TX_INSTANT) {
      throw Unfit.reject(Codes.TX_INSTANT, "A transaction may not set :db/txInstant: the server's clock does. Use an"
          + " attribute of your own for times that you know.", Problem.FORM, form);
    }
    if (CHECKED_BY_DATOMIC.contains(attribute.ident())) {
      throw unsupported(attribute.ident(), form);
    }
  }

  static Unfit unsupported(Object what, Object form) {
    return Unfit.reject(Codes.UNSUPPORTED, Text.of(what) + " is not supported. Leave it out of " + Text.of(form) + ".",
        Problem.FORM, form);
  }

  /**
   * The attribute behind a reverse key such as {@code :order/_items}, or null if the key is not reverse. An attribute
   * whose own name begins with an underscore hides the reverse meaning.
   */
  Keyword forward(Object key) {
    if (!(key instanceof Keyword ident) || !ident.name().startsWith("_") || schema.attribute(ident) != null) {
      return null;
    }
    String name = ident.name().substring(1);
    if (name.isEmpty()) {
      return null;
    }
    return Keyword.of(ident.namespace() == null ? name : ident.namespace() + "/" + name);
  }

  static Keyword keyword(String text, Object form) {
    if (!isKeywordText(text)) {
      throw Unfit.reject(Codes.NOT_A_KEYWORD, "A keyword stands here in " + Text.of(form) + ", and " + Text.of(text)
          + " has no leading colon.", Problem.VALUE, text, Problem.FORM, form);
    }
    try {
      return Keyword.of(text);
    } catch (IllegalArgumentException e) {
      throw Unfit.reject(Codes.NOT_A_KEYWORD, e.getMessage(), Problem.VALUE, text, Problem.FORM, form);
    }
  }

  /** Whether a string stands for a keyword and not for a tempid. */
  static boolean isKeywordText(String text) {
    return text.length() > 1 && text.charAt(0) == ':';
  }

  /** Checks what can be said about a {@code :db/cas} with five elements before its values are read. */
  static void checkCompareAndSet(Attribute attribute, List<?> form) {
    if (form.get(4) == null) {
      throw Unfit.reject(Codes.INVALID_CAS, "The new value of :db/cas must not be nil in " + Text.of(form)
          + ". To remove a value, retract it.", Problem.ATTRIBUTE, attribute.ident(), Problem.FORM, form);
    }
    if (attribute.isMany()) {
      throw Unfit.reject(Codes.INVALID_CAS_MANY, "The attribute of :db/cas must have cardinality one, but "
          + attribute.ident() + " in " + Text.of(form) + " has many.",
          Problem.ATTRIBUTE, attribute.ident(), Problem.FORM, form);
    }
  }

  /** A value of an attribute that is neither reference nor tuple, in normal form. */
  static Object scalar(Attribute attribute, Object value, Object form) {
    if (value == null) {
      throw nil(attribute, form);
    }
    Object normal = coerce(attribute.valueType(), value, form);
    if (normal == null) {
      throw wrongType(attribute, value, form);
    }
    return normal;
  }

  /** The normal form, or null if the value is not of the type. */
  static Object coerce(ValueType type, Object value, Object form) {
    if (type == ValueType.KEYWORD && value instanceof String text) {
      return keyword(text, form);
    }
    // EDN has no way to write a float, so Datomic takes a double for it.
    return type == ValueType.FLOAT && value instanceof Double d ? (Object) d.floatValue() : Values.coerce(type, value);
  }

  /**
   * The normal form of a tuple's element, or null if it is not of the type; text is a keyword in composite tuples only,
   * as in Datomic.
   */
  static Object element(Attribute tuple, ValueType type, Object value, Object form) {
    boolean isText = type == ValueType.KEYWORD && value instanceof String && tuple.tupleAttributes().isEmpty();
    return isText ? null : coerce(type, value, form);
  }

  /**
   * The type of a tuple's element.
   *
   * @param position less than the number of elements, which is checked before
   * @param schema knows the parts of composite tuples
   */
  static ValueType elementType(Attribute attribute, int position, Schema schema) {
    List<Long> parts = attribute.tupleAttributes();
    if (!parts.isEmpty()) {
      return schema.attribute(parts.get(position)).valueType();
    }
    List<ValueType> types = attribute.tupleTypes();
    return types.get(types.size() == 1 ? 0 : position);
  }

  /** Checks what can be said about a tuple before its elements are read. */
  static List<?> tuple(Attribute attribute, Object value, Object form) {
    if (value == null) {
      throw nil(attribute, form);
    }
    int length = Math.max(attribute.tupleTypes().size(), attribute.tupleAttributes().size());
    boolean fixed = length > 1;
    if (!(value instanceof List<?> list) || (fixed ? list.size() != length : list.size() < 2 || list.size() > 8)) {
      throw invalidTuple(attribute, value, form);
    }
    return list;
  }

  static Unfit invalidTuple(Attribute attribute, Object value, Object form) {
    String right = !attribute.tupleAttributes().isEmpty() ? "values of the attributes that it is made of"
        : attribute.tupleTypes().size() == 1
        ? "two to eight values of type " + name(attribute.tupleTypes().get(0))
        : "one value each of type " + attribute.tupleTypes().stream().map(Vocabulary::name).toList();
    return Unfit.reject(Codes.INVALID_TUPLE, Text.of(value) + " is no tuple for " + attribute.ident() + " in "
        + Text.of(form) + ": it takes a list of " + right + ".",
        Problem.ATTRIBUTE, attribute.ident(), Problem.VALUE, value, Problem.FORM, form);
  }

  static Unfit wrongType(Attribute attribute, Object value, Object form) {
    return Unfit.reject(Codes.WRONG_TYPE, "The value " + Text.of(value) + " is not a valid "
        + name(attribute.valueType()) + " for attribute " + attribute.ident() + " in " + Text.of(form)
        + ". Give a value of that type.",
        Problem.ATTRIBUTE, attribute.ident(), Problem.VALUE, value, Problem.FORM, form);
  }

  static Unfit nil(Attribute attribute, Object form) {
    return Unfit.reject(Codes.NIL_VALUE, "Nil is not a legal value of " + attribute.ident() + " in " + Text.of(form)
        + ". To remove a value, retract it.", Problem.ATTRIBUTE, attribute.ident(), Problem.FORM, form);
  }

  static Unfit malformed(Object form, String right) {
    return Unfit.reject(Codes.MALFORMED_FORM, "The form " + Text.of(form) + " is malformed: " + right,
        Problem.FORM, form);
  }

  static Unfit noData(Object form) {
    return Unfit.reject(Codes.NOT_TRANSACTION_DATA, "A transaction consists of lists and maps, but one of its forms is "
        + Text.of(form) + ".", Problem.FORM, form);
  }

  /** Whether a name can be that of a transaction function: Datomic's own operations are not. */
  static boolean mayBeFunction(Keyword name) {
    return name.namespace() != null && !name.namespace().equals("db") && !name.namespace().startsWith("db.");
  }

  static Unfit noFunction(Object operation, Object form) {
    return Unfit.reject(Codes.NOT_A_DATA_FUNCTION, "The operation " + Text.of(operation) + " in " + Text.of(form)
        + " is not known. There are :db/add, :db/retract, :db/retractEntity, :db/cas, and the functions that the operator"
        + " of the server has registered and allowed.", Problem.FORM, form);
  }

  private static String name(ValueType type) {
    return type.ident().name();
  }
}
