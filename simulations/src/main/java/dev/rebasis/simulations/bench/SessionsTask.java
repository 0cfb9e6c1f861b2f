package dev.rebasis.simulations.bench;

import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Transaction;
import dev.rebasis.digest.Digest;
import dev.rebasis.edn.Edn;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.ScopeSpec;
import java.net.http.HttpClient;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;

/**
 * Thousands of connected clients in many scopes while somebody writes: from a push to its sight on each client whose scope it
 * concerns. Each client keeps a digest of what it was sent and compares it with the server's when it has caught up, and again
 * at the end.
 */
final class SessionsTask {
  private static final int SCOPES_MAX = 200;
  private static final int AT_ONCE = 50;
  private static final int DEFAULT_RATE = 10;
  private static final Object QUERY = Edn.read("[:find ?e :in $ ?g :where [?e :item/count ?g]]");

  private SessionsTask() {}

  static Figures run(BenchOptions options, String uri) throws Exception {
    HttpClient http = HttpClient.newHttpClient();
    int scopes = Math.min(SCOPES_MAX, options.clients());
    Writer writer = new Writer();
    writer.client = ClientTasks.await(WireClient.connect(http, uri, 0, null, 0, writer::heard));
    for (int group = 0; group < scopes; group++) {
      writer.push(writer.client.entity("group", group));
    }
    Watch watch = new Watch(options.n());
    List<Reader> readers = connect(http, uri, options.clients(), scopes, watch);
    long every = TimeUnit.SECONDS.toNanos(1) / (options.rate() > 0 ? options.rate() : DEFAULT_RATE);
    long begin = System.nanoTime();
    int expected = 0;
    for (int i = 0; i < options.n(); i++) {
      while (System.nanoTime() < begin + i * every) {
        LockSupport.parkNanos(begin + i * every - System.nanoTime());
      }
      int group = i % scopes;
      expected += readersOf(group, options.clients(), scopes);
      watch.starts.set(i, System.nanoTime());
      writer.push(writer.client.intent(List.of(Keyword.of(":db/add"),
          List.of(Keyword.of(":item/key"), BenchEntities.key("group", group)), Keyword.of(":item/name"), "write-" + i)));
    }
    long[] nanos = watch.await(expected);
    for (Reader reader : readers) {
      ClientTasks.await(reader.verify());
    }
    readers.forEach(reader -> reader.client.close());
    writer.client.close();
    return Figures.ofEach(nanos).withMemory(ClientTasks.ownMegabytes(), null);
  }

  private static int readersOf(int group, int clients, int scopes) {
    return clients / scopes + (group < clients % scopes ? 1 : 0);
  }

  private static List<Reader> connect(HttpClient http, String uri, int clients, int scopes, Watch watch)
      throws Exception {
    List<Reader> readers = new ArrayList<>();
    for (int first = 0; first < clients; first += AT_ONCE) {
      List<CompletableFuture<Void>> some = new ArrayList<>();
      for (int i = first; i < Math.min(clients, first + AT_ONCE); i++) {
        Reader reader = new Reader(i + 1, watch);
        readers.add(reader);
        ScopeSpec scope = new ScopeSpec("group", QUERY, List.of((long) (i % scopes)), null);
        some.add(WireClient.connect(http, uri, i + 1, List.of(scope), WireClient.ALL, reader::heard).thenCompose(client -> {
          reader.client = client;
          return reader.verify();
        }));
      }
      for (CompletableFuture<Void> one : some) {
        ClientTasks.await(one);
      }
    }
    return readers;
  }

  /** One reader: keeps a digest of what it is sent, and watches. Confined to the thread that hears, but for {@link #verify}. */
  private static final class Reader {
    private final int number;
    private final Watch watch;
    private final Map<List<Object>, Datom> current = new HashMap<>();
    private final Digest digest = new Digest();
    private volatile WireClient client;
    private volatile CompletableFuture<Void> verified;

    Reader(int number, Watch watch) {
      this.number = number;
      this.watch = watch;
    }

    /** Catches up, then compares digests; fails if they differ. */
    CompletableFuture<Void> verify() {
      CompletableFuture<Void> begun = new CompletableFuture<>();
      verified = begun;
      client.send(new Message.Sync(1, 0));
      return begun;
    }

    void heard(Message message) {
      if (message instanceof Message.Transactions transactions) {
        for (Transaction transaction : transactions.transactions()) {
          transaction.datoms().forEach(this::apply);
          transaction.datoms().forEach(watch::saw);
        }
      } else if (message instanceof Message.Synced synced) {
        client.send(new Message.Verify(1, synced.t(), digest.withoutTransactions().attributes()));
      } else if (message instanceof Message.Verified answer) {
        if (!answer.known()) {
          client.send(new Message.Sync(1, 0));
        } else if (answer.different().isEmpty()) {
          verified.complete(null);
        } else {
          fail("the digest of reader " + number + " differs: " + answer);
        }
      } else if (message instanceof Message.Failed failed) {
        fail("reader " + number + " failed: " + failed.message());
      }
    }

    private void apply(Datom datom) {
      List<Object> fact = List.of(datom.e(), datom.a(), datom.v());
      Datom before = datom.added() ? current.putIfAbsent(fact, datom) : current.remove(fact);
      if (datom.added() && before == null) {
        digest.add(datom);
      } else if (!datom.added() && before != null) {
        digest.remove(before);
      }
    }

    private void fail(String why) {
      if (!verified.completeExceptionally(new IllegalStateException(why))) {
        watch.failed(why);
      }
    }
  }

  /** When each write was seen by whom it concerns. */
  private static final class Watch {
    private final AtomicLongArray starts;
    private final List<Long> seen = new ArrayList<>();
    private final Semaphore count = new Semaphore(0);
    private volatile String failure;

    Watch(int writes) {
      starts = new AtomicLongArray(writes);
    }

    void saw(Datom datom) {
      if (datom.added() && datom.v() instanceof String text && text.startsWith("write-")) {
        long nanos = System.nanoTime() - starts.get(Integer.parseInt(text.substring("write-".length())));
        synchronized (seen) {
          seen.add(nanos);
        }
        count.release();
      }
    }

    void failed(String why) {
      failure = why;
    }

    long[] await(int expected) throws InterruptedException {
      if (!count.tryAcquire(expected, 60, TimeUnit.SECONDS)) {
        throw new IllegalStateException("only " + count.availablePermits() + " of " + expected + " sights came"
            + (failure == null ? "" : ": " + failure));
      }
      synchronized (seen) {
        return seen.stream().mapToLong(Long::longValue).toArray();
      }
    }
  }

  /** The client that writes. */
  private static final class Writer {
    private final AtomicInteger failed = new AtomicInteger();
    private volatile WireClient client;

    void push(Intent intent) {
      if (failed.get() > 0) {
        throw new IllegalStateException("a write was not committed");
      }
      client.send(new Message.Push(List.of(intent)));
    }

    void heard(Message message) {
      if (message instanceof Message.Failed || message instanceof Message.Outcomes outcomes
          && outcomes.outcomes().stream().anyMatch(outcome -> !outcome.kind().isCommitted())) {
        failed.incrementAndGet();
      }
    }
  }
}
