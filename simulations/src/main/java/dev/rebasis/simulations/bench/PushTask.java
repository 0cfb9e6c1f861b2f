package dev.rebasis.simulations.bench;

import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Message;
import java.net.http.HttpClient;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Many clients push transactions of one entity at once: from the first push to the last durable outcome. They give no credit
 * for the transactions of each other: what it takes to take those in is the fan-out's figure, and fifty clients that share
 * the machine with the server would show little else.
 */
final class PushTask {
  private static final int BATCH = 32;
  private static final int WINDOW_BATCHES = 4;

  private PushTask() {}

  static Figures run(BenchOptions options, String uri) throws Exception {
    HttpClient http = HttpClient.newHttpClient();
    int each = Math.max(1, options.n() / options.clients());
    List<Pusher> pushers = new ArrayList<>();
    List<CompletableFuture<?>> connecting = new ArrayList<>();
    for (int i = 0; i < options.clients(); i++) {
      Pusher pusher = new Pusher(i, each);
      pushers.add(pusher);
      connecting.add(WireClient.connect(http, uri, i, null, 0, pusher::heard).thenAccept(client -> pusher.client = client));
    }
    ClientTasks.await(CompletableFuture.allOf(connecting.toArray(CompletableFuture<?>[]::new)));
    pushers.forEach(Pusher::prepare);
    long start = System.nanoTime();
    pushers.forEach(Pusher::start);
    for (Pusher pusher : pushers) {
      ClientTasks.await(pusher.done);
    }
    long nanos = System.nanoTime() - start;
    pushers.forEach(pusher -> pusher.client.close());
    return Figures.ofTotal((long) each * options.clients(), nanos).withMemory(ClientTasks.ownMegabytes(), null);
  }

  /** One client's pushes: a few messages on their way, the next one for each that is answered. */
  private static final class Pusher {
    private final CompletableFuture<Void> done = new CompletableFuture<>();
    private final List<Message.Push> waiting = new ArrayList<>();
    private final int number;
    private final int count;
    private volatile WireClient client;
    private int sent;
    private int decided;
    private int sentIntents;

    Pusher(int number, int count) {
      this.number = number;
      this.count = count;
    }

    void prepare() {
      for (int first = 0; first < count; first += BATCH) {
        List<Intent> intents = new ArrayList<>();
        for (int i = first; i < Math.min(count, first + BATCH); i++) {
          intents.add(client.entity("push-" + number, i));
        }
        waiting.add(new Message.Push(intents));
      }
    }

    synchronized void start() {
      send();
    }

    private void send() {
      while (sent < waiting.size() && sentIntents - decided <= (WINDOW_BATCHES - 1) * BATCH) {
        Message.Push next = waiting.get(sent++);
        sentIntents += next.intents().size();
        client.send(next);
      }
    }

    synchronized void heard(Message message) {
      if (message instanceof Message.Outcomes outcomes) {
        outcomes.outcomes().stream().filter(outcome -> !outcome.kind().isCommitted()).findAny().ifPresent(outcome ->
            done.completeExceptionally(new IllegalStateException("not committed: " + outcome)));
        decided += outcomes.outcomes().size();
        send();
        if (decided == count) {
          done.complete(null);
        }
      } else if (message instanceof Message.Failed failed) {
        done.completeExceptionally(new IllegalStateException(failed.message()));
      }
    }
  }
}
