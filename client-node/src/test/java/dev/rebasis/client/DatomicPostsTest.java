package dev.rebasis.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.data.EntityIds;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.TempId;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * The examples of Datomic's posts of 2013 on a client without a server: components (orders with line items), and the
 * query tour on a social news site. Queries are as printed there; the data is made to have the answers printed there.
 */
class DatomicPostsTest {
  private final SyncClient conn = open();

  /** The client that stands for the posts' connection. */
  SyncClient open() {
    return SyncClient.builder().inMemory().open();
  }

  @AfterEach
  void close() {
    conn.close();
  }

  private Collection<List<Object>> q(String query, Object... inputs) {
    return conn.db().q(query, inputs);
  }

  // ---- components

  private static final String ORDERS = """
      [{:db/id #db/id[:db.part/db]
        :db/ident :order/lineItems
        :db/isComponent true
        :db/valueType :db.type/ref
        :db/cardinality :db.cardinality/many
        :db.install/_attribute :db.part/db}
       {:db/ident :lineItem/product :db/valueType :db.type/ref :db/cardinality :db.cardinality/one}
       {:db/ident :lineItem/quantity :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
       {:db/ident :lineItem/price :db/valueType :db.type/bigdec :db/cardinality :db.cardinality/one}
       {:db/ident :product/description :db/valueType :db.type/string :db/cardinality :db.cardinality/one}]""";
  private static final String PRODUCT_QUERY = """
      [:find ?e
       :in $ ?v
       :where [?e :product/description ?v]]""";
  private static final String ORDERS_BY_PRODUCT_QUERY = """
      [:find ?e
       :in $ ?productDesc
       :where [?e :order/lineItems ?item]
              [?item :lineItem/product ?prod]
              [?prod :product/description ?productDesc]]""";

  private Object product(String description) {
    return q(PRODUCT_QUERY, description).iterator().next().get(0);
  }

  private Entity orderOfChocolate() {
    conn.transact(ORDERS);
    conn.transact("[{:product/description \"Expensive Chocolate\"} {:product/description \"Cheap Whisky\"}]");
    Object chocolate = product("Expensive Chocolate");
    Object whisky = product("Cheap Whisky");
    conn.transact(List.of(Map.of(":db/id", TempId.of(Keyword.of(":db.part/user")), ":order/lineItems", List.of(
        Map.of(":lineItem/product", chocolate, ":lineItem/quantity", 1, ":lineItem/price", new BigDecimal("48.00")),
        Map.of(":lineItem/product", whisky, ":lineItem/quantity", 2, ":lineItem/price", new BigDecimal("38.00"))))));
    return conn.db().entity(q(ORDERS_BY_PRODUCT_QUERY, "Expensive Chocolate").iterator().next().get(0));
  }

  @Test
  void nestedMapsMakeComponents_andTouchingTheOrderTouchesThem() {
    Entity order = orderOfChocolate();
    assertThat(order.toString()).isEqualTo("{:db/id " + order.id() + "}");
    assertThat(order.touch().toString())
        .contains(":lineItem/price 38.00M", ":lineItem/quantity 2", ":lineItem/price 48.00M", ":lineItem/quantity 1")
        .doesNotContain("Chocolate");
    Set<?> items = (Set<?>) order.get(":order/lineItems");
    assertThat(items).hasSize(2);
    Set<Object> products = items.stream()
        .map(item -> ((Entity) ((Entity) item).get(":lineItem/product")).get(":product/description"))
        .collect(Collectors.toSet());
    assertThat(products).isEqualTo(Set.of("Expensive Chocolate", "Cheap Whisky"));
  }

  @Test
  void retractingTheOrderRetractsItsComponentsAndNotTheProducts() {
    Entity order = orderOfChocolate();
    assertThat(q("[:find (count ?e) :where [?e :order/lineItems]]")).containsExactly(List.of(1L));
    conn.transact(List.of(List.of(":db.fn/retractEntity", order.get(":db/id"))));
    assertThat(q("""
        [:find (count ?e)
         :where [?e :order/lineItems]]""")).isEmpty();
    assertThat(q("[:find ?e :where [?e :lineItem/quantity]]")).isEmpty();
    assertThat(q("""
        [:find (count ?e)
         :where [?e :product/description]]""")).containsExactly(List.of(2L));
  }

