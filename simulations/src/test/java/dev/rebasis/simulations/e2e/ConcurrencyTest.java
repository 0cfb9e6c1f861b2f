package dev.rebasis.simulations.e2e;

import static dev.rebasis.simulations.e2e.EndToEnd.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.Outcome;
import dev.rebasis.client.Pending;
import dev.rebasis.client.SyncClient;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.simulations.inside.Alone;
import dev.rebasis.simulations.inside.InsideCheck;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Many threads on real clients and a real server: nothing is lost, nothing is seen half. */
@Alone
@ExtendWith(InsideCheck.class)
class ConcurrencyTest {
  private static final int THREADS = 4;

  @TempDir
  private Path folder;

  @Test
  void threadsOfOneClientTransactTogether() throws Exception {
    try (EndToEnd all = new EndToEnd(folder)) {
      SyncClient client = all.open("client", false);
      List<Pending> pending = together(THREADS, thread -> {
        List<Pending> made = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
          made.add(client.transact("[{:order/number \"" + thread + "-" + i + "\" :order/quantity " + i + "}]"));
          assertThat(client.db().entid(List.of(":order/number", thread + "-" + i))).as("own write").isNotNull();
        }
        return made;
      }).stream().flatMap(Collection::stream).toList();
      assertThat(pending.stream().map(Pending::seq).distinct().count()).isEqualTo(THREADS * 60L);
      for (Pending each : pending) {
        assertThat(get(each.outcome()).kind()).isEqualTo(OutcomeKind.ACCEPTED);
      }
      all.assertAgreement();
      assertThat(all.serverNumber("[:find (count ?o) . :where [?o :order/number]]")).isEqualTo(THREADS * 60L);
    }
  }

  @Test
  void compareAndSetFromSeveralClientsNeverLosesACount() throws Exception {
    try (EndToEnd all = new EndToEnd(folder)) {
      get(all.server().transact("[{:order/number \"C\" :order/quantity 0}]"));
      List<SyncClient> clients = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        clients.add(all.open("client" + i, i == 0));
      }
      List<Integer> raised = together(clients.size(), number -> raise(clients.get(number), 25));
      all.assertAgreement();
      int sum = raised.stream().mapToInt(Integer::intValue).sum();
      assertThat(sum).isPositive();
      assertThat(all.serverNumber("[:find ?q . :where [_ :order/quantity ?q]]")).isEqualTo(sum);
    }
  }

  /** Tries to raise the counter so often; gives how often the server accepted it. */
  private static int raise(SyncClient client, int tries) {
    get(client.sync());
    List<Pending> made = new ArrayList<>();
    for (int i = 0; i < tries; i++) {
      long now = client.db().<Long>query("[:find ?q . :where [?o :order/number \"C\"] [?o :order/quantity ?q]]");
      try {
        made.add(client.transact(
            "[[:db/cas [:order/number \"C\"] :order/quantity " + now + " " + (now + 1) + "]]"));
      } catch (RebasisException e) {
        // Another's value arrived between the query and the transaction: nothing was made.
        assertThat(e.code()).hasToString(":db.error/cas-failed");
      }
    }
    int accepted = 0;
    for (Pending each : made) {
      Outcome outcome = get(each.outcome());
      accepted += outcome.isCommitted() ? 1 : 0;
    }
    return accepted;
  }

  @Test
  void readersSeeEachTransactionWholly() throws Exception {
    try (EndToEnd all = new EndToEnd(folder)) {
      get(all.server().transact("[{:order/number \"X\" :order/quantity 0} {:order/number \"Y\" :order/quantity 0}]"));
      SyncClient writer = all.open("writer", false);
      SyncClient reader = all.open("reader", true);
      get(writer.sync());
      get(reader.sync());
      AtomicBoolean done = new AtomicBoolean();
      List<Integer> seen = together(3, role -> {
        if (role == 0) {
          try {
            for (int i = 1; i <= 150; i++) {
              writer.transact("[[:db/add [:order/number \"X\"] :order/quantity " + i + "]"
                  + " [:db/add [:order/number \"Y\"] :order/quantity " + i + "]]");
            }
            get(writer.sync());
            get(reader.sync());
          } finally {
            done.set(true);
          }
          return 150;
        }
        return watch(role == 1 ? writer : reader, done);
      });
      assertThat(seen).allSatisfy(looks -> assertThat(looks).isPositive());
      all.assertAgreement();
    }
  }

  private static int watch(SyncClient client, AtomicBoolean done) {
    int looks = 0;
    long newest = 0;
    long newestT = 0;
    do {
      var db = client.db();
      Collection<List<Object>> rows = db.q("[:find ?q :where [_ :order/quantity ?q]]");
      assertThat(rows).as("both have one quantity at any moment").hasSize(1);
      long now = (Long) rows.iterator().next().get(0);
      assertThat(now).as("it never goes back").isGreaterThanOrEqualTo(newest);
      assertThat(db.basisT()).isGreaterThanOrEqualTo(newestT);
      newest = now;
      newestT = db.basisT();
      looks++;
    } while (!done.get());
    return looks;
  }

  @Test
  void closingWhileOthersTransactLosesNothingThatReturned() throws Exception {
    try (EndToEnd all = new EndToEnd(folder)) {
      SyncClient client = all.open("client", false);
      get(client.sync());
      CountDownLatch begun = new CountDownLatch(THREADS * 10);
      List<Integer> counts = together(THREADS + 1, role -> {
        if (role == THREADS) {
          begun.await();
          all.close("client");
          return 0;
        }
        return transactUntilClosed(client, role, begun);
      });
      int returned = counts.stream().mapToInt(Integer::intValue).sum();
      SyncClient again = all.open("client", false);
      assertThat(again.db().<Long>query("[:find (count ?o) . :where [?o :order/number]]")).isEqualTo((long) returned);
      get(again.sync());
      all.assertAgreement();
      assertThat(all.serverNumber("[:find (count ?o) . :where [?o :order/number]]")).isEqualTo(returned);
    }
  }

  private static int transactUntilClosed(SyncClient client, int thread, CountDownLatch begun) {
    int returned = 0;
    try {
      while (true) {
        client.transact("[{:order/number \"" + thread + "-" + returned + "\"}]");
        returned++;
        begun.countDown();
      }
    } catch (RebasisException e) {
      assertThat(e.code()).hasToString(":rebasis.error/client-closed");
      return returned;
    }
  }

  @Test
  void syncIsAskedByManyAtOnce() throws Exception {
    try (EndToEnd all = new EndToEnd(folder)) {
      SyncClient client = all.open("client", false);
      List<Long> reached = together(THREADS, thread -> {
        long t = get(all.server().transact("[{:order/number \"S-" + thread + "\"}]")).transaction().t();
        return get(client.sync(t)).basisT() - t;
      });
      assertThat(reached).allSatisfy(beyond -> assertThat(beyond).isNotNegative());
      all.assertAgreement();
    }
  }

  private interface Task<T> {
    T run(int number) throws Exception;
  }

  private static <T> List<T> together(int threads, Task<T> task) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      CountDownLatch start = new CountDownLatch(1);
      List<Future<T>> running = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        int number = i;
        Callable<T> call = () -> {
          start.await();
          return task.run(number);
        };
        running.add(pool.submit(call));
      }
      start.countDown();
      List<T> results = new ArrayList<>();
      for (Future<T> future : running) {
        results.add(get(future));
      }
      return results;
    } finally {
      pool.shutdownNow();
    }
  }
}
