package dev.rebasis.client;

import static org.assertj.core.api.Assertions.assertThat;

import datomic.Connection;
import datomic.Peer;
import datomic.Util;
import dev.rebasis.data.Keyword;
import dev.rebasis.error.RebasisException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Goal: a transaction function that is called by what is tried on a view reads the view, as in Datomic. Method: the same functions,
 * here in Java and there in Clojure, called on the same views of the same facts; what they come to is compared by the
 * names of entities.
 */
class FunctionsOnViewsTest {
  private static final List<String> FACTS = List.of("""
      [{:db/ident :k :db/valueType :db.type/string :db/cardinality :db.cardinality/one :db/unique :db.unique/identity}
       {:db/ident :n :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
       {:db/ident :tag :db/valueType :db.type/string :db/cardinality :db.cardinality/many}
       {:db/ident :r :db/valueType :db.type/ref :db/cardinality :db.cardinality/one}]""",
      "[{:db/id \"a\" :k \"a\" :n 1 :tag [\"p\" \"q\"]} {:k \"b\" :r \"a\"}]",
      "[[:db/add [:k \"a\"] :n 2] [:db/retract [:k \"a\"] :tag \"p\"] [:db/add [:k \"a\"] :tag \"s\"]]",
      "[{:k \"c\" :r [:k \"a\"]} {:k \"b\" :n 7}]");
  private static final Map<String, String> CLOJURE = Map.of(
      ":own/next", "(let [n (:n (datomic.api/entity db e))] [[:db/add e :n (inc (or n 10))]])",
      ":own/clear", "(mapv (fn [tag] [:db/retract e :tag tag]) (:tag (datomic.api/entity db e)))",
      ":own/rank", "[[:db/add e :n (* 100 (count (:_r (datomic.api/entity db e))))]]",
      ":own/both", "[[:own/next e] [:own/clear (first more)] {:k \"new\" :r (first more)}]",
      ":own/swap", "[[:db/cas e :n (:n (datomic.api/entity db e)) 55]]");
  private static final String KEYS = "[:find ?e ?k :where [?e :k ?k]]";
  private static final Set<String> REFUSED = Set.of("refused");
  /** {@code @a} is the id of the entity with the key a. */
  private static final List<String> CALLS = List.of("[[:own/next @a]]", "[[:own/next @c]]", "[[:own/clear @a]]", "[[:own/rank @a]]",
      "[[:own/both @b @a]]", "[[:own/swap @a] {:k \"c\" :n 3}]", "[[:own/swap @b]]", "[[:own/next [:k \"a\"]]]",
      "[[:own/rank [:k \"nobody\"]]]");

  private final String uri = "datomic:mem://" + UUID.randomUUID();
  private final SyncClient client = SyncClient.builder().inMemory()
      .register(":own/next", (db, args) -> List.of(add(args.get(0), next(db.value(args.get(0), ":n")))))
      .register(":own/clear", (db, args) -> db.values(args.get(0), ":tag").stream()
          .map(tag -> List.of(Keyword.of(":db/retract"), args.get(0), Keyword.of(":tag"), tag)).toList())
      .register(":own/rank", (db, args) -> List.of(add(args.get(0), 100L * db.referring(":r", args.get(0)).size())))
      .register(":own/both", (db, args) -> List.of(List.of(Keyword.of(":own/next"), args.get(0)),
          List.of(Keyword.of(":own/clear"), args.get(1)), Map.of(Keyword.of(":k"), "new", Keyword.of(":r"), args.get(1))))
      .register(":own/swap", (db, args) -> List.of(Arrays.asList(
          Keyword.of(":db/cas"), args.get(0), Keyword.of(":n"), db.value(args.get(0), ":n"), 55L)))
      .open();
  private Connection connection;

  private static List<Object> add(Object e, long n) {
    return List.of(Keyword.of(":db/add"), e, Keyword.of(":n"), n);
  }

  private static long next(Object n) {
    return n == null ? 11 : (Long) n + 1;
  }

  @BeforeEach
  void begin() throws ExecutionException, InterruptedException {
    Peer.createDatabase(uri);
    connection = Peer.connect(uri);
    install("");
  }

  /** Datomic's functions are facts, which a view must show. */
  private void install(String comment) throws ExecutionException, InterruptedException {
    List<Object> functions = new ArrayList<>();
    CLOJURE.forEach((name, code) -> functions.add(Util.map(Util.read(":db/ident"), Util.read(name), Util.read(":db/fn"), Peer.function(
        Util.map(Util.read(":lang"), "clojure", Util.read(":params"), Util.read("[db e & more]"), Util.read(":code"), code + comment)))));
    connection.transact(functions).get();
  }

