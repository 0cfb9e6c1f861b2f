package dev.rebasis.conflict;

import dev.rebasis.data.Attribute;
import dev.rebasis.data.EntityId;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.LookupRef;
import dev.rebasis.data.Schema;
import dev.rebasis.data.TempId;
import dev.rebasis.data.Unique;
import dev.rebasis.data.ValueType;
import dev.rebasis.data.Values;
import dev.rebasis.error.TransactionException;
import dev.rebasis.protocol.Intent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Completes the forms that an author gave into those of an {@link Intent}: plain data in normal form that the codecs
 * can carry, every map with a {@code :db/id}, every tempid with a local number.
 *
 * <p>Taken are {@code List} or array, {@code Map}, {@code Set}; {@link Keyword} or text such as {@code ":order/number"}
 * for attributes, idents and operations; any integer type; {@code Date}, {@code byte[]}; {@link LookupRef},
 * {@link EntityId}, {@link TempId}. What can be said without the database is checked here: forms, attributes and types of values. Not
 * thread-safe; used for one transaction.
 */
public final class IntentBuilder {
  private static final int DEPTH_MAX = 100;

  private final Vocabulary vocabulary;
  private final LongSupplier nextLocalNumber;
  private final Map<String, Long> tempids = new LinkedHashMap<>();
  private final Map<TempId, Long> unnamed = new HashMap<>();

  private IntentBuilder(Schema schema, LongSupplier nextLocalNumber) {
    this.vocabulary = new Vocabulary(schema);
    this.nextLocalNumber = nextLocalNumber;
  }

  /**
   * What goes into an {@link Intent}. Immutable.
   *
   * @param forms in normal form, unmodifiable through and through
   * @param tempids for each string tempid, {@code "datomic.tx"} always among them, its local number; for each map that
   *     its author gave no {@code :db/id}, an entry {@code "#<number>"}
   */
  public record Completed(List<Object> forms, Map<String, Long> tempids) {
    /** Copies the map and takes the list over, which holds no nulls but may hold nested ones. */
    public Completed {
      forms = Collections.unmodifiableList(forms);
      tempids = Collections.unmodifiableMap(new LinkedHashMap<>(tempids));
    }
  }

  /**
   * Completes the forms of one transaction.
   *
   * @param forms a list or array of list forms and map forms
   * @param schema the schema of the database that the author saw
   * @param nextLocalNumber gives positive numbers that this client has never used; called once for each new entity and
   *     tempid, also when the transaction turns out to be faulty
   * @throws TransactionException if a form cannot be meant: with the code of the first fault, and all faults as data
   */
  public static Completed complete(Object forms, Schema schema, LongSupplier nextLocalNumber) {
    return new IntentBuilder(schema, nextLocalNumber).complete(forms);
  }

  /** Whether what stands at the head of a form can be the name of a transaction function: Datomic's own operations are none. */
  public static boolean mayBeFunction(Keyword name) {
    return Vocabulary.mayBeFunction(name);
  }

  /** Whether a name among the tempids stands for a map without an author's {@code :db/id}. */
  public static boolean isAnonymous(String tempid) {
    return tempid.startsWith("#");
  }

  /**
   * The same for an intent that has tempids already.
   *
   * @param known their local numbers; they are among the completed ones whether or not the forms name them
   * @throws TransactionException as above
   */
  public static Completed complete(Object forms, Schema schema, Map<String, Long> known, LongSupplier nextLocalNumber) {
    IntentBuilder builder = new IntentBuilder(schema, nextLocalNumber);
    builder.tempids.putAll(known);
    return builder.complete(forms);
  }

  /** The name under which the local number of a map without an author's {@code :db/id} stands in the tempids. */
  static String anonymousName(long number) {
    return "#" + number;
  }

  private Completed complete(Object forms) {
    tempid(Intent.TX_TEMPID, forms);
    List<Problem> problems = new ArrayList<>();
    List<Object> completed = new ArrayList<>();
    if (!(sequence(forms) instanceof Collection<?> given)) {
      throw exception(List.of(Problem.reject(Codes.NOT_TRANSACTION_DATA,
          "A transaction is a list of forms, but this is " + Text.of(forms) + ".", Problem.FORM, forms)));
    }
    for (Object form : given) {
      try {
        completed.add(form(form));
      } catch (Unfit e) {
        problems.add(e.problem());
      }
    }
    if (!problems.isEmpty()) {
      throw exception(problems);
    }
    return new Completed(completed, tempids);
  }

  private static TransactionException exception(List<Problem> problems) {
    Reason reason = Problem.reason(problems);
    return new TransactionException(reason.code(), reason.message(), reason.data());
  }

  /** A list for an array, so that Java callers need no wrapping; anything else as it is. */
  private static Object sequence(Object given) {
    return given instanceof Object[] array ? Collections.unmodifiableList(Arrays.asList(array)) : given;
  }

