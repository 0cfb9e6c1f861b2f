package dev.rebasis.server.internal.scope;

import static org.assertj.core.api.Assertions.assertThat;

import datomic.Connection;
import datomic.Database;
import datomic.Peer;
import dev.rebasis.data.Bootstrap;
import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Schema;
import dev.rebasis.data.SystemIds;
import dev.rebasis.data.Transaction;
import dev.rebasis.digest.Digest;
import dev.rebasis.edn.Edn;
import dev.rebasis.protocol.RebasisSchema;
import dev.rebasis.protocol.ScopeSpec;
import dev.rebasis.server.access.ReadRule;
import dev.rebasis.server.access.User;
import dev.rebasis.server.internal.master.DatomicFactView;
import dev.rebasis.server.internal.master.DatomicValues;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Goal: a part that is kept current transaction by transaction is the part that is evaluated from scratch, and whoever takes
 * the steps holds its datoms, no more and no less. Method: random histories over orders, lines, customers and a tree, with
 * renamed attributes and regions, compared after every transaction; scopes of every kind, alone and several at once.
 */
class ScopeStateTest {
  private static final int HISTORIES = Integer.getInteger("rebasis.scopes.histories", 2);
  private static final int TRANSACTIONS = Integer.getInteger("rebasis.scopes.transactions", 60);
  private static final String SCHEMA = """
      [{:db/ident :order/region :db/valueType :db.type/ref :db/cardinality :db.cardinality/one}
       {:db/ident :order/quantity :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
       {:db/ident :order/done :db/valueType :db.type/boolean :db/cardinality :db.cardinality/one}
       {:db/ident :order/customer :db/valueType :db.type/ref :db/cardinality :db.cardinality/one}
       {:db/ident :order/tags :db/valueType :db.type/string :db/cardinality :db.cardinality/many}
       {:db/ident :order/lines :db/valueType :db.type/ref :db/cardinality :db.cardinality/many :db/isComponent true}
       {:db/ident :line/product :db/valueType :db.type/string :db/cardinality :db.cardinality/one}
       {:db/ident :line/notes :db/valueType :db.type/ref :db/cardinality :db.cardinality/many :db/isComponent true}
       {:db/ident :customer/name :db/valueType :db.type/string :db/cardinality :db.cardinality/one
        :db/unique :db.unique/identity}
       {:db/ident :customer/region :db/valueType :db.type/ref :db/cardinality :db.cardinality/one}
       {:db/ident :node/parent :db/valueType :db.type/ref :db/cardinality :db.cardinality/one}
       {:db/ident :region/a} {:db/ident :region/b}]""";

  /** The part of the name before the blank is the test's; what follows is query, inputs and pull pattern. */
  private static final List<String> SCOPES = List.of(
      "region [:find ?o :in $ ?r :where [?o :order/region ?r]] [:region/a] nil",
      "open [:find [?o ...] :where [?o :order/quantity ?q] [(> ?q 5)] (not [?o :order/done true])] [] nil",
      "no-region [:find ?o :where [?o :order/quantity] [(missing? $ ?o :order/region)]] [] [:order/quantity]",
      "defaulted [:find ?o :where [?o :order/tags] [(get-else $ ?o :order/quantity 0) ?q] [(< ?q 5)]] [] nil",
      "joined [:find ?o :where [?o :order/customer ?c] [?c :customer/region :region/b]] [] [* {:order/customer [*]}]",
      "either [:find ?e :where (or [?e :order/region :region/b] [?e :customer/region :region/b])] [] nil",
      "customers [:find ?c :where [?c :customer/name]] [] [{:order/_customer [{:order/lines [:line/product]}]}]",
      "any-attribute [:find ?e :in $ ?v :where [?e ?a ?v]] [7] nil",
      "tree [:find ?n :where [?n :order/done true]] [] [{:node/parent ...}]",
      "shallow [:find ?n :where [?n :order/quantity 3]] [] [{:node/parent 2} :order/lines]",
      "children [:find ?n :where [?n :order/quantity 4]] [] [{:node/_parent ...}]",
      "looked-up [:find ?o :in $ [?c ...] :where [?o :order/customer ?c]] [[[:customer/name \"n1\"]]] nil",
      "named [:find ?o :where [?o :order/customer [:customer/name \"n2\"]]] [] nil",
      "transactions [:find ?tx :where [?o :order/quantity 2 ?tx]] [] nil");

