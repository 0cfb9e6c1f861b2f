package dev.rebasis.client;

import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Schema;
import java.util.Collection;
import java.util.List;
import java.util.Map;

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

  /** Like {@link #datoms}, but from the given components on to the end of the index. */
  Iterable<Datom> seekDatoms(IndexOrder order, Object... components);
}