  private Object form(Object given) {
    Object form = sequence(given);
    if (form instanceof Map<?, ?> map) {
      return map(map, true, null, 0);
    }
    if (form instanceof List<?> list) {
      return list(list);
    }
    throw Vocabulary.noData(form);
  }

  private List<Object> list(List<?> form) {
    Object first = form.isEmpty() ? null : form.get(0);
    Object operation = first instanceof String s ? Vocabulary.keyword(s, form) : first;
    if (operation == Vocabulary.ADD || operation == Vocabulary.RETRACT) {
      return fact((Keyword) operation, form);
    }
    if (operation == Vocabulary.RETRACT_ENTITY || operation == Vocabulary.RETRACT_ENTITY_FORMER) {
      if (form.size() != 2) {
        throw Vocabulary.malformed(form, "write [:db/retractEntity entity].");
      }
      return immutable(operation, entity(form.get(1), form));
    }
    if (operation == Vocabulary.CAS || operation == Vocabulary.CAS_FORMER) {
      return compareAndSet((Keyword) operation, form);
    }
    if (form.isEmpty()) {
      throw Vocabulary.malformed(form, "a list form begins with an operation such as :db/add.");
    }
    if (operation instanceof Keyword name && Vocabulary.mayBeFunction(name)) {
      return call(name, form);
    }
    throw Vocabulary.noFunction(operation, form);
  }

  /** A call of a function: what its arguments mean only the function knows. */
  private static List<Object> call(Keyword name, List<?> form) {
    List<Object> call = new ArrayList<>(form.size());
    call.add(name);
    for (Object argument : form.subList(1, form.size())) {
      call.add(PlainData.of(argument, form));
    }
    return Collections.unmodifiableList(call);
  }

  private List<Object> fact(Keyword operation, List<?> form) {
    boolean whole = operation == Vocabulary.RETRACT && form.size() == 3;
    if (form.size() != 4 && !whole) {
      throw Vocabulary.malformed(form, operation == Vocabulary.ADD
          ? "write [:db/add entity attribute value]."
          : "write [:db/retract entity attribute value], or leave the value out.");
    }
    Attribute attribute = attribute(form.get(2), form);
    Object e = entity(form.get(1), form);
    Object a = key(form.get(2), form);
    return whole ? immutable(operation, e, a) : immutable(operation, e, a, value(attribute, form.get(3), form, 0));
  }

  private List<Object> compareAndSet(Keyword operation, List<?> form) {
    if (form.size() != 5) {
      throw Vocabulary.malformed(form, "write [:db/cas entity attribute old-value new-value].");
    }
    Attribute attribute = attribute(form.get(2), form);
    Vocabulary.checkCompareAndSet(attribute, form);
    Object old = expected(attribute, form.get(3), form);
    Object e = entity(form.get(1), form);
    return immutable(operation, e, key(form.get(2), form), old, value(attribute, form.get(4), form, 0));
  }

  /** Kept as it is if it is not of the type: then nothing found equals it, unless it is the same number. */
  private Object expected(Attribute attribute, Object given, List<?> form) {
    if (given == null || attribute.isRef()) {
      return given == null ? null : entity(given, form);
    }
    Object normal = Vocabulary.coerce(attribute.valueType(), given, form);
    return normal == null ? PlainData.of(given, form) : normal;
  }

  private Map<Object, Object> map(Map<?, ?> given, boolean anonymousAllowed, Attribute under, int depth) {
    if (depth > DEPTH_MAX) {
      throw Vocabulary.malformed("{...}", "maps are nested more than " + DEPTH_MAX + " deep.");
    }
    Map<Object, Object> entries = new LinkedHashMap<>();
    given.forEach((key, value) -> entries.put(key(key, given), value));
    Object id = entries.remove(Vocabulary.ID);
    if (id == null && !anonymousAllowed && !FormReader.hasIdentity(entries, vocabulary)) {
      throw FormReader.invalidNested(under, given);
    }
    Map<Object, Object> completed = new LinkedHashMap<>();
    completed.put(Vocabulary.ID, id == null ? anonymous() : entity(id, given));
    for (Map.Entry<Object, Object> entry : entries.entrySet()) {
      completed.put(entry.getKey(), mapValue(entry.getKey(), entry.getValue(), given, depth));
    }
    return Collections.unmodifiableMap(completed);
  }

  private long anonymous() {
    long number = nextLocalNumber.getAsLong();
    tempids.put(anonymousName(number), number);
    return -number;
  }

  private Object mapValue(Object key, Object value, Map<?, ?> map, int depth) {
    Keyword forward = vocabulary.forward(key);
    if (forward != null) {
      Attribute attribute = attribute(forward, map);
      if (!attribute.isRef()) {
        throw Vocabulary.wrongType(attribute, value, map);
      }
      return entity(value, map);
    }
    Attribute attribute = attribute(key, map);
    Object several = sequence(value);
    if (!FormReader.isCollection(attribute, several)) {
      return value(attribute, value, map, depth);
    }
    List<Object> completed = new ArrayList<>();
    for (Object element : (Collection<?>) several) {
      completed.add(value(attribute, element, map, depth));
    }
    // A set stays one: under an attribute with one value, a list would be that value.
    return several instanceof Set
        ? Collections.unmodifiableSet(new LinkedHashSet<>(completed)) : Collections.unmodifiableList(completed);
  }