  static ScopeSpec spec(String text) {
    int blank = text.indexOf(' ');
    List<Object> parts = Edn.readAll(text.substring(blank));
    return new ScopeSpec(text.substring(0, blank), parts.get(0), new ArrayList<>((List<?>) parts.get(1)), parts.get(2));
  }

  static List<PartRule> rules() {
    List<PartRule> rules = new ArrayList<>();
    List<ScopeSpec> all = SCOPES.stream().map(ScopeStateTest::spec).toList();
    all.forEach(one -> rules.add(new PartRule(List.of(one), null, Set.of())));
    rules.add(new PartRule(all, null, Set.of()));
    rules.add(new PartRule(List.of(), null, Set.of()));
    ScopeSpec readable = spec("mine [:find ?e :where [?e :order/region :region/a]] [] [* {:order/customer [*]}]");
    List<Sight> sights = List.of(new Sight(readable, null, null));
    rules.add(new PartRule(null, sights, Set.of()));
    ReadRule.Predicate few = (user, facts) -> facts.getOrDefault(Keyword.of(":order/quantity"), Set.of()).contains(3L);
    List<Sight> both = List.of(sights.get(0), new Sight(null, few, new User("ann", Set.of(), null)));
    rules.add(new PartRule(null, both, Set.of()));
    for (ScopeSpec one : all) {
      rules.add(new PartRule(List.of(one), both, Set.of(Keyword.of(":order/done"))));
    }
    return rules;
  }

  @ParameterizedTest
  @MethodSource("rules")
  void keptCurrent_isWhatIsEvaluatedFromScratch(PartRule rule) throws Exception {
    rule.check();
    for (int history = 0; history < HISTORIES; history++) {
      new History(rule, 31L * history + rule.hashCode() % 1000).run();
    }
  }

  @Test
  void scopesOfThisTest_areKeptCurrentEntityByEntityWherePossible() {
    List<String> local = SCOPES.stream().map(ScopeStateTest::spec)
        .filter(spec -> EntityQuery.of(spec.name(), spec.query(), spec.inputs()).isLocal())
        .map(ScopeSpec::name).toList();
    assertThat(local).containsExactly("region", "open", "no-region", "defaulted", "either", "customers", "tree", "shallow", "children");
  }

  /** One random history with a part, a replica and a check after each step. */
  private static final class History {
    private final PartRule rule;
    private final Random random;
    private final Connection connection;
    private Schema schema = Bootstrap.schema();
    private ScopeState state;
    private final Replica replica = new Replica();
    private final List<Long> entities = new ArrayList<>();
    private boolean renamed;

    History(PartRule rule, long seed) {
      this.rule = rule;
      this.random = new Random(seed);
      String uri = "datomic:mem://scopes-" + UUID.randomUUID();
      Peer.createDatabase(uri);
      connection = Peer.connect(uri);
    }

    void run() throws Exception {
      transact(RebasisSchema.forms());
      transact((List<?>) Edn.read(SCHEMA));
      for (int i = 0; i < 12; i++) {
        transact(randomForms());
      }
      Database start = connection.db();
      state = new ScopeState(rule, start, start.basisT(), () -> schema);
      replica.take(new Transaction(start.basisT(), List.copyOf(expected(start))));
      for (int i = 0; i < TRANSACTIONS; i++) {
        step(i);
      }
      connection.release();
    }

    private void step(int i) throws Exception {
      Transaction transaction = transact(randomForms());
      if (transaction == null) {
        return;
      }
      Database after = connection.db();
      if (i == 10) {
        state.digest(state.t());
      }
      ScopeStep step = state.advance(transaction, after, new TransactionRecord(schema));
      if (step.seen() != null) {
        replica.take(step.seen());
      }
      ScopeState scratch = new ScopeState(rule, after, after.basisT(), () -> schema);
      assertThat(state.members()).as("members after step %d of %s", i, rule).isEqualTo(scratch.members());
      assertThat(replica.datoms()).as("datoms after step %d of %s", i, rule).isEqualTo(expected(after));
      if (i % 5 == 0) {
        Digest ours = state.digest(state.t()).orElseThrow();
        assertThat(ours.differences(replica.digest())).as("digest after step %d of %s", i, rule).isEmpty();
      }
    }

