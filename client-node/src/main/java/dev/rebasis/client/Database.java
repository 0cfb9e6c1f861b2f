package dev.rebasis.client;

import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Schema;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import java.util.stream.Stream;

/**
 * An immutable database value. It stays as it was while the client writes and syncs on. Thread-safe: callers may share
 * it.
 *
 * <p>Wherever an entity stands, these are accepted: an entity id ({@code Long}; negative for an entity made by this
 * client), an {@link dev.rebasis.data.EntityId}, an ident ({@link Keyword} or text such as {@code ":db/doc"}), a
 * {@link dev.rebasis.data.LookupRef} or a two-element list of attribute and value. Every method throws
 * {@code :rebasis.error/database-expired} once the value's storage has been given up (see
 * {@link dev.rebasis.error.RebasisException#code()}).
 */
public interface Database {
  /** The newest confirmed T in this value; 0 if nothing was confirmed yet. */
  long basisT();

  /**
   * Runs a Datalog query with this value as its first input ({@code $}).
   *
   * @param query EDN text, or the same as a {@code List} or {@code Map}
   * @param inputs what {@code :in} names after {@code $}, in order
   * @return the rows, without duplicates, in no particular order
   */
  Collection<List<Object>> q(Object query, Object... inputs);

  /**
   * Like {@link #q}, but with the result in the shape that {@code :find} asks for.
   *
   * @param <T> the shape that the caller expects
   */
  <T> T query(Object query, Object... inputs);

  /**
   * The attributes of an entity, and of those that it refers to, as a pattern asks for them.
   *
   * @param pattern EDN text such as {@code "[:order/number {:order/lines [*]}]"}, or the same as a {@code List}
   * @param entity in any accepted form
   * @return an unmodifiable map by {@link Keyword}, or by what {@code :as} says; null if the entity has nothing that
   *     the pattern asks for
   */
  Map<Object, Object> pull(Object pattern, Object entity);

  /** {@link #pull} for each of several entities, in their order; null where one has nothing. */
  List<Map<Object, Object>> pullMany(Object pattern, Collection<?> entities);

  /**
   * Runs a query and says how: the order that the planner chose, with the rows that it expected and those that there
   * were. It costs a little more than the query.
   */
  QueryPlan explain(Object query, Object... inputs);

  /** The entity, read lazily; null if the identifier resolves to none. An id that has no datoms gives an empty one. */
  Entity entity(Object entity);

  /** The entity id, or null if the identifier (ident, lookup ref) resolves to none. Ids resolve to themselves. */
  Long entid(Object entity);

  /** The ident of an entity or attribute, or null. */
  Keyword ident(Object entity);

  /** The attribute, or null. */
  Attribute attribute(Object attribute);

  /** The schema of this value. */
  Schema schema();

  /**
   * The current datoms whose leading components equal the given ones, lazily, in the order of the index.
   *
   * @param order which index
   * @param components leading components in that order; entities and attributes in any accepted form
   */
  Iterable<Datom> datoms(IndexOrder order, Object... components);

  /** Like {@link #datoms}, but from the given components on, or where they would be, to the end of the index. */
  Iterable<Datom> seekDatoms(IndexOrder order, Object... components);

  /** Like {@link #seekDatoms}, but backwards to the begin of the index. */
  Iterable<Datom> rseekDatoms(IndexOrder order, Object... components);

  /**
   * The datoms of an attribute whose values lie in a range, in the order of the values, lazily.
   *
   * @param attribute one with {@code :db/index} or {@code :db/unique}
   * @param start the first value, null for no bound
   * @param end the value to stop before, null for no bound
   */
  Iterable<Datom> indexRange(Object attribute, Object start, Object end);

  /**
   * Walks over an index and pulls what it finds, lazily.
   *
   * @param arguments EDN text, or a {@code Map}: {@code :index} ({@code :avet}, or {@code :aevt} for a reference of
   *     cardinality many), {@code :selector} (a pull pattern), {@code :start} (a list of leading components, the
   *     attribute at least; the walk ends with it), and optionally {@code :reverse}
   * @return what {@link #pull} gives, in {@code :avet} for the entity of each datom, in {@code :aevt} for its value;
   *     null where it gives nothing, as in Datomic
   */
  Stream<Object> indexPull(Object arguments);

  /**
   * This database as it was at a moment: without what was done later. Composable with the other views, and good for
   * every kind of reading; the schema and idents are always those of now.
   *
   * @param moment a T, the id of a transaction (a pending one's local id too), or an {@link java.time.Instant} or
   *     {@link java.util.Date}. Several transactions can have one instant: the first of them is meant
   * @throws dev.rebasis.error.RebasisException when it is read, {@code :rebasis.error/history-incomplete} if the
   *     moment is before what this client holds
   */
  Database asOf(Object moment);

  /** Only what was added after a moment, given as for {@link #asOf}. */
  Database since(Object moment);

  /**
   * All that was ever asserted and retracted, for queries with {@code [?e ?a ?v ?tx ?op]} and for the indexes. Entities
   * and pulls need one moment and cannot be read from it.
   */
  Database history();

  /**
   * Only the datoms that pass a test.
   *
   * @param test pure; given this database without this filter, and a datom
   */
  Database filter(BiPredicate<Database, Datom> test);

  /**
   * Tries a transaction: what it would do, without storing or sending anything. It is decided as
   * {@link SyncClient#transact} would decide it on this value. On a view, as in Datomic, its forms read what the view shows (lookup
   * refs, {@code :db/cas}, what an entity has), and what they write is compared with all facts (keys, unique values, what stands
   * already); it comes later than every moment, so that a view by {@link #asOf} does not show it.
   *
   * @param forms as for {@link SyncClient#transact}
   * @throws dev.rebasis.error.TransactionException if it cannot be applied
   */
  Speculation with(Object forms);

  /** The T of {@link #asOf}, or the local id of a pending transaction; null if this is no such view. */
  Long asOfT();

  /** The T of {@link #since}, or the local id of a pending transaction; null if this is no such view. */
  Long sinceT();

  /** Whether this is a view made by {@link #history}. */
  boolean isHistory();

  /** Whether this is a view made by {@link #filter}. */
  boolean isFiltered();
}
