package dev.rebasis.client.internal.db;

import dev.rebasis.client.Database;
import dev.rebasis.client.Entity;
import dev.rebasis.conflict.FactView;
import dev.rebasis.conflict.LocalIds;
import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Schema;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongPredicate;
import java.util.stream.StreamSupport;

/**
 * A database value: a snapshot of the confirmed datoms with the overlay of the pending transactions laid over, merged
 * while it is read. The confirmed value is one with {@link Overlay#EMPTY}. Immutable; threads may share it.
 *
 * <p>Where an identifier is taken, a local (negative) id that is confirmed stands for the server's: the datoms in the
 * result carry the server's id. The local ids given to {@link #of} must therefore never change their answers, since the
 * value must not: whoever makes a value hands over the ids as they are at that moment.
 */
public final class DatabaseValue implements Database, FactView, DatomSource {
  private final IndexSnapshot confirmed;
  private final Overlay overlay;
  private final LocalIds ids;
  private final long basisT;
  private final Queries queries;
  private final Schema schema;
  private final Identifiers identifiers;

  private DatabaseValue(
      IndexSnapshot confirmed, Overlay overlay, Schema schema, LocalIds ids, long basisT, Queries queries) {
    this.confirmed = Objects.requireNonNull(confirmed, "confirmed");
    this.overlay = Objects.requireNonNull(overlay, "overlay");
    this.ids = Objects.requireNonNull(ids, "ids");
    this.basisT = basisT;
    this.queries = Objects.requireNonNull(queries, "queries");
    this.schema = Objects.requireNonNull(schema, "schema");
    this.identifiers = new Identifiers(this, ids);
  }

  /**
   * Makes a value.
   *
   * @param confirmed the confirmed datoms
   * @param overlay what the pending transactions change in them
   * @param ids the local ids that are confirmed; must give the same answers for ever
   * @param basisT the newest confirmed T, 0 if none
   * @param queries answers queries
   */
  public static DatabaseValue of(
      IndexSnapshot confirmed, Overlay overlay, LocalIds ids, long basisT, Queries queries) {
    return of(confirmed, overlay, overlay.schemaOn(confirmed.schema()), ids, basisT, queries);
  }

  /**
   * Makes a value whose schema is known already.
   *
   * @param schema equal to {@code overlay.schemaOn(confirmed.schema())}
   */
  public static DatabaseValue of(
      IndexSnapshot confirmed, Overlay overlay, Schema schema, LocalIds ids, long basisT, Queries queries) {
    return new DatabaseValue(confirmed, overlay, schema, ids, basisT, queries);
  }

  /** The confirmed datoms below the overlay. */
  public IndexSnapshot snapshot() {
    return confirmed;
  }

  /** What pending transactions change. */
  public Overlay overlay() {
    return overlay;
  }

  /** The local ids that are resolved. */
  public LocalIds localIds() {
    return ids;
  }

  @Override
  public long basisT() {
    return basisT;
  }

  @Override
  public Schema schema() {
    return schema;
  }

  @Override
  @SuppressWarnings("unchecked")
  public Collection<List<Object>> q(Object query, Object... inputs) {
    return (Collection<List<Object>>) answer(query, inputs);
  }

  @Override
  @SuppressWarnings("unchecked")
  public <T> T query(Object query, Object... inputs) {
    return (T) answer(query, inputs);
  }

  private Object answer(Object query, Object... inputs) {
    confirmed.checkUsable();
    List<Object> all = new ArrayList<>(inputs.length + 1);
    all.add(this);
    Collections.addAll(all, inputs);
    return queries.query(query, all);
  }

  @Override
  public Map<Object, Object> pull(Object pattern, Object entity) {
    confirmed.checkUsable();
    return queries.pull(this, pattern, entid(entity));
  }

  @Override
  public List<Map<Object, Object>> pullMany(Object pattern, Collection<?> entities) {
    List<Map<Object, Object>> all = new ArrayList<>(entities.size());
    entities.forEach(entity -> all.add(pull(pattern, entity)));
    return Collections.unmodifiableList(all);
  }

  @Override
  public Entity entity(Object entity) {
    Long id = entid(entity);
    return id == null ? null : new LazyEntity(this, id);
  }

  @Override
  public Long entid(Object entity) {
    return identifiers.entid(entity);
  }

  @Override
  public Keyword ident(Object entity) {
    Long id = entid(entity);
    return id == null ? null : schema.ident(id);
  }

  @Override
  public Attribute attribute(Object attribute) {
    Long id = entid(attribute);
    return id == null ? null : schema.attribute(id);
  }

  @Override
  public Iterable<Datom> datoms(IndexOrder order, Object... components) {
    confirmed.checkUsable();
    Prefix range = Prefix.of(order, identifiers.resolve(order, components));
    if (overlay.isEmpty()) {
      checkInAvet(range);
      return confirmed.datoms(order, range.components());
    }
    if (order == IndexOrder.AVET && overlay.touchesSchema()) {
      return range.length() == 0 ? avetByAttribute(range) : newlyIndexed(range);
    }
    checkInAvet(range);
    return merged(range);
  }

