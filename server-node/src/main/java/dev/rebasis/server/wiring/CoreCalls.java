package dev.rebasis.server.wiring;

import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.server.internal.master.Master;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Asks a database's core from other threads, which wait for the answer. Thread-safe. */
final class CoreCalls {
  /** Told of a core that gives no answer in time. */
  static final Keyword BUSY = Keyword.of(":rebasis.error/busy");

  private final Worker core;
  private final String name;
  private final Duration patience;

  /**
   * Makes one.
   *
   * @param name the database's, for errors
   * @param patience how long to wait for an answer
   */
  CoreCalls(Worker core, String name, Duration patience) {
    this.core = core;
    this.name = name;
    this.patience = patience;
  }

  /** What a question asked on the core gives; throws what it throws. */
  <T> T ask(Supplier<T> question) {
    return awaited(asked(question));
  }

  /** Puts a question to the core, for {@link #awaited}. */
  <T> CompletableFuture<T> asked(Supplier<T> question) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    boolean asked = core.offer(() -> {
      try {
        answer.complete(question.get());
      } catch (RuntimeException e) {
        answer.completeExceptionally(e);
      }
    });
    if (!asked) {
      throw new RebasisException(Keyword.of(":rebasis.error/shutting-down"), ErrorCategory.RETRY_LATER,
          "The database '" + name + "' has been closed. Come back later.");
    }
    return answer;
  }

  /** What work that is begun on the core answers once it is done. */
  <T> T done(Consumer<Master.Answer<T>> work) {
    CompletableFuture<T> result = new CompletableFuture<>();
    core.execute(() -> work.accept(SchemaInstaller.completing(result)));
    return awaited(result);
  }

  /** What the core answers, now or later: it can be waited for again if it does not come in time. */
  <T> T awaited(CompletableFuture<T> answer) {
    try {
      // Nobody answers what the core had not come to when it was ended.
      return answer.copy().orTimeout(patience.toSeconds(), TimeUnit.SECONDS).join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof TimeoutException) {
        throw new RebasisException(BUSY, ErrorCategory.RETRY_LATER, "The database '" + name
            + "' did not answer within " + patience.toSeconds() + " s. Come back later.", Map.of(), e);
      }
      throw e.getCause() instanceof RebasisException reason ? reason : e;
    }
  }
}
