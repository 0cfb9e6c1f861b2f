package dev.rebasis.simulations.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.Scope;
import dev.rebasis.edn.Edn;
import dev.rebasis.simulations.world.ClientNode;
import dev.rebasis.simulations.world.ServerFacts;
import dev.rebasis.simulations.world.World;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a client with scopes has to hold is said twice: by the server, and by the checkers in their own way. Goal: both agree
 * about every form of pull pattern, and the checkers notice what is missing, what is too much and whose records it holds.
 */
class ScopeContentsTest {
  private static final String SCHEMA = """
      [{:db/ident :order/number :db/valueType :db.type/string :db/cardinality :db.cardinality/one
        :db/unique :db.unique/identity}
       {:db/ident :order/region :db/valueType :db.type/keyword :db/cardinality :db.cardinality/one}
       {:db/ident :order/customer :db/valueType :db.type/ref :db/cardinality :db.cardinality/one}
       {:db/ident :order/lines :db/valueType :db.type/ref :db/cardinality :db.cardinality/many :db/isComponent true}
       {:db/ident :order/before :db/valueType :db.type/ref :db/cardinality :db.cardinality/one}
       {:db/ident :line/product :db/valueType :db.type/string :db/cardinality :db.cardinality/one}
       {:db/ident :customer/name :db/valueType :db.type/string :db/cardinality :db.cardinality/one
        :db/unique :db.unique/identity}]""";
  private static final String DATA = """
      [{:db/id "ann" :customer/name "Ann"} {:db/id "bob" :customer/name "Bob"}
       {:db/id "1" :order/number "1" :order/region :a :order/customer "ann" :order/lines [{:line/product "tea"}]}
       {:db/id "2" :order/number "2" :order/region :b :order/customer "ann" :order/before "1" :order/lines [{:line/product "milk"}]}
       {:db/id "3" :order/number "3" :order/region :b :order/customer "bob" :order/before "2"}
       {:db/id "4" :order/number "4" :order/region :c :order/customer "bob" :order/before "3"
        :order/lines [{:line/product "salt"} {:line/product "oil"}]}]""";
  private static final Scope ALL_OF_A = Scope.named("a", "[:find ?o :where [?o :order/region :a]]");

  @ParameterizedTest
  @ValueSource(strings = {
      "[*]", "[:order/number]", "[:order/number :order/lines]", "[:order/customer]", "[{:order/customer [*]}]",
      "[* {:order/customer [:customer/name]}]", "[{:order/_customer [*]}]", "[{:order/before ...}]", "[* {:order/before 1}]",
      "[{:order/before 2}]", "[{:order/_before ...}]", "[{:order/customer [{:order/_customer [:order/lines]}]}]",
      "[{[:order/customer :as :who] [*]}]", "[{:order/lines [*]}]", "[{:order/before [{:order/before [*]}]}]"
  })
  void theServerAndTheCheckAgreeAboutPullPatterns(String pattern) {
    for (String query : List.of("[:find ?o :where [?o :order/region :c]]", "[:find [?o ...] :where [?o :order/region :b]]",
        "[:find ?c . :in $ :where [?c :customer/name \"Bob\"]]")) {
      Scope scope = Scope.named("s", query).pull(pattern);
      try (World world = world(scope)) {
        assertThat(compare(world, List.of(scope), true)).as(query).isEmpty();
      }
    }
  }

  @Test
  void whatIsMissingAndWhatIsTooMuchIsNoticed() {
    Scope wider = Scope.named("a", "[:find ?o :where [?o :order/number]]");
    Scope withCustomer = Scope.named("a", "[:find ?o :where [?o :order/region :a]]").pull("[* {:order/customer [*]}]");
    try (World world = world(ALL_OF_A)) {
      assertThat(compare(world, List.of(wider), true)).first().asString().contains("datoms are missing");
      assertThat(compare(world, List.of(withCustomer), true)).first().asString().contains("1 datoms are missing");
      assertThat(compare(world, List.of(), true)).first().asString().contains("0 datoms are missing", "too many");
    }
  }

  @Test
  void recordsOfOthersAreNoticed() {
    try (World world = world(ALL_OF_A)) {
      world.client("c").client().transact("[{:order/number \"5\" :order/region :a}]");
      world.settle();
      assertThat(compare(world, List.of(ALL_OF_A), true)).isEmpty();
      assertThat(compare(world, List.of(ALL_OF_A), false)).singleElement().asString()
          .contains("holds what the server wrote about others' transactions");
    }
  }

  private static World world(Scope scope) {
    World world = new World(3);
    world.server().start();
    world.server().transact((List<?>) Edn.read(SCHEMA));
    world.server().transact((List<?>) Edn.read(DATA));
    ClientNode client = world.client("c");
    client.scopes(List.of(scope.spec()));
    client.start();
    world.settle();
    return world;
  }

  private static List<Finding> compare(World world, List<Scope> scopes, boolean mayBeOwn) {
    return ScopeContents.compare("c", world.client("c").client().confirmed(), scopes,
        ServerFacts.of(world.server().master()), world.server().master().database(), id -> mayBeOwn);
  }
}