  // ---- social news

  private static final String NEWS = """
      [{:db/ident :user/email :db/valueType :db.type/string :db/cardinality :db.cardinality/one
        :db/unique :db.unique/identity}
       {:db/ident :user/firstName :db/valueType :db.type/string :db/cardinality :db.cardinality/one}
       {:db/ident :user/lastName :db/valueType :db.type/string :db/cardinality :db.cardinality/one}
       {:db/ident :user/upVotes :db/valueType :db.type/ref :db/cardinality :db.cardinality/many}
       {:db/ident :story/title :db/valueType :db.type/string :db/cardinality :db.cardinality/one}
       {:db/ident :story/url :db/valueType :db.type/string :db/cardinality :db.cardinality/one}
       {:db/ident :comments :db/valueType :db.type/ref :db/cardinality :db.cardinality/many :db/isComponent true}
       {:db/ident :comment/body :db/valueType :db.type/string :db/cardinality :db.cardinality/one}
       {:db/ident :comment/author :db/valueType :db.type/ref :db/cardinality :db.cardinality/one}]""";
  private static final String EDITOR = "editor@example.com";

  private long editor() {
    conn.transact(NEWS);
    conn.transact("[{:user/email \"" + EDITOR + "\" :user/firstName \"Ed\" :user/lastName \"Itor\"}"
        + " {:user/email \"stu@example.com\" :user/firstName \"Stu\"}]");
    conn.transact("[[:db/add [:user/email \"" + EDITOR + "\"] :user/firstName \"Edward\"]]");
    StringBuilder stories = new StringBuilder("[");
    for (int i = 0; i < 10; i++) {
      stories.append("{:story/title \"s").append(i).append("\" :story/url \"http://s/").append(i)
          .append("\" :comments [{:comment/body \"c\" :comment/author [:user/email \"").append(EDITOR)
          .append("\"] :comments [{:comment/body \"reply\" :comment/author [:user/email \"stu@example.com\"]}]}]}");
    }
    conn.transact(stories.append("]").toString());
    return (Long) conn.db().entid(List.of(":user/email", EDITOR));
  }

  @Test
  void aUserIsMadeByListsAndMapsAlike_andTransactionsAreComposedOfData() {
    conn.transact(NEWS);
    conn.transact(List.of(List.of(":db/add", "newUserId", ":user/firstName", "John")));
    conn.transact(List.of(
        List.of(":db/add", "newUserId", ":user/firstName", "John"),
        List.of(":db/add", "newUserId", ":user/lastName", "Doe")));
    conn.transact(List.of(Map.of(":db/id", "newUserId", ":user/firstName", "John", ":user/lastName", "Doe")));
    assertThat(q("[:find (count ?e) :where [?e :user/firstName \"John\"]]")).containsExactly(List.of(3L));
    Pending stories = conn.transact("[{:db/id \"a\" :story/title \"A\"} {:db/id \"b\" :story/title \"B\"}]");
    List<Object> newUser = List.of(Map.of(
        ":db/id", "newUserId", ":user/email", "john@example.com", ":user/firstName", "John", ":user/lastName", "Doe"));
    List<Object> all = new ArrayList<>();
    for (long story : List.of(stories.resolve("a"), stories.resolve("b"))) {
      all.add(List.of(":db/add", "newUserId", ":user/upVotes", story));
    }
    all.addAll(newUser);
    conn.transact(all);
    assertThat(q("""
        [:find ?title
         :where [?u :user/email "john@example.com"]
                [?u :user/upVotes ?s]
                [?s :story/title ?title]]"""))
        .containsExactlyInAnyOrder(List.of("A"), List.of("B"));
  }

  @Test
  void joinsAndAggregates() {
    long editor = editor();
    assertThat(q("""
        [:find ?e
         :where [?e :user/email]]""")).hasSize(2);
    assertThat(q("""
        [:find ?e
         :in $ ?email
         :where [?e :user/email ?email]]""", EDITOR)).containsExactly(List.of(editor));
    assertThat(q("""
        [:find ?comment
         :in $ ?email
         :where [?user :user/email ?email]
                [?comment :comment/author ?user]]""", EDITOR)).hasSize(10);
    assertThat(q("""
        [:find (count ?comment)
         :in $ ?email
         :where [?user :user/email ?email]
                [?comment :comment/author ?user]]""", EDITOR)).containsExactly(List.of(10L));
    assertThat(q("""
        [:find (count ?comment)
         :where [?comment :comment/author]
                [?commentable :comments ?comment]
                [?commentable :user/email]]""")).isEmpty();
  }

