package dev.rebasis.client;

import dev.rebasis.data.Keyword;
import java.util.Set;

/**
 * One entity of one {@link Database}, read lazily. Immutable; thread-safe. Two are equal if they have the same id and
 * their databases are values of one client, whatever moment these show.
 */
public interface Entity {
  /** The entity id: the server's, or a negative local one. */
  long id();

  /** The database value that it is read from. */
  Database database();

  /**
   * The value of an attribute.
   *
   * @param attribute a {@link Keyword} or its text; {@code :order/_customer} navigates backwards
   * @return null if there is none; a {@code Set} if the cardinality is many or the direction is backwards (a single
   *     entity for a component's owner); for references an {@code Entity}, or the {@code Keyword} if it has an ident
   */
  Object get(Object attribute);

  /**
   * This entity with all its attributes read, and those of its components, and theirs.
   *
   * @return one equal to this; its {@code toString} shows what was read, down to a hundred components below each other
   */
  Entity touch();

  /** The attributes that the entity has, {@code :db/id} not included. */
  Set<Keyword> keySet();
}