    private Set<Datom> expected(Database db) {
      Set<Datom> datoms = new HashSet<>();
      for (datomic.Datom found : db.datoms(Database.EAVT)) {
        Datom datom = DatomicFactView.translate(found);
        if (state.has(datom) && !EntityIds.isTx(datom.e()) && datom.a() != SystemIds.DB_FN) {
          datoms.add(datom);
        }
      }
      return datoms;
    }

    private Transaction transact(List<?> forms) throws InterruptedException {
      try {
        Map<?, ?> report = connection.transact((List<?>) DatomicValues.toDatomic(forms)).get();
        Set<Datom> datoms = new LinkedHashSet<>();
        for (Object datom : (Iterable<?>) report.get(Connection.TX_DATA)) {
          datoms.add(DatomicFactView.translate((datomic.Datom) datom));
        }
        schema = schema.with(datoms);
        datoms.stream().filter(datom -> !EntityIds.isTx(datom.e()) && !EntityIds.isSchema(datom.e())
            && !SystemIds.isSchemaAttribute(datom.a()) && !entities.contains(datom.e()))
            .forEach(datom -> entities.add(datom.e()));
        return new Transaction(((Database) report.get(Connection.DB_AFTER)).basisT(), List.copyOf(datoms));
      } catch (ExecutionException e) {
        // A form that meets another one of the same transaction; nothing was written.
        assertThat(e.getCause().toString()).contains(":db.error/");
        return null;
      }
    }

    private List<Object> randomForms() {
      List<Object> forms = new ArrayList<>();
      int count = 1 + random.nextInt(3);
      for (int i = 0; i < count; i++) {
        forms.add(form(i));
      }
      return forms;
    }

    private Object form(int i) {
      int kind = random.nextInt(20);
      Object e = entities.isEmpty() || kind < 3 ? "new" + i : entities.get(random.nextInt(entities.size()));
      if (kind == 19 && e instanceof Long) {
        return List.of(key("db/retractEntity"), e);
      }
      if (kind == 18) {
        renamed = !renamed;
        return List.of(key("db/add"), key(renamed ? "region/a" : "region/c"), key("db/ident"), key(renamed ? "region/c" : "region/a"));
      }
      if (kind > 13 && e instanceof Long id) {
        Object retraction = anyDatomOf(id);
        if (retraction != null) {
          return retraction;
        }
      }
      return switch (random.nextInt(11)) {
        case 0, 1 -> add(e, "order/region", key(random.nextBoolean() ? "region/b" : renamed ? "region/c" : "region/a"));
        case 2, 3 -> add(e, "order/quantity", (long) random.nextInt(9));
        case 4 -> add(e, "order/done", random.nextBoolean());
        case 5 -> add(e, "order/customer", target(i));
        case 6 -> add(e, "order/lines", target(i));
        case 7 -> add(e, "customer/region", key("region/b"));
        case 8 -> add(e, "node/parent", target(i));
        case 9 -> add(e, random.nextBoolean() ? "customer/name" : "line/product", "n" + random.nextInt(4));
        default -> random.nextBoolean() ? add(e, "line/notes", target(i)) : add(e, "order/tags", "t" + random.nextInt(3));
      };
    }

    private Object target(int i) {
      return entities.isEmpty() || random.nextInt(4) == 0 ? "target" + i : entities.get(random.nextInt(entities.size()));
    }

    private Object anyDatomOf(long e) {
      List<datomic.Datom> datoms = new ArrayList<>();
      connection.db().datoms(Database.EAVT, e).forEach(datoms::add);
      if (datoms.isEmpty()) {
        return null;
      }
      datomic.Datom datom = datoms.get(random.nextInt(datoms.size()));
      return List.of(key("db/retract"), e, ((Number) datom.a()).longValue(), DatomicValues.fromDatomic(datom.v()));
    }

    private static Object add(Object e, String attribute, Object value) {
      return List.of(key("db/add"), e, key(attribute), value);
    }

    private static Keyword key(String name) {
      return Keyword.of(":" + name);
    }
  }
}
