package dev.rebasis.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.SyncClient.Subscription;
import dev.rebasis.data.Keyword;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Goal: a live query that is closed is given up wherever it is, after its last row as well. Method: a function of the program
 * tells that a query has come to some place and holds it there until its subscription is closed; from there it goes no further.
 */
@Timeout(60)
class ClosedLiveQueryTest {
  private static final int LAYERS = 60;

  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch closed = new CountDownLatch(1);
  private final AtomicInteger calls = new AtomicInteger();
  private SyncClient client;

  @BeforeEach
  void open() {
    client = SyncClient.builder().inMemory().durability(Durability.PROCESS_CRASH)
        .function("test/hold", arguments -> hold())
        .function("test/held", arguments -> new HeldWhenHashed())
        .open();
    client.transact("""
        [{:db/ident :n :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
         {:db/ident :next :db/valueType :db.type/ref :db/cardinality :db.cardinality/many}]""");
    client.transact("[{:n 1} {:n 2} {:n 3}]");
  }

  @AfterEach
  void close() {
    client.close();
  }

  /** What it gives is no part of any result. */
  private Object hold() {
    calls.incrementAndGet();
    begun.countDown();
    try {
      closed.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return null;
  }

  /** Part of a row that is hashed to see which rows came and went. */
  private final class HeldWhenHashed {
    @Override
    public int hashCode() {
      hold();
      return 1;
    }

    @Override
    public boolean equals(Object other) {
      return this == other;
    }
  }

  /** Layers of two entities that all refer to both of the next: more ways down than can be gone in years. */
  private void addLayers() {
    List<Object> forms = new ArrayList<>();
    for (int i = 0; i < LAYERS; i++) {
      for (String side : List.of("a", "b")) {
        forms.add(Map.of(Keyword.of(":db/id"), side + i, Keyword.of(":next"), List.of("a" + (i + 1), "b" + (i + 1))));
      }
    }
    forms.add(Map.of(Keyword.of(":db/id"), "a0", Keyword.of(":n"), 0L));
    forms.add(Map.of(Keyword.of(":db/id"), "a" + LAYERS, Keyword.of(":n"), 4L));
    forms.add(Map.of(Keyword.of(":db/id"), "b" + LAYERS, Keyword.of(":n"), 5L));
    client.transact(forms);
  }

  /** Asks the query, closes it at its first call, and asks another one, which has its turn once the first has ended. */
  private void closeAtTheFirstCall(String query) throws InterruptedException {
    BlockingQueue<Object> told = new LinkedBlockingQueue<>();
    Subscription subscription = client.subscribe(query, List.of(), told::add);
    begun.await();
    BlockingQueue<Object> behind = new LinkedBlockingQueue<>();
    client.subscribe("[:find (max ?n) . :where [_ :n ?n]]", List.of(), change -> behind.add(change.result()));
    subscription.close();
    closed.countDown();
    assertThat((Long) behind.take()).isGreaterThanOrEqualTo(3);
    assertThat(told).isEmpty();
  }

  @Test
  void inTheMiddleOfAPull() throws InterruptedException {
    addLayers();
    closeAtTheFirstCall("[:find (pull ?e [(:n :xform test/hold) {:next ...}]) . :where [?e :n 0]]");
    assertThat(calls.get()).as("entities met in all").isLessThan(2_000);
  }

  @Test
  void betweenTwoRowsThatPull() throws InterruptedException {
    closeAtTheFirstCall("[:find (pull ?e [(:n :xform test/hold)]) :where [?e :n _]]");
    assertThat(calls.get()).as("rows pulled").isEqualTo(1);
  }

  @Test
  void betweenTwoAggregates() throws InterruptedException {
    closeAtTheFirstCall("[:find ?n (test/hold ?n) :where [_ :n ?n]]");
    assertThat(calls.get()).as("groups aggregated").isEqualTo(1);
  }

  @Test
  void whileItIsFoundOutWhichRowsCame() throws InterruptedException {
    closeAtTheFirstCall("[:find ?n (test/held ?n) :where [_ :n ?n]]");
    assertThat(calls.get()).as("rows hashed").isEqualTo(1);
  }
}