  private Attribute attribute(Object given, Object form) {
    // A local attribute is known by its local id as long as it is not confirmed.
    return vocabulary.attribute(given, id -> id, form);
  }

  private static Object key(Object given, Object form) {
    if (given instanceof String text) {
      return Vocabulary.keyword(text, form);
    }
    Object id = given instanceof Keyword ? null : Values.coerce(ValueType.REF, given);
    return id == null ? given : id;
  }

  private Object value(Attribute attribute, Object given, Object form, int depth) {
    Object value = sequence(given);
    if (attribute.isRef()) {
      if (value == null) {
        throw Vocabulary.nil(attribute, form);
      }
      boolean nested = value instanceof Map && form instanceof Map;
      return nested ? map((Map<?, ?>) value, attribute.component(), attribute, depth + 1) : entity(value, form);
    }
    return attribute.valueType() == ValueType.TUPLE
        ? tuple(attribute, value, form) : Vocabulary.scalar(attribute, value, form);
  }

  private List<Object> tuple(Attribute attribute, Object value, Object form) {
    List<?> given = Vocabulary.tuple(attribute, value, form);
    List<Object> elements = new ArrayList<>(given.size());
    for (int i = 0; i < given.size(); i++) {
      Object element = given.get(i);
      ValueType type = Vocabulary.elementType(attribute, i, vocabulary.schema());
      Object normal = element == null ? null
          : type == ValueType.REF ? entity(element, form) : Vocabulary.element(attribute, type, element, form);
      if (element != null && normal == null) {
        throw Vocabulary.invalidTuple(attribute, value, form);
      }
      elements.add(normal);
    }
    return Collections.unmodifiableList(elements);
  }

  /** An entity in normal form: a number, a tempid, a keyword, or a list of attribute and value. */
  private Object entity(Object given, Object form) {
    Object value = sequence(given);
    if (value instanceof Keyword) {
      return value;
    }
    if (value instanceof String text) {
      return Vocabulary.isKeywordText(text) ? Vocabulary.keyword(text, form) : tempid(text, form);
    }
    if (value instanceof TempId tempid) {
      return tempid.isTransaction() ? Intent.TX_TEMPID
          : tempid.name() == null ? (Object) unnamed.computeIfAbsent(tempid, t -> anonymous())
          : tempid(tempid.name(), form);
    }
    if (value instanceof LookupRef ref) {
      return lookup(List.of(ref.attribute(), ref.value()), form);
    }
    if (value instanceof List<?> list) {
      return lookup(list, form);
    }
    Object id = value instanceof Number || value instanceof EntityId ? Values.coerce(ValueType.REF, value) : null;
    if (id == null) {
      throw Unfit.reject(Codes.NOT_AN_ENTITY, Text.of(value) + " in " + Text.of(form) + " does not name an entity: give"
          + " an id, a tempid, an ident or a lookup ref.", Problem.ENTITY, value, Problem.FORM, form);
    }
    return id;
  }

  private String tempid(String name, Object form) {
    if (isAnonymous(name)) {
      throw Vocabulary.malformed(form, "tempids that begin with # are reserved.");
    }
    if (!tempids.containsKey(name)) {
      tempids.put(name, nextLocalNumber.getAsLong());
    }
    return name;
  }

  private List<Object> lookup(List<?> ref, Object form) {
    if (ref.size() != 2) {
      throw Unfit.reject(Codes.INVALID_LOOKUP_REF, Text.of(ref) + " in " + Text.of(form)
          + " is no lookup ref: it has two elements, a unique attribute and its value.",
          Problem.ENTITY, ref, Problem.FORM, form);
    }
    Attribute attribute = attribute(ref.get(0), form);
    if (attribute.unique() == Unique.NONE) {
      throw Unfit.reject(Codes.LOOKUP_NOT_UNIQUE, "The attribute " + attribute.ident() + " of the lookup ref "
          + Text.of(ref) + " is not unique.", Problem.ATTRIBUTE, attribute.ident(), Problem.FORM, form);
    }
    Object value = attribute.isRef() && ref.get(1) instanceof Keyword
        ? ref.get(1) : ref.get(1) == null ? null : Vocabulary.coerce(attribute.valueType(), ref.get(1), form);
    if (value == null) {
      throw Unfit.reject(Codes.NOT_AN_ENTITY, "The lookup ref " + Text.of(ref) + " in " + Text.of(form)
          + " cannot name an entity: " + attribute.ident() + " has no such values.",
          Problem.ENTITY, ref, Problem.ATTRIBUTE, attribute.ident(), Problem.FORM, form);
    }
    return immutable(key(ref.get(0), form), value);
  }

  private static List<Object> immutable(Object... elements) {
    return Collections.unmodifiableList(Arrays.asList(elements));
  }
}
