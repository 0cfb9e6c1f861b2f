package dev.rebasis.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.data.Keyword;
import dev.rebasis.data.LookupRef;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Runs the examples of docs/database.md, and holds that they are what stands there. */
class DatabaseGuideTest {
  private static final String SCHEMA = """
      [{:db/ident :order/number :db/valueType :db.type/string :db/cardinality :db.cardinality/one
        :db/unique :db.unique/identity}
       {:db/ident :order/state :db/valueType :db.type/keyword :db/cardinality :db.cardinality/one}
       {:db/ident :order/items :db/valueType :db.type/ref :db/cardinality :db.cardinality/many :db/isComponent true}
       {:db/ident :item/product :db/valueType :db.type/string :db/cardinality :db.cardinality/one}
       {:db/ident :item/count :db/valueType :db.type/long :db/cardinality :db.cardinality/one}]""";

  @Test
  void theExamplesWork() {
    try (SyncClient client = SyncClient.builder().inMemory().open()) {
      client.transact(SCHEMA);
      client.transact("[{:order/number \"A-1\" :order/state :state/open"
          + " :order/items [{:item/product \"tea\" :item/count 2}]}]");
      client.transact("[[:db/add [:order/number \"A-1\"] :order/state :state/paid]]");
      Database db = client.db();
      long orderId = db.entid(LookupRef.of(":order/number", "A-1"));
      long lastSeenT = db.basisT();

      // docs
      Map<Object, Object> order = db.pull(
          "[:order/number {:order/items [:item/product :item/count]}]", LookupRef.of(":order/number", "A-1"));
      Entity item = db.entity(LookupRef.of(":order/number", "A-1")).touch();
      Collection<List<Object>> rows = db.q(
          "[:find ?number ?product :where [?o :order/number ?number] [?o :order/items ?i] [?i :item/product ?product]]");
      // end

      assertThat(order).containsEntry(Keyword.of(":order/number"), "A-1");
      assertThat(item.toString()).contains("tea");
      assertThat(rows).containsExactly(List.of("A-1", "tea"));

      // docs
      Database yesterday = db.asOf(Instant.now().minus(Duration.ofDays(1)));
      Database news = db.since(lastSeenT);
      Collection<List<Object>> changes = db.history().q(
          "[:find ?v ?tx ?added :in $ ?e :where [?e :order/state ?v ?tx ?added]]", orderId);
      Database mine = db.filter((database, datom) -> datom.tx() < 0);
      // end

      assertThat(yesterday.entity(LookupRef.of(":order/number", "A-1"))).isNull();
      assertThat(news.entity(orderId).get(":order/state")).isEqualTo(Keyword.of(":state/paid"));
      assertThat(changes).hasSize(3);
      assertThat(mine.entity(orderId).get(":order/number")).isEqualTo("A-1");

      // docs
      Speculation tried = db.with("[{:order/number \"A-2\" :order/state :state/open}]");
      tried.after().q("[:find ?n :where [_ :order/number ?n]]");
      // end

      assertThat(tried.after().q("[:find ?n :where [_ :order/number ?n]]")).hasSize(2);
    }
  }

  @Test
  void thePageShowsTheseExamples() throws IOException {
    Path root = Path.of("").toAbsolutePath();
    while (root != null && !Files.exists(root.resolve("docs/database.md"))) {
      root = root.getParent();
    }
    assertThat(root).as("a folder above with docs/database.md").isNotNull();
    String page = Files.readString(root.resolve("docs/database.md"));
    String test = Files.readString(root.resolve(
        "client-node/src/test/java/dev/rebasis/client/DatabaseGuideTest.java"));
    assertThat(blocks(page, "```java\n(.*?)```")).hasSize(3)
        .isEqualTo(blocks(test, "\n      // docs\n(.*?)      // end\n").stream()
            .map(block -> block.indent(-6)).toList());
  }

  private static List<String> blocks(String text, String pattern) {
    List<String> blocks = new ArrayList<>();
    Matcher matcher = Pattern.compile(pattern, Pattern.DOTALL).matcher(text);
    while (matcher.find()) {
      blocks.add(matcher.group(1));
    }
    return blocks;
  }
}
