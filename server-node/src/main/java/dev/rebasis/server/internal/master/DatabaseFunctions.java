package dev.rebasis.server.internal.master;

import datomic.Database;
import dev.rebasis.conflict.TransactionFunction;
import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import java.util.List;
import java.util.Set;

/** Datomic's database functions ({@code :db/fn}) that the operator allows, as transaction functions. Immutable. */
final class DatabaseFunctions {
  private final Set<Keyword> allowed;

  DatabaseFunctions(Set<Keyword> allowed) {
    this.allowed = Set.copyOf(allowed);
  }

  /** Whether none is allowed. */
  boolean isEmpty() {
    return allowed.isEmpty();
  }

  /** The function with this name in a database; null if it is not allowed, or not there. */
  TransactionFunction of(Keyword name, Database database) {
    if (!allowed.contains(name)) {
      return null;
    }
    Object ident = DatomicValues.keyword(name);
    if (database.entid(ident) == null || database.entity(ident).get(":db/fn") == null) {
      return null;
    }
    return (view, args) -> {
      view.readsByOtherMeans();
      Object[] all = new Object[args.size() + 1];
      all[0] = database;
      for (int i = 0; i < args.size(); i++) {
        all[i + 1] = DatomicValues.toDatomic(args.get(i));
      }
      Object forms = database.invoke(ident, all);
      // Whatever Clojure data they are, as text they are the forms that a program would write.
      return (List<?>) Edn.read("[" + joined((Iterable<?>) forms) + "]");
    };
  }

  private static String joined(Iterable<?> forms) {
    StringBuilder text = new StringBuilder();
    for (Object form : forms) {
      text.append(clojure.lang.RT.printString(form)).append(' ');
    }
    return text.toString();
  }
}
