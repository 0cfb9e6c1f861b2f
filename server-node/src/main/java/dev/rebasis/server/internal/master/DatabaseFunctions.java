package dev.rebasis.server.internal.master;

import clojure.java.api.Clojure;
import clojure.lang.IFn;
import clojure.lang.RT;
import datomic.Database;
import datomic.Peer;
import datomic.Util;
import dev.rebasis.conflict.TransactionFunction;
import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The operator's list of Datomic's database functions ({@code :db/fn}), as transaction functions. They come from a text in the
 * form in which Datomic takes them, and are called on Datomic's own database value. They are not stored in the database:
 * clients could not hold them, and nothing may run when a log is replayed. Immutable.
 */
public final class DatabaseFunctions {
  /** None. */
  public static final DatabaseFunctions NONE = new DatabaseFunctions(Map.of());

  private static final Object IDENT = Util.read(":db/ident");
  private static final Object FUNCTION = Util.read(":db/fn");
  private static final Object READERS = RT.map(Util.read(":readers"),
      RT.map(Util.read("db/fn"), Clojure.var("clojure.core", "identity")));
  private static final Keyword FAULTY = Keyword.of(":rebasis.error/database-function");

  private final Map<Keyword, IFn> functions;

  private DatabaseFunctions(Map<Keyword, IFn> functions) {
    this.functions = Map.copyOf(functions);
  }

  /**
   * These and further ones.
   *
   * @param name what to call the text in messages
   * @param edn a vector of maps with {@code :db/ident} and {@code :db/fn #db/fn {:lang ... :params [...] :code ...}}
   * @throws RebasisException {@code :rebasis.error/database-function} if it is not that, or does not compile
   */
  public DatabaseFunctions with(String name, String edn) {
    Map<Keyword, IFn> all = new HashMap<>(functions);
    Object read = read(name, edn);
    if (!(read instanceof List<?> maps)) {
      throw faulty(name, "it is not a vector of maps", null);
    }
    for (Object each : maps) {
      if (!(each instanceof Map<?, ?> map) || !(map.get(IDENT) instanceof clojure.lang.Keyword ident)
          || !(map.get(FUNCTION) instanceof Map<?, ?> source)) {
        throw faulty(name, "it holds " + RT.printString(each)
            + ", where a map with :db/ident and :db/fn #db/fn {...} should stand", null);
      }
      all.put(DatomicValues.keyword(ident), compiled(name, ident, source));
    }
    return new DatabaseFunctions(all);
  }

  private static IFn compiled(String name, clojure.lang.Keyword ident, Map<?, ?> source) {
    try {
      return (IFn) Peer.function(source);
    } catch (RuntimeException e) {
      throw faulty(name, "the function " + ident + " cannot be made, " + e.getMessage(), e);
    }
  }

  /** With the tag's own data: only Datomic's transactor gives the tag a reader. */
  private static Object read(String name, String edn) {
    try {
      return Clojure.var("clojure.edn", "read-string").invoke(READERS, edn);
    } catch (RuntimeException e) {
      throw faulty(name, e.getMessage(), e);
    }
  }

  private static RebasisException faulty(String name, String why, Throwable cause) {
    return new RebasisException(FAULTY, ErrorCategory.FIX_REQUEST,
        "The database functions " + name + " cannot be used: " + why + ".", Map.of(), cause);
  }

  /** Their names. */
  public Set<Keyword> names() {
    return functions.keySet();
  }

  /** Whether there are none. */
  boolean isEmpty() {
    return functions.isEmpty();
  }

  /** The function with this name, called on a database; null if it is not on the list. */
  TransactionFunction of(Keyword name, Database database) {
    IFn function = functions.get(name);
    if (function == null) {
      return null;
    }
    return (view, args) -> {
      view.readsByOtherMeans();
      Object[] all = new Object[args.size() + 1];
      all[0] = database;
      for (int i = 0; i < args.size(); i++) {
        all[i + 1] = DatomicValues.toDatomic(args.get(i));
      }
      Object forms = function.applyTo(RT.seq(all));
      // Whatever Clojure data they are, as text they are the forms that a program would write.
      return (List<?>) Edn.read("[" + joined((Iterable<?>) forms) + "]");
    };
  }

  private static String joined(Iterable<?> forms) {
    StringBuilder text = new StringBuilder();
    for (Object form : forms) {
      text.append(RT.printString(form)).append(' ');
    }
    return text.toString();
  }
}
