package dev.rebasis.server.access;

import datomic.Database;
import datomic.Peer;
import dev.rebasis.data.Datom;
import java.util.Collection;
import java.util.List;

/** Whether a transaction may be committed, looked at with its result. Pure; called on the master's core. */
@FunctionalInterface
public interface WriteRule {
  /**
   * Checks a transaction.
   *
   * @param user who pushed it
   * @param before the database before it
   * @param after the database as it would be after it
   * @param datoms what it would change, without what the server adds; new entities have other ids than in {@code after}
   * @return why it may not be, in words for the user; null if it may be
   */
  String refusal(User user, Database before, Database after, List<Datom> datoms);

  /**
   * A rule as a query for what is wrong: the transaction is refused if the query finds something.
   *
   * @param query Datalog with {@code :in $ $before ?user}: the database after and before the transaction, and the user's
   *     name
   * @param message why it is refused then
   */
  static WriteRule query(String query, String message) {
    return (user, before, after, datoms) -> {
      Object found = Peer.query(query, after, before, user.name());
      boolean wrong = found instanceof Collection<?> rows ? !rows.isEmpty() : found != null;
      return wrong ? message : null;
    };
  }
}