  @AfterEach
  void close() {
    client.close();
    connection.release();
    Peer.deleteDatabase(uri);
  }

  /** A view on both sides, made with the basis of a transaction on each. */
  private record View(String name, BiFunction<Database, List<Long>, Database> here,
      BiFunction<datomic.Database, List<Long>, datomic.Database> there) {}

  private static List<View> views() {
    return List.of(
        new View("now", (db, ts) -> db, (db, ts) -> db),
        new View("asOf 1", (db, ts) -> db.asOf(ts.get(1)), (db, ts) -> db.asOf(ts.get(1))),
        new View("asOf 2", (db, ts) -> db.asOf(ts.get(2)), (db, ts) -> db.asOf(ts.get(2))),
        new View("since 1", (db, ts) -> db.since(ts.get(1)), (db, ts) -> db.since(ts.get(1))),
        new View("without :n", (db, ts) -> without(db, ":n"), (db, ts) -> without(db, ":n")),
        new View("without :k", (db, ts) -> without(db, ":k"), (db, ts) -> without(db, ":k")),
        new View("without :r, as of 2", (db, ts) -> without(db.asOf(ts.get(2)), ":r"), (db, ts) -> without(db.asOf(ts.get(2)), ":r")),
        new View("without :tag, since 0", (db, ts) -> without(db, ":tag").since(ts.get(0)), (db, ts) -> without(db, ":tag").since(ts.get(0))),
        new View("history", (db, ts) -> db.history(), (db, ts) -> db.history()));
  }

  private static Database without(Database db, String attribute) {
    long hidden = db.entid(Keyword.of(attribute));
    return db.filter((all, datom) -> datom.a() != hidden);
  }

  private static datomic.Database without(datomic.Database db, String attribute) {
    long hidden = (Long) db.entid(Util.read(attribute));
    return db.filter((all, datom) -> ((Number) datom.a()).longValue() != hidden);
  }

  @Test
  void functionsReadTheViewAsInDatomic() throws ExecutionException, InterruptedException {
    List<Long> here = new ArrayList<>();
    List<Long> there = new ArrayList<>();
    for (String facts : FACTS) {
      here.add(client.transact(facts).resolve("datomic.tx"));
      Map<?, ?> report = connection.transact((List<?>) Util.read(facts)).get();
      there.add(((datomic.Database) report.get(Connection.DB_AFTER)).basisT());
    }
    install(" ; again, for views that begin late");
    int accepted = 0;
    for (View view : views()) {
      for (String call : CALLS) {
        Set<String> ours = tried(view.here.apply(client.db(), here), call);
        assertThat(ours).as(view.name + " " + call).isEqualTo(tried(view.there.apply(connection.db(), there), call));
        accepted += ours.equals(REFUSED) ? 0 : 1;
      }
    }
    assertThat(accepted).as("calls that were accepted").isGreaterThan(60);
  }

  private Set<String> tried(Database view, String call) {
    Map<Long, String> names = new HashMap<>();
    client.db().q(KEYS).forEach(row -> names.put((Long) row.get(0), (String) row.get(1)));
    try {
      return view.with(filled(call, client.db().q(KEYS))).datoms().stream().filter(datom -> datom.e() != datom.tx())
          .map(datom -> shown(names, datom.e(), client.db().ident(datom.a()).toString(), datom.v(), datom.added())).collect(Collectors.toSet());
    } catch (RebasisException e) {
      return REFUSED;
    }
  }

  @SuppressWarnings("unchecked")
  private Set<String> tried(datomic.Database view, String call) {
    Map<Long, String> names = new HashMap<>();
    datomic.Database now = connection.db();
    Collection<List<?>> rows = (Collection<List<?>>) Peer.query(KEYS, now);
    rows.forEach(row -> names.put((Long) row.get(0), (String) row.get(1)));
    List<datomic.Datom> datoms;
    try {
      datoms = (List<datomic.Datom>) view.with((List<?>) Util.read(filled(call, rows))).get(Connection.TX_DATA);
    } catch (RuntimeException e) {
      return REFUSED;
    }
    return datoms.stream().filter(datom -> !datom.e().equals(datom.tx()))
        .map(datom -> shown(names, (Long) datom.e(), now.ident(datom.a()).toString(), datom.v(), datom.added())).collect(Collectors.toSet());
  }

  private static String filled(String call, Collection<? extends List<?>> rows) {
    String filled = call;
    for (List<?> row : rows) {
      filled = filled.replace("@" + row.get(1), row.get(0).toString());
    }
    return filled;
  }

  private static String shown(Map<Long, String> names, long e, String attribute, Object v, boolean added) {
    return names.getOrDefault(e, "new") + " " + attribute + " " + (attribute.equals(":r") ? names.get((Long) v) : v) + " " + added;
  }
}
