package dev.rebasis.server.internal.master;

import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has a {@link DatomicMaster} look after what Datomic excises: now and then, and when an operator wants it done at once. Datomic
 * takes its time to index, and nothing waits for it but the operator: what clients push goes on. For any thread.
 */
public final class Excisions {
  private static final Logger LOG = LoggerFactory.getLogger(Excisions.class);
  private static final Keyword CODE = Keyword.of(":rebasis.error/not-excised-yet");
  private static final long RETRY_MILLIS = 10_000;

  private final SharedDatabase database;
  private final SharedExcision excision;
  private final Works works;
  private final Consumer<Works.Work> writer;
  private final Runnable follow;
  private final AtomicBoolean due = new AtomicBoolean();

  /**
   * For one master.
   *
   * @param writer has the writer do some work
   * @param follow on the writer: reads what others wrote
   */
  Excisions(SharedDatabase database, SharedExcision excision, Works works, Consumer<Works.Work> writer, Runnable follow) {
    this.database = database;
    this.excision = excision;
    this.works = works;
    this.writer = writer;
    this.follow = follow;
  }

  /**
   * What was asked of Datomic. Immutable.
   *
   * @param requests how many requests are open, or were until now
   * @param indexed done when Datomic has indexed; null if nothing is left to be waited for
   */
  public record Begun(long requests, Future<?> indexed) {
    /**
     * Waits until Datomic has indexed, for ten seconds at most. Not for the writer or the core.
     *
     * @throws RebasisException {@code :rebasis.error/not-excised-yet} if that takes longer
     */
    public void await() {
      if (indexed == null) {
        return;
      }
      try {
        indexed.get(SharedDatabase.SYNC_SECONDS, TimeUnit.SECONDS);
      } catch (ExecutionException | TimeoutException e) {
        throw notYet(e);
      } catch (InterruptedException e) {
        throw SharedDatabase.interrupted(e);
      }
    }
  }

  /**
   * Has Datomic carry out what it was asked to excise, which it does with an indexing that begins now.
   *
   * @param answer gets what is to be waited for before {@link #end}
   */
  public void begin(Master.Answer<Begun> answer) {
    writer.accept(works.single(() -> {
      // The request may have come by another node.
      database.sync();
      follow.run();
      long found = excision.look();
      long open = excision.open();
      return found > 0 || open == 0 ? new Begun(found, null) : new Begun(open, excision.index());
    }, answer));
  }

  /**
   * Looks whether what was begun is done.
   *
   * @param answer gets how many requests were carried out once clients have to load anew; refuses with
   *     {@code :rebasis.error/not-excised-yet} if something is left
   */
  public void end(Begun begun, Master.Answer<Long> answer) {
    writer.accept(works.single(() -> {
      follow.run();
      excision.look();
      if (excision.open() > 0) {
        throw notYet(null);
      }
      return begun.requests();
    }, answer));
  }

  /** Looks whether Datomic has carried out what it was asked to excise. Does not wait. */
  public void look() {
    if (due.compareAndSet(false, true)) {
      writer.accept(works.single(() -> {
        due.set(false);
        follow.run();
        return excision.look();
      }, new Master.Answer<>() {
        @Override
        public void done(Long requests) {
          if (requests > 0) {
            LOG.info("Datomic has excised what {} requests asked for: all clients load anew.", requests);
          }
        }

        @Override
        public void refused(RebasisException reason) {
          due.set(false);
          LOG.warn("What was excised cannot be told yet: {}", reason.getMessage());
        }
      }));
    }
  }

  private static RebasisException notYet(Exception cause) {
    return new RebasisException(CODE, ErrorCategory.RETRY_LATER, "Datomic was asked to index and has not excised yet. The server goes on"
        + " looking, and has its clients load anew as soon as nothing is left; see to Datomic's transactor if that takes long."
        + " datomic:mem never excises.",
        Map.of(RebasisException.RETRY_AFTER, RETRY_MILLIS), cause);
  }
}
