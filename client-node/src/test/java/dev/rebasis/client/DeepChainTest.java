package dev.rebasis.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.data.Keyword;
import dev.rebasis.error.RebasisException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Goal: entities that hang together in a long chain, such as versions or comments, are pulled and touched to their end. Method: one
 * chain by references and one by components, each longer than calls can be nested.
 */
@Timeout(60)
class DeepChainTest {
  private static final int LENGTH = 8_000;
  private static final Keyword N = Keyword.of(":n");
  private static final Keyword NEXT = Keyword.of(":next");
  private static final Keyword PART = Keyword.of(":part");

  private static final SyncClient CLIENT = SyncClient.builder().inMemory().open();
  private static long first;

  @BeforeAll
  static void fill() {
    CLIENT.transact("""
        [{:db/ident :n :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
         {:db/ident :next :db/valueType :db.type/ref :db/cardinality :db.cardinality/one}
         {:db/ident :part :db/valueType :db.type/ref :db/cardinality :db.cardinality/many :db/isComponent true}]""");
    List<Object> forms = new ArrayList<>();
    for (int i = 0; i < LENGTH; i++) {
      String after = String.valueOf((i + 1) % LENGTH); // a circle
      forms.add(i + 1 == LENGTH
          ? Map.of(Keyword.of(":db/id"), String.valueOf(i), N, (long) i, NEXT, after)
          : Map.of(Keyword.of(":db/id"), String.valueOf(i), N, (long) i, NEXT, after, PART, List.of(after)));
    }
    first = CLIENT.transact(forms).resolve("0");
  }

  @AfterAll
  static void close() {
    CLIENT.close();
  }

  @Test
  void aRecursionGoesToTheEndOfAChainAndClosesACircle() {
    Map<?, ?> last = assertDepth(CLIENT.db().pull("[:n {:next ...}]", first), NEXT, LENGTH);
    assertThat(last.get(NEXT)).as("behind the last, which leads to the first").isEqualTo(Map.of(N, 0L));
    Map<?, ?> row = CLIENT.db().query("[:find (pull ?e [:n {:next 6000}]) . :where [?e :n 0]]");
    assertDepth(row, NEXT, 6_001);
  }

  @Test
  void aWildcardGoesThroughAllComponents() {
    assertDepth(CLIENT.db().pull("[*]", first), PART, LENGTH);
  }

  @Test
  void touchingGoesThroughAllComponents() {
    Entity at = CLIENT.db().entity(first).touch();
    assertThat(at.toString()).contains(":part #{{:db/id ").hasSizeLessThan(100_000);
    for (int i = 0; i < LENGTH - 1; i++) {
      at = (Entity) ((Set<?>) at.get(PART)).iterator().next();
    }
    assertThat(at.toString()).as("the last component").contains(":n " + (LENGTH - 1));
    assertThat(at.get(PART)).isNull();
  }

  @Test
  void aLiveQuerySaysSoIfItsAnswerIsTooDeepToBeCompared() throws InterruptedException {
    BlockingQueue<String> told = new LinkedBlockingQueue<>();
    CLIENT.subscribe("[:find (pull ?e [:n {:next ...}]) :where [?e :n 0]]", List.of(), new QueryListener() {
      @Override
      public void changed(QueryChange change) {
        told.add("changed");
      }

      @Override
      public void failed(RebasisException error) {
        told.add(error.code().toString());
      }
    });
    assertThat(told.take()).isEqualTo(":rebasis.error/too-deep");
  }

  /** Goes down, and gives the last map of the chain. */
  private static Map<?, ?> assertDepth(Map<?, ?> pulled, Keyword along, int depth) {
    Map<?, ?> at = pulled;
    for (int i = 0; i < depth - 1; i++) {
      Object below = at.get(along);
      at = (Map<?, ?>) (below instanceof List<?> several ? several.get(0) : below);
    }
    assertThat(at.get(N)).isEqualTo(depth - 1L);
    return at;
  }
}