  @Test
  void schemaIsDataForQueries() {
    editor();
    assertThat(q("""
        [:find ?attr-name
         :where [?ref :comments]
                [?ref ?attr]
                [?attr :db/ident ?attr-name]]""")).containsExactlyInAnyOrder(
        List.of(Keyword.of(":story/title")), List.of(Keyword.of(":story/url")), List.of(Keyword.of(":comments")),
        List.of(Keyword.of(":comment/body")), List.of(Keyword.of(":comment/author")));
  }

  @Test
  void entitiesAreLazyAndNavigatedInBothDirections() {
    long id = editor();
    Entity editor = conn.db().entity(id);
    assertThat(editor.toString()).isEqualTo("{:db/id " + id + "}");
    assertThat(editor.get(":user/firstName")).isEqualTo("Edward");
    assertThat(editor.touch().toString())
        .contains(":user/firstName \"Edward\"", ":user/lastName \"Itor\"", ":user/email \"" + EDITOR + "\"");
    Set<?> comments = (Set<?>) editor.get(":comment/_author");
    assertThat(comments).hasSize(10);
    long replies = comments.stream().mapToLong(comment -> ((Set<?>) ((Entity) comment).get(":comments")).size()).sum();
    assertThat(replies).isEqualTo(10);
  }

  @Test
  void timeTravelLeadsToThePastValue() {
    long editor = editor();
    Object tx = q("""
        [:find ?tx
         :in $ ?e
         :where [?e :user/firstName _ ?tx]]""", editor).iterator().next().get(0);
    assertThat(conn.db().entity(tx).get(":db/txInstant")).isNotNull();
    long before = before((Long) tx);
    Database older = conn.db().asOf(before);
    assertThat(older.entity(editor).get(":user/firstName")).isEqualTo("Ed");
    assertThat(older.q("[:find ?e :where [?e :comment/body]]")).isEmpty();
    assertThat(older.asOfT()).isEqualTo(EntityIds.isLocal(before) ? before : EntityIds.tOf(before));
  }

  /** The post goes to (dec txid). Ids of pending transactions fall, see docs/differences.md, so we go to the one before. */
  long before(long tx) {
    List<Long> all = new ArrayList<>();
    conn.db().datoms(IndexOrder.AEVT, ":db/txInstant").forEach(datom -> all.add(datom.e()));
    return all.stream().filter(e -> e < 0 && e > tx).min(Comparator.naturalOrder()).orElseThrow();
  }

  @Test
  void historyShowsAssertionsAndRetractions() {
    long editor = editor();
    Collection<List<Object>> rows = conn.db().history().q("""
        [:find ?tx ?v ?op
         :in $ ?e ?attr
         :where [?e ?attr ?v ?tx ?op]]""", editor, Keyword.of(":user/firstName"));
    List<List<Object>> sorted = rows.stream()
        .sorted(Comparator.comparing((List<Object> row) -> moment((Long) row.get(0)))
            .thenComparing(row -> (Boolean) row.get(2)))
        .map(row -> row.subList(1, 3)).toList();
    assertThat(sorted).containsExactly(List.of("Ed", true), List.of("Ed", false), List.of("Edward", true));
  }

  // Ids of pending transactions fall.
  private static long moment(long tx) {
    return EntityIds.isLocal(tx) ? -tx : tx;
  }

  @Test
  void aPlainListIsASource() {
    Object found = conn.query("""
        [:find ?e
         :in $
         :where [?e :user/email]]""", List.of(
        List.of(1, Keyword.of(":user/email"), "jdoe@example.com"), List.of(1, Keyword.of(":user/firstName"), "John"),
        List.of(2, Keyword.of(":user/email"), "jane@example.com")));
    assertThat(found).isEqualTo(Set.of(List.of(1L), List.of(2L)));
  }
}
