package dev.rebasis.conflict;

import java.util.List;

/**
 * A transaction function: turns arguments into forms, on the database value that the transaction is applied to. It is
 * registered under a keyword on clients and server and called by a form such as {@code [:shop/order "A-1" 3]}: on the
 * client at once and at every rebase, on the server when it decides.
 *
 * <p>It must be a pure function of the database and its arguments. What it reads is noted, so that the transaction is
 * decided anew when that changes. If it throws, the transaction is rejected with the message.
 */
@FunctionalInterface
public interface TransactionFunction {
  /**
   * The forms in the place of the call.
   *
   * @param db the database before the transaction
   * @param args the arguments as the author gave them: plain data, entities by id, ident or lookup ref
   * @return list forms and map forms, calls of other functions among them; string tempids mean what they mean in the
   *     rest of the transaction
   */
  List<?> apply(DatabaseView db, List<Object> args);
}