  @Override
  public Iterable<Datom> seek(IndexOrder order, Object... components) {
    confirmed.checkUsable();
    Prefix range = Prefix.of(order, identifiers.resolve(order, components));
    if (overlay.isEmpty()) {
      return confirmed.seek(order, range.components());
    }
    if (order == IndexOrder.AVET && overlay.touchesSchema()) {
      return avetByAttribute(range);
    }
    Iterable<Datom> from = () -> new MergedDatoms(
        confirmed.seek(order, range.ofFact().components()).iterator(), overlay, range, true, members(order));
    return range.namesTransaction() ? () -> skipOlder(from.iterator(), range) : from;
  }

  @Override
  public Iterable<Datom> seekDatoms(IndexOrder order, Object... components) {
    return seek(order, components);
  }

  @Override
  public long estimate(IndexOrder order, Object... components) {
    Prefix range = Prefix.of(order, identifiers.resolve(order, components)).ofFact();
    if (overlay.isEmpty()) {
      return confirmed.estimate(order, range.components());
    }
    boolean newlyIndexed = order == IndexOrder.AVET && range.length() > 0 && isNewlyIndexed(range.first().a());
    long below = newlyIndexed
        ? confirmed.estimate(IndexOrder.AEVT, range.first().a())
        : confirmed.estimate(order, range.components());
    return below + pendingIn(range);
  }

  /** How many facts of the overlay lie in a range, or all of them if they are more than a few. */
  private long pendingIn(Prefix range) {
    if (range.length() == 0) {
      return overlay.size();
    }
    int counted = 0;
    for (Iterator<Overlay.Fact> facts = overlay.from(range); facts.hasNext(); counted++) {
      if (counted == 64) {
        return overlay.size();
      }
      if (!range.matches(facts.next().last())) {
        break;
      }
    }
    return counted;
  }

  private Iterable<Datom> merged(Prefix range) {
    Prefix facts = range.ofFact();
    Object[] components = facts.components();
    LongPredicate members = members(range.order());
    Iterable<Datom> merged = () -> new MergedDatoms(
        confirmed.datoms(range.order(), components).iterator(), overlay, facts, false, members);
    return range.namesTransaction()
        ? () -> StreamSupport.stream(merged.spliterator(), false).filter(range::matches).iterator()
        : merged;
  }

  /** Which attributes of the overlay belong to an index: it holds all of them in its AVET order. */
  private LongPredicate members(IndexOrder order) {
    return order == IndexOrder.AVET ? this::isInAvet : a -> true;
  }

  private boolean isInAvet(long a) {
    Attribute attribute = schema.attribute(a);
    return attribute != null && attribute.isInAvet();
  }

  private void checkInAvet(Prefix range) {
    if (range.order() == IndexOrder.AVET && range.length() > 0 && !isInAvet(range.first().a())) {
      Keyword ident = schema.ident(range.first().a());
      Object name = ident == null ? (Object) range.first().a() : ident;
      throw new RebasisException(
          Keyword.of(":db.error/attribute-not-indexed"), ErrorCategory.FIX_REQUEST,
          "The attribute " + name + " has no index by value. Give it :db/index true or :db/unique, or read it in"
              + " another order.",
          Map.of(Keyword.of(":attribute"), name), null);
    }
  }

  /** AVET of an attribute that a pending transaction may have put in: the confirmed index does not hold it then. */
  private Iterable<Datom> newlyIndexed(Prefix range) {
    checkInAvet(range);
    if (!isNewlyIndexed(range.first().a())) {
      return merged(range);
    }
    return () -> sortedByValue(range.first().a()).stream().filter(range::matches).iterator();
  }

  private boolean isNewlyIndexed(long a) {
    Attribute before = overlay.touchesSchema() ? confirmed.schema().attribute(a) : null;
    return before != null && !before.isInAvet();
  }

  private List<Datom> sortedByValue(long a) {
    List<Datom> datoms = new ArrayList<>();
    merged(Prefix.of(IndexOrder.AEVT, a)).forEach(datoms::add);
    datoms.sort(FactOrder.of(IndexOrder.AVET));
    return datoms;
  }

  /** AVET from a place on, attribute by attribute, while a pending transaction changes the schema. */
  private Iterable<Datom> avetByAttribute(Prefix from) {
    var comparator = FactOrder.of(IndexOrder.AVET);
    return () -> schema.attributes().stream()
        .filter(attribute -> attribute.isInAvet() && (from.length() == 0 || attribute.id() >= from.first().a()))
        .map(Attribute::id)
        .sorted()
        .flatMap(a -> StreamSupport.stream(newlyIndexed(Prefix.of(IndexOrder.AVET, a)).spliterator(), false))
        .filter(datom -> from.length() == 0 || comparator.compare(datom, from.first()) >= 0)
        .iterator();
  }

  private static Iterator<Datom> skipOlder(Iterator<Datom> datoms, Prefix range) {
    Prefix fact = range.ofFact();
    return StreamSupport.stream(((Iterable<Datom>) () -> datoms).spliterator(), false)
        .filter(datom -> !fact.matches(datom) || datom.tx() >= range.first().tx())
        .iterator();
  }
}
