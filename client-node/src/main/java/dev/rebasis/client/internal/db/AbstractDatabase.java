package dev.rebasis.client.internal.db;

import dev.rebasis.client.Database;
import dev.rebasis.client.Entity;
import dev.rebasis.client.QueryPlan;
import dev.rebasis.client.Speculation;
import dev.rebasis.conflict.FactView;
import dev.rebasis.conflict.LocalIds;
import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Values;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * What all database values share: identifiers are resolved here, and every read becomes one {@link Scan}. Immutable;
 * threads may share it.
 */
abstract class AbstractDatabase implements Database, DatomSource, FactView {
  private final Queries queries;
  private final LocalIds ids;
  private final Identifiers identifiers;

  AbstractDatabase(LocalIds ids, Queries queries) {
    this.queries = Objects.requireNonNull(queries, "queries");
    this.ids = Objects.requireNonNull(ids, "ids");
    this.identifiers = new Identifiers(this, ids);
  }

  /**
   * Walks over an index, lazily.
   *
   * @param scan its components are resolved already
   */
  abstract Iterable<Datom> scan(Scan scan);

  /** An estimate of how many datoms a range has, for {@link DatomSource#estimate}. */
  abstract long estimate(Prefix range);

  /** Throws if the storage below is gone. */
  abstract void checkUsable();

  /** The local ids that are resolved. */
  LocalIds localIds() {
    return ids;
  }

  final Queries queries() {
    return queries;
  }

  // ---- questions

  @Override
  @SuppressWarnings("unchecked")
  public final Collection<List<Object>> q(Object query, Object... inputs) {
    return (Collection<List<Object>>) answer(query, inputs);
  }

  @Override
  @SuppressWarnings("unchecked")
  public final <T> T query(Object query, Object... inputs) {
    return (T) answer(query, inputs);
  }

  @Override
  public final QueryPlan explain(Object query, Object... inputs) {
    return queries.explain(query, withThis(inputs));
  }

  private Object answer(Object query, Object... inputs) {
    return queries.query(query, withThis(inputs));
  }

  private List<Object> withThis(Object... inputs) {
    checkUsable();
    List<Object> all = new ArrayList<>(inputs.length + 1);
    all.add(this);
    Collections.addAll(all, inputs);
    return all;
  }

  @Override
  public final Map<Object, Object> pull(Object pattern, Object entity) {
    checkUsable();
    checkOneMoment("A pull");
    Long id = entid(entity);
    return queries.pull(this, pattern, id, Identifiers.isId(entity) ? id : entity);
  }

  @Override
  public final List<Map<Object, Object>> pullMany(Object pattern, Collection<?> entities) {
    List<Map<Object, Object>> all = new ArrayList<>(entities.size());
    entities.forEach(entity -> all.add(pull(pattern, entity)));
    return Collections.unmodifiableList(all);
  }

  @Override
  public final Entity entity(Object entity) {
    checkOneMoment("An entity");
    Long id = entid(entity);
    return id == null ? null : new LazyEntity(this, id);
  }

  @Override
  public final Speculation with(Object forms) {
    checkUsable();
    checkOneMoment("A transaction that is tried");
    Speculator.Tried tried = Speculator.run(this, ids, forms, nextNumber());
    return new Speculation(this, with(tried), tried.datoms(), tried.tempids());
  }

  @Override
  public abstract DatabaseValue whole();

  /** This value with what a tried transaction does on top. */
  abstract AbstractDatabase with(Speculator.Tried tried);

  /** The local number that the next tried transaction begins with. */
  abstract long nextNumber();

  private void checkOneMoment(String what) {
    if (isHistory()) {
      throw new RebasisException(
          Keyword.of(":db.error/history-not-supported"), ErrorCategory.FIX_REQUEST,
          what + " shows one moment, and a database with its history shows all. Ask the database itself, or asOf a"
              + " moment, and use datoms or a query for the history.",
          Map.of(), null);
    }
  }

  // ---- identifiers

  @Override
  public final Long entid(Object entity) {
    return identifiers.entid(entity);
  }

  @Override
  public final Keyword ident(Object entity) {
    Long id = entid(entity);
    return id == null ? null : schema().ident(id);
  }

  @Override
  public final Attribute attribute(Object attribute) {
    Long id = entid(attribute);
    return id == null ? null : schema().attribute(id);
  }

  // ---- indexes

  @Override
  public final Iterable<Datom> datoms(IndexOrder order, Object... components) {
    checkUsable();
    return scan(Scan.of(range(order, components)));
  }

  @Override
  public final Iterable<Datom> seek(IndexOrder order, Object... components) {
    return walk(false, order, components);
  }

  @Override
  public final Iterable<Datom> seekDatoms(IndexOrder order, Object... components) {
    return walk(false, order, components);
  }

  @Override
  public final Iterable<Datom> rseekDatoms(IndexOrder order, Object... components) {
    return walk(true, order, components);
  }

  private Iterable<Datom> walk(boolean backwards, IndexOrder order, Object... components) {
    checkUsable();
    Prefix range = range(order, components);
    Scan scan = new Scan(range, true, false, backwards);
    if (!range.namesTransaction()) {
      return scan(scan);
    }
    // The indexes of current datoms do not sort by transaction, so the walk begins at the fact.
    return filtered(scan(scan.over(range.ofFact())),
        datom -> !range.ofFact().matches(datom)
            || (backwards ? datom.tx() <= range.first().tx() : datom.tx() >= range.first().tx()));
  }

  @Override
  public final Iterable<Datom> indexRange(Object attribute, Object start, Object end) {
    Prefix all = range(IndexOrder.AVET, attribute);
    Prefix from = start == null ? all : range(IndexOrder.AVET, attribute, start);
    Object stop = end == null ? null : range(IndexOrder.AVET, attribute, end).first().v();
    datoms(IndexOrder.AVET, attribute);
    Iterable<Datom> datoms = scan(new Scan(from, true, false, false));
    return () -> StreamSupport.stream(datoms.spliterator(), false)
        .takeWhile(datom -> all.matches(datom) && (stop == null || Values.compareByValue(datom.v(), stop) < 0))
        .iterator();
  }

  @Override
  public final Stream<Object> indexPull(Object arguments) {
    checkUsable();
    return IndexPull.of(arguments).run(this);
  }

  /** The range of these components, with every identifier resolved. */
  final Prefix range(IndexOrder order, Object... components) {
    return Prefix.of(order, identifiers.resolve(order, components));
  }

  @Override
  public final long estimate(IndexOrder order, Object... components) {
    return estimate(range(order, components));
  }

  /** The datoms that a test lets pass, lazily. */
  static Iterable<Datom> filtered(Iterable<Datom> datoms, Predicate<Datom> test) {
    return () -> new FilteredDatoms(datoms.iterator(), test);
  }
}
