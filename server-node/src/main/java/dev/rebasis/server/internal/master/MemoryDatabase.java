package dev.rebasis.server.internal.master;

import datomic.Connection;
import datomic.Database;
import datomic.Peer;
import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One {@code datomic:mem} database that is this process's alone, fed with explicit times so that it can be built again
 * from the same forms. Datomic commits on the calling thread, so nothing is gained by its asynchronous call.
 */
final class MemoryDatabase extends MasterDatabase {
  private static final Keyword CLOCK_BEHIND = Keyword.of(":rebasis.error/clock-behind");
  private static final AtomicLong NAMES = new AtomicLong();
  private static final Object ADD_TX_INSTANT = DatomicValues.keyword(Names.TX_INSTANT);

  static {
    // Datomic looks ahead for segments that are not in memory yet, on a thread of its own. Here everything is: it only
    // costs a tenth of the time. Read once, when Datomic is loaded; a program's own choice stands.
    if (System.getProperty("datomic.prefetchProbes") == null) {
      System.setProperty("datomic.prefetchProbes", "false");
    }
  }

  private final String uri;

  MemoryDatabase() {
    this("datomic:mem://rebasis-" + NAMES.incrementAndGet());
  }

  private MemoryDatabase(String uri) {
    this(uri, created(uri));
  }

  private MemoryDatabase(String uri, Connection connection) {
    super(connection, connection.db(), connection.db().basisT());
    this.uri = uri;
  }

  private static Connection created(String uri) {
    Peer.createDatabase(uri);
    return Peer.connect(uri);
  }

  /** Datomic refuses times that go back, and times in the future. */
  @Override
  Instant nextInstant(Clock clock) {
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    if (lastInstant().isAfter(now)) {
      throw clockBehind(lastInstant(), now);
    }
    return now;
  }

  static RebasisException clockBehind(Instant last, Instant now) {
    return new RebasisException(CLOCK_BEHIND, ErrorCategory.RETRY_LATER, "The server's clock says " + now
        + ", which is before the newest transaction's time " + last
        + ". Set the clock right, or come back when it has caught up.",
        Map.of(RebasisException.RETRY_AFTER, Math.max(1, last.toEpochMilli() - now.toEpochMilli())), null);
  }

  @Override
  Committed commit(List<?> forms, Instant txInstant) {
    List<Object> given = new ArrayList<>(forms.size() + 1);
    given.add(clojure.lang.Tuple.create(DatomicValues.keyword(Names.DB_ADD), "datomic.tx", ADD_TX_INSTANT,
        Date.from(txInstant)));
    for (Object form : forms) {
      given.add(DatomicValues.toDatomic(form));
    }
    Map<?, ?> report = transact(given);
    Committed committed = new Committed(transaction(report), txInstant, forms, tempids(report));
    advance(committed.transaction(), txInstant, (Database) report.get(Connection.DB_AFTER));
    return committed;
  }

  private Map<?, ?> transact(List<Object> forms) {
    try {
      return connection().transact(forms).get();
    } catch (ExecutionException e) {
      throw refusal(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while committing to memory", e);
    }
  }

  @Override
  public void close() {
    connection().release();
    Peer.deleteDatabase(uri);
  }
}
