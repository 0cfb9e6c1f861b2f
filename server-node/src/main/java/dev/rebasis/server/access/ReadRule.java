package dev.rebasis.server.access;

import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import java.util.Map;
import java.util.Set;

/**
 * Which entities the users of a role may see. Whatever else there is does not exist for them: it is in no stream, no load and
 * no scope, and a transaction that names it is refused like one that names what is not there. Attributes, all names
 * ({@code :db/ident}), and the entities of transactions of which they see something are seen by everyone. Immutable.
 */
public sealed interface ReadRule {
  /**
   * The entities that a query finds, and those that come with them.
   *
   * @param query plain data; finds one variable, with {@code :in $} or {@code :in $ ?user}, where {@code ?user} is the user's
   *     name; the operator's, so that it may call what it likes
   * @param pull a pull pattern whose entities are seen too; null for the components
   */
  record Query(Object query, Object pull) implements ReadRule {}

  /** The entities that a predicate says yes to. */
  record Chosen(Predicate predicate) implements ReadRule {}

  /** Says whether a user may see an entity. Pure; called on the server's core. */
  @FunctionalInterface
  interface Predicate {
    /**
     * Decides.
     *
     * @param user the user
     * @param facts the entity's current values by attribute; it must depend on nothing else, since it is asked again only
     *     when these change
     */
    boolean sees(User user, Map<Keyword, Set<Object>> facts);
  }

  /** A rule from a query as EDN text, with what comes with the entities by a pull pattern; null for the components. */
  static ReadRule query(String query, String pull) {
    return new Query(Edn.read(query), pull == null ? null : Edn.read(pull));
  }

  /** A rule from a Java predicate. */
  static ReadRule predicate(Predicate predicate) {
    return new Chosen(predicate);
  }
}
